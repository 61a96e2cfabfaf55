//! The slip printer: an ESC/POS thermal printer with 32 or 48 columns.
//!
//! Sending bytes is not printing. A driver asks the printer before a job (real-time status), sends the job, waits
//! until the printer has worked through its queue (`GS r 1` is answered in order), asks again, and only then says
//! [`PrintOutcome::Printed`]. Everything in between is [`PrintOutcome::Unknown`].

mod codepage;
mod encode;
mod escpos_driver;
mod file;
mod job;
pub mod simulator;
mod status;

pub use codepage::CodePage;
pub use job::{Align, PrintJob, Raster, SlipLine, TextSize};
pub use status::{FaultKind, Paper, PrintFault, PrinterStatus};

use crate::{Address, DeviceUrl, Error, Health};

/// A printer of slips.
pub trait SlipPrinter: Send {
    /// Asks the printer for its state (DLE EOT 1 to 4).
    ///
    /// # Errors
    ///
    /// `NotReachable` without a connection, `NotResponding` without an answer within the profile's
    /// `answer_timeout`, `Garbled` for bytes that are not a status.
    fn status(&mut self) -> Result<PrinterStatus, Error>;

    /// Prints one job and says what became of it. It gives up when the printer makes no
    /// progress for the profile's `job_timeout`, and after ten times that in any case.
    fn print(&mut self, job: &PrintJob) -> PrintOutcome;

    /// Paper width and abilities.
    fn profile(&self) -> &PrinterProfile;

    /// How often a program that watches this device should ask for its state. A driver for which the answer is dear
    /// (it starts a program, it wakes a machine) asks for more time.
    fn look_every(&self) -> std::time::Duration {
        crate::LOOK_EVERY
    }

    /// Whether what comes out is not paper.
    fn simulated(&self) -> bool;

    /// The state in one word; an unreachable printer is a word, too.
    fn health(&mut self) -> Health {
        self.status().map_or_else(|error| error.health(), |status| status.health())
    }
}

/// What became of a print job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrintOutcome {
    /// The printer has worked through the whole job and reports no fault.
    Printed,
    /// Nothing was sent, so nothing is on paper.
    NotPrinted(PrintFault),
    /// Bytes were sent and the end was not confirmed: there may be a slip, a part of one, or none.
    Unknown(PrintFault),
}

/// How a QR code reaches the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QrMode {
    /// The printer draws it (`GS ( k`): few bytes, but cheap printers lack it.
    #[default]
    Native,
    /// We draw it and send a picture (`GS v 0`): works on every printer.
    Raster,
}

/// Paper width and abilities of a printer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrinterProfile {
    /// Characters of font A on one line: 32 (58 mm paper) or 48 (80 mm paper).
    pub columns: u16,
    /// Dots per inch of the head, 203 on nearly all slip printers (8 dots per mm).
    pub dpi: u16,
    /// How QR codes are printed.
    pub qr: QrMode,
    /// Characters beyond ASCII.
    pub code_page: CodePage,
    /// Longest wait for a connection.
    pub connect_timeout: std::time::Duration,
    /// Longest wait for one status answer.
    pub answer_timeout: std::time::Duration,
    /// Longest time without progress, while a job is sent and while its confirmation is awaited.
    pub job_timeout: std::time::Duration,
}

/// Width of a font A character cell in dots.
pub(crate) const CELL_WIDTH: u16 = 12;

impl PrinterProfile {
    /// 58 mm paper: 32 columns, 384 dots.
    pub fn columns_32() -> Self {
        Self { columns: 32, ..Self::columns_48() }
    }

    /// 80 mm paper: 48 columns, 576 dots.
    pub fn columns_48() -> Self {
        Self {
            columns: 48,
            dpi: 203,
            qr: QrMode::Native,
            code_page: CodePage::Wpc1252,
            connect_timeout: std::time::Duration::from_secs(2),
            answer_timeout: std::time::Duration::from_secs(1),
            job_timeout: std::time::Duration::from_secs(15),
        }
    }

    /// The profile for a number of columns; `None` for a number no printer of ours has.
    pub fn for_columns(columns: u16) -> Option<Self> {
        match columns {
            32 => Some(Self::columns_32()),
            48 => Some(Self::columns_48()),
            _ => None,
        }
    }

    /// Printable width in dots.
    pub fn dots(&self) -> u16 {
        self.columns * CELL_WIDTH
    }

    /// Millimetres as dots of this head, rounded.
    pub fn mm_to_dots(&self, mm: f32) -> u32 {
        (mm.max(0.0) * f32::from(self.dpi) / 25.4).round() as u32
    }
}

/// Opens the slip printer a URL names. The printer itself is not touched yet.
///
/// URL options: `baud` (serial, default 9600), `simulated=1`. A `sim:<dir>` printer runs a
/// [`simulator::PrinterSimulator`] inside this process and talks to it over TCP.
///
/// # Errors
///
/// `UnsupportedScheme` for a scheme without a printer driver, `InvalidUrl` for a bad option; for `sim:` also what
/// starting the simulator can meet.
pub fn open_slip_printer(url: &DeviceUrl, profile: PrinterProfile) -> Result<Box<dyn SlipPrinter>, Error> {
    escpos_driver::check_profile(&profile)?;
    match url.address() {
        Address::Tcp { .. } | Address::Serial(_) => Ok(Box::new(escpos_driver::EscPosPrinter::new(url, profile)?)),
        Address::File(path) if file::is_device(path) => Ok(Box::new(escpos_driver::EscPosPrinter::new(url, profile)?)),
        Address::File(path) => Ok(Box::new(file::FilePrinter::new(path, profile))),
        Address::Sim(folder) => Ok(Box::new(escpos_driver::EscPosPrinter::simulated(folder, profile)?)),
        _ => Err(url.unsupported("slip printer", "tcp://, serial:///, file:///, sim:")),
    }
}
