//! What the kiosk makes of its devices: what still works is offered, what does not is said; staff can look.

use jiff::{SignedDuration, Timestamp};

use super::{Flow, KioskEffect, Place};
use crate::domain::device::DeviceKind;
use crate::station::devices::DeviceState;
use crate::station::health::{DeviceLine, device_lines};

/// A panel that touches itself does so without pause: so many touches…
const STORM_TOUCHES: usize = 40;
/// …within this time are no person's.
const STORM_WITHIN: SignedDuration = SignedDuration::from_secs(5);
/// The panel is believed again when it was quiet for this long.
const STORM_QUIET: SignedDuration = SignedDuration::from_secs(20);

/// Touches that nobody makes: a wet or broken panel, a palm, a poster that leans on the glass.
#[derive(Debug, Clone, Default)]
pub(super) struct TouchStorm {
    recent: std::collections::VecDeque<Timestamp>,
    quiet_since: Option<Timestamp>,
}

impl TouchStorm {
    /// Counts a touch; true while the panel is not believed.
    pub(super) fn touched(&mut self, now: Timestamp) -> bool {
        self.recent.retain(|at| now.duration_since(*at).abs() < STORM_WITHIN);
        self.recent.push_back(now);
        if self.recent.len() > STORM_TOUCHES {
            self.recent.pop_front();
        }
        if self.recent.len() >= STORM_TOUCHES || self.quiet_since.is_some() {
            self.quiet_since = Some(now);
        }
        self.rages()
    }

    pub(super) const fn rages(&self) -> bool {
        self.quiet_since.is_some()
    }

    /// Time passes; true when the storm has just ended.
    pub(super) fn passed(&mut self, now: Timestamp) -> bool {
        let over = self.quiet_since.is_some_and(|at| now.duration_since(at).abs() >= STORM_QUIET);
        if over {
            *self = Self::default();
        }
        over
    }
}

impl Flow {
    /// How a device is; none before it has told.
    pub(in crate::kiosk) fn device(&self, device: DeviceKind) -> Option<DeviceState> {
        self.around.devices.get(&device).copied()
    }

    /// The devices of this kiosk, for its staff.
    pub(in crate::kiosk) fn device_lines(&self) -> Vec<DeviceLine> {
        device_lines(&self.around.devices)
    }

    /// Whether a device can do its work, as far as it has told.
    pub(in crate::kiosk) fn works(&self, device: DeviceKind) -> bool {
        self.device(device).is_none_or(|state| state.works(device))
    }

    /// Whether a device is there and has told that it can do its work; the speaker's is to be heard speaking.
    pub(in crate::kiosk) fn is_ready(&self, device: DeviceKind) -> bool {
        self.device(device).is_some_and(|state| state.works(device))
    }

    pub(super) fn device_changed(&mut self, device: DeviceKind, state: DeviceState, effects: &mut Vec<KioskEffect>) {
        self.around.devices.insert(device, state);
        if device == DeviceKind::Printer && state.health.is_usable() {
            self.printer_recovered(effects);
        }
    }

    /// Takes a touch into account; true when it must not count, because the panel touches itself.
    pub(super) fn storm_touched(&mut self, now: Timestamp, effects: &mut Vec<KioskEffect>) -> bool {
        // A program that touches faster than people says so.
        let raged = self.storm.rages();
        if self.setup.repeat_guard.is_zero() || !self.storm.touched(now) {
            return false;
        }
        if !raged {
            effects.push(KioskEffect::TellPanel { works: false });
        }
        if self.place != Place::OutOfService {
            self.end_session(now, effects);
        }
        true
    }

    pub(super) fn storm_tick(&mut self, now: Timestamp, effects: &mut Vec<KioskEffect>) {
        if self.storm.passed(now) {
            effects.push(KioskEffect::TellPanel { works: true });
            self.settle(now);
        }
    }
}
