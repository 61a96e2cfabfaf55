//! The driver of a real ESC/POS printer over TCP, a serial line or a character device.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::simulator::PrinterSimulator;
use super::status::{is_queued_status, is_realtime_status};
use super::{FaultKind, Paper, PrintFault, PrintJob, PrintOutcome, PrinterProfile, PrinterStatus, SlipPrinter, encode};
use crate::link::{Deadline, DescriptorLink, Link, open_serial};
use crate::{Address, DeviceUrl, Error, ErrorKind};

/// DLE EOT n: answered at once, even in the middle of a job. Three bytes; the fourth of the `escpos` crate would be
/// printed or taken for a command by strict printers.
const fn ask_now(n: u8) -> [u8; 3] {
    [0x10, 0x04, n]
}

/// GS r 1: answered in turn, when everything before it is worked off.
const ASK_IN_TURN: [u8; 3] = [0x1d, 0x72, 0x01];

/// While a confirmation is awaited, faults are looked for this often.
const FAULT_CHECK: Duration = Duration::from_millis(500);

/// Bytes sent at a time; each part has `job_timeout` to be taken.
const PART: usize = 512;

enum Target {
    Tcp { host: String, port: u16 },
    Serial { path: PathBuf, baud: u32 },
    Device(PathBuf),
}

/// An ESC/POS printer. It connects for each call, so that an office can share a network printer, and so that a
/// printer that was switched off and on again is simply found again.
pub(super) struct EscPosPrinter {
    target: Target,
    profile: PrinterProfile,
    simulated: bool,
    /// The simulator of a `sim:` URL; it lives as long as its driver.
    _simulator: Option<PrinterSimulator>,
}

/// Refuses profiles that would make a call endless or the encoder divide by zero.
pub(super) fn check_profile(profile: &PrinterProfile) -> Result<(), Error> {
    let sound = (16..=120).contains(&profile.columns) && (100..=600).contains(&profile.dpi);
    if sound { Ok(()) } else { Err(Error::new(ErrorKind::InvalidRequest, "printer profile out of range")) }
}

impl EscPosPrinter {
    pub(super) fn new(url: &DeviceUrl, profile: PrinterProfile) -> Result<Self, Error> {
        let target = match url.address() {
            Address::Tcp { host, port } => Target::Tcp { host: host.clone(), port: *port },
            Address::Serial(path) => {
                Target::Serial { path: path.clone(), baud: url.number("baud")?.unwrap_or(9600).max(300) }
            }
            Address::File(path) => Target::Device(path.clone()),
            _ => return Err(url.unsupported("slip printer", "tcp://, serial:///, file:///")),
        };
        Ok(Self { target, profile, simulated: url.is_simulated(), _simulator: None })
    }

    /// A printer with its simulator in this process.
    pub(super) fn simulated(folder: &Path, profile: PrinterProfile) -> Result<Self, Error> {
        let simulator = PrinterSimulator::start_tcp("127.0.0.1:0", folder)?;
        simulator.update_state(|state| state.columns = profile.columns)?;
        let address = simulator.addr().ok_or_else(|| Error::new(ErrorKind::Io, "the simulator has no address"))?;
        let target = Target::Tcp { host: address.ip().to_string(), port: address.port() };
        Ok(Self { target, profile, simulated: true, _simulator: Some(simulator) })
    }

    fn connect(&self) -> Result<Box<dyn Link>, Error> {
        match &self.target {
            Target::Tcp { host, port } => {
                Ok(Box::new(DescriptorLink::connect(host, *port, self.profile.connect_timeout)?))
            }
            Target::Serial { path, baud } => open_serial(path, *baud),
            Target::Device(path) => Ok(Box::new(DescriptorLink::open_device(path)?)),
        }
    }

    /// Asks for the four status bytes.
    fn ask(&self, link: &mut dyn Link) -> Result<PrinterStatus, Error> {
        link.drain()?;
        let mut raw = [0; 4];
        for (n, answer) in (1..=4).zip(&mut raw) {
            link.write_all(&ask_now(n), self.profile.answer_timeout)?;
            let mut byte = [0];
            if link.read(&mut byte, self.profile.answer_timeout)? == 0 {
                let what = format!("the printer does not answer status request {n}");
                return Err(Error::new(ErrorKind::NotResponding, what));
            }
            *answer = byte[0];
        }
        PrinterStatus::from_bytes(raw)
    }

    /// Waits for the answer to `GS r 1` and looks for faults meanwhile, because a printer without paper keeps the
    /// question in its queue.
    fn await_queue(&self, link: &mut dyn Link) -> Result<(), PrintFault> {
        let hard_limit = Deadline::after(self.profile.job_timeout * 4);
        let mut deadline = Deadline::after(self.profile.job_timeout);
        // Fault checks that are not answered yet, in the order asked.
        let mut asked = VecDeque::new();
        loop {
            let mut byte = [0];
            if link.read(&mut byte, FAULT_CHECK.min(deadline.left().max(Duration::from_millis(1))))? == 0 {
                if deadline.passed() || hard_limit.passed() {
                    return Err(PrintFault::new(FaultKind::NotResponding, "the printer did not confirm the job"));
                }
                // A check is repeated only when the last one was answered, or the answers would be mixed up.
                if asked.is_empty() {
                    for n in [2, 3, 4] {
                        link.write_all(&ask_now(n), self.profile.answer_timeout)?;
                        asked.push_back(n);
                    }
                }
            } else if is_queued_status(byte[0]) {
                for _ in asked {
                    link.read(&mut [0], self.profile.answer_timeout)?;
                }
                return if byte[0] & 0x0c == 0 {
                    Ok(())
                } else {
                    Err(PrintFault::new(FaultKind::PaperOut, "paper ended during the job"))
                };
            } else if !is_realtime_status(byte[0]) {
                let what = format!("the printer answered {:02x} after the job", byte[0]);
                return Err(PrintFault::new(FaultKind::Garbled, what));
            } else if let Some(n) = asked.pop_front() {
                let mut raw = [0x12; 4];
                raw[n as usize - 1] = byte[0];
                if let Some(fault) = PrinterStatus::from_bytes(raw)?.fault() {
                    return Err(PrintFault::new(fault, "the printer stopped during the job"));
                }
                // It lives and has no fault: it is only slow.
                deadline = Deadline::after(self.profile.job_timeout);
            }
        }
    }

    fn try_print(&self, job: &PrintJob) -> Result<Result<(), PrintFault>, PrintFault> {
        let bytes = encode::encode(job, &self.profile)?;
        let mut link = self.connect()?;
        let before = self.ask(&mut *link)?;
        if let Some(fault) = before.fault() {
            return Err(PrintFault::new(fault, format!("the printer was not ready, status {:02x?}", before.raw)));
        }
        // From here on a slip may exist.
        Ok(self.send_and_confirm(&mut *link, &bytes))
    }

    /// Sends the bytes of a job, as slowly as the printer wants, but not for ever.
    fn send(&self, link: &mut dyn Link, bytes: &[u8]) -> Result<(), Error> {
        let hard_limit = Deadline::after(self.profile.job_timeout * 4);
        for part in bytes.chunks(PART) {
            if hard_limit.passed() {
                return Err(Error::new(ErrorKind::NotResponding, "the printer takes the job too slowly"));
            }
            link.write_all(part, self.profile.job_timeout)?;
        }
        Ok(())
    }

    fn send_and_confirm(&self, link: &mut dyn Link, bytes: &[u8]) -> Result<(), PrintFault> {
        if let Err(error) = self.send(link, bytes) {
            // A printer that takes no more bytes may still say why.
            let said = self.ask(link).ok().and_then(|status| status.fault());
            return Err(said.map_or_else(
                || PrintFault::from(error),
                |fault| PrintFault::new(fault, "the printer stopped during the job"),
            ));
        }
        link.write_all(&ASK_IN_TURN, self.profile.job_timeout)?;
        self.await_queue(link)?;
        let after = self.ask(link)?;
        if let Some(fault) = after.fault() {
            return Err(PrintFault::new(fault, format!("after the job the status is {:02x?}", after.raw)));
        }
        if after.paper == Paper::NearEnd {
            tracing::warn!("slip printer: the paper roll is about to end");
        }
        Ok(())
    }
}

impl SlipPrinter for EscPosPrinter {
    fn status(&mut self) -> Result<PrinterStatus, Error> {
        let mut link = self.connect()?;
        self.ask(&mut *link)
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
}
