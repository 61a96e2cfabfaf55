//! Helpers of the tests: waiting with a deadline, and other programs.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anjungan_hardware::DeviceUrl;

/// Long enough for a loaded machine; a test that passes never waits for it.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub fn url(text: impl AsRef<str>) -> DeviceUrl {
    DeviceUrl::parse(text.as_ref()).unwrap()
}

/// Waits until `check` gives something.
pub fn eventually<T>(what: &str, mut check: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = check() {
            return found;
        }
        assert!(Instant::now() < end, "still waiting for: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The QR codes on a picture, by zbarimg, which shares no code with us.
pub fn read_qr(picture: &Path) -> Vec<String> {
    let output = Command::new("zbarimg")
        .args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"])
        .arg(picture)
        .output()
        .expect("zbarimg is missing; install the Debian package zbar-tools");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}
