//! The slip printer on its thread.

use std::thread;
use std::time::{Duration, Instant};

use anjungan_hardware::{
    Error, FaultKind, Health, PrintFault, PrintJob, PrintOutcome, PrinterProfile, PrinterStatus, SlipPrinter,
    open_with_fallback,
};

use super::{DeviceStartError, DeviceState, Watch, parse};
use crate::config::Printer;
use crate::domain::device::DeviceKind;
use crate::station::bridge::Sender;
use crate::station::worker::{Lost, StopFlag, Task, Worker};

/// How often a printer that tells its state by itself is listened to.
const LISTEN_EVERY: Duration = Duration::from_millis(100);
/// A hot head cools by itself: how long the job waits for it.
const HOT_WAIT_MAX: Duration = Duration::from_secs(20);
/// First pause between two tries with a hot head; it doubles.
const HOT_PAUSE_MIN: Duration = Duration::from_millis(500);
/// Longest pause between two tries with a hot head.
const HOT_PAUSE_MAX: Duration = Duration::from_secs(4);
/// Steps of a pause, so that a worker ends with its program.
const PAUSE_STEP: Duration = Duration::from_millis(50);

/// What the printer tells.
#[derive(Debug, Clone, PartialEq)]
pub enum PrinterEvent {
    /// A job waits for a hot head to cool.
    Cooling {
        /// The number it was given with.
        order: u64,
    },
    /// A job ended.
    Printed {
        /// The number it was given with.
        order: u64,
        /// What became of it.
        outcome: PrintOutcome,
    },
    /// The printer's state changed.
    State(DeviceState),
}

#[derive(Clone)]
struct Order {
    number: u64,
    job: PrintJob,
}

/// The slip printer's worker.
#[derive(Debug)]
pub struct PrinterWorker {
    worker: Worker<Order>,
    events: Sender<PrinterEvent>,
}

/// Opens the printer of a configuration, with its second one where it has one.
///
/// # Errors
/// When a URL cannot be used.
pub fn open_configured_printer(section: &Printer) -> Result<Box<dyn SlipPrinter>, Error> {
    let second = section.fallback.as_ref().map(|url| Ok::<_, Error>((url.parse()?, profile(section.fallback_columns))));
    let printer = open_with_fallback(&section.url.parse()?, profile(section.columns), second.transpose()?)?;
    Ok(Box::new(printer))
}

/// The profile for a number of characters a line.
fn profile(columns: u8) -> PrinterProfile {
    PrinterProfile::for_columns(u16::from(columns)).unwrap_or_else(PrinterProfile::columns_48)
}

impl PrinterWorker {
    /// Starts the worker for the printer of a configuration.
    ///
    /// # Errors
    /// When a URL cannot be used.
    pub fn start(section: &Printer, events: Sender<PrinterEvent>) -> Result<Self, DeviceStartError> {
        parse(&section.url)?;
        section.fallback.as_deref().map(parse).transpose()?;
        let (told, lost, section) = (events.clone(), events.clone(), section.clone());
        let worker = Worker::start(
            "slip-printer",
            move |stop: &StopFlag| {
                let printer = open_configured_printer(&section)?;
                let watch = Watch::new(DeviceKind::Printer, printer.look_every());
                Ok::<_, Error>(Printing {
                    printer,
                    watch,
                    events: told.clone(),
                    stop: stop.clone(),
                    recovery: Recovery::default(),
                })
            },
            move |order: Order, why| {
                lost.send(PrinterEvent::Printed { order: order.number, outcome: outcome_of_loss(why) });
            },
        )?;
        Ok(Self { worker, events })
    }

    /// Prints a job; its end comes as [`PrinterEvent::Printed`] with the same number.
    pub fn print(&self, order: u64, job: PrintJob) {
        if !self.worker.send(Order { number: order, job }) {
            self.events.send(PrinterEvent::Printed { order, outcome: outcome_of_loss(Lost::NotOpen) });
        }
    }
}

fn outcome_of_loss(why: Lost) -> PrintOutcome {
    match why {
        Lost::NotOpen => PrintOutcome::NotPrinted(fault(FaultKind::NotReachable, "the printer is not open")),
        Lost::Panicked => PrintOutcome::Unknown(fault(FaultKind::NotResponding, "the driver failed")),
    }
}

fn fault(kind: FaultKind, detail: &str) -> PrintFault {
    PrintFault { kind, detail: detail.to_owned() }
}

/// A blocked cutter or a jam is asked to clear once; what does not help once does not help twice, and each try moves
/// the blade.
#[derive(Default)]
struct Recovery {
    tried: bool,
}

impl Recovery {
    /// Whether to try now, with the printer in this state.
    fn is_due(&mut self, health: Health) -> bool {
        match health {
            Health::Jammed => !std::mem::replace(&mut self.tried, true),
            Health::Ready | Health::MediaLow => {
                self.tried = false;
                false
            }
            _ => false,
        }
    }
}

struct Printing {
    printer: Box<dyn SlipPrinter>,
    watch: Watch,
    events: Sender<PrinterEvent>,
    stop: StopFlag,
    recovery: Recovery,
}

impl Printing {
    fn look(&mut self) {
        let status = self.printer.status();
        self.take(status);
    }

    fn take(&mut self, status: Result<PrinterStatus, Error>) {
        let health = status.map_or_else(|error| error.health(), |status| status.health());
        self.tell(health);
        if self.recovery.is_due(health) {
            tracing::warn!("the printer is asked to clear its cutter, once");
            match self.printer.recover() {
                Ok(status) => self.tell(status.health()),
                Err(error) => tracing::warn!(%error, "the printer does not recover"),
            }
        }
    }

    fn tell(&mut self, health: Health) {
        let slips_left = if health == Health::MediaLow { self.printer.slips_left() } else { None };
        let state = DeviceState { health, simulated: self.printer.simulated(), slips_left };
        if let Some(state) = self.watch.news(state) {
            self.events.send(PrinterEvent::State(state));
        }
    }

    fn print(&mut self, order: &Order) -> PrintOutcome {
        let until = Instant::now() + HOT_WAIT_MAX;
        let mut pause = HOT_PAUSE_MIN;
        loop {
            match self.printer.print(&order.job) {
                PrintOutcome::NotPrinted(fault)
                    if fault.kind == FaultKind::Overheated && Instant::now() < until && !self.stop.is_set() =>
                {
                    self.events.send(PrinterEvent::Cooling { order: order.number });
                    self.look();
                    self.pause(pause);
                    pause = (pause * 2).min(HOT_PAUSE_MAX);
                }
                outcome => return outcome,
            }
        }
    }

    fn pause(&self, pause: Duration) {
        let until = Instant::now() + pause;
        while Instant::now() < until && !self.stop.is_set() {
            thread::sleep(PAUSE_STEP.min(until.saturating_duration_since(Instant::now())));
        }
    }
}

impl Task for Printing {
    type Command = Order;

    fn run(&mut self, order: Order) {
        let outcome = self.print(&order);
        match &outcome {
            PrintOutcome::Printed => tracing::info!(order = order.number, "slip printed"),
            PrintOutcome::NotPrinted(fault) => tracing::warn!(order = order.number, ?fault, "slip not printed"),
            PrintOutcome::Unknown(fault) => tracing::warn!(order = order.number, ?fault, "slip perhaps printed"),
        }
        let not_printed = matches!(outcome, PrintOutcome::NotPrinted(_));
        self.events.send(PrinterEvent::Printed { order: order.number, outcome });
        if not_printed {
            // A fault that was over before anybody looked is told as well: the slip still waits for a ready printer.
            self.watch.tell_next();
        } else {
            self.look();
        }
    }

    fn idle(&mut self) -> Duration {
        let wait = self.watch.wait();
        if wait.is_zero() {
            self.look();
            return LISTEN_EVERY;
        }
        match self.printer.watch() {
            Ok(Some(status)) => self.take(Ok(status)),
            Ok(None) => {}
            // The connection broke: the whole question is asked at once, on a new one.
            Err(_) => self.watch.look_soon(),
        }
        wait.min(LISTEN_EVERY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jam_is_asked_to_clear_once_until_the_printer_was_well_again() {
        let mut recovery = Recovery::default();
        let due: Vec<bool> =
            [Health::Ready, Health::Jammed, Health::Jammed, Health::MediaEmpty, Health::Jammed, Health::Ready]
                .into_iter()
                .chain([Health::Jammed, Health::Damaged])
                .map(|health| recovery.is_due(health))
                .collect();
        assert_eq!(due, [false, true, false, false, false, false, true, false]);
    }
}
