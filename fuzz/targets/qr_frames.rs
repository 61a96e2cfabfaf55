//! Whatever a QR scanner may send, and whatever a keyboard scanner may type.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    anjungan_hardware::qr_scanner::fuzz::framer(bytes);
    anjungan_hardware::qr_scanner::fuzz::wedge(bytes);
});
