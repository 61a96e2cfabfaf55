//! Two printers that count as one: the second prints when the first certainly did not.

use super::{FaultKind, PrintJob, PrintOutcome, PrinterProfile, PrinterStatus, SlipPrinter, open_slip_printer};
use crate::{DeviceUrl, Error};

/// Which of two printers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrintedOn {
    /// The one that is asked first.
    First,
    /// The one that helps out.
    Second,
}

/// A printer and, perhaps, one that helps out.
///
/// The second gets a job only after [`PrintOutcome::NotPrinted`] from the first. After [`PrintOutcome::Unknown`] it
/// does not: two slips with one number might be in the world.
pub struct FallbackPrinter {
    first: One,
    second: Option<One>,
    profile: PrinterProfile,
    printed_on: Option<PrintedOn>,
}

struct One {
    printer: Box<dyn SlipPrinter>,
    /// What it last said; `None` when it could not be asked.
    last: Option<PrinterStatus>,
}

impl One {
    fn new(printer: Box<dyn SlipPrinter>) -> Self {
        Self { printer, last: None }
    }

    fn status(&mut self) -> Result<PrinterStatus, Error> {
        let status = self.printer.status();
        self.last = status.as_ref().ok().copied();
        status
    }

    fn usable(&self) -> Option<PrinterStatus> {
        self.last.filter(|status| status.health().is_usable())
    }
}

/// Opens a printer with a second one to help out. Neither is touched yet; without a second it is the first alone.
///
/// # Errors
///
/// As [`open_slip_printer`], for either.
pub fn open_with_fallback(
    primary: &DeviceUrl,
    profile: PrinterProfile,
    second: Option<(DeviceUrl, PrinterProfile)>,
) -> Result<FallbackPrinter, Error> {
    let first = open_slip_printer(primary, profile)?;
    let second = second.map(|(url, profile)| open_slip_printer(&url, profile)).transpose()?;
    Ok(FallbackPrinter::new(first, second))
}

impl FallbackPrinter {
    /// Joins two printers.
    pub fn new(first: Box<dyn SlipPrinter>, second: Option<Box<dyn SlipPrinter>>) -> Self {
        let mut profile = first.profile().clone();
        if let Some(second) = &second {
            profile.columns = profile.columns.min(second.profile().columns);
        }
        Self { first: One::new(first), second: second.map(One::new), profile, printed_on: None }
    }

    /// Which printer the last job went to, whatever became of it; `None` before the first job and when neither took
    /// one.
    pub fn printed_on(&self) -> Option<PrintedOn> {
        self.printed_on
    }

    /// The state of the two as one: the first that can print, else the first.
    fn joint(&self) -> Option<PrinterStatus> {
        let second = self.second.as_ref().and_then(One::usable);
        self.first.usable().or(second).or(self.first.last)
    }
}

impl SlipPrinter for FallbackPrinter {
    /// The first printer's state while it can print, then the second's while that can, else the first's.
    fn status(&mut self) -> Result<PrinterStatus, Error> {
        let first = self.first.status();
        if self.first.usable().is_some() {
            return first;
        }
        match &mut self.second {
            Some(second) => {
                let helps = second.status().ok().filter(|status| status.health().is_usable());
                helps.map_or(first, Ok)
            }
            None => first,
        }
    }

    fn print(&mut self, job: &PrintJob) -> PrintOutcome {
        self.printed_on = None;
        let fault = match self.first.printer.print(job) {
            PrintOutcome::NotPrinted(fault) => fault,
            outcome => {
                self.printed_on = Some(PrintedOn::First);
                return outcome;
            }
        };
        let Some(second) = &mut self.second else { return PrintOutcome::NotPrinted(fault) };
        tracing::warn!(?fault, "slip printer: the second one is tried");
        match second.printer.print(job) {
            // Why neither could: the first printer is the one people will look at.
            PrintOutcome::NotPrinted(of_second) => {
                tracing::warn!(?of_second, "slip printer: the second one did not print either");
                PrintOutcome::NotPrinted(fault)
            }
            outcome => {
                tracing::info!("slip printer: the second one took the slip");
                self.printed_on = Some(PrintedOn::Second);
                outcome
            }
        }
    }

    /// The first printer's profile, as narrow as the narrower of the two, so that a slip fits both.
    fn profile(&self) -> &PrinterProfile {
        &self.profile
    }

    fn simulated(&self) -> bool {
        self.first.printer.simulated() || self.second.as_ref().is_some_and(|second| second.printer.simulated())
    }

    fn look_every(&self) -> std::time::Duration {
        let second = self.second.as_ref().map(|second| second.printer.look_every());
        self.first.printer.look_every().max(second.unwrap_or_default())
    }

    fn watch(&mut self) -> Result<Option<PrinterStatus>, Error> {
        let mut news = false;
        let mut broken = None;
        for one in [Some(&mut self.first), self.second.as_mut()].into_iter().flatten() {
            match one.printer.watch() {
                Ok(None) => {}
                Ok(told) => (one.last, news) = (told, true),
                Err(error) => {
                    one.last = None;
                    broken.get_or_insert(error);
                }
            }
        }
        match broken {
            Some(error) => Err(error),
            None if news => Ok(self.joint()),
            None => Ok(None),
        }
    }

    /// Recovers each printer that has a blocked cutter or a jam.
    fn recover(&mut self) -> Result<PrinterStatus, Error> {
        let stuck = |one: &mut One| {
            matches!(one.status().ok().and_then(|status| status.fault()), Some(FaultKind::Cutter | FaultKind::Jam))
        };
        let first_stuck = stuck(&mut self.first);
        if let Some(second) = &mut self.second
            && stuck(second)
        {
            second.last = second.printer.recover().ok();
            if !first_stuck {
                return self.status();
            }
        }
        let first = self.first.printer.recover()?;
        self.first.last = Some(first);
        Ok(self.joint().unwrap_or(first))
    }

    /// Of the printer that would take the next slip.
    fn slips_left(&self) -> Option<u32> {
        match &self.second {
            Some(second) if self.first.usable().is_none() && second.usable().is_some() => second.printer.slips_left(),
            _ => self.first.printer.slips_left(),
        }
    }
}
