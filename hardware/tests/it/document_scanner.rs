//! The document scanner drivers, each against an independent peer where there is one.

mod camera;
mod conformance;
mod escl;
mod folder;
mod sane;
mod simulator;

use std::io::Cursor;
use std::time::Duration;

use anjungan_hardware::{DocumentScanner, ErrorKind, Page, ScanRequest};
use image::{GrayImage, ImageFormat, Luma};

fn picture(format: ImageFormat, shade: u8) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    GrayImage::from_fn(120, 160, |x, y| Luma([shade ^ (x * y) as u8])).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn request(timeout: Duration) -> ScanRequest {
    ScanRequest { timeout, ..ScanRequest::a4("kk_lama") }
}

fn scan(scanner: &mut dyn DocumentScanner, timeout: Duration) -> Result<Page, ErrorKind> {
    scanner.scan(&request(timeout), &mut |_| true).map_err(|error| error.kind())
}

/// A stack of pages: what was delivered, and how it ended.
fn collect(scanner: &mut dyn DocumentScanner, request: &ScanRequest) -> (Vec<Vec<u8>>, Result<u32, ErrorKind>) {
    let mut pages = Vec::new();
    let end = scanner.scan_all(request, &mut |_| true, &mut |page| {
        pages.push(page.bytes);
        true
    });
    (pages, end.map_err(|error| error.kind()))
}
