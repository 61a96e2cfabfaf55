//! A simulated document scanner: pictures in a folder, chosen by the kind of document.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::page::read_limited;
use super::{DocumentScanner, MAX_PAGE_BYTES, Page, ScanRequest, cancelled, pictures, too_many};
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
    /// The feeder takes two sheets at once.
    DoubleFeed,
    /// Another program holds the scanner.
    Busy,
    /// The plug is pulled.
    NotReachable,
    /// The scanner answers and never finishes.
    Stuck,
    /// Pages come without their end.
    CutOff,
    /// Pages come with a header of 900 million pixels.
    Bomb,
    /// The feeder never ends.
    EndlessFeed,
}

impl ScannerFault {
    fn check(self) -> Result<(), Error> {
        let (kind, what) = match self {
            Self::None | Self::Stuck | Self::CutOff | Self::Bomb | Self::EndlessFeed => return Ok(()),
            Self::Jam => (ErrorKind::Jammed, "paper is stuck"),
            Self::NoPaper => (ErrorKind::MediaAbsent, "no page in the scanner"),
            Self::CoverOpen => (ErrorKind::CoverOpen, "the cover is open"),
            Self::DoubleFeed => (ErrorKind::DoubleFeed, "the feeder took two sheets at once"),
            Self::Busy => (ErrorKind::Busy, "another program holds the scanner"),
            Self::NotReachable => (ErrorKind::NotReachable, "the scanner is not there"),
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
    /// Pages of a scan that still come out well before the fault shows.
    pub after_pages: u32,
    /// Pages in the feeder; 0 means as many as there are pictures of the document (`kind-1.jpg`, `kind-2.jpg`, …).
    pub feeder_pages: u32,
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

    /// The fault that shows once `done` pages are out.
    fn fault_after(&self, done: u32) -> ScannerFault {
        if done >= self.after_pages { self.fault } else { ScannerFault::None }
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

    /// Scans the page after `done` others.
    fn page(&mut self, request: &ScanRequest, done: u32, progress: &mut dyn FnMut(f32) -> bool) -> Result<Page, Error> {
        let duration = Duration::from_millis(self.state().duration_ms.min(600_000));
        let (end, limit) = (Deadline::after(duration), Deadline::after(request.timeout));
        loop {
            let fault = self.state().fault_after(done);
            fault.check()?;
            let part = if end.passed() { 1.0 } else { 1.0 - end.left().as_secs_f32() / duration.as_secs_f32() };
            let stuck = fault == ScannerFault::Stuck;
            if !progress(if stuck { 0.0 } else { part.clamp(0.0, 1.0) }) {
                return Err(cancelled());
            }
            if end.passed() && !stuck {
                break;
            }
            if limit.passed() {
                return Err(Error::new(ErrorKind::Timeout, "the scan took too long"));
            }
            thread::sleep(if stuck { TICK } else { TICK.min(end.left()) });
        }
        let path = pictures::page(&self.folder, &request.kind, done + 1).ok_or_else(|| {
            Error::new(ErrorKind::MediaAbsent, format!("no picture for a page in {}", self.folder.display()))
        })?;
        let mut bytes = read_limited(&path, MAX_PAGE_BYTES)?;
        match self.state().fault_after(done) {
            ScannerFault::CutOff => bytes.truncate(bytes.len() / 2),
            ScannerFault::Bomb => bytes = BOMB.to_vec(),
            _ => {}
        }
        Page::from_bytes(bytes, request.dpi)
    }
}

impl DocumentScanner for SimulatedScanner {
    fn status(&mut self) -> Result<Health, Error> {
        let state = self.state();
        state.fault_after(0).check().map(|()| Health::Ready)
    }

    fn scan(&mut self, request: &ScanRequest, progress: &mut dyn FnMut(f32) -> bool) -> Result<Page, Error> {
        request.check()?;
        self.page(request, 0, progress)
    }

    fn scan_all(
        &mut self,
        request: &ScanRequest,
        progress: &mut dyn FnMut(f32) -> bool,
        on_page: &mut dyn FnMut(Page) -> bool,
    ) -> Result<u32, Error> {
        request.check()?;
        let mut done = 0;
        loop {
            let state = self.state();
            let there = match state.feeder_pages {
                _ if !request.source.is_feeder() => 1,
                _ if state.fault == ScannerFault::EndlessFeed => u32::MAX,
                0 => pictures::count(&self.folder, &request.kind),
                pages => pages,
            };
            if done > 0 && done >= there {
                return Ok(done);
            }
            let page = self.page(request, done, progress)?;
            if done == request.max_pages {
                return Err(too_many(request.max_pages));
            }
            done += 1;
            if !on_page(page) {
                return Ok(done);
            }
        }
    }

    fn simulated(&self) -> bool {
        true
    }
}

/// A PNG of 30000 x 30000 pixels by its header, with no pixel in it.
const BOMB: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x75\x30\0\0\x75\x30\x08\0\0\0\0\x43\x4c\xa7\x66\
    \0\0\0\0IDAT\x35\xaf\x06\x1e\0\0\0\0IEND\xae\x42\x60\x82";
