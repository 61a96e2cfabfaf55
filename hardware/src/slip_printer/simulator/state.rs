//! The state of the simulated printer, a JSON file anybody may change while programs run.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

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
    /// Paper on the roll in millimetres, from which the supply follows; counts down while printing.
    pub roll_mm: Option<u32>,
    /// Millimetres on the roll at which the near-end sensor fires.
    pub near_end_at_mm: u32,
    /// The paper ends after this many more lines; counts down while printing.
    pub paper_out_after_lines: Option<u32>,
    /// The paper jams after this many more lines; counts down while printing.
    pub jam_after_lines: Option<u32>,
    /// The head gets hot after this many more lines; counts down while printing.
    pub overheat_after_lines: Option<u32>,
    /// The cutter blocks at the next cut.
    pub cutter_error_at_cut: bool,
    /// The cover is open.
    pub cover_open: bool,
    /// The cutter is blocked.
    pub cutter_error: bool,
    /// The mechanics are stuck.
    pub jammed: bool,
    /// `DLE ENQ` does not free the cutter or the mechanics.
    pub recovery_fails: bool,
    /// A fault only a power cycle clears.
    pub broken: bool,
    /// The head is hot.
    pub overheated: bool,
    /// Offline without a reason.
    pub offline: bool,
    /// No power: connections are dropped, buffers and the slip in progress lost. On a serial line nobody answers.
    pub power_off: bool,
    /// The plug is pulled: as without power, and the name of a pseudo-terminal is gone until it is back.
    pub unplugged: bool,
    /// Counted up: the power fails for a moment.
    pub power_cuts: u32,
    /// Takes bytes and answers nothing.
    pub mute: bool,
    /// Falls mute after this many more answers; counts down.
    pub mute_after_answers: Option<u32>,
    /// Keeps connections open and reads nothing.
    pub stall: bool,
    /// Answers are bytes no printer sends.
    pub garbage: bool,
    /// Sends back whatever it gets, and nothing else.
    pub echo: bool,
    /// Every so-manieth byte on the way to the printer is lost; 0 is none.
    pub lose_received_every: u32,
    /// Every so-manieth byte on the way back is lost; 0 is none.
    pub lose_answers_every: u32,
    /// A printer without automatic status (`GS a`).
    pub no_automatic_status: bool,
    /// A printer that does not answer `GS r`.
    pub no_queued_status: bool,
    /// A printer without a cutter: a person tears the slip off once nothing was printed for this many milliseconds.
    pub torn_after_ms: Option<u32>,
    /// Time to work off one byte, in microseconds (1040 is 9600 baud).
    pub latency_us_per_byte: u64,
}

impl Default for PrinterState {
    fn default() -> Self {
        Self {
            columns: 48,
            paper: PaperSupply::Ok,
            roll_mm: None,
            near_end_at_mm: 3000,
            paper_out_after_lines: None,
            jam_after_lines: None,
            overheat_after_lines: None,
            cutter_error_at_cut: false,
            cover_open: false,
            cutter_error: false,
            jammed: false,
            recovery_fails: false,
            broken: false,
            overheated: false,
            offline: false,
            power_off: false,
            unplugged: false,
            power_cuts: 0,
            mute: false,
            mute_after_answers: None,
            stall: false,
            garbage: false,
            echo: false,
            lose_received_every: 0,
            lose_answers_every: 0,
            no_automatic_status: false,
            no_queued_status: false,
            torn_after_ms: None,
            latency_us_per_byte: 0,
        }
    }
}

impl PrinterState {
    /// What the paper sensors see, whether by the sensor's own key or by what is left on the roll.
    pub fn supply(&self) -> PaperSupply {
        match (self.paper, self.roll_mm) {
            (PaperSupply::Out, _) | (_, Some(0)) => PaperSupply::Out,
            (PaperSupply::NearEnd, _) => PaperSupply::NearEnd,
            (_, Some(left)) if left <= self.near_end_at_mm => PaperSupply::NearEnd,
            _ => PaperSupply::Ok,
        }
    }

    /// Nobody is at the far end of the line.
    pub(super) const fn is_dead(&self) -> bool {
        self.power_off || self.unplugged
    }

    /// A fault of the mechanics.
    const fn fault(&self) -> bool {
        self.cutter_error || self.jammed || self.broken || self.overheated
    }

    /// Whether the mechanics run.
    pub(super) fn can_print(&self) -> bool {
        !(self.supply() == PaperSupply::Out || self.cover_open || self.fault() || self.offline || self.is_dead())
    }

    /// The answer to `DLE EOT n`.
    pub(super) fn realtime_answer(&self, n: u8) -> Option<u8> {
        let bit = |set: bool, bits: u8| if set { bits } else { 0 };
        let paper_out = self.supply() == PaperSupply::Out;
        let byte = match n {
            1 => 0x16 | bit(!self.can_print(), 0x08),
            2 => 0x12 | bit(self.cover_open, 0x04) | bit(paper_out, 0x20) | bit(self.fault(), 0x40),
            3 => {
                let stuck = bit(self.jammed, 0x04) | bit(self.cutter_error, 0x08);
                0x12 | stuck | bit(self.broken, 0x20) | bit(self.overheated, 0x40)
            }
            4 => 0x12 | bit(self.supply() == PaperSupply::NearEnd, 0x0c) | bit(paper_out, 0x60),
            _ => return None,
        };
        Some(if self.garbage { 0xff } else { byte })
    }

    /// The answer to `GS r n`.
    pub(super) fn queued_answer(&self, n: u8) -> Option<u8> {
        let byte = match (n, self.supply()) {
            _ if self.no_queued_status => return None,
            (1 | 49, PaperSupply::Ok) | (2 | 50, _) => 0x00,
            (1 | 49, PaperSupply::NearEnd) => 0x03,
            (1 | 49, PaperSupply::Out) => 0x0c,
            _ => return None,
        };
        Some(if self.garbage { 0xff } else { byte })
    }

    /// The state as it is told unasked.
    pub(super) fn automatic_status(&self) -> [u8; 4] {
        if self.garbage {
            return [0xff; 4];
        }
        let bit = |set: bool, bits: u8| if set { bits } else { 0 };
        [
            0x14 | bit(!self.can_print(), 0x08) | bit(self.cover_open, 0x20),
            bit(self.jammed, 0x04) | bit(self.cutter_error, 0x08) | bit(self.broken, 0x20) | bit(self.overheated, 0x40),
            match self.supply() {
                PaperSupply::Ok => 0,
                PaperSupply::NearEnd => 0x03,
                PaperSupply::Out => 0x0f,
            },
            0x0f,
        ]
    }

    /// `DLE ENQ`.
    pub(super) fn recover(&mut self) {
        if !self.recovery_fails {
            (self.cutter_error, self.jammed) = (false, false);
        }
    }

    /// Counts one line of `mm` millimetres against everything that ends; false when it cannot be printed any more.
    pub(super) fn use_line(&mut self, mm: u32) -> bool {
        /// Counts down; true when it was at its end.
        fn over(left: &mut Option<u32>) -> bool {
            *left = match *left {
                Some(0) => {
                    *left = None;
                    return true;
                }
                Some(lines) => Some(lines - 1),
                None => None,
            };
            false
        }
        if over(&mut self.paper_out_after_lines) {
            self.paper = PaperSupply::Out;
        }
        self.jammed |= over(&mut self.jam_after_lines);
        self.overheated |= over(&mut self.overheat_after_lines);
        if !self.can_print() {
            return false;
        }
        self.roll_mm = self.roll_mm.map(|left| left.saturating_sub(mm));
        true
    }
}

/// The file and the last state that could be read from it.
pub(super) struct StateFile {
    path: PathBuf,
    last: Mutex<Last>,
}

#[derive(Default)]
struct Last {
    state: PrinterState,
    /// How often the power was seen to go off.
    switched_off: u32,
    /// The file this was read from; the mechanics ask for every character, and need not read it again and again.
    file: Option<FileMark>,
}

/// A file as it was: inode, time of change in nanoseconds, length.
type FileMark = (u64, i64, i64, u64);

/// A file changed this recently may change again without its mark changing: clocks of file systems are coarse.
const SETTLED: Duration = Duration::from_millis(100);

impl Last {
    fn take(&mut self, state: PrinterState) {
        if state.is_dead() && !self.state.is_dead() {
            self.switched_off = self.switched_off.wrapping_add(1);
        }
        self.state = state;
    }
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
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        self.reread(&mut last);
        last.state.clone()
    }

    /// How often the power was lost: for a moment, and for longer. Counted, so that no thread can sleep through it.
    pub(super) fn power_losses(&self) -> (u32, u32) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        self.reread(&mut last);
        (last.state.power_cuts, last.switched_off)
    }

    /// Changes the state, in the file too.
    pub(super) fn update<R>(&self, change: impl FnOnce(&mut PrinterState) -> R) -> Result<R, Error> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        self.reread(&mut last);
        let mut state = last.state.clone();
        let result = change(&mut state);
        if last.state != state {
            statefile::write(&self.path, &state)?;
            last.take(state);
        }
        Ok(result)
    }

    fn reread(&self, last: &mut Last) {
        let found = fs::metadata(&self.path).ok();
        let mark = found.as_ref().map(|found| (found.ino(), found.mtime(), found.mtime_nsec(), found.len()));
        if mark.is_some() && mark == last.file {
            return;
        }
        let settled = found.and_then(|found| found.modified().ok()?.elapsed().ok()).is_some_and(|age| age > SETTLED);
        last.file = mark.filter(|_| settled);
        match statefile::read(&self.path) {
            Ok(Some(state)) => last.take(state),
            Ok(None) => last.take(PrinterState::default()),
            // Somebody is editing it; what was last understood stays in force.
            Err(error) => tracing::debug!(%error, "printer simulator: state file"),
        }
    }
}
