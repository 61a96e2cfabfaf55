//! A connection to the PC/SC service that is made anew when the service was started again.
//!
//! The thread that watches and the thread that works have one each, because a call that blocks holds its connection.
//! What they know of the card is shared, and is true only as long as the service lives: a new one counts the comings
//! and goings of cards from the start, so an old count could be taken for a new card's.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::port::{Service, Slot};
use crate::{Error, ErrorKind};

/// What both threads know.
#[derive(Default)]
struct Known {
    /// How often the service was lost.
    losses: u64,
    /// The card that was last asked for its number: the reader's count at that moment, and the opaque name.
    seen: Option<(u32, String)>,
}

/// A connection, made when it is first used.
#[derive(Default)]
pub(super) struct Connection {
    service: Option<(u64, Service)>,
    known: Arc<Mutex<Known>>,
}

impl Connection {
    /// A connection for another thread, with the same knowledge.
    pub(super) fn sibling(&self) -> Self {
        Self { service: None, known: self.known.clone() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn service(&mut self) -> Result<&Service, Error> {
        let losses = self.known().losses;
        self.service = self.service.take().filter(|(made_after, _)| *made_after == losses);
        let service = match self.service.take() {
            Some(service) => service,
            None => (losses, Service::connect()?),
        };
        Ok(&self.service.insert(service).1)
    }

    /// Does something with the service, once more when the service was started again since the last time.
    pub(super) fn with_retry<T>(&mut self, mut work: impl FnMut(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        let was_connected = self.service.is_some();
        match work(self) {
            Err(error) if is_lost(&error) => {
                self.lose();
                if !was_connected {
                    return Err(error);
                }
                work(self).inspect_err(|error| {
                    if is_lost(error) {
                        self.lose();
                    }
                })
            }
            result => result,
        }
    }

    fn lose(&mut self) {
        let made_after = self.service.take().map(|(made_after, _)| made_after);
        let mut known = self.known();
        // The other thread may have noticed before, and may have seen a card since.
        if made_after.is_none_or(|made_after| made_after == known.losses) {
            *known = Known { losses: known.losses + 1, seen: None };
        }
    }

    /// The name of the card that lies there, if it was asked.
    pub(super) fn name_of(&self, slot: &Slot) -> Option<String> {
        let known = self.known();
        known.seen.as_ref().filter(|(count, _)| slot.card && *count == slot.count).map(|(_, name)| name.clone())
    }

    /// Remembers the name of a card.
    pub(super) fn note(&self, slot: &Slot, name: String) {
        self.known().seen = Some((slot.count, name));
    }
}

/// Whether the connection to the service may be of no use any more.
fn is_lost(error: &Error) -> bool {
    error.kind() == ErrorKind::NotReachable
}
