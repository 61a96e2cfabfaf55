//! The state of the simulated printer, a JSON file anybody may change while programs run.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::{Error, statefile};

/// Paper in the simulated printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaperSupply {
    /// Enough.
    #[default]
    Ok,
    /// About to end.
    NearEnd,
    /// None.
    Out,
}

/// `state.json` in the simulator's folder. Every key may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PrinterState {
    /// Columns of the paper, 32 or 48.
    pub columns: u16,
    /// Paper supply.
    pub paper: PaperSupply,
    /// The paper ends after this many more lines; counts down while printing.
    pub paper_out_after_lines: Option<u32>,
    /// The cover is open.
    pub cover_open: bool,
    /// The cutter is blocked.
    pub cutter_error: bool,
    /// A fault only a power cycle clears.
    pub broken: bool,
    /// The head is hot.
    pub overheated: bool,
    /// Offline without a reason.
    pub offline: bool,
    /// Takes bytes and answers nothing.
    pub mute: bool,
    /// Falls mute after this many more answers; counts down.
    pub mute_after_answers: Option<u32>,
    /// Answers are bytes no printer sends.
    pub garbage: bool,
    /// Time to work off one byte, in microseconds (1040 is 9600 baud).
    pub latency_us_per_byte: u64,
}

impl Default for PrinterState {
    fn default() -> Self {
        Self {
            columns: 48,
            paper: PaperSupply::Ok,
            paper_out_after_lines: None,
            cover_open: false,
            cutter_error: false,
            broken: false,
            overheated: false,
            offline: false,
            mute: false,
            mute_after_answers: None,
            garbage: false,
            latency_us_per_byte: 0,
        }
    }
}

impl PrinterState {
    /// Whether the mechanics run.
    pub(super) fn can_print(&self) -> bool {
        !(self.paper == PaperSupply::Out
            || self.cover_open
            || self.cutter_error
            || self.broken
            || self.overheated
            || self.offline)
    }

    /// The answer to `DLE EOT n`.
    pub(super) fn realtime_answer(&self, n: u8) -> Option<u8> {
        let bit = |set: bool, bits: u8| if set { bits } else { 0 };
        let paper_out = self.paper == PaperSupply::Out;
        let fault = self.cutter_error || self.broken || self.overheated;
        let byte = match n {
            1 => 0x16 | bit(!self.can_print(), 0x08),
            2 => 0x12 | bit(self.cover_open, 0x04) | bit(paper_out, 0x20) | bit(fault, 0x40),
            3 => 0x12 | bit(self.cutter_error, 0x08) | bit(self.broken, 0x20) | bit(self.overheated, 0x40),
            4 => 0x12 | bit(self.paper == PaperSupply::NearEnd, 0x0c) | bit(paper_out, 0x60),
            _ => return None,
        };
        Some(if self.garbage { 0xff } else { byte })
    }

    /// The answer to `GS r n`.
    pub(super) fn queued_answer(&self, n: u8) -> Option<u8> {
        let byte = match (n, self.paper) {
            (1 | 49, PaperSupply::Ok) | (2 | 50, _) => 0x00,
            (1 | 49, PaperSupply::NearEnd) => 0x03,
            (1 | 49, PaperSupply::Out) => 0x0c,
            _ => return None,
        };
        Some(if self.garbage { 0xff } else { byte })
    }
}

/// The file and the last state that could be read from it.
pub(super) struct StateFile {
    path: PathBuf,
    last: Mutex<PrinterState>,
}

impl StateFile {
    pub(super) fn open(path: PathBuf) -> Result<Self, Error> {
        let file = Self { path, last: Mutex::default() };
        if !file.path.exists() {
            statefile::write(&file.path, &PrinterState::default())?;
        }
        Ok(file)
    }

    pub(super) fn get(&self) -> PrinterState {
        self.reread(&mut self.last.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the state, in the file too.
    pub(super) fn update<R>(&self, change: impl FnOnce(&mut PrinterState) -> R) -> Result<R, Error> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.reread(&mut last);
        let result = change(&mut last);
        if *last != before {
            statefile::write(&self.path, &*last)?;
        }
        Ok(result)
    }

    fn reread(&self, last: &mut PrinterState) -> PrinterState {
        match statefile::read(&self.path) {
            Ok(Some(state)) => *last = state,
            Ok(None) => *last = PrinterState::default(),
            // Somebody is editing it; what was last understood stays in force.
            Err(error) => tracing::debug!(%error, "printer simulator: state file"),
        }
        last.clone()
    }
}
