//! The driver of a real ESC/POS printer over TCP, a serial line, USB or a character device.
//!
//! The connection is kept between calls, so that the printer can tell its state by itself ([`SlipPrinter::watch`]);
//! with `share=1` it is made for each call instead. One that broke is seen and made again in the same call, once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::job_run::{Ended, JobRun};
use super::roll::Roll;
use super::session::Session;
use super::simulator::PrinterSimulator;
use super::usb::{self, Identity, Roots};
use super::{FaultKind, Paper, PrintFault, PrintJob, PrintOutcome, PrinterProfile, PrinterStatus, SlipPrinter, encode};
use crate::link::{Deadline, DescriptorLink, Link, open_serial};
use crate::{Address, DeviceUrl, Error, ErrorKind};

/// How long a printer may take to recover after it was told to: cutters try a few times.
const RECOVERY: Duration = Duration::from_secs(5);

/// How often it is asked meanwhile.
const RECOVERY_LOOK: Duration = Duration::from_millis(100);

enum Target {
    Tcp { host: String, port: u16 },
    Serial { path: PathBuf, baud: u32 },
    Device(PathBuf),
    Usb { roots: Roots, identity: Identity },
}

/// An ESC/POS printer.
pub(super) struct EscPosPrinter {
    target: Target,
    profile: PrinterProfile,
    simulated: bool,
    session: Option<Session>,
    /// An earlier job ended without its answer to `GS r`, which may still come.
    owed: bool,
    roll: Roll,
    /// The simulator of a `sim:` URL; it lives as long as its driver.
    _simulator: Option<PrinterSimulator>,
}

impl EscPosPrinter {
    /// The printer a URL names; `roots` is where a USB printer is looked for.
    pub(super) fn new(url: &DeviceUrl, profile: PrinterProfile, roots: Roots) -> Result<Self, Error> {
        let target = match url.address() {
            Address::Tcp { host, port } => Target::Tcp { host: host.clone(), port: *port },
            Address::Serial(path) => {
                Target::Serial { path: path.clone(), baud: url.number("baud")?.unwrap_or(9600).max(300) }
            }
            Address::File(path) => Target::Device(path.clone()),
            Address::Usb { vendor, product, serial } => {
                let identity = Identity { vendor: *vendor, product: *product, serial: serial.clone() };
                Target::Usb { roots, identity }
            }
            _ => return Err(url.unsupported("slip printer", super::KNOWN)),
        };
        Ok(Self::with(target, profile, url.is_simulated(), None))
    }

    /// A printer with its simulator in this process.
    pub(super) fn simulated(folder: &Path, profile: PrinterProfile) -> Result<Self, Error> {
        let simulator = PrinterSimulator::start_tcp("127.0.0.1:0", folder)?;
        simulator.update_state(|state| state.columns = profile.columns)?;
        let address = simulator.addr().ok_or_else(|| Error::new(ErrorKind::Io, "the simulator has no address"))?;
        let target = Target::Tcp { host: address.ip().to_string(), port: address.port() };
        Ok(Self::with(target, profile, true, Some(simulator)))
    }

    fn with(target: Target, profile: PrinterProfile, simulated: bool, simulator: Option<PrinterSimulator>) -> Self {
        let roll = Roll::new(profile.near_end_mm);
        Self { target, profile, simulated, session: None, owed: false, roll, _simulator: simulator }
    }

    fn connect(&self) -> Result<Session, Error> {
        let link: Box<dyn Link> = match &self.target {
            Target::Tcp { host, port } => Box::new(DescriptorLink::connect(host, *port, self.profile.connect_timeout)?),
            Target::Serial { path, baud } => open_serial(path, *baud)?,
            Target::Device(path) => Box::new(DescriptorLink::open_device(path)?),
            // Looked for each time: after a replug the same printer has another number.
            Target::Usb { roots, identity } => Box::new(DescriptorLink::open_device(&usb::find(roots, identity)?)?),
        };
        Ok(Session::new(link))
    }

    /// A connection on which the printer has just answered, and what it answered. A kept connection that fails is
    /// given up for a new one, once: the printer may have been off in between, and nothing tells a socket that.
    fn reach(&mut self) -> Result<(Session, PrinterStatus), Error> {
        if let Some(mut session) = self.session.take() {
            match session.ask(&self.profile, self.owed) {
                Ok(status) => return self.reached(session, status),
                Err(error) => tracing::debug!(%error, "slip printer: the connection is made again"),
            }
            // Closed before the next is opened: most printers take one connection only.
            drop(session);
        }
        let mut session = self.connect()?;
        let status = session.ask(&self.profile, self.owed)?;
        self.reached(session, status)
    }

    fn reached(&mut self, mut session: Session, status: PrinterStatus) -> Result<(Session, PrinterStatus), Error> {
        if !self.profile.shared {
            session.tell_changes(&self.profile)?;
        }
        self.roll.seen(&status);
        Ok((session, status))
    }

    fn keep(&mut self, session: Session) {
        if !self.profile.shared {
            self.session = Some(session);
        }
    }

    fn try_print(&mut self, job: &PrintJob) -> Result<Result<(), PrintFault>, PrintFault> {
        let encoded = encode::encode(job, &self.profile)?;
        let (mut session, before) = self.reach()?;
        if let Some(fault) = before.fault() {
            self.keep(session);
            return Err(PrintFault::new(fault, format!("the printer was not ready, status {:02x?}", before.raw)));
        }
        let mut run = JobRun::new(&mut session, &self.profile);
        if self.owed {
            run.catch_up()?;
            self.owed = false;
        }
        // From here on a slip may exist.
        let ended = run.print(&encoded);
        self.roll.printed(self.profile.dots_to_mm(encoded.dots));
        let Ended { outcome, owed } = ended;
        self.owed = owed;
        Ok(match outcome {
            Ok(after) => {
                self.roll.seen(&after);
                if after.paper == Paper::NearEnd {
                    tracing::warn!(slips_left = self.roll.slips_left(), "slip printer: the paper roll is about to end");
                }
                self.keep(session);
                Ok(())
            }
            // The connection is in an unknown state; the next call makes a new one.
            Err(fault) => Err(fault),
        })
    }
}

impl SlipPrinter for EscPosPrinter {
    fn status(&mut self) -> Result<PrinterStatus, Error> {
        let (session, status) = self.reach()?;
        self.keep(session);
        Ok(status)
    }

    fn print(&mut self, job: &PrintJob) -> PrintOutcome {
        let outcome = match self.try_print(job) {
            Ok(Ok(())) => PrintOutcome::Printed,
            Ok(Err(fault)) => PrintOutcome::Unknown(fault),
            Err(fault) => PrintOutcome::NotPrinted(fault),
        };
        tracing::info!(?outcome, "slip");
        outcome
    }

    fn profile(&self) -> &PrinterProfile {
        &self.profile
    }

    fn simulated(&self) -> bool {
        self.simulated
    }

    fn watch(&mut self) -> Result<Option<PrinterStatus>, Error> {
        let Some(session) = &mut self.session else { return Ok(None) };
        match session.watch() {
            Ok(news) => {
                if let Some(status) = &news {
                    self.roll.seen(status);
                }
                Ok(news)
            }
            Err(error) => {
                self.session = None;
                Err(error)
            }
        }
    }

    fn recover(&mut self) -> Result<PrinterStatus, Error> {
        let (mut session, before) = self.reach()?;
        match before.fault() {
            Some(FaultKind::Cutter | FaultKind::Jam) => {}
            None => {
                self.keep(session);
                return Ok(before);
            }
            Some(fault) => {
                self.keep(session);
                let what = format!("DLE ENQ does not help against {fault:?}");
                return Err(Error::new(ErrorKind::InvalidRequest, what));
            }
        }
        session.recover(&self.profile)?;
        let deadline = Deadline::after(RECOVERY.min(self.profile.job_timeout));
        loop {
            // The wait between two looks is spent listening: a printer with automatic status ends it early.
            let _ = session.hear(RECOVERY_LOOK)?;
            let status = session.ask(&self.profile, true)?;
            if status.fault().is_none() || deadline.passed() {
                self.roll.seen(&status);
                self.keep(session);
                return Ok(status);
            }
        }
    }

    fn slips_left(&self) -> Option<u32> {
        self.roll.slips_left()
    }
}
