//! The reader of a `sim:<dir>` URL: the same card file as the simulated gateway's, without a protocol in between.

use std::path::Path;
use std::thread;
use std::time::Duration;

use super::gateway::reading_from;
use super::simulator::{CardFault, CardFile, MODEL, Slot};
use super::{CancelHandle, CardEvent, EktpReader, FingerMatch, Origin, ReaderStatus, Reading, Scope, check_scopes};
use crate::link::Deadline;
use crate::simulation::TICK;
use crate::{Error, ErrorKind, Health};

pub(super) struct FolderReader {
    slot: Slot,
    photo_allowed: bool,
    cancel: CancelHandle,
}

impl FolderReader {
    pub(super) fn new(folder: &Path, photo_allowed: bool) -> Result<Self, Error> {
        Ok(Self { slot: Slot::open(folder)?, photo_allowed, cancel: CancelHandle::default() })
    }

    fn wait_until<T>(&self, timeout: Duration, mut check: impl FnMut() -> Option<T>) -> Result<Option<T>, Error> {
        self.cancel.reset();
        let deadline = Deadline::after(timeout);
        loop {
            if let Some(found) = check() {
                return Ok(Some(found));
            }
            if self.cancel.is_cancelled() {
                return Err(Error::new(ErrorKind::Cancelled, "cancelled"));
            }
            if deadline.passed() {
                return Ok(None);
            }
            thread::sleep(TICK.min(deadline.left()));
        }
    }

    /// The card, when it is there and sound.
    fn sound_card(&self, timeout: Duration) -> Result<CardFile, Error> {
        let Some(card) = self.slot.card() else {
            return Err(Error::new(ErrorKind::MediaAbsent, "no card on the reader"));
        };
        match card.fault {
            None => Ok(card),
            Some(CardFault::Unreadable) => Err(Error::new(ErrorKind::Unreadable, "the card cannot be read")),
            Some(CardFault::RemovedMidRead) => {
                self.slot.remove();
                Err(Error::new(ErrorKind::Removed, "the card was taken away during the reading"))
            }
            Some(CardFault::Mute) => {
                let gone = self.wait_until(timeout, || self.slot.card().is_none().then_some(()))?;
                Err(match gone {
                    Some(()) => Error::new(ErrorKind::Removed, "the card was taken away during the reading"),
                    None => Error::new(ErrorKind::NotResponding, "the reader does not answer"),
                })
            }
        }
    }
}

impl EktpReader for FolderReader {
    fn status(&mut self) -> Result<ReaderStatus, Error> {
        let card = self.slot.card();
        Ok(ReaderStatus {
            health: Health::Ready,
            card_present: card.is_some(),
            simulated: true,
            model: MODEL.into(),
            card_id: card.as_ref().map(CardFile::card_id),
        })
    }

    fn wait_card(&mut self, timeout: Duration) -> Result<CardEvent, Error> {
        let found = self.wait_until(timeout, || self.slot.card())?;
        Ok(if found.is_some() { CardEvent::Placed } else { CardEvent::NoCard })
    }

    fn read(&mut self, scopes: &[Scope], timeout: Duration) -> Result<Reading, Error> {
        check_scopes(scopes, self.photo_allowed)?;
        let card = self.sound_card(timeout)?;
        reading_from(self.slot.fields(card, scopes), scopes, Origin::Simulated)
    }

    fn finger_match(&mut self, timeout: Duration) -> Result<FingerMatch, Error> {
        let finger = self.sound_card(timeout)?.finger();
        finger.ok_or_else(|| Error::new(ErrorKind::Timeout, "nobody put a finger on the reader"))
    }

    fn cancel(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn cancel_handle(&self) -> CancelHandle {
        self.cancel.clone()
    }

    fn simulated(&self) -> bool {
        true
    }
}
