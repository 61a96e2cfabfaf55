//! The KTP-el reader: who stands at the counter, from the card.
//!
//! The chip's biodata needs a licensed reader with a SAM and its vendor's software. The kiosk therefore talks to a
//! *gateway*, a small program beside that software which speaks the open line protocol of `docs/ektp-gateway.md`.

mod gateway;
mod protocol;
mod reading;
mod simulator;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use reading::{Origin, Reading};
pub use simulator::{CardFault, CardFile, ReaderSimulator};

use crate::{Address, DeviceUrl, Error, Health};

/// What may be read from a card. Ask for no more than the step needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// NIK and name.
    Identity,
    /// Birth, address and civil status as printed on the card.
    Biodata,
}

/// State of a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderStatus {
    /// In one word; without a card it is still [`Health::Ready`].
    pub health: Health,
    /// Whether a card lies on it (to remind people of a forgotten card).
    pub card_present: bool,
    /// Whether it is a simulator.
    pub simulated: bool,
    /// What the reader says it is.
    pub model: String,
}

/// What happened while waiting for a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardEvent {
    /// A card lies on the reader.
    Placed,
    /// The time passed without one.
    NoCard,
}

/// Cancels the waiting or reading of another thread. Clones belong to the same reader.
#[derive(Debug, Clone, Default)]
pub struct CancelHandle(Arc<AtomicBool>);

impl CancelHandle {
    /// Makes the running call return `Cancelled` within about a tenth of a second. Without a running call, the next
    /// one starts afresh and is not affected.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    fn reset(&self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

/// A reader of KTP-el cards. No call blocks longer than the timeout it was given.
pub trait EktpReader: Send {
    /// Asks the reader for its state; at most two seconds.
    ///
    /// # Errors
    ///
    /// `NotReachable`, `NotResponding`, `Garbled`.
    fn status(&mut self) -> Result<ReaderStatus, Error>;

    /// Waits until a card lies on the reader.
    ///
    /// # Errors
    ///
    /// `Cancelled`, and as [`Self::status`].
    fn wait_card(&mut self, timeout: Duration) -> Result<CardEvent, Error>;

    /// Reads the card that lies on the reader.
    ///
    /// # Errors
    ///
    /// `MediaAbsent` (no card), `Unreadable`, `Removed`, `Busy`, `Timeout` (the gateway gave up), `NotResponding`
    /// (the gateway said nothing), `Cancelled`, `Garbled`, `Device`, `NotReachable`.
    fn read(&mut self, scopes: &[Scope], timeout: Duration) -> Result<Reading, Error>;

    /// Makes the reader drop what it is doing for us.
    ///
    /// # Errors
    ///
    /// As [`Self::status`].
    fn cancel(&mut self) -> Result<(), Error>;

    /// A handle to cancel a call from another thread.
    fn cancel_handle(&self) -> CancelHandle;

    /// How often a program that watches this device should ask for its state. A driver for which the answer is dear
    /// (it starts a program, it wakes a machine) asks for more time.
    fn look_every(&self) -> Duration {
        crate::LOOK_EVERY
    }

    /// Whether the cards are not real, as far as known: from the URL, and from the gateway's last status.
    fn simulated(&self) -> bool;

    /// The state in one word; an unreachable reader is a word, too.
    fn health(&mut self) -> Health {
        self.status().map_or_else(|error| error.health(), |status| status.health)
    }
}

/// Opens the reader a URL names. The reader itself is not touched yet.
///
/// URL options: `baud` (serial gateway, default 115200), `simulated=1`. A `sim:<dir>` reader takes its card from
/// `card.json` in that folder.
///
/// # Errors
///
/// `UnsupportedScheme` or `InvalidUrl`; for `sim:` also when the folder cannot be made.
pub fn open_ektp_reader(url: &DeviceUrl) -> Result<Box<dyn EktpReader>, Error> {
    match url.address() {
        Address::GatewayTcp { .. } | Address::GatewaySerial(_) => Ok(Box::new(gateway::GatewayReader::new(url)?)),
        Address::Sim(folder) => Ok(Box::new(simulator::FolderReader::new(folder)?)),
        _ => Err(url.unsupported("KTP-el reader", "gateway+tcp://, gateway+serial:///, sim:")),
    }
}
