//! The real-time status of an ESC/POS printer and the faults that follow from it.

use crate::{Error, ErrorKind, Health};

/// How much paper is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    /// Enough.
    Ok,
    /// The roll is about to end.
    NearEnd,
    /// None.
    Out,
}

/// State of the printer, from the four answers to `DLE EOT 1` to `4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrinterStatus {
    /// The printer accepts jobs.
    pub online: bool,
    /// The paper cover is open.
    pub cover_open: bool,
    /// Somebody holds the feed button.
    pub feeding: bool,
    /// Paper supply.
    pub paper: Paper,
    /// The cutter is blocked.
    pub cutter_error: bool,
    /// The mechanics are stuck: a jam, or whatever else moves and should not stand.
    pub mechanical_error: bool,
    /// A fault that only a power cycle clears.
    pub unrecoverable_error: bool,
    /// A fault that clears by itself, such as a hot print head.
    pub recoverable_error: bool,
    /// The four answers as they came, or what they would be when the printer told its state by itself.
    pub raw: [u8; 4],
}

/// Bits that are the same in every answer to DLE EOT: 4 and 1 set, 7 and 0 clear.
pub(super) const fn is_realtime_status(byte: u8) -> bool {
    byte & 0x93 == 0x12
}

/// An answer to `GS r` has bits 4 and 7 clear, which tells it from an answer to DLE EOT.
pub(super) const fn is_queued_status(byte: u8) -> bool {
    byte & 0x90 == 0
}

impl PrinterStatus {
    /// Reads the four answers.
    ///
    /// # Errors
    ///
    /// `Garbled` when a fixed bit is wrong: a wrong baud rate, an echo, or not a printer.
    pub fn from_bytes(raw: [u8; 4]) -> Result<Self, Error> {
        if !raw.into_iter().all(is_realtime_status) {
            let what =
                format!("the printer answers {raw:02x?}, which is not a status (wrong baud rate, or not a printer)");
            return Err(Error::new(ErrorKind::Garbled, what));
        }
        let [printer, offline, error, roll] = raw;
        let paper = match (roll & 0x60 != 0 || offline & 0x20 != 0, roll & 0x0c != 0) {
            (true, _) => Paper::Out,
            (false, true) => Paper::NearEnd,
            (false, false) => Paper::Ok,
        };
        Ok(Self {
            online: printer & 0x08 == 0,
            cover_open: offline & 0x04 != 0,
            feeding: offline & 0x08 != 0,
            paper,
            cutter_error: error & 0x08 != 0,
            mechanical_error: error & 0x04 != 0,
            unrecoverable_error: error & 0x20 != 0,
            recoverable_error: error & 0x40 != 0,
            raw,
        })
    }

    /// Reads an automatic status (ASB, four bytes).
    ///
    /// # Errors
    ///
    /// `Garbled` when a fixed bit is wrong.
    pub fn from_automatic(packet: [u8; 4]) -> Result<Self, Error> {
        let [first, second, third, fourth] = packet;
        if first & 0x93 != 0x10 || (second | third | fourth) & 0x90 != 0 {
            let what = format!("{packet:02x?} is not an automatic status");
            return Err(Error::new(ErrorKind::Garbled, what));
        }
        // The same facts stand at other bits; as answers to DLE EOT they are read in one place.
        let put = |set: bool, bits: u8| if set { bits } else { 0 };
        let (offline, cover, feeding) = (first & 0x08 != 0, first & 0x20 != 0, first & 0x40 != 0);
        let (near_end, end) = (third & 0x03 != 0, third & 0x0c != 0);
        Self::from_bytes([
            0x12 | first & 0x04 | put(offline, 0x08),
            0x12 | put(cover, 0x04) | put(feeding, 0x08) | put(end, 0x20) | put(second & 0x6c != 0, 0x40),
            0x12 | second & 0x6c,
            0x12 | put(near_end, 0x0c) | put(end, 0x60),
        ])
    }

    /// The reason why nothing can be printed now, the most telling one first.
    pub fn fault(&self) -> Option<FaultKind> {
        if self.unrecoverable_error {
            Some(FaultKind::Broken)
        } else if self.cutter_error {
            Some(FaultKind::Cutter)
        } else if self.mechanical_error {
            Some(FaultKind::Jam)
        } else if self.cover_open {
            Some(FaultKind::CoverOpen)
        } else if self.paper == Paper::Out {
            Some(FaultKind::PaperOut)
        } else if self.recoverable_error {
            Some(FaultKind::Overheated)
        } else if !self.online {
            Some(FaultKind::Offline)
        } else {
            None
        }
    }

    /// The state in one word.
    pub fn health(&self) -> Health {
        match (self.fault(), self.paper) {
            (Some(fault), _) => fault.health(),
            (None, Paper::NearEnd) => Health::MediaLow,
            (None, _) => Health::Ready,
        }
    }
}

/// Why a slip is not, or not certainly, on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaultKind {
    /// No paper.
    PaperOut,
    /// The cover is open.
    CoverOpen,
    /// The cutter is blocked.
    Cutter,
    /// Paper is stuck, or the mechanics are.
    Jam,
    /// Only a power cycle helps.
    Broken,
    /// The print head is hot; it comes back by itself.
    Overheated,
    /// The printer is offline for a reason it does not tell.
    Offline,
    /// No connection, or it broke.
    NotReachable,
    /// No answer in time.
    NotResponding,
    /// Answers that are not a status.
    Garbled,
    /// The job itself cannot be printed (a QR code wider than the paper).
    BadJob,
}

impl FaultKind {
    /// The health a printer with this fault has.
    pub fn health(self) -> Health {
        match self {
            Self::PaperOut => Health::MediaEmpty,
            Self::CoverOpen => Health::Misplaced,
            Self::Cutter | Self::Jam => Health::Jammed,
            Self::Broken | Self::Garbled => Health::Damaged,
            Self::Overheated | Self::Offline | Self::NotResponding => Health::NotResponding,
            Self::NotReachable => Health::NotReachable,
            Self::BadJob => Health::Ready,
        }
    }
}

/// A print fault: the kind to act on and a sentence for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintFault {
    /// What to act on.
    pub kind: FaultKind,
    /// A sentence for the log, without personal data.
    pub detail: String,
}

impl PrintFault {
    pub(super) fn new(kind: FaultKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }
}

impl From<Error> for PrintFault {
    fn from(error: Error) -> Self {
        let kind = match error.kind() {
            ErrorKind::NotResponding | ErrorKind::Timeout | ErrorKind::Busy => FaultKind::NotResponding,
            ErrorKind::Garbled => FaultKind::Garbled,
            ErrorKind::InvalidRequest | ErrorKind::TooLarge => FaultKind::BadJob,
            _ => FaultKind::NotReachable,
        };
        Self::new(kind, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_states() {
        for (raw, fault, health) in [
            ([0x16, 0x12, 0x12, 0x12], None, Health::Ready),
            ([0x1e, 0x12, 0x12, 0x12], Some(FaultKind::Offline), Health::NotResponding),
            ([0x1e, 0x16, 0x12, 0x12], Some(FaultKind::CoverOpen), Health::Misplaced),
            ([0x1e, 0x32, 0x12, 0x72], Some(FaultKind::PaperOut), Health::MediaEmpty),
            ([0x16, 0x12, 0x12, 0x1e], None, Health::MediaLow),
            ([0x1e, 0x52, 0x1a, 0x12], Some(FaultKind::Cutter), Health::Jammed),
            ([0x1e, 0x52, 0x16, 0x12], Some(FaultKind::Jam), Health::Jammed),
            ([0x1e, 0x52, 0x32, 0x12], Some(FaultKind::Broken), Health::Damaged),
            ([0x1e, 0x52, 0x52, 0x12], Some(FaultKind::Overheated), Health::NotResponding),
        ] {
            let status = PrinterStatus::from_bytes(raw).unwrap();
            assert_eq!((status.fault(), status.health()), (fault, health), "{raw:02x?}");
        }
    }

    #[test]
    fn what_the_printer_tells_by_itself_reads_like_its_answers() {
        for (packet, raw) in [
            ([0x14, 0, 0, 0x0f], [0x16, 0x12, 0x12, 0x12]),
            ([0x1c, 0, 0, 0x0f], [0x1e, 0x12, 0x12, 0x12]),
            ([0x3c, 0, 0, 0x0f], [0x1e, 0x16, 0x12, 0x12]),
            ([0x1c, 0, 0x0f, 0x0f], [0x1e, 0x32, 0x12, 0x7e]),
            ([0x14, 0, 0x03, 0x0f], [0x16, 0x12, 0x12, 0x1e]),
            ([0x1c, 0x08, 0, 0x0f], [0x1e, 0x52, 0x1a, 0x12]),
            ([0x1c, 0x04, 0, 0x0f], [0x1e, 0x52, 0x16, 0x12]),
            ([0x1c, 0x20, 0, 0x0f], [0x1e, 0x52, 0x32, 0x12]),
            ([0x1c, 0x40, 0, 0x0f], [0x1e, 0x52, 0x52, 0x12]),
        ] {
            assert_eq!(PrinterStatus::from_automatic(packet).unwrap().raw, raw, "{packet:02x?}");
        }
        for packet in [[0x12, 0, 0, 0], [0x11, 0, 0, 0], [0x90, 0, 0, 0], [0x10, 0x10, 0, 0], [0x10, 0, 0x80, 0]] {
            assert!(PrinterStatus::from_automatic(packet).is_err(), "{packet:02x?}");
        }
    }

    #[test]
    fn every_byte_with_a_wrong_fixed_bit_is_refused() {
        for byte in 0..=u8::MAX {
            for place in 0..4 {
                let mut raw = [0x12; 4];
                raw[place] = byte;
                assert_eq!(PrinterStatus::from_bytes(raw).is_ok(), byte & 0x93 == 0x12, "{raw:02x?}");
            }
        }
    }

    #[test]
    fn the_two_kinds_of_answers_never_look_alike() {
        for byte in 0..=u8::MAX {
            assert!(!(is_realtime_status(byte) && is_queued_status(byte)), "{byte:02x}");
        }
    }
}
