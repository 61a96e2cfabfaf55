//! The KTP-el reader of the rig, the cards at hand, and what can be wrong with either.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anjungan_hardware::ektp_reader::{CardFault, CardFile, ReaderSimulator};

use super::{RigError, device};
use crate::rig::seed::{self, Card};

const NAME: &str = "KTP-el reader";
/// The key of a card's file that says what comes of a finger.
const FINGER: &str = "finger";

/// What can be wrong with the simulated reader, with the card on it, or with the finger of its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReaderFault {
    /// The plug is pulled.
    Unplugged,
    /// The reader hangs on the card and says nothing more.
    Mute,
    /// The chip does not answer.
    Unreadable,
    /// The card is taken away while it is read.
    RemovedMidRead,
    /// The finger is another person's.
    FingerNotMatched,
    /// Nobody puts a finger on.
    NoFinger,
}

impl ReaderFault {
    /// Every fault, in the order of the window.
    pub const ALL: [Self; 6] =
        [Self::Unplugged, Self::Mute, Self::Unreadable, Self::RemovedMidRead, Self::FingerNotMatched, Self::NoFinger];

    /// The key in the contract of the window.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Unplugged => "unplugged",
            Self::Mute => "mute",
            Self::Unreadable => "unreadable",
            Self::RemovedMidRead => "removed_mid_read",
            Self::FingerNotMatched => "finger_not_matched",
            Self::NoFinger => "no_finger",
        }
    }

    const fn of_card(self) -> Option<CardFault> {
        match self {
            Self::Mute => Some(CardFault::Mute),
            Self::Unreadable => Some(CardFault::Unreadable),
            Self::RemovedMidRead => Some(CardFault::RemovedMidRead),
            Self::Unplugged | Self::FingerNotMatched | Self::NoFinger => None,
        }
    }

    /// The word of a card's file.
    const fn of_finger(self) -> Option<&'static str> {
        match self {
            Self::FingerNotMatched => Some("not_matched"),
            Self::NoFinger => Some("none"),
            Self::Unplugged | Self::Mute | Self::Unreadable | Self::RemovedMidRead => None,
        }
    }
}

/// What is to be wrong with whatever card lies on the reader next.
#[derive(Default, Clone, Copy)]
struct Wish {
    card: Option<CardFault>,
    finger: Option<&'static str>,
}

impl Wish {
    /// The card as it lies on the reader. A fault of its own stays unless another one is wished for.
    fn on(self, card: &CardFile) -> CardFile {
        let mut file = card.clone();
        file.fault = self.card.or(file.fault);
        if let Some(finger) = self.finger {
            file.fields.insert(FINGER.to_owned(), finger.into());
        }
        file
    }
}

pub(super) struct ReaderBench {
    simulator: ReaderSimulator,
    cards: Vec<Card>,
    /// Key of the seed's card that was laid down last, and its NIK.
    placed: Mutex<Option<String>>,
    wish: Mutex<Wish>,
}

impl ReaderBench {
    /// Plugs in a reader. A card left on it in an earlier run is nobody's.
    pub(super) fn start(folder: &Path) -> Result<(Self, String), RigError> {
        let path = folder.join("reader");
        let simulator = device(NAME, ReaderSimulator::start_pty(&path, folder.join("reader-state")))?;
        let bench = Self { simulator, cards: seed::cards(), placed: Mutex::default(), wish: Mutex::default() };
        bench.remove();
        Ok((bench, format!("gateway+serial://{}?simulated=1", path.display())))
    }

    pub(super) fn cards(&self) -> &[Card] {
        &self.cards
    }

    /// The seed's card on the reader. Whoever takes the file away has taken the card.
    pub(super) fn placed(&self) -> Option<String> {
        let mut placed = lock(&self.placed);
        let lies_there = self.simulator.card();
        let key = placed.take().filter(|key| {
            let own = self.cards.iter().find(|card| card.key == *key);
            own.zip(lies_there.as_ref()).is_some_and(|(own, there)| own.file.nik == there.nik)
        });
        placed.clone_from(&key);
        key
    }

    pub(super) fn place_key(&self, key: &str) -> Result<(), RigError> {
        let card = self.cards.iter().find(|card| card.key == key).ok_or(RigError::Unknown("such card"))?;
        self.place(&card.file)?;
        *lock(&self.placed) = Some(key.to_owned());
        Ok(())
    }

    pub(super) fn place(&self, card: &CardFile) -> Result<(), RigError> {
        *lock(&self.placed) = None;
        let file = lock(&self.wish).on(card);
        device(NAME, self.simulator.place(&file))
    }

    pub(super) fn remove(&self) {
        self.simulator.remove();
        *lock(&self.placed) = None;
    }

    /// What is wrong with the card that lies there; without a card, what will be wrong with the next.
    pub(super) fn has(&self, fault: ReaderFault) -> bool {
        if fault == ReaderFault::Unplugged {
            return self.simulator.is_unplugged();
        }
        let wish = *lock(&self.wish);
        let (card, finger) = match self.simulator.card() {
            Some(card) => (card.fault, finger_of(&card)),
            None => (wish.card, wish.finger.map(ToOwned::to_owned)),
        };
        match fault.of_card() {
            Some(wrong) => card == Some(wrong),
            None => fault.of_finger() == finger.as_deref(),
        }
    }

    pub(super) fn set(&self, fault: ReaderFault, on: bool) -> Result<(), RigError> {
        if fault == ReaderFault::Unplugged {
            return device(NAME, self.simulator.unplug(on));
        }
        if !on && !self.has(fault) {
            return Ok(());
        }
        let mut wish = lock(&self.wish);
        let mut lying = self.simulator.card();
        if let Some(wrong) = fault.of_card() {
            wish.card = on.then_some(wrong);
            if let Some(card) = &mut lying {
                card.fault = wish.card;
            }
        } else if let Some(word) = fault.of_finger() {
            wish.finger = on.then_some(word);
            if let Some(card) = &mut lying {
                match wish.finger {
                    Some(word) => card.fields.insert(FINGER.to_owned(), word.into()),
                    None => card.fields.remove(FINGER),
                };
            }
        }
        lying.map_or(Ok(()), |card| device(NAME, self.simulator.place(&card)))
    }
}

/// What a card's file says comes of a finger, when that is anything but a match.
fn finger_of(card: &CardFile) -> Option<String> {
    card.fields.get(FINGER).and_then(|finger| finger.as_str()).map(ToOwned::to_owned)
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
