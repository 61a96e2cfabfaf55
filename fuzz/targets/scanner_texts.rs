//! Whatever the scan programs may print, and whatever a page file may hold.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    anjungan_hardware::document_scanner::fuzz::scanimage_text(bytes);
    anjungan_hardware::document_scanner::fuzz::camera_formats(bytes);
    anjungan_hardware::document_scanner::fuzz::page(bytes);
});
