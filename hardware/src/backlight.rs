//! Brightness of the panel, where the kernel offers it: one folder a panel under `/sys/class/backlight`.
//!
//! Panels of laptops, tablets and most all-in-one machines are there. A monitor on a cable is not: its own buttons set
//! it, and [`Backlight::find`] finds none. The kernel's document is `Documentation/ABI/stable/sysfs-class-backlight`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Error, ErrorKind};

/// Where the kernel lists panels.
pub const BACKLIGHT_CLASS: &str = "/sys/class/backlight";

/// The light of one panel.
#[derive(Debug, Clone)]
pub struct Backlight {
    folder: PathBuf,
    max: u32,
}

impl Backlight {
    /// Finds the panel under `class`, usually [`BACKLIGHT_CLASS`]. With several the kernel's advice counts: firmware
    /// before platform before raw, then the name.
    #[must_use]
    pub fn find(class: &Path) -> Option<Self> {
        let mut found: Vec<_> = fs::read_dir(class)
            .ok()?
            .filter_map(|entry| {
                let folder = entry.ok()?.path();
                let max = number(&folder.join("max_brightness")).ok().filter(|max| *max > 0)?;
                let rank = match fs::read_to_string(folder.join("type")).unwrap_or_default().trim() {
                    "firmware" => 0,
                    "platform" => 1,
                    _ => 2,
                };
                Some((rank, Self { folder, max }))
            })
            .collect();
        found.sort_by(|(rank, one), (other_rank, other)| (rank, &one.folder).cmp(&(other_rank, &other.folder)));
        found.into_iter().next().map(|(_, backlight)| backlight)
    }

    /// The part of its full light that the panel gives, 0 to 1.
    ///
    /// # Errors
    /// When the kernel does not say.
    pub fn level(&self) -> Result<f32, Error> {
        let now = number(&self.folder.join("brightness"))?.min(self.max);
        Ok(now as f32 / self.max as f32)
    }

    /// Sets the part of its full light, 0 to 1. It never goes dark: whoever turned it there could not turn it back.
    ///
    /// # Errors
    /// When the kernel refuses, for instance because the file is not ours to write.
    pub fn set_level(&self, level: f32) -> Result<(), Error> {
        let level = if level.is_finite() { level.clamp(0.0, 1.0) } else { 1.0 };
        let value = ((level * self.max as f32).round() as u32).clamp(1, self.max);
        let file = self.folder.join("brightness");
        fs::write(&file, value.to_string())
            .map_err(|error| Error::io(format!("cannot write {}", file.display()), error))
    }
}

fn number(file: &Path) -> Result<u32, Error> {
    let text = fs::read_to_string(file).map_err(|error| Error::io(format!("cannot read {}", file.display()), error))?;
    text.trim().parse().map_err(|_| Error::new(ErrorKind::Garbled, format!("{} holds no number", file.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(class: &Path, name: &str, kind: &str, max: &str, now: &str) {
        let folder = class.join(name);
        fs::create_dir_all(&folder).unwrap();
        for (file, text) in [("type", kind), ("max_brightness", max), ("brightness", now)] {
            fs::write(folder.join(file), format!("{text}\n")).unwrap();
        }
    }

    #[test]
    fn the_light_is_read_and_set_in_parts_of_the_whole() {
        let class = tempfile::tempdir().unwrap();
        panel(class.path(), "intel_backlight", "raw", "19200", "9600");
        let backlight = Backlight::find(class.path()).unwrap();
        assert_eq!(backlight.level().unwrap(), 0.5);
        backlight.set_level(0.8).unwrap();
        assert_eq!(fs::read_to_string(class.path().join("intel_backlight/brightness")).unwrap(), "15360");
    }

    #[test]
    fn it_never_goes_dark() {
        let class = tempfile::tempdir().unwrap();
        panel(class.path(), "acpi_video0", "firmware", "7", "7");
        let backlight = Backlight::find(class.path()).unwrap();
        for level in [0.0, -1.0, 0.01] {
            backlight.set_level(level).unwrap();
            assert_eq!(fs::read_to_string(class.path().join("acpi_video0/brightness")).unwrap(), "1", "{level}");
        }
        backlight.set_level(f32::NAN).unwrap();
        assert_eq!(backlight.level().unwrap(), 1.0);
    }

    #[test]
    fn of_several_the_firmwares_is_taken_and_broken_ones_are_passed_over() {
        let class = tempfile::tempdir().unwrap();
        assert!(Backlight::find(class.path()).is_none());
        assert!(Backlight::find(&class.path().join("absent")).is_none());
        panel(class.path(), "a_broken", "firmware", "none", "1");
        panel(class.path(), "b_zero", "firmware", "0", "0");
        panel(class.path(), "c_raw", "raw", "100", "10");
        panel(class.path(), "d_firmware", "firmware", "10", "10");
        assert_eq!(Backlight::find(class.path()).unwrap().level().unwrap(), 1.0);
    }

    #[test]
    fn a_file_that_holds_no_number_is_an_error() {
        let class = tempfile::tempdir().unwrap();
        panel(class.path(), "panel", "raw", "100", "bright");
        let error = Backlight::find(class.path()).unwrap().level().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Garbled);
    }
}
