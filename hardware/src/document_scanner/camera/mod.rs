//! A document camera behind `v4l:/dev/video0`, by the `v4l2-ctl` program of v4l-utils: like scanimage, a driver that
//! hangs takes only that process with it.
//!
//! Not tried with a camera yet: none was at hand, and no loopback device either. The command line and the checks of
//! the answer are tested with a stand-in for the program.

mod huffman;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustix::fs::Access;

use super::page::{MAX_PAGE_BYTES, read_limited};
use super::private_folder::PrivateFolder;
use super::process::{Finished, run};
use super::{DocumentScanner, MAX_PAGE_PIXELS, Page, ScanRequest};
use crate::link::Deadline;
use crate::{DeviceUrl, Error, ErrorKind, Health};

const PROGRAM: &str = "v4l2-ctl";

/// Longest time to ask a camera for its formats.
const ASK_LIMIT: Duration = Duration::from_secs(5);

/// Pictures thrown away before the one that is kept, unless the URL says otherwise: the light is found in them.
const SKIP: u32 = 10;
const MAX_SKIP: u32 = 300;

/// Most sizes of a format list.
const MAX_SIZES: usize = 500;

/// Formats that are JPEG files, picture for picture.
const JPEG_FORMATS: [&str; 2] = ["MJPG", "JPEG"];

pub(super) struct Camera {
    device: PathBuf,
    program: String,
    skip: u32,
    simulated: bool,
}

/// A format and a size the camera offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mode {
    format: &'static str,
    width: u32,
    height: u32,
}

impl Camera {
    pub(super) fn new(device: &Path, url: &DeviceUrl) -> Result<Self, Error> {
        let skip = url.number("skip")?.unwrap_or(SKIP);
        if skip > MAX_SKIP {
            return Err(Error::new(ErrorKind::InvalidUrl, format!("\"{url}\": skip is at most {MAX_SKIP}")));
        }
        let program = url.option("program").unwrap_or(PROGRAM).to_owned();
        Ok(Self { device: device.to_owned(), program, skip, simulated: url.is_simulated() })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.env("LC_ALL", "C").arg("--device").arg(&self.device);
        command
    }

    fn run(&self, command: Command, limit: Duration, progress: &mut dyn FnMut(f32) -> bool) -> Result<Finished, Error> {
        let finished = run(command, limit, &mut |_| progress(0.0)).map_err(|error| match error.kind() {
            ErrorKind::NotReachable => {
                Error::new(ErrorKind::NotReachable, "v4l2-ctl is not installed (Debian package v4l-utils)")
            }
            _ => error,
        })?;
        if finished.status.success() {
            return Ok(finished);
        }
        let said = format!("{}\n{}", finished.errors, finished.output);
        // The program's own words for an opening that failed do not say why.
        let kind = if !self.device.exists() {
            ErrorKind::NotReachable
        } else if rustix::fs::access(&self.device, Access::READ_OK | Access::WRITE_OK).is_err() {
            ErrorKind::Denied
        } else if said.contains("resource busy") {
            ErrorKind::Busy
        } else {
            ErrorKind::Device
        };
        Err(Error::new(kind, format!("{}: the camera cannot be used", self.device.display())))
    }

    fn mode(&self, deadline: Deadline, progress: &mut dyn FnMut(f32) -> bool) -> Result<Mode, Error> {
        let mut command = self.command();
        command.arg("--list-formats-ext");
        let finished = self.run(command, ASK_LIMIT.min(deadline.left()), progress)?;
        largest(&finished.output)
            .ok_or_else(|| Error::new(ErrorKind::Device, "the camera offers no JPEG pictures of a usable size"))
    }
}

impl DocumentScanner for Camera {
    fn status(&mut self) -> Result<Health, Error> {
        self.mode(Deadline::after(ASK_LIMIT), &mut |_| true).map(|_| Health::Ready)
    }

    fn scan(&mut self, request: &ScanRequest, progress: &mut dyn FnMut(f32) -> bool) -> Result<Page, Error> {
        request.check_no_feeder()?;
        let deadline = Deadline::after(request.timeout);
        let mode = self.mode(deadline, progress)?;
        let folder = PrivateFolder::make()?;
        let target = folder.path().join("page");
        let mut command = self.command();
        let Mode { format, width, height } = mode;
        command
            .arg(format!("--set-fmt-video=width={width},height={height},pixelformat={format}"))
            .arg("--stream-mmap")
            .arg(format!("--stream-skip={}", self.skip))
            .arg("--stream-count=1")
            .arg(format!("--stream-to={}", target.display()));
        self.run(command, deadline.left(), progress)?;
        let bytes = read_limited(&target, MAX_PAGE_BYTES).map_err(|error| match error.kind() {
            ErrorKind::NotReachable => Error::new(ErrorKind::Garbled, "the camera gave no picture"),
            _ => error,
        })?;
        // A program that ended well is no proof: a lost packet on the bus leaves half a picture.
        Page::from_bytes(huffman::complete(bytes), request.dpi)
    }

    /// Each answer starts a program.
    fn look_every(&self) -> Duration {
        Duration::from_secs(20)
    }

    fn simulated(&self) -> bool {
        self.simulated
    }
}

/// The largest JPEG size within our limit, from the text of `v4l2-ctl --list-formats-ext`:
///
/// ```text
/// [1]: 'MJPG' (Motion-JPEG, compressed)
///         Size: Discrete 1920x1080
///         Size: Stepwise 32x32 - 4096x3072 with step 2/2
/// ```
fn largest(text: &str) -> Option<Mode> {
    let mut format = None;
    let mut modes = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            let name = line.split('\'').nth(1).unwrap_or_default();
            format = JPEG_FORMATS.into_iter().find(|known| *known == name.trim());
        } else if let (Some(format), Some(size)) = (format, line.strip_prefix("Size: ")) {
            let size = match size.split_once(' ') {
                Some(("Discrete", size)) => size,
                Some(("Stepwise" | "Continuous", range)) => {
                    range.split(" - ").nth(1).and_then(|to| to.split(' ').next()).unwrap_or_default()
                }
                _ => continue,
            };
            let number = |text: &str| text.parse::<u32>().ok().filter(|value| *value > 0);
            if let Some((Some(width), Some(height))) = size.split_once('x').map(|(w, h)| (number(w), number(h))) {
                modes.push(Mode { format, width, height });
            }
        }
    }
    let pixels = |mode: &Mode| u64::from(mode.width) * u64::from(mode.height);
    modes.into_iter().take(MAX_SIZES).filter(|mode| pixels(mode) <= MAX_PAGE_PIXELS).max_by_key(pixels)
}

/// Feeds the parser of this driver with bytes of any kind.
pub(super) fn fuzz(bytes: &[u8]) {
    let _ = (largest(&String::from_utf8_lossy(bytes)), huffman::complete(bytes.to_vec()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_jpeg_size_within_the_limit_is_taken() {
        let text = "ioctl: VIDIOC_ENUM_FMT\n\tType: Video Capture\n\n\t[0]: 'YUYV' (YUYV 4:2:2)\n\
            \t\tSize: Discrete 4208x3120\n\t\t\tInterval: Discrete 0.5s\n\t[1]: 'MJPG' (Motion-JPEG, compressed)\n\
            \t\tSize: Discrete 640x480\n\t\tSize: Discrete 3264x2448\n\t\tSize: Discrete 90000x90000\n\t\tSize: Discrete 1920x1080\n";
        assert_eq!(largest(text), Some(Mode { format: "MJPG", width: 3264, height: 2448 }));
        let stepwise = "[0]: 'JPEG' (JFIF JPEG)\n Size: Stepwise 32x32 - 4096x3072 with step 2/2";
        assert_eq!(largest(stepwise), Some(Mode { format: "JPEG", width: 4096, height: 3072 }));
        for none in
            ["", "[0]: 'YUYV' (x)\nSize: Discrete 1x1", "[0]: 'MJPG'\nSize: Discrete x\nSize:\nSize: Stepwise - ", "[]"]
        {
            assert_eq!(largest(none), None, "{none}");
        }
    }
}
