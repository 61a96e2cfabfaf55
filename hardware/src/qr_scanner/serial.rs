//! The driver of a scanner on a serial line.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::framing::{Framer, IDLE_END};
use super::{QrScanner, Scan};
use crate::link::{Deadline, Link, open_serial};
use crate::{Error, Health};

pub(super) struct SerialScanner {
    path: PathBuf,
    baud: u32,
    simulated: bool,
    link: Option<Box<dyn Link>>,
    framer: Framer,
}

impl SerialScanner {
    pub(super) fn new(path: &Path, baud: u32, simulated: bool) -> Self {
        Self { path: path.to_owned(), baud, simulated, link: None, framer: Framer::default() }
    }

    /// The open port; opened again by its path after an unplug, because the device behind the path may be another.
    fn link(&mut self) -> Result<&mut Box<dyn Link>, Error> {
        match &mut self.link {
            Some(link) => Ok(link),
            closed => {
                let link = open_serial(&self.path, self.baud)?;
                tracing::info!(path = %self.path.display(), "QR scanner connected");
                Ok(closed.insert(link))
            }
        }
    }

    fn unplugged(&mut self, error: Error) -> Error {
        tracing::warn!(%error, "QR scanner lost");
        self.link = None;
        self.framer.drop_partial();
        error
    }
}

impl QrScanner for SerialScanner {
    fn wait_scan(&mut self, timeout: Duration) -> Result<Option<Scan>, Error> {
        let deadline = Deadline::after(timeout);
        loop {
            if let Some(scan) = self.framer.next_scan() {
                return Ok(Some(scan));
            }
            // The end of a code without suffix falls into the silence, so the wait must not be longer than that.
            let wait = if self.framer.is_inside_code() { deadline.left().min(IDLE_END) } else { deadline.left() };
            let mut buffer = [0; 1024];
            match self.link()?.read(&mut buffer, wait) {
                Ok(0) => {
                    // Only a line that was found empty is silent: after a busy moment of ours bytes may be waiting.
                    self.framer.tick(Instant::now());
                    if deadline.passed() {
                        return Ok(self.framer.next_scan());
                    }
                }
                Ok(count) => self.framer.push(&buffer[..count], Instant::now()),
                Err(error) => return Err(self.unplugged(error)),
            }
        }
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.framer.clear();
        let drained = self.link()?.drain();
        drained.map_err(|error| self.unplugged(error))
    }

    fn health(&mut self) -> Health {
        let mut buffer = [0; 1024];
        let read = self.link().and_then(|link| link.read(&mut buffer, Duration::ZERO));
        match read {
            Ok(0) => Health::Ready,
            Ok(count) => {
                self.framer.push(&buffer[..count], Instant::now());
                Health::Ready
            }
            Err(error) => {
                let health = error.health();
                self.link = None;
                self.framer.drop_partial();
                health
            }
        }
    }

    fn simulated(&self) -> bool {
        self.simulated
    }
}
