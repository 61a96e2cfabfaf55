//! The slip printer: an ESC/POS thermal printer with 32 or 48 columns.
//!
//! Sending bytes is not printing. A driver asks the printer before a job (real-time status), sends the job, waits
//! until the printer has worked through its queue (`GS r 1` is answered in order), asks again, and only then says
//! [`PrintOutcome::Printed`]. Everything in between is [`PrintOutcome::Unknown`].

mod codepage;
mod encode;
mod escpos_driver;
mod fallback;
mod file;
mod job;
mod job_run;
mod profile;
mod roll;
mod session;
pub mod simulator;
mod sorter;
mod status;
mod usb;

pub use codepage::CodePage;
pub use fallback::{FallbackPrinter, PrintedOn, open_with_fallback};
pub use job::{Align, PrintJob, Raster, SlipLine, TextSize};
pub use profile::{Confirm, Cutter, PrinterProfile, QrMode};
pub use status::{FaultKind, Paper, PrintFault, PrinterStatus};

use crate::{Address, DeviceUrl, Error, ErrorKind, Health};

/// A printer of slips.
pub trait SlipPrinter: Send {
    /// Asks the printer for its state (DLE EOT 1 to 4). A kept connection that broke is made again, once. Takes at most
    /// the profile's `connect_timeout` and five times its `answer_timeout`.
    ///
    /// # Errors
    ///
    /// `NotReachable` without a connection, `NotResponding` without an answer within the profile's
    /// `answer_timeout`, `Garbled` for bytes that are not a status.
    fn status(&mut self) -> Result<PrinterStatus, Error>;

    /// Prints one job and says what became of it.
    ///
    /// Before the first byte it takes what [`SlipPrinter::status`] takes; after a job whose end was never heard, up to
    /// four times `job_timeout` more, until the printer has told that end.
    ///
    /// From the first byte on, a fault the printer tells ends the call within half a second. A printer that takes
    /// nothing or says nothing for `job_timeout` ends it as [`PrintOutcome::Unknown`]; so does one that says it has no
    /// fault but never confirms, after four times that: it may only be slow. In any case the call ends after six times
    /// `job_timeout` and five times `answer_timeout`.
    fn print(&mut self, job: &PrintJob) -> PrintOutcome;

    /// Paper width and abilities.
    fn profile(&self) -> &PrinterProfile;

    /// What the printer told by itself since the last call, its newest state; `None` when it told nothing. Sends
    /// nothing and waits for nothing, so it may be called often. A printer without automatic status, and one that is
    /// shared, never tells anything: [`SlipPrinter::status`] is what to rely on.
    ///
    /// # Errors
    ///
    /// `NotReachable` when the connection broke, `Garbled` for a broken automatic status. Asking for the status shows
    /// whether the printer is still there.
    fn watch(&mut self) -> Result<Option<PrinterStatus>, Error> {
        Ok(None)
    }

    /// Lets a printer with a blocked cutter or a jam try again (DLE ENQ 1, once), waits for it (five seconds at
    /// most, and no longer than `job_timeout`) and gives the state after that. It then prints the rest of the job that
    /// was stopped. Without a fault nothing is sent.
    ///
    /// # Errors
    ///
    /// `InvalidRequest` for a fault that needs a person or a power cycle, and for a printer that cannot be told;
    /// otherwise as [`SlipPrinter::status`].
    fn recover(&mut self) -> Result<PrinterStatus, Error> {
        Err(Error::new(ErrorKind::InvalidRequest, "this printer cannot be told to recover"))
    }

    /// Slips the roll still gives, estimated from the mean length of the last ones; `None` while the near-end sensor
    /// says that the roll is good.
    fn slips_left(&self) -> Option<u32> {
        None
    }

    /// How often a program that watches this device should ask for its state. A driver for which the answer is dear
    /// (it starts a program, it wakes a machine) asks for more time.
    fn look_every(&self) -> std::time::Duration {
        // Together with the wait for an answer that does not come, a silent printer is seen within half a second.
        std::time::Duration::from_millis(100)
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

/// The URLs a slip printer can have.
const KNOWN: &str = "tcp://, serial:///, usb:vvvv:pppp, file:///, sim:";

/// Opens the slip printer a URL names. The printer itself is not touched yet.
///
/// Options of the URL, which win over the profile:
///
/// | option | values | meaning |
/// |---|---|---|
/// | `qr` | `native`, `raster` | who draws the QR code, [`QrMode`] |
/// | `cutter` | `full`, `partial`, `tear` | how a slip leaves the roll, [`Cutter`] |
/// | `codepage` | `auto`, `pc437`, `pc850`, `pc852`, `pc858`, `wpc1252` | [`CodePage`] |
/// | `confirm` | `queue`, `status` | what counts as printed, [`Confirm`] |
/// | `share` | `0`, `1` | 1: connect for each call, because others print there too; no automatic status |
/// | `answer_ms` | number | longest wait for one status answer |
/// | `job_s` | number | longest time without progress of a job |
/// | `near_end_mm` | number | paper left when the near-end sensor fires |
/// | `baud` | number | speed of a serial line, 9600 when left out |
/// | `simulated` | `0`, `1` | what comes out is not paper |
///
/// A `sim:<dir>` printer runs a [`simulator::PrinterSimulator`] inside this process and talks to it over TCP. A
/// `usb:vvvv:pppp[:serial]` printer is the kernel's `/dev/usb/lpN` with that identity, looked for at every connection.
///
/// # Errors
///
/// `UnsupportedScheme` for a scheme without a printer driver, `InvalidUrl` for an option that does not exist; for
/// `sim:` also what starting the simulator can meet.
pub fn open_slip_printer(url: &DeviceUrl, profile: PrinterProfile) -> Result<Box<dyn SlipPrinter>, Error> {
    open(url, profile, usb::Roots::default())
}

/// As [`open_slip_printer`], with other places than `/sys` and `/dev` to look for a USB printer: for tests.
///
/// # Errors
///
/// As [`open_slip_printer`].
#[doc(hidden)]
pub fn open_slip_printer_under(
    url: &DeviceUrl,
    profile: PrinterProfile,
    sysfs: &std::path::Path,
    dev: &std::path::Path,
) -> Result<Box<dyn SlipPrinter>, Error> {
    open(url, profile, usb::Roots { sysfs: sysfs.to_owned(), dev: dev.to_owned() })
}

fn open(url: &DeviceUrl, profile: PrinterProfile, roots: usb::Roots) -> Result<Box<dyn SlipPrinter>, Error> {
    let profile = profile.with_options(url)?;
    profile.check()?;
    match url.address() {
        Address::File(path) if !file::is_device(path) => Ok(Box::new(file::FilePrinter::new(path, profile))),
        Address::Tcp { .. } | Address::Serial(_) | Address::Usb { .. } | Address::File(_) => {
            Ok(Box::new(escpos_driver::EscPosPrinter::new(url, profile, roots)?))
        }
        Address::Sim(folder) => Ok(Box::new(escpos_driver::EscPosPrinter::simulated(folder, profile)?)),
        _ => Err(url.unsupported("slip printer", KNOWN)),
    }
}

/// Parsers of what a printer sends, for fuzzing.
#[doc(hidden)]
pub mod fuzz {
    /// Status bytes: DLE EOT, GS r and automatic status in any mixture.
    pub fn status(bytes: &[u8]) {
        super::sorter::fuzz(bytes);
    }

    /// What a printer is sent, through the simulator's parser and renderer.
    pub fn paper(bytes: &[u8]) {
        let _ = super::simulator::render(bytes, 32);
    }
}
