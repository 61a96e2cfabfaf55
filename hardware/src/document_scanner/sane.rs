//! A scanner through SANE, by the `scanimage` program: a vendor's driver that crashes or hangs takes only that
//! process with it.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::process::{Finished, run};
use super::{ColourMode, DocumentScanner, Page, PageFormat, ScanRequest};
use crate::link::Deadline;
use crate::{DeviceUrl, Error, ErrorKind, Health};

const PROGRAM: &str = "scanimage";

/// Longest time to ask a scanner for its options; network scanners are slow to wake.
const ASK_LIMIT: Duration = Duration::from_secs(10);

pub(super) struct SaneScanner {
    device: String,
    config_dir: Option<String>,
    extra: Vec<(String, String)>,
    simulated: bool,
    abilities: Option<Abilities>,
}

/// The options a device has, from `scanimage -A`; handing over one it lacks is an error.
#[derive(Debug, Default, PartialEq, Eq)]
struct Abilities {
    resolution: bool,
    area: bool,
    modes: Vec<String>,
}

impl Abilities {
    fn parse(text: &str) -> Self {
        let mut found = Self::default();
        for line in text.lines().map(str::trim) {
            if line.starts_with("--resolution") {
                found.resolution = !line.contains("[inactive]");
            } else if line.starts_with("-x ") {
                found.area = true;
            } else if let Some(rest) = line.strip_prefix("--mode ")
                && !rest.contains("[inactive]")
            {
                let values = rest.split(" [").next().unwrap_or_default();
                found.modes = values.split('|').map(|value| value.trim().to_owned()).collect();
            }
        }
        found
    }

    /// The device's own word for a mode: `Gray`, `True Gray`, `24bit Color`.
    fn mode(&self, colour: ColourMode) -> Option<&str> {
        let wanted = match colour {
            ColourMode::Gray => ["gray", "grey"],
            ColourMode::Colour => ["color", "colour"],
        };
        let fits = |mode: &&String| wanted.iter().any(|word| mode.to_ascii_lowercase().contains(word));
        self.modes.iter().find(fits).map(String::as_str)
    }
}

impl SaneScanner {
    pub(super) fn new(device: &str, url: &DeviceUrl) -> Result<Self, Error> {
        // A device name that looks like an option would be taken for one.
        if device.starts_with('-') {
            return Err(Error::new(ErrorKind::InvalidUrl, format!("\"{url}\" names no SANE device")));
        }
        let extra = url
            .options()
            .filter_map(|(key, value)| Some((key.strip_prefix("opt.")?.to_owned(), value.to_owned())))
            .collect();
        Ok(Self {
            device: device.to_owned(),
            config_dir: url.option("config").map(str::to_owned),
            extra,
            simulated: url.is_simulated(),
            abilities: None,
        })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        // Otherwise inherited: SANE_CONFIG_DIR of our own environment is in force.
        if let Some(folder) = &self.config_dir {
            command.env("SANE_CONFIG_DIR", folder);
        }
        // The messages are matched, so they must not be translated.
        command.env("LC_ALL", "C").arg("-d").arg(&self.device);
        command
    }

    fn ask_abilities(&self, limit: Duration) -> Result<Abilities, Error> {
        let mut command = self.command();
        command.arg("-A");
        let finished = run(command, limit, &mut |_| true).map_err(not_installed)?;
        check(&finished)?;
        Ok(Abilities::parse(&finished.output))
    }

    fn scan_command(&self, request: &ScanRequest, abilities: &Abilities, target: &PathBuf) -> Command {
        let mut command = self.command();
        if let Some(mode) = abilities.mode(request.colour) {
            command.arg(format!("--mode={mode}"));
        }
        if abilities.resolution {
            command.arg(format!("--resolution={}", request.dpi));
        }
        // Options from the URL come before the area, because a source may change how large the area can be.
        for (name, value) in &self.extra {
            command.arg(format!("--{name}={value}"));
        }
        if abilities.area {
            command.arg("-x").arg(request.width_mm.to_string()).arg("-y").arg(request.height_mm.to_string());
        }
        let format = match request.format {
            PageFormat::Jpeg => "jpeg",
            PageFormat::Png => "png",
        };
        command.arg(format!("--format={format}")).arg("--progress").arg("-o").arg(target);
        command
    }
}

impl DocumentScanner for SaneScanner {
    fn status(&mut self) -> Result<Health, Error> {
        self.abilities = Some(self.ask_abilities(ASK_LIMIT)?);
        Ok(Health::Ready)
    }

    fn scan(&mut self, request: &ScanRequest, progress: &mut dyn FnMut(f32) -> bool) -> Result<Page, Error> {
        let deadline = Deadline::after(request.timeout);
        let abilities = match self.abilities.take() {
            Some(abilities) => abilities,
            None => self.ask_abilities(ASK_LIMIT.min(request.timeout))?,
        };
        let folder = PrivateFolder::make()?;
        let target = folder.0.join("page");
        let command = self.scan_command(request, &abilities, &target);
        let mut done = 0.0;
        let finished = run(command, deadline.left(), &mut |said| {
            done = parse_progress(said).unwrap_or(done);
            progress(done)
        })
        .map_err(not_installed)?;
        check(&finished)?;
        // Exit code 0 is no proof of a page: an early end leaves a file with nothing but a header.
        let page = Page::from_file(&target, request.dpi)?;
        self.abilities = Some(abilities);
        Ok(page)
    }

    /// Each answer starts a program.
    fn look_every(&self) -> Duration {
        Duration::from_secs(20)
    }

    fn simulated(&self) -> bool {
        self.simulated
    }
}

/// A folder only we can look into; removed with what is in it, also when a scan fails half-way.
struct PrivateFolder(PathBuf);

impl PrivateFolder {
    fn make() -> Result<Self, Error> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("anjungan-scan-{}-{number}", std::process::id()));
        // What is left of a killed process with our number is removed; a link is not followed by this.
        let _ = fs::remove_dir_all(&path);
        fs::DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .map_err(|error| Error::io(format!("cannot make {}", path.display()), error))?;
        Ok(Self(path))
    }
}

impl Drop for PrivateFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn not_installed(error: Error) -> Error {
    if error.kind() == ErrorKind::NotReachable {
        return Error::new(ErrorKind::NotReachable, "scanimage is not installed (Debian package sane-utils)");
    }
    error
}

/// `Progress: 45.3%`, the last one when several came at once.
fn parse_progress(said: &str) -> Option<f32> {
    let percent: f32 = said.rsplit("Progress: ").next()?.split('%').next()?.trim().parse().ok()?;
    said.contains("Progress: ").then_some((percent / 100.0).clamp(0.0, 1.0))
}

/// The exit code of scanimage is the number of a SANE status.
fn check(finished: &Finished) -> Result<(), Error> {
    let mut lines = finished.errors.split(['\n', '\r']).map(str::trim);
    // A scan that ends at once leaves the picture libraries with nothing: the JPEG one exits, the PNG one aborts.
    if lines.clone().any(|line| line.contains("too few scanlines") || line.contains("No IDATs")) {
        return Err(Error::new(ErrorKind::Garbled, "the scanner ended before the page did"));
    }
    let said = lines.rfind(|line| line.starts_with("scanimage")).unwrap_or_default();
    let Some(code) = finished.status.code() else {
        let signal = finished.status.signal().unwrap_or(0);
        return Err(Error::new(ErrorKind::Device, format!("the scanner's driver crashed (signal {signal})")));
    };
    let kind = match code {
        0 => return Ok(()),
        _ if said.contains("open of device") => ErrorKind::NotReachable,
        2 => ErrorKind::Cancelled,
        3 => ErrorKind::Busy,
        1 | 4 => ErrorKind::InvalidRequest,
        5 => ErrorKind::Garbled,
        6 => ErrorKind::Jammed,
        7 => ErrorKind::MediaAbsent,
        8 => ErrorKind::CoverOpen,
        11 => ErrorKind::Denied,
        _ => ErrorKind::Device,
    };
    Err(Error::new(kind, format!("the scanner answers with SANE status {code}: {said}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abilities_come_from_the_option_list() {
        let text = "
    --mode Lineart|True Gray|24bit Color [24bit Color]
        Selects the scan mode
    --resolution 75|150|300dpi [75]
    -x 0..215.9mm [215.9]
    -y 0..297.18mm [297.18]";
        let abilities = Abilities::parse(text);
        assert!(abilities.resolution && abilities.area);
        assert_eq!(abilities.mode(ColourMode::Gray), Some("True Gray"));
        assert_eq!(abilities.mode(ColourMode::Colour), Some("24bit Color"));
        assert_eq!(Abilities::parse("    --mode Gray [inactive]").mode(ColourMode::Gray), None);
    }

    #[test]
    fn progress_is_the_last_one_said() {
        assert_eq!(parse_progress("Progress: 10.0%\rProgress: 45.5%\r"), Some(0.455));
        assert_eq!(parse_progress("scanimage: rounded value"), None);
        assert_eq!(parse_progress("50%"), None);
        assert_eq!(parse_progress(""), None);
    }
}
