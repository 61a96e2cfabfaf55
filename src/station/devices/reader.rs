//! The KTP-el reader on its thread.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anjungan_hardware::{CancelHandle, CardEvent, EktpReader, ErrorKind, Reading, Scope, open_ektp_reader};

use super::{DeviceStartError, DeviceState, Watch, parse};
use crate::domain::device::DeviceKind;
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
    /// A card came, went or changed while nobody reads: for the reminder of a forgotten card, and for a card that is
    /// swapped after it was read.
    CardSeen {
        /// A card lies there.
        present: bool,
        /// Opaque name of the card, where the reader gives one.
        card_id: Option<String>,
    },
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
                let watch = Watch::new(DeviceKind::EktpReader, reader.look_every());
                Ok::<_, anjungan_hardware::Error>(CardReading { reader, watch, card: None, events: told.clone() })
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
    /// The card last told, with its name.
    card: Option<Option<String>>,
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
            Ok(status) => (status.health, status.simulated, status.card_present.then_some(status.card_id)),
            // What lies on a reader that does not answer is not known; nobody is told that it is gone.
            Err(error) => (error.health(), self.reader.simulated(), self.card.clone()),
        };
        if let Some(state) = self.watch.news(DeviceState::of(health, simulated)) {
            self.events.send(ReaderEvent::State(state));
        }
        if card != self.card {
            self.card = card.clone();
            let present = card.is_some();
            self.events.send(ReaderEvent::CardSeen { present, card_id: card.flatten() });
        }
        self.reader.look_every()
    }
}
