//! Whatever a KTP-el gateway may say.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    anjungan_hardware::ektp_reader::fuzz::gateway_line(bytes);
});
