//! The QR scanner: a reader on a serial line (RS-232, USB-CDC) that sends what it sees as a line of bytes.

mod framing;
mod serial;
mod simulator;

use std::fmt;
use std::time::Duration;

pub use simulator::ScannerSimulator;

use crate::{Address, DeviceUrl, Error, Health};

/// Longest code that is accepted, in bytes.
pub const MAX_CODE_BYTES: usize = 4096;

/// What the scanner saw.
#[derive(Clone, PartialEq, Eq)]
pub enum Scan {
    /// A code, without prefix and suffix. It is untrusted text of at most [`MAX_CODE_BYTES`] bytes.
    Code(String),
    /// More than [`MAX_CODE_BYTES`] bytes without an end; they are thrown away.
    TooLong,
    /// Bytes that are not text: control characters inside, or not UTF-8.
    Unreadable,
}

impl fmt::Debug for Scan {
    /// The code itself opens a case, so it is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "Code({} characters)", code.chars().count()),
            Self::TooLong => f.write_str("TooLong"),
            Self::Unreadable => f.write_str("Unreadable"),
        }
    }
}

/// A scanner of QR codes.
pub trait QrScanner: Send {
    /// Waits for the next code. `Ok(None)` when `timeout` passes without one.
    ///
    /// The same code again within two seconds of when it was last seen is not reported, because many scanners
    /// repeat while the trigger is held.
    ///
    /// # Errors
    ///
    /// `NotReachable` when the scanner is unplugged (at once, not after `timeout`); the next call looks for it
    /// again under the same path.
    fn wait_scan(&mut self, timeout: Duration) -> Result<Option<Scan>, Error>;

    /// Throws away what was scanned and not fetched, and forgets the last code. For the start of a session.
    ///
    /// # Errors
    ///
    /// `NotReachable` as above.
    fn flush(&mut self) -> Result<(), Error>;

    /// Whether the scanner is there, in one word.
    fn health(&mut self) -> Health;

    /// How often a program that watches this device should ask for its state. A driver for which the answer is dear
    /// (it starts a program, it wakes a machine) asks for more time.
    fn look_every(&self) -> Duration {
        crate::LOOK_EVERY
    }

    /// Whether the codes do not come from a real scanner.
    fn simulated(&self) -> bool;
}

/// Opens the scanner a URL names. The scanner itself is not touched yet.
///
/// URL options: `baud` (serial, default 9600), `simulated=1`. A `sim:<dir>` scanner reads codes from the file
/// `scan.txt` in that folder and removes it.
///
/// # Errors
///
/// `UnsupportedScheme` or `InvalidUrl`; for `sim:` also when the folder cannot be made.
pub fn open_qr_scanner(url: &DeviceUrl) -> Result<Box<dyn QrScanner>, Error> {
    match url.address() {
        Address::Serial(path) => {
            let baud = url.number("baud")?.unwrap_or(9600).max(300);
            Ok(Box::new(serial::SerialScanner::new(path, baud, url.is_simulated())))
        }
        Address::Sim(folder) => Ok(Box::new(simulator::FolderScanner::new(folder)?)),
        _ => Err(url.unsupported("QR scanner", "serial:///, sim:")),
    }
}
