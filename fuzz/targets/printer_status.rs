//! Whatever a slip printer may answer: real-time status, automatic status, queued status, garbage.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    anjungan_hardware::slip_printer::fuzz::status(bytes);
});
