//! Whatever a network scanner may answer, and whatever a client may ask the simulated one.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    anjungan_hardware::document_scanner::fuzz::escl_answer(bytes);
    anjungan_hardware::document_scanner::fuzz::escl_request(bytes);
});
