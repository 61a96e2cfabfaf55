//! Two simulated scanners: one behind a pseudo-terminal, for any program that opens a serial port, and one that
//! reads codes from a file, for `sim:` URLs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::framing::Framer;
use super::{QrScanner, Scan};
use crate::link::{Deadline, Link, Pty};
use crate::simulation::TICK;
use crate::{Error, Health, statefile};

/// A simulated scanner on a pseudo-terminal. Dropping it is pulling its plug.
pub struct ScannerSimulator {
    pty: Pty,
    suffix: String,
}

impl ScannerSimulator {
    /// Longest time the far end may take no bytes.
    const WRITE_LIMIT: Duration = Duration::from_secs(2);

    /// Plugs in a scanner that is reachable as a serial port at `link_path`; its suffix is CR.
    ///
    /// # Errors
    ///
    /// When the link cannot be made.
    pub fn start(link_path: impl AsRef<Path>) -> Result<Self, Error> {
        Ok(Self { pty: Pty::open(link_path.as_ref())?, suffix: "\r".into() })
    }

    /// Sets what the scanner sends after each code; may be empty.
    pub fn set_suffix(&mut self, suffix: impl Into<String>) {
        self.suffix = suffix.into();
    }

    /// Scans a code.
    ///
    /// # Errors
    ///
    /// `NotResponding` when nobody takes the bytes.
    pub fn scan(&mut self, code: &str) -> Result<(), Error> {
        let line = format!("{code}{}", self.suffix);
        self.raw(line.as_bytes())
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    ///
    /// As [`Self::scan`].
    pub fn raw(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.pty.link().write_all(bytes, Self::WRITE_LIMIT)
    }
}

/// The scanner of a `sim:<dir>` URL: it takes codes from the file `scan.txt`, one per line.
pub(super) struct FolderScanner {
    inbox: PathBuf,
    framer: Framer,
}

impl FolderScanner {
    pub(super) fn new(folder: &Path) -> Result<Self, Error> {
        statefile::make_folder(folder)?;
        Ok(Self { inbox: folder.join("scan.txt"), framer: Framer::default() })
    }

    /// Takes the file away and then reads it, so that each writing of it is seen once.
    fn take(&self) -> Result<Option<Vec<u8>>, Error> {
        let taken = self.inbox.with_extension("taken");
        let fail = |error| Error::io(format!("cannot take {}", self.inbox.display()), error);
        match fs::rename(&self.inbox, &taken) {
            Ok(()) => fs::read(&taken).map(Some).map_err(fail),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(fail(error)),
        }
    }
}

impl QrScanner for FolderScanner {
    fn wait_scan(&mut self, timeout: Duration) -> Result<Option<Scan>, Error> {
        let deadline = Deadline::after(timeout);
        loop {
            if let Some(mut bytes) = self.take()? {
                bytes.push(b'\r');
                self.framer.push(&bytes, Instant::now());
            }
            if let Some(scan) = self.framer.next_scan() {
                return Ok(Some(scan));
            }
            if deadline.passed() {
                return Ok(None);
            }
            thread::sleep(TICK.min(deadline.left()));
        }
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.take()?;
        self.framer.clear();
        Ok(())
    }

    fn health(&mut self) -> Health {
        Health::Ready
    }

    fn simulated(&self) -> bool {
        true
    }
}
