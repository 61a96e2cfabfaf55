//! The simulated devices on their real protocols, without a window: for the demo, the tour and tests.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anjungan_hardware::Error as DeviceError;
use anjungan_hardware::document_scanner::{ScannerFault, ScannerState};
use anjungan_hardware::ektp_reader::{CardFile, ReaderSimulator};
use anjungan_hardware::qr_scanner::ScannerSimulator;
use anjungan_hardware::slip_printer::simulator::{PaperSupply, PrinterSimulator, PrinterState};
use serde::{Deserialize, Serialize};

use super::seed::{self, Card};

/// Time a simulated page takes, so that the kiosk's progress is seen.
const SCAN_MS: u64 = 1500;

/// What may be chosen about the rig.
#[derive(Debug, Clone, Copy)]
pub struct RigOptions {
    /// Port of the slip printer on this machine; another free one is taken when it is in use, and 0 asks for that.
    pub printer_port: u16,
    /// Time one simulated page takes.
    pub scan_ms: u64,
}

impl Default for RigOptions {
    fn default() -> Self {
        Self { printer_port: 9100, scan_ms: SCAN_MS }
    }
}

/// Why the rig cannot start.
#[derive(Debug, thiserror::Error)]
pub enum RigError {
    /// A simulated device did not start.
    #[error("{what}: {source}")]
    Device {
        /// Which.
        what: &'static str,
        /// Why.
        source: DeviceError,
    },
    /// The folder cannot be filled.
    #[error("cannot write {path}: {source}")]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no window.
    #[error("no window: {0}")]
    Window(#[from] slint::PlatformError),
    /// There is no such card or slip.
    #[error("there is no {0}")]
    Unknown(&'static str),
}

/// Device URLs for the configurations of the programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoints {
    /// Slip printer.
    pub printer: String,
    /// QR scanner of the counter.
    pub counter_scanner: String,
    /// QR scanner of the kiosk.
    pub kiosk_scanner: String,
    /// KTP-el reader.
    pub reader: String,
    /// Document scanner.
    pub document_scanner: String,
}

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrinterFault {
    /// No paper.
    PaperOut,
    /// Little paper.
    NearEnd,
    /// The cover is open.
    CoverOpen,
    /// It answers nothing.
    Mute,
}

impl PrinterFault {
    /// Every fault, in the order of the window.
    pub const ALL: [Self; 4] = [Self::PaperOut, Self::NearEnd, Self::CoverOpen, Self::Mute];

    /// The key in the contract of the window.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::PaperOut => "paper_out",
            Self::NearEnd => "near_end",
            Self::CoverOpen => "cover_open",
            Self::Mute => "mute",
        }
    }

    fn is_in(self, state: &PrinterState) -> bool {
        match self {
            Self::PaperOut => state.paper == PaperSupply::Out,
            Self::NearEnd => state.paper == PaperSupply::NearEnd,
            Self::CoverOpen => state.cover_open,
            Self::Mute => state.mute,
        }
    }

    fn set(self, state: &mut PrinterState, on: bool) {
        match self {
            Self::PaperOut => state.paper = if on { PaperSupply::Out } else { PaperSupply::Ok },
            Self::NearEnd => state.paper = if on { PaperSupply::NearEnd } else { PaperSupply::Ok },
            Self::CoverOpen => state.cover_open = on,
            Self::Mute => state.mute = on,
        }
    }
}

/// What can be wrong with the simulated document scanner.
pub type ScannerTrouble = ScannerFault;

/// The running devices; dropping them pulls every plug.
pub struct Devices {
    printer: PrinterSimulator,
    counter_scanner: Mutex<ScannerSimulator>,
    kiosk_scanner: Mutex<ScannerSimulator>,
    reader: ReaderSimulator,
    cards: Vec<Card>,
    placed: Mutex<Option<String>>,
    scanner_folder: PathBuf,
    scanner_state: Mutex<ScannerState>,
    endpoints: Endpoints,
}

impl std::fmt::Debug for Devices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Devices").field("endpoints", &self.endpoints).finish_non_exhaustive()
    }
}

fn device<T>(what: &'static str, result: Result<T, DeviceError>) -> Result<T, RigError> {
    result.map_err(|source| RigError::Device { what, source })
}

/// Paths in URLs must hold wherever the programs run.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

impl Devices {
    /// Starts every device; their states lie under `folder` (`printer`, `scanner`, `reader-state`).
    ///
    /// # Errors
    /// Says which device did not start.
    pub fn start(folder: &Path, options: RigOptions) -> Result<Self, RigError> {
        let folder = absolute(folder);
        let printer = start_printer(&folder.join("printer"), options.printer_port)?;
        let scanner_folder = folder.join("scanner");
        seed::lay_pages(&scanner_folder).map_err(|source| RigError::Folder { path: scanner_folder.clone(), source })?;
        let scanner_state = ScannerState { duration_ms: options.scan_ms, ..ScannerState::default() };
        device("document scanner", scanner_state.save(&scanner_folder))?;
        let counter = folder.join("counter-scanner");
        let kiosk = folder.join("kiosk-scanner");
        let reader = folder.join("reader");
        let endpoints = Endpoints {
            printer: match printer.addr() {
                // A machine on which everything runs side by side answers late now and then.
                Some(address) => format!("tcp://{address}?simulated=1&answer_ms=1000"),
                None => return Err(RigError::Unknown("address of the printer")),
            },
            counter_scanner: format!("serial://{}?simulated=1", counter.display()),
            kiosk_scanner: format!("serial://{}?simulated=1", kiosk.display()),
            reader: format!("gateway+serial://{}?simulated=1", reader.display()),
            document_scanner: format!("sim:{}", scanner_folder.display()),
        };
        let devices = Self {
            printer,
            counter_scanner: Mutex::new(device("QR scanner of the counter", ScannerSimulator::start(counter))?),
            kiosk_scanner: Mutex::new(device("QR scanner of the kiosk", ScannerSimulator::start(kiosk))?),
            reader: device("KTP-el reader", ReaderSimulator::start_pty(reader, folder.join("reader-state")))?,
            cards: seed::cards(),
            placed: Mutex::new(None),
            scanner_folder,
            scanner_state: Mutex::new(scanner_state),
            endpoints,
        };
        // A card left on the reader in an earlier run is nobody's.
        devices.remove_card();
        Ok(devices)
    }

    /// The device URLs.
    #[must_use]
    pub const fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// Scans a text at the counter.
    ///
    /// # Errors
    /// When nobody takes the bytes.
    pub fn scan_at_counter(&self, text: &str) -> Result<(), RigError> {
        let mut scanner = self.counter_scanner.lock().unwrap_or_else(PoisonError::into_inner);
        device("QR scanner of the counter", scanner.scan(text))
    }

    /// Scans a text at the kiosk.
    ///
    /// # Errors
    /// When nobody takes the bytes.
    pub fn scan_at_kiosk(&self, text: &str) -> Result<(), RigError> {
        let mut scanner = self.kiosk_scanner.lock().unwrap_or_else(PoisonError::into_inner);
        device("QR scanner of the kiosk", scanner.scan(text))
    }

    /// Sends raw bytes from the counter's scanner, as a broken or hostile one would.
    ///
    /// # Errors
    /// When nobody takes the bytes.
    pub fn raw_at_counter(&self, bytes: &[u8]) -> Result<(), RigError> {
        let mut scanner = self.counter_scanner.lock().unwrap_or_else(PoisonError::into_inner);
        device("QR scanner of the counter", scanner.raw(bytes))
    }

    /// The cards at hand.
    #[must_use]
    pub fn cards(&self) -> &[Card] {
        &self.cards
    }

    /// Key of the card on the reader.
    #[must_use]
    pub fn placed_card(&self) -> Option<String> {
        self.placed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lays a card of the seed on the reader: `pemohon`, `lain`, `kuasa` or `rusak`.
    ///
    /// # Errors
    /// When there is no such card.
    pub fn place_card(&self, key: &str) -> Result<(), RigError> {
        let card = self.cards.iter().find(|card| card.key == key).ok_or(RigError::Unknown("such card"))?;
        device("KTP-el reader", self.reader.place(&card.file))?;
        *self.placed.lock().unwrap_or_else(PoisonError::into_inner) = Some(key.to_owned());
        Ok(())
    }

    /// Lays any card on the reader.
    ///
    /// # Errors
    /// When its file cannot be written.
    pub fn place(&self, card: &CardFile) -> Result<(), RigError> {
        *self.placed.lock().unwrap_or_else(PoisonError::into_inner) = None;
        device("KTP-el reader", self.reader.place(card))
    }

    /// Takes the card away.
    pub fn remove_card(&self) {
        self.reader.remove();
        *self.placed.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Slips in the printer's folder, those of earlier runs included.
    #[must_use]
    pub fn slip_count(&self) -> usize {
        self.printer.slips()
    }

    /// A slip, counted from 1.
    #[must_use]
    pub fn slip(&self, number: usize) -> Option<Slip> {
        let record = self.printer.slip_record(number)?;
        Some(Slip {
            number,
            ticket: record.lines.iter().find_map(|line| ticket_in(line)).unwrap_or_default(),
            qr: record.qr.first().cloned().unwrap_or_default(),
            lines: record.lines,
            picture: self.printer.slip_picture(number),
        })
    }

    /// Waits until slip number `number` is cut.
    #[must_use]
    pub fn wait_for_slip(&self, number: usize, timeout: Duration) -> Option<Slip> {
        self.printer.wait_for_slip(number, timeout)?;
        self.slip(number)
    }

    /// Whether a fault of the printer is on.
    #[must_use]
    pub fn has_printer_fault(&self, fault: PrinterFault) -> bool {
        fault.is_in(&self.printer.state())
    }

    /// Switches a fault of the printer.
    ///
    /// # Errors
    /// When its state file cannot be written.
    pub fn set_printer_fault(&self, fault: PrinterFault, on: bool) -> Result<(), RigError> {
        device("slip printer", self.printer.update_state(|state| fault.set(state, on)))
    }

    /// The simulated printer itself, for faults that the window does not offer.
    #[must_use]
    pub const fn printer(&self) -> &PrinterSimulator {
        &self.printer
    }

    /// The fault of the document scanner.
    #[must_use]
    pub fn scanner_trouble(&self) -> ScannerTrouble {
        self.scanner_state.lock().unwrap_or_else(PoisonError::into_inner).fault
    }

    /// Sets the fault of the document scanner.
    ///
    /// # Errors
    /// When its state file cannot be written.
    pub fn set_scanner_trouble(&self, fault: ScannerTrouble) -> Result<(), RigError> {
        let mut state = self.scanner_state.lock().unwrap_or_else(PoisonError::into_inner);
        state.fault = fault;
        device("document scanner", state.save(&self.scanner_folder))
    }
}

/// Starts the printer on its port, or on a free one when that is taken.
fn start_printer(folder: &Path, port: u16) -> Result<PrinterSimulator, RigError> {
    match PrinterSimulator::start_tcp(&format!("127.0.0.1:{port}"), folder) {
        Err(error) if port != 0 => {
            tracing::warn!(port, %error, "the printer's port is taken; a free one is used");
            device("slip printer", PrinterSimulator::start_tcp("127.0.0.1:0", folder))
        }
        started => device("slip printer", started),
    }
}

/// Finds a ticket number in a line, e.g. `A-001`.
fn ticket_in(line: &str) -> Option<String> {
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
}
