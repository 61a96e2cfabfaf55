//! The slip printer on its thread.

use std::thread;
use std::time::Duration;

use anjungan_hardware::{
    FaultKind, PrintFault, PrintJob, PrintOutcome, PrinterProfile, SlipPrinter, open_slip_printer,
};

use super::{Device, DeviceStartError, DeviceState, Watch, parse};
use crate::station::bridge::Sender;
use crate::station::worker::{Lost, StopFlag, Task, Worker};

/// How often the printer is asked for its state between jobs.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A hot head cools by itself: how often and how long the job waits for it.
const HOT_TRIES_MAX: u32 = 5;
/// Pause between two tries with a hot head.
const HOT_PAUSE: Duration = Duration::from_secs(2);

/// What the printer tells.
#[derive(Debug, Clone, PartialEq)]
pub enum PrinterEvent {
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

impl PrinterWorker {
    /// Starts the worker for the printer a URL names.
    ///
    /// # Errors
    /// When the URL or the number of columns cannot be used.
    pub fn start(url: &str, columns: u8, events: Sender<PrinterEvent>) -> Result<Self, DeviceStartError> {
        let url = parse(url)?;
        let profile = PrinterProfile::for_columns(u16::from(columns)).unwrap_or_else(PrinterProfile::columns_48);
        let (told, lost) = (events.clone(), events.clone());
        let worker = Worker::start(
            "slip-printer",
            move |stop: &StopFlag| {
                let printer = open_slip_printer(&url, profile.clone())?;
                let watch = Watch::new(Device::Printer, LOOK_EVERY);
                Ok::<_, anjungan_hardware::Error>(Printing { printer, watch, events: told.clone(), stop: stop.clone() })
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

struct Printing {
    printer: Box<dyn SlipPrinter>,
    watch: Watch,
    events: Sender<PrinterEvent>,
    stop: StopFlag,
}

impl Printing {
    fn look(&mut self) {
        let health = self.printer.health();
        if let Some(state) = self.watch.news(health, self.printer.simulated()) {
            self.events.send(PrinterEvent::State(state));
        }
    }

    fn print(&mut self, job: &PrintJob) -> PrintOutcome {
        for _ in 0..HOT_TRIES_MAX {
            match self.printer.print(job) {
                PrintOutcome::NotPrinted(fault) if fault.kind == FaultKind::Overheated && !self.stop.is_set() => {
                    thread::sleep(HOT_PAUSE);
                }
                outcome => return outcome,
            }
        }
        PrintOutcome::NotPrinted(fault(FaultKind::Overheated, "the head stays hot"))
    }
}

impl Task for Printing {
    type Command = Order;

    fn run(&mut self, order: Order) {
        let outcome = self.print(&order.job);
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
            return LOOK_EVERY;
        }
        wait
    }
}
