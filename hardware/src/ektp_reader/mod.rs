//! The KTP-el reader: who stands at the counter, from the card.
//!
//! The chip's biodata needs a licensed reader with a SAM and its vendor's software. The kiosk therefore talks to a
//! *gateway*, a small program beside that software which speaks the open line protocol of `docs/ektp-gateway.md`.
//! A contactless reader of PC/SC is reached the same way: its driver runs in a helper process of ours that speaks
//! this protocol, because a card can block PC/SC for minutes and nothing but killing the process ends that.

mod chip;
mod folder;
mod gateway;
mod pcsc;
mod protocol;
mod reading;
mod simulator;
mod target;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use chip::{ChipFault, ChipFile, ChipSimulator, Misbehaviour, SIMULATED_LICENCE};
pub use reading::{MAX_PHOTO, Origin, Reading};
pub use simulator::{CardFault, CardFile, ReaderSimulator, ReaderState};

pub use pcsc::list_pcsc_readers;
pub(crate) use pcsc::serve as serve_pcsc;

use crate::{Address, DeviceUrl, Error, Health};

/// What may be read from a card. Ask for no more than the step needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// NIK and name.
    Identity,
    /// Birth, address and civil status as printed on the card.
    Biodata,
    /// The photo. Refused unless the office switched it on with `photo=1` in the reader's URL: it is personal data
    /// that no step of the service needs by itself.
    Photo,
}

impl Scope {
    /// The word of the gateway protocol.
    fn word(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Biodata => "biodata",
            Self::Photo => "photo",
        }
    }
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
    /// What the reader says it is, and what of it was never verified.
    pub model: String,
    /// Opaque name of the card that lies there, where the reader knows it: a hint to tell two cards apart, never an
    /// identity. Not the card's own number, which is personal data, but a keyed hash of it.
    pub card_id: Option<String>,
}

/// Whether a finger belongs to the person on the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FingerMatch {
    /// It does.
    Matched,
    /// It does not.
    NotMatched,
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
    /// (the gateway said nothing), `Cancelled`, `Garbled`, `Device`, `NotReachable`, `Denied` (the licence does not
    /// allow it), `InvalidRequest` (this reader cannot tell an identity, or the office did not switch on photos).
    fn read(&mut self, scopes: &[Scope], timeout: Duration) -> Result<Reading, Error>;

    /// Waits for a finger and compares it with the card that lies on the reader. The comparison is made by the
    /// reader; no fingerprint reaches this program.
    ///
    /// # Errors
    ///
    /// As [`Self::read`]; `Timeout` when no finger comes, `InvalidRequest` when the reader has no finger sensor.
    fn finger_match(&mut self, timeout: Duration) -> Result<FingerMatch, Error> {
        let _ = timeout;
        Err(Error::new(crate::ErrorKind::InvalidRequest, "this reader cannot compare fingers"))
    }

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
/// | URL | gives |
/// |---|---|
/// | `gateway+tcp://host:port`, `gateway+ws://host:port/path`, `gateway+serial:///path` | what the gateway can do |
/// | `pcsc:<reader>` | that a card lies there and which one, never whose: [`EktpReader::read`] is `InvalidRequest` |
/// | `pcsc:<reader>?sam=<reader>&licence=<file>` | the chip's data, not verified with a production SAM |
/// | `sim:<dir>` | the card of `card.json` in that folder |
///
/// More options: `baud` (serial gateway, default 115200), `simulated=1`, `photo=1` (the office allows photos).
/// A PC/SC reader is named by a part of its name that fits no other, in capitals or not.
///
/// # Errors
///
/// `UnsupportedScheme` or `InvalidUrl`; for `sim:` also when the folder cannot be made.
pub fn open_ektp_reader(url: &DeviceUrl) -> Result<Box<dyn EktpReader>, Error> {
    match url.address() {
        Address::Sim(folder) => Ok(Box::new(folder::FolderReader::new(folder, photo_allowed(url))?)),
        _ => Ok(Box::new(gateway::GatewayReader::new(url)?)),
    }
}

/// Whether the office switched photos on.
fn photo_allowed(url: &DeviceUrl) -> bool {
    matches!(url.option("photo"), Some("1" | "true" | "yes"))
}

/// Refuses a photo that the office did not switch on.
fn check_scopes(scopes: &[Scope], photo_allowed: bool) -> Result<(), Error> {
    if scopes.contains(&Scope::Photo) && !photo_allowed {
        let what = "the office has not switched on photos (photo=1 in the reader's URL)";
        return Err(Error::new(crate::ErrorKind::InvalidRequest, what));
    }
    Ok(())
}

/// Entries for fuzzing: bytes from a device go through the parser that would meet them.
#[doc(hidden)]
pub mod fuzz {
    /// A line of a gateway, and what is made of the card in it.
    pub fn gateway_line(bytes: &[u8]) {
        super::gateway::fuzz_line(bytes);
    }

    /// An answer of a card or a SAM.
    pub fn apdu_answer(bytes: &[u8]) {
        super::pcsc::fuzz_answer(bytes);
    }

    /// The content of the biodata file of a card.
    pub fn biodata(bytes: &[u8]) {
        super::pcsc::fuzz_biodata(bytes);
    }

    /// A whole conversation: the bytes are all answers of card and SAM, each led by its length.
    pub fn card_conversation(bytes: &[u8]) {
        super::pcsc::fuzz_conversation(bytes);
    }
}
