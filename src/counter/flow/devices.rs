//! What the counter makes of its devices: staff look at them, a card that is swapped or left behind is noticed.

use jiff::{SignedDuration, Timestamp};

use super::{CounterEffect, CounterFlow, HandoverPhase};
use crate::domain::device::DeviceKind;
use crate::station::devices::DeviceState;
use crate::station::health::{DeviceLine, device_lines};

/// A card that lies on the reader for this long while nobody hands over is a forgotten one.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_secs(10);

/// The card on the reader, as far as the reader tells it between readings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CardThere {
    /// Opaque name: another one is another card.
    id: Option<String>,
    since: Timestamp,
}

impl CounterFlow {
    pub(super) fn device_changed(&mut self, device: DeviceKind, state: DeviceState) {
        self.devices.insert(device, state);
    }

    pub(in crate::counter) fn device(&self, device: DeviceKind) -> Option<DeviceState> {
        self.devices.get(&device).copied()
    }

    pub(in crate::counter) const fn card_lies_there(&self) -> bool {
        self.card_there.is_some()
    }

    /// The devices of this counter, for its staff.
    pub(in crate::counter) fn device_lines(&self) -> Vec<DeviceLine> {
        device_lines(&self.devices)
    }

    pub(in crate::counter) fn is_simulated(&self) -> bool {
        self.devices.values().any(|state| state.simulated)
    }

    /// The reader saw a card come or go while nobody reads.
    pub(super) fn card_seen(&mut self, present: bool, id: Option<String>) {
        let before = self.card_there.take();
        if present {
            let same = before.as_ref().filter(|card| card.id == id);
            let since = same.map_or(self.now, |card| card.since);
            self.card_there = Some(CardThere { id, since });
        }
        let swapped = match (&before, &self.card_there) {
            (Some(before), Some(now)) => before.id != now.id,
            (Some(_), None) => true,
            // The first that is seen after a reading: it must be the card that was read.
            (None, Some(now)) => self.card_was_read(now),
            (None, None) => false,
        };
        if swapped {
            self.card_swapped(present);
        }
        self.remind_of_card();
    }

    /// Whether the matched card and this one have names, and different ones.
    fn card_was_read(&self, now: &CardThere) -> bool {
        let read = self.case.as_ref().and_then(|case| case.handover.card_id.as_ref());
        matches!((read, &now.id), (Some(read), Some(now)) if read != now)
    }

    /// The card that was matched is gone, and perhaps another lies there: what it proved is over. A new card is read
    /// anew, and when it is not the collector's the hub writes that down.
    fn card_swapped(&mut self, present: bool) {
        let matched = self.case.as_ref().is_some_and(|case| case.handover.phase == HandoverPhase::Matched);
        if !matched {
            return;
        }
        self.tell(if present {
            "Kartu pada pembaca berganti. Kartu dibaca sekali lagi."
        } else {
            "Kartu terangkat sebelum KK diserahkan. Letakkan sekali lagi."
        });
        self.watch_for_card();
    }

    /// Whether a forgotten card lies on the reader.
    pub(in crate::counter) fn card_forgotten(&self) -> bool {
        let handing_over = self
            .case
            .as_ref()
            .is_some_and(|case| !matches!(case.handover.phase, HandoverPhase::Done) && self.is_handing_over());
        let age = self.card_there.as_ref().map(|card| self.now.duration_since(card.since));
        // A clock that was set back must not hide it.
        !handing_over && age.is_some_and(|age| age >= FORGOTTEN_AFTER || age.is_negative())
    }

    /// Sounds once for each card that is forgotten.
    pub(super) fn remind_of_card(&mut self) {
        let forgotten = self.card_forgotten();
        if forgotten && !self.card_reminded {
            self.effects.push(CounterEffect::Chime);
        }
        self.card_reminded = forgotten;
    }
}
