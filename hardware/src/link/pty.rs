//! A pseudo-terminal whose far end looks like a serial device at a path of our choice.

use std::fs;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use super::DescriptorLink;
use crate::Error;

/// The near end of a pseudo-terminal. Dropping it is pulling the plug: the far end reads an error and the link in
/// the file system is gone.
pub(crate) struct Pty {
    link_path: PathBuf,
    device: PathBuf,
    // While nobody has the far end open, reading the near end fails; our own handle keeps it open.
    _far_end: OwnedFd,
    near_end: DescriptorLink,
}

impl Pty {
    /// Makes a raw pseudo-terminal without echo and a symbolic link to it at `link_path`.
    pub(crate) fn open(link_path: &Path) -> Result<Self, Error> {
        let fail = |error: rustix::io::Errno| Error::io("cannot make a pseudo-terminal", error.into());
        let near_end = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).map_err(fail)?;
        grantpt(&near_end).map_err(fail)?;
        unlockpt(&near_end).map_err(fail)?;
        let name = ptsname(&near_end, Vec::new()).map_err(fail)?;
        let device = PathBuf::from(name.to_string_lossy().into_owned());
        let far_end =
            rustix::fs::open(&device, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).map_err(fail)?;
        // Raw from the start: a cooked terminal would echo our bytes back and turn LF into CR LF.
        let mut settings = tcgetattr(&far_end).map_err(fail)?;
        settings.make_raw();
        tcsetattr(&far_end, OptionalActions::Now, &settings).map_err(fail)?;

        if let Some(parent) = link_path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            crate::statefile::make_folder(parent)?;
        }
        let cannot_link = |error| Error::io(format!("cannot make the link {}", link_path.display()), error);
        // A link left by a run that was killed may be replaced; anything else at that path may not.
        if fs::symlink_metadata(link_path).is_ok_and(|found| found.file_type().is_symlink()) {
            fs::remove_file(link_path).map_err(cannot_link)?;
        }
        std::os::unix::fs::symlink(&device, link_path).map_err(cannot_link)?;
        let near_end = DescriptorLink::new(near_end, link_path.display().to_string())?;
        Ok(Self { link_path: link_path.to_owned(), device, _far_end: far_end, near_end })
    }

    /// The near end, for reading and writing.
    pub(crate) fn link(&mut self) -> &mut DescriptorLink {
        &mut self.near_end
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // A newer simulator may have taken over the path; its link stays.
        if fs::read_link(&self.link_path).is_ok_and(|target| target == self.device) {
            let _ = fs::remove_file(&self.link_path);
        }
    }
}
