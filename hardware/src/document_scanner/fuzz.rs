//! Entries for fuzzing: each feeds its parsers with bytes of any kind and drops what they make of them.

use super::escl::simulator::fuzz_request;
use super::{Page, camera, escl, pnm, sane};

/// Answers of an eSCL scanner: capabilities, status with job states, locations.
pub fn escl_answer(bytes: &[u8]) {
    escl::fuzz(bytes);
}

/// Requests to the simulated eSCL scanner.
pub fn escl_request(bytes: &[u8]) {
    fuzz_request(bytes);
}

/// The texts of scanimage: option list, progress, device list, how it ended.
pub fn scanimage_text(bytes: &[u8]) {
    sane::fuzz(bytes);
}

/// The list of formats of v4l2-ctl, and a camera's picture.
pub fn camera_formats(bytes: &[u8]) {
    camera::fuzz(bytes);
}

/// The checks of an encoded page, and those of a raw one.
pub fn page(bytes: &[u8]) {
    let _ = Page::from_bytes(bytes.to_vec(), 300);
    let _ = pnm::Header::parse(bytes);
}
