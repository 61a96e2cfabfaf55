//! The simulated devices on their real protocols, without a window: for the demo, the tour and tests.
//!
//! What is wrong with a device stands in a small file of its folder, so that an editor, a test or the window may change
//! it while programs run: `printer/state.json`, `counter-scanner-state/state.json`, `kiosk-scanner-state/state.json`,
//! `reader-state/state.json` and `card.json`, `scanner/state.json`, `escl-scanner/state.json`.

mod fault;
mod printer;
mod reader;
mod scanners;
mod state_file;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anjungan_hardware::Error as DeviceError;
use anjungan_hardware::ektp_reader::CardFile;
use anjungan_hardware::slip_printer::simulator::PrinterSimulator;
use serde::{Deserialize, Serialize};

use super::seed::Card;
pub use fault::Fault;
pub use printer::{PrinterFault, Slip};
use reader::ReaderBench;
pub use reader::ReaderFault;
use scanners::{DocumentBench, QrBench};
pub use scanners::{EsclTrouble, QrFault, ScannerTrouble};

/// Time a simulated page takes, so that the kiosk's progress is seen.
const SCAN_MS: u64 = 1500;

/// What may be chosen about the rig.
#[derive(Debug, Clone, Copy)]
pub struct RigOptions {
    /// Port of the slip printer on this machine; another free one is taken when it is in use, and 0 asks for that.
    pub printer_port: u16,
    /// Time one simulated page takes.
    pub scan_ms: u64,
    /// The slip printer is a serial device (`printer-line` in the folder) and not on a port.
    pub printer_serial: bool,
}

impl Default for RigOptions {
    fn default() -> Self {
        Self { printer_port: 9100, scan_ms: SCAN_MS, printer_serial: false }
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
    /// The document scanner on the network (eSCL), with the same pictures.
    pub escl: String,
}

/// The running devices; dropping them pulls every plug.
pub struct Devices {
    printer: PrinterSimulator,
    counter_scanner: QrBench,
    kiosk_scanner: QrBench,
    reader: ReaderBench,
    documents: DocumentBench,
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
    /// Starts every device; their states lie under `folder`.
    ///
    /// # Errors
    /// Says which device did not start.
    pub fn start(folder: &Path, options: RigOptions) -> Result<Self, RigError> {
        let folder = absolute(folder);
        let (printer, printer_url) = printer::start(&folder, options)?;
        let (counter_scanner, counter_url) = QrBench::start("QR scanner of the counter", &folder, "counter-scanner")?;
        let (kiosk_scanner, kiosk_url) = QrBench::start("QR scanner of the kiosk", &folder, "kiosk-scanner")?;
        let (reader, reader_url) = ReaderBench::start(&folder)?;
        let (documents, document_urls) = DocumentBench::start(&folder, options.scan_ms)?;
        let endpoints = Endpoints {
            printer: printer_url,
            counter_scanner: counter_url,
            kiosk_scanner: kiosk_url,
            reader: reader_url,
            document_scanner: document_urls.folder,
            escl: document_urls.network,
        };
        Ok(Self { printer, counter_scanner, kiosk_scanner, reader, documents, endpoints })
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
        self.counter_scanner.scan(text)
    }

    /// Scans a text at the kiosk.
    ///
    /// # Errors
    /// When nobody takes the bytes.
    pub fn scan_at_kiosk(&self, text: &str) -> Result<(), RigError> {
        self.kiosk_scanner.scan(text)
    }

    /// Sends raw bytes from the counter's scanner, as a broken or hostile one would.
    ///
    /// # Errors
    /// When nobody takes the bytes.
    pub fn raw_at_counter(&self, bytes: &[u8]) -> Result<(), RigError> {
        self.counter_scanner.raw(bytes)
    }

    /// Pulls the plug of the counter's QR scanner, or puts it back.
    ///
    /// # Errors
    /// When its state file cannot be written.
    pub fn unplug_counter_scanner(&self, on: bool) -> Result<(), RigError> {
        self.counter_scanner.set(QrFault::Unplugged, on)
    }

    /// Pulls the plug of the kiosk's QR scanner, or puts it back.
    ///
    /// # Errors
    /// When its state file cannot be written.
    pub fn unplug_kiosk_scanner(&self, on: bool) -> Result<(), RigError> {
        self.kiosk_scanner.set(QrFault::Unplugged, on)
    }

    /// Pulls the plug of the printer, or puts it back: a serial one is gone from its path, one on the network drops
    /// every connection.
    ///
    /// # Errors
    /// When its state file cannot be written.
    pub fn unplug_printer(&self, on: bool) -> Result<(), RigError> {
        self.set_printer_fault(PrinterFault::Unplugged, on)
    }

    /// The cards at hand.
    #[must_use]
    pub fn cards(&self) -> &[Card] {
        self.reader.cards()
    }

    /// Key of the card on the reader.
    #[must_use]
    pub fn placed_card(&self) -> Option<String> {
        self.reader.placed()
    }

    /// Lays a card of the seed on the reader: `pemohon`, `lain`, `kuasa` or `rusak`.
    ///
    /// # Errors
    /// When there is no such card.
    pub fn place_card(&self, key: &str) -> Result<(), RigError> {
        self.reader.place_key(key)
    }

    /// Lays any card on the reader.
    ///
    /// # Errors
    /// When its file cannot be written.
    pub fn place(&self, card: &CardFile) -> Result<(), RigError> {
        self.reader.place(card)
    }

    /// Takes the card away.
    pub fn remove_card(&self) {
        self.reader.remove();
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
            ticket: record.lines.iter().find_map(|line| printer::ticket_in(line)).unwrap_or_default(),
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
        self.documents.trouble()
    }

    /// Sets the fault of the document scanner.
    ///
    /// # Errors
    /// When its state file cannot be written.
    pub fn set_scanner_trouble(&self, fault: ScannerTrouble) -> Result<(), RigError> {
        self.documents.set_trouble(fault)
    }
}
