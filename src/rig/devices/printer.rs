//! The slip printer of the rig: on a TCP port or as a serial device, with every fault of its simulator.

use std::path::{Path, PathBuf};

use anjungan_hardware::slip_printer::simulator::{PaperSupply, PrinterSimulator, PrinterState};

use super::{RigError, RigOptions, device};

/// Lines of a slip that come out before [`PrinterFault::PaperOutMidSlip`] strikes.
const LINES_BEFORE_END: u32 = 8;
/// Time of one byte at 9600 baud with its start and stop bit, in microseconds.
const US_PER_BYTE_SLOW: u64 = 1040;

/// A slip that came out of the printer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// Counted from 1.
    pub number: usize,
    /// Ticket number on it, or empty.
    pub ticket: String,
    /// Text of its QR code: what a scanner sends. Empty when the QR was printed as a picture.
    pub qr: String,
    /// Its lines.
    pub lines: Vec<String>,
    /// Its picture.
    pub picture: PathBuf,
}

/// What can be wrong with the simulated printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrinterFault {
    /// No paper.
    PaperOut,
    /// Little paper.
    NearEnd,
    /// The paper ends after eight lines of the next slip; it is [`Self::PaperOut`] from then on.
    PaperOutMidSlip,
    /// The cover is open.
    CoverOpen,
    /// The cutter is blocked, and the driver's own attempt (`DLE ENQ`) does not free it.
    Cutter,
    /// Paper is stuck, and the driver's own attempt does not free it.
    Jam,
    /// The head is too hot.
    Overheated,
    /// A fault that only a power cycle clears.
    Broken,
    /// Offline without a reason.
    Offline,
    /// No power.
    PowerOff,
    /// The plug is pulled.
    Unplugged,
    /// It answers nothing.
    Mute,
    /// It reads nothing and keeps the connection.
    Stall,
    /// It answers bytes no printer sends.
    Garbage,
    /// It sends back what it gets.
    Echo,
    /// It works at 9600 baud.
    Slow,
}

impl PrinterFault {
    /// Every fault, in the order of the window: the paper, the machine, the line.
    pub const ALL: [Self; 16] = [
        Self::PaperOut,
        Self::NearEnd,
        Self::PaperOutMidSlip,
        Self::CoverOpen,
        Self::Cutter,
        Self::Jam,
        Self::Overheated,
        Self::Broken,
        Self::Offline,
        Self::PowerOff,
        Self::Unplugged,
        Self::Mute,
        Self::Stall,
        Self::Garbage,
        Self::Echo,
        Self::Slow,
    ];

    /// The key in the contract of the window.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::PaperOut => "paper_out",
            Self::NearEnd => "near_end",
            Self::PaperOutMidSlip => "paper_out_mid_slip",
            Self::CoverOpen => "cover_open",
            Self::Cutter => "cutter",
            Self::Jam => "jam",
            Self::Overheated => "overheated",
            Self::Broken => "broken",
            Self::Offline => "offline",
            Self::PowerOff => "power_off",
            Self::Unplugged => "unplugged",
            Self::Mute => "mute",
            Self::Stall => "stall",
            Self::Garbage => "garbage",
            Self::Echo => "echo",
            Self::Slow => "slow",
        }
    }

    pub(super) fn is_in(self, state: &PrinterState) -> bool {
        match self {
            Self::PaperOut => state.supply() == PaperSupply::Out,
            Self::NearEnd => state.supply() == PaperSupply::NearEnd,
            Self::PaperOutMidSlip => state.paper_out_after_lines.is_some(),
            Self::CoverOpen => state.cover_open,
            Self::Cutter => state.cutter_error,
            Self::Jam => state.jammed,
            Self::Overheated => state.overheated,
            Self::Broken => state.broken,
            Self::Offline => state.offline,
            Self::PowerOff => state.power_off,
            Self::Unplugged => state.unplugged,
            Self::Mute => state.mute,
            Self::Stall => state.stall,
            Self::Garbage => state.garbage,
            Self::Echo => state.echo,
            Self::Slow => state.latency_us_per_byte >= US_PER_BYTE_SLOW,
        }
    }

    pub(super) fn set(self, state: &mut PrinterState, on: bool) {
        match self {
            Self::PaperOut => self.set_paper(state, on, PaperSupply::Out),
            Self::NearEnd => self.set_paper(state, on, PaperSupply::NearEnd),
            Self::PaperOutMidSlip => state.paper_out_after_lines = on.then_some(LINES_BEFORE_END),
            Self::CoverOpen => state.cover_open = on,
            Self::Cutter => state.cutter_error = on,
            Self::Jam => state.jammed = on,
            Self::Overheated => state.overheated = on,
            Self::Broken => state.broken = on,
            Self::Offline => state.offline = on,
            Self::PowerOff => state.power_off = on,
            Self::Unplugged => state.unplugged = on,
            Self::Mute => state.mute = on,
            Self::Stall => state.stall = on,
            Self::Garbage => state.garbage = on,
            Self::Echo => state.echo = on,
            Self::Slow => state.latency_us_per_byte = if on { US_PER_BYTE_SLOW } else { 0 },
        }
        // What a trainer switched on stays until the trainer switches it off.
        if matches!(self, Self::Cutter | Self::Jam) {
            state.recovery_fails = state.cutter_error || state.jammed;
        }
    }

    /// Switching off means a new roll, but only for the state that is on.
    fn set_paper(self, state: &mut PrinterState, on: bool, supply: PaperSupply) {
        if on {
            state.paper = supply;
        } else if self.is_in(state) {
            (state.paper, state.roll_mm) = (PaperSupply::Ok, None);
        }
    }
}

/// Starts the printer and gives its URL.
pub(super) fn start(folder: &Path, options: RigOptions) -> Result<(PrinterSimulator, String), RigError> {
    let states = folder.join("printer");
    if options.printer_serial {
        let line = folder.join("printer-line");
        let printer = device("slip printer", PrinterSimulator::start_pty(&line, &states))?;
        return Ok((printer, format!("serial://{}?simulated=1&answer_ms=1000", line.display())));
    }
    let printer = start_tcp(&states, options.printer_port)?;
    let address = printer.addr().ok_or(RigError::Unknown("address of the printer"))?;
    Ok((printer, format!("tcp://{address}?simulated=1&answer_ms=1000")))
}

/// On its port, or on a free one when that is taken.
fn start_tcp(states: &Path, port: u16) -> Result<PrinterSimulator, RigError> {
    match PrinterSimulator::start_tcp(&format!("127.0.0.1:{port}"), states) {
        Err(error) if port != 0 => {
            tracing::warn!(port, %error, "the printer's port is taken; a free one is used");
            device("slip printer", PrinterSimulator::start_tcp("127.0.0.1:0", states))
        }
        started => device("slip printer", started),
    }
}

/// Finds a ticket number in a line, e.g. `A-001`.
pub(super) fn ticket_in(line: &str) -> Option<String> {
    let word = |word: &&str| word.parse::<crate::domain::ticket::TicketNumber>().is_ok();
    line.split_whitespace().find(word).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_found_in_the_words_of_a_slip() {
        assert_eq!(ticket_in("Nomor antrean A-001").as_deref(), Some("A-001"));
        assert_eq!(ticket_in("  B-1028  ").as_deref(), Some("B-1028"));
        assert_eq!(ticket_in("23-11-2026 KK-WNI"), None);
    }

    #[test]
    fn each_fault_comes_and_goes_alone() {
        for fault in PrinterFault::ALL {
            let mut state = PrinterState::default();
            fault.set(&mut state, true);
            let on: Vec<_> = PrinterFault::ALL.into_iter().filter(|other| other.is_in(&state)).collect();
            assert_eq!(on, [fault]);
            fault.set(&mut state, false);
            assert_eq!(state, PrinterState::default(), "{}", fault.key());
        }
    }

    #[test]
    fn a_low_roll_is_near_its_end_and_a_new_one_is_not() {
        let mut state = PrinterState { roll_mm: Some(100), ..PrinterState::default() };
        assert!(PrinterFault::NearEnd.is_in(&state));
        PrinterFault::PaperOut.set(&mut state, false);
        assert!(PrinterFault::NearEnd.is_in(&state), "nobody changed the roll");
        PrinterFault::NearEnd.set(&mut state, false);
        assert!(!PrinterFault::NearEnd.is_in(&state));
    }
}
