//! The driver of a scanner on a serial line.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::framing::{Framer, IDLE_END};
use super::{QrScanner, Scan};
use crate::link::{Deadline, Link, open_serial};
use crate::{Error, Health};

/// How long a wait may last before the path is looked at again.
const LOOK_AT_PATH: Duration = Duration::from_millis(500);

/// Reads of one flush; a stuck line can send for ever.
const MAX_FLUSH_READS: usize = 64;

pub(super) struct SerialScanner {
    path: PathBuf,
    baud: u32,
    simulated: bool,
    port: Option<Port>,
    framer: Framer,
    /// When the line was last looked at: what came until then has the time of its coming.
    looked: Option<Instant>,
}

struct Port {
    link: Box<dyn Link>,
    /// Which device the path led to when it was opened.
    device: Option<u64>,
}

impl SerialScanner {
    pub(super) fn new(path: &Path, baud: u32, simulated: bool) -> Self {
        Self { path: path.to_owned(), baud, simulated, port: None, framer: Framer::default(), looked: None }
    }

    /// The open port; opened again by its path after an unplug, because the device behind the path may be another.
    fn link(&mut self) -> Result<&mut Box<dyn Link>, Error> {
        if self.port.as_ref().is_some_and(|port| port.has_moved(&self.path)) {
            tracing::info!(path = %self.path.display(), "QR scanner is now another device");
            self.port = None;
            self.framer.unplugged();
        }
        match &mut self.port {
            Some(port) => Ok(&mut port.link),
            closed => {
                let device = device_at(&self.path);
                let link = open_serial(&self.path, self.baud)?;
                tracing::info!(path = %self.path.display(), "QR scanner connected");
                Ok(&mut closed.insert(Port { link, device }).link)
            }
        }
    }

    /// Reads once and gives the bytes to the framer. False when the line was silent.
    fn listen(&mut self, wait: Duration) -> Result<bool, Error> {
        let heard = self.listen_as_of(wait, None);
        self.looked = Some(Instant::now());
        heard
    }

    /// As [`Self::listen`]; what is read counts as of this time.
    fn listen_as_of(&mut self, wait: Duration, time: Option<Instant>) -> Result<bool, Error> {
        let mut buffer = [0; 1024];
        let had_port = self.port.is_some();
        let read = self.link().and_then(|link| link.read(&mut buffer, wait));
        match read {
            Ok(0) => Ok(false),
            Ok(count) => {
                self.framer.push(&buffer[..count], time.unwrap_or_else(Instant::now));
                Ok(true)
            }
            Err(error) => {
                // Told once and not each time it is looked for.
                if had_port {
                    tracing::warn!(%error, "QR scanner lost");
                }
                self.port = None;
                self.framer.unplugged();
                Err(error)
            }
        }
    }
}

impl Port {
    /// Whether the path leads to another device by now. A replug gives the name in `/dev/serial/by-id` to a new device,
    /// and not every system tells the owner of the old one. A name that is gone says nothing: it is being replaced.
    fn has_moved(&self, path: &Path) -> bool {
        device_at(path).is_some_and(|now| self.device.is_some_and(|then| then != now))
    }
}

/// The number of the device a path leads to.
fn device_at(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().map(|found| found.rdev())
}

impl QrScanner for SerialScanner {
    fn wait_scan(&mut self, timeout: Duration) -> Result<Option<Scan>, Error> {
        let deadline = Deadline::after(timeout);
        loop {
            if let Some(scan) = self.framer.next_scan() {
                return Ok(Some(scan));
            }
            // The end of a code without suffix falls into the silence, so the wait must not be longer than that.
            let longest = if self.framer.is_inside_code() { IDLE_END } else { LOOK_AT_PATH };
            if !self.listen(deadline.left().min(longest))? {
                // Only a line that was found empty is silent: after a busy moment of ours bytes may be waiting.
                self.framer.tick(Instant::now());
            }
            // Also on a line that never falls silent.
            if deadline.passed() {
                return Ok(self.framer.next_scan());
            }
        }
    }

    fn flush_before(&mut self, session: Instant) -> Result<(), Error> {
        let mut drained = Ok(());
        // What waits in the line may be of before, unless the line was found empty since. It goes through the framer,
        // which so knows whether a code is under way.
        let unknown = self.looked.is_none_or(|looked| looked <= session);
        for _ in 0..if unknown { MAX_FLUSH_READS } else { 0 } {
            match self.listen_as_of(Duration::ZERO, Some(session)) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    drained = Err(error);
                    break;
                }
            }
        }
        self.framer.clear(session);
        drained
    }

    fn health(&mut self) -> Health {
        match self.listen(Duration::ZERO) {
            Ok(heard) => {
                let now = Instant::now();
                if !heard {
                    self.framer.tick(now);
                }
                if self.framer.is_stuck(now) { Health::Damaged } else { Health::Ready }
            }
            Err(error) => error.health(),
        }
    }

    fn simulated(&self) -> bool {
        self.simulated
    }
}
