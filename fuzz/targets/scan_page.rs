//! Any bytes as a scanned page: decoded, looked at, made straight. An error or a verdict, never a crash.
#![no_main]

use anjungan::scan;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(page) = scan::decode(bytes) {
        // Large pages take long and show nothing that small ones do not.
        if page.width() * page.height() < 400_000 {
            let look = scan::look(&page);
            let straight = scan::straighten(&page, &look);
            scan::qr::read(&straight);
        }
    }
});
