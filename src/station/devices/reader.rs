//! The KTP-el reader on its thread.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anjungan_hardware::{CancelHandle, CardEvent, EktpReader, ErrorKind, Reading, Scope, open_ektp_reader};

use super::{Device, DeviceStartError, DeviceState, Watch, parse};
use crate::station::bridge::Sender;
use crate::station::worker::{StopFlag, Task, Worker};

/// Longest time for reading a card that lies on the reader.
const READ_TIMEOUT: Duration = Duration::from_secs(20);

/// What the reader tells.
#[derive(Debug, Clone)]
pub enum ReaderEvent {
    /// A card lies on the reader and is being read.
    CardPlaced {
        /// The number the reading was asked with.
        order: u64,
    },
    /// A reading ended. `MediaAbsent` when no card came in time, `Cancelled` when nobody wants it any more.
    Read {
        /// The number it was asked with.
        order: u64,
        /// What the card said, or why not.
        result: Result<Box<Reading>, ErrorKind>,
    },
    /// A card was put down or taken away while nobody reads: for the reminder of a forgotten card.
    CardPresent(bool),
    /// The reader's state changed.
    State(DeviceState),
}

#[derive(Clone)]
struct Order {
    number: u64,
    scopes: Vec<Scope>,
    wait: Duration,
}

/// The KTP-el reader's worker.
#[derive(Debug)]
pub struct ReaderWorker {
    worker: Worker<Order>,
    events: Sender<ReaderEvent>,
    handle: Arc<Mutex<Option<CancelHandle>>>,
}

impl ReaderWorker {
    /// Starts the worker for the reader a URL names.
    ///
    /// # Errors
    /// When the URL cannot be used.
    pub fn start(url: &str, events: Sender<ReaderEvent>) -> Result<Self, DeviceStartError> {
        let url = parse(url)?;
        let handle = Arc::new(Mutex::new(None));
        let (told, lost, slot) = (events.clone(), events.clone(), Arc::clone(&handle));
        let worker = Worker::start(
            "ektp-reader",
            move |_: &StopFlag| {
                let reader = open_ektp_reader(&url)?;
                *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(reader.cancel_handle());
                let watch = Watch::new(Device::Reader, reader.look_every());
                Ok::<_, anjungan_hardware::Error>(CardReading { reader, watch, card: false, events: told.clone() })
            },
            move |order: Order, _| {
                lost.send(ReaderEvent::Read { order: order.number, result: Err(ErrorKind::NotReachable) });
            },
        )?;
        Ok(Self { worker, events, handle })
    }

    /// Waits for a card at most for `wait`, then reads it.
    pub fn read(&self, order: u64, scopes: &[Scope], wait: Duration) {
        if !self.worker.send(Order { number: order, scopes: scopes.to_vec(), wait }) {
            self.events.send(ReaderEvent::Read { order, result: Err(ErrorKind::Busy) });
        }
    }

    /// Ends the running reading.
    pub fn cancel(&self) {
        if let Some(handle) = &*self.handle.lock().unwrap_or_else(PoisonError::into_inner) {
            handle.cancel();
        }
    }
}

impl Drop for ReaderWorker {
    fn drop(&mut self) {
        // The worker may wait for a card; its end should not.
        self.cancel();
    }
}

struct CardReading {
    reader: Box<dyn EktpReader>,
    watch: Watch,
    card: bool,
    events: Sender<ReaderEvent>,
}

impl CardReading {
    fn read(&mut self, order: &Order) -> Result<Box<Reading>, ErrorKind> {
        match self.reader.wait_card(order.wait).map_err(|error| error.kind())? {
            CardEvent::Placed => {}
            CardEvent::NoCard => return Err(ErrorKind::MediaAbsent),
        }
        self.events.send(ReaderEvent::CardPlaced { order: order.number });
        let reading = self.reader.read(&order.scopes, READ_TIMEOUT).map_err(|error| {
            tracing::warn!(order = order.number, %error, "card not read");
            error.kind()
        })?;
        Ok(Box::new(reading))
    }
}

impl Task for CardReading {
    type Command = Order;

    fn run(&mut self, order: Order) {
        let result = self.read(&order);
        self.events.send(ReaderEvent::Read { order: order.number, result });
    }

    fn idle(&mut self) -> Duration {
        let wait = self.watch.wait();
        if !wait.is_zero() {
            return wait;
        }
        let (health, simulated, card) = match self.reader.status() {
            Ok(status) => (status.health, status.simulated, status.card_present),
            Err(error) => (error.health(), self.reader.simulated(), false),
        };
        if let Some(state) = self.watch.news(DeviceState::of(health, simulated)) {
            self.events.send(ReaderEvent::State(state));
        }
        if card != self.card {
            self.card = card;
            self.events.send(ReaderEvent::CardPresent(card));
        }
        self.reader.look_every()
    }
}
