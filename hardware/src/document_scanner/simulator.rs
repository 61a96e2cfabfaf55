//! A simulated document scanner: pictures in a folder, chosen by the kind of document.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{DocumentScanner, Page, ScanRequest};
use crate::link::Deadline;
use crate::simulation::TICK;
use crate::{Error, ErrorKind, Health, statefile};

/// What is wrong with the simulated scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScannerFault {
    /// Nothing.
    #[default]
    None,
    /// Paper is stuck.
    Jam,
    /// No page in the feeder.
    NoPaper,
    /// The cover is open.
    CoverOpen,
}

impl ScannerFault {
    fn check(self) -> Result<(), Error> {
        let (kind, what) = match self {
            Self::None => return Ok(()),
            Self::Jam => (ErrorKind::Jammed, "paper is stuck"),
            Self::NoPaper => (ErrorKind::MediaAbsent, "no page in the scanner"),
            Self::CoverOpen => (ErrorKind::CoverOpen, "the cover is open"),
        };
        Err(Error::new(kind, what))
    }
}

/// `state.json` in the simulator's folder. Every key may be left out; no file means a sound, fast scanner.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ScannerState {
    /// What is wrong.
    pub fault: ScannerFault,
    /// Time one page takes.
    pub duration_ms: u64,
}

impl ScannerState {
    /// Writes the state into a simulator's folder.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn save(&self, state_dir: impl AsRef<Path>) -> Result<(), Error> {
        statefile::make_folder(state_dir.as_ref())?;
        statefile::write(&state_dir.as_ref().join("state.json"), self)
    }
}

pub(super) struct SimulatedScanner {
    folder: PathBuf,
    last: ScannerState,
}

impl SimulatedScanner {
    pub(super) fn new(folder: &Path) -> Result<Self, Error> {
        statefile::make_folder(folder)?;
        Ok(Self { folder: folder.to_owned(), last: ScannerState::default() })
    }

    fn state(&mut self) -> ScannerState {
        match statefile::read(&self.folder.join("state.json")) {
            Ok(state) => self.last = state.unwrap_or_default(),
            Err(error) => tracing::debug!(%error, "scanner simulator: state file"),
        }
        self.last.clone()
    }

    fn picture(&self, kind: &str) -> Option<PathBuf> {
        // The kind comes from data and must not lead out of the folder.
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let kind = if kind.chars().all(plain) && !kind.starts_with('.') { kind } else { "" };
        [kind, "default"]
            .into_iter()
            .filter(|name| !name.is_empty())
            .flat_map(|name| ["jpg", "jpeg", "png"].map(|end| self.folder.join(format!("{name}.{end}"))))
            .find(|path| path.is_file())
    }
}

impl DocumentScanner for SimulatedScanner {
    fn status(&mut self) -> Result<Health, Error> {
        self.state().fault.check().map(|()| Health::Ready)
    }

    fn scan(&mut self, request: &ScanRequest, progress: &mut dyn FnMut(f32) -> bool) -> Result<Page, Error> {
        let duration = Duration::from_millis(self.state().duration_ms.min(600_000));
        let (end, limit) = (Deadline::after(duration), Deadline::after(request.timeout));
        loop {
            self.state().fault.check()?;
            let done = if end.passed() { 1.0 } else { 1.0 - end.left().as_secs_f32() / duration.as_secs_f32() };
            if !progress(done.clamp(0.0, 1.0)) {
                return Err(Error::new(ErrorKind::Cancelled, "cancelled"));
            }
            if end.passed() {
                break;
            }
            if limit.passed() {
                return Err(Error::new(ErrorKind::Timeout, "the scan took too long"));
            }
            thread::sleep(TICK.min(end.left()));
        }
        let path = self.picture(&request.kind).ok_or_else(|| {
            Error::new(ErrorKind::MediaAbsent, format!("no picture for a page in {}", self.folder.display()))
        })?;
        Page::from_file(&path, request.dpi)
    }

    fn simulated(&self) -> bool {
        true
    }
}
