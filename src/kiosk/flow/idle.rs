//! Whoever walks away is warned, then everything they said is wiped.

use jiff::{SignedDuration, Timestamp};

use super::{Comfort, Flow, KioskEffect, Place};

/// Countdown between the idle warning and the wipe.
pub const IDLE_WARNING: SignedDuration = SignedDuration::from_secs(30);
/// A failure shown while nobody is in a session goes away by itself.
const FAILURE_SHOWN: SignedDuration = SignedDuration::from_secs(20);
/// Listening takes longer than reading.
const BY_EAR_FACTOR: i32 = 3;

impl Flow {
    pub(super) fn tick(&mut self, now: Timestamp, effects: &mut Vec<KioskEffect>) {
        self.storm_tick(now, effects);
        self.staff_tick(now);
        self.settle(now);
        let quiet = now.duration_since(self.touched_at);
        let idle = self.stretched(self.setup.idle);
        match self.place {
            Place::Submitting | Place::Staff | Place::StaffPin => {}
            Place::Attract | Place::Closed | Place::OutOfService => {
                if quiet >= self.stretched(FAILURE_SHOWN) {
                    self.failure = None;
                }
                // Whoever turned the letters large and left without beginning.
                if quiet >= idle {
                    self.comfort = Comfort::default();
                }
            }
            _ => match self.warned_at {
                Some(at) if now.duration_since(at) >= self.stretched(IDLE_WARNING) => self.end_session(now, effects),
                Some(_) => {}
                // The wipe always comes after a shown warning, also when the clock leaps ahead.
                None if quiet >= idle => self.warned_at = Some(now),
                None => {}
            },
        }
    }

    /// A time as it is for the person who stands here.
    fn stretched(&self, time: SignedDuration) -> SignedDuration {
        if self.comfort.by_ear { time * BY_EAR_FACTOR } else { time }
    }

    /// A clock that was set back must not stretch the idle time by as much.
    pub(super) fn heed_clock(&mut self, now: Timestamp) {
        self.touched_at = self.touched_at.min(now);
        self.warned_at = self.warned_at.map(|at| at.min(now));
        self.committed_at = self.committed_at.filter(|at| *at <= now);
    }

    /// The whole countdown, in seconds.
    pub(in crate::kiosk) fn idle_seconds(&self) -> i64 {
        self.stretched(IDLE_WARNING).as_secs()
    }

    /// The end of a session by the idle countdown, in whole seconds; none without a warning.
    pub(in crate::kiosk) fn idle_seconds_left(&self, now: Timestamp) -> Option<i64> {
        let at = self.warned_at?;
        Some((self.stretched(IDLE_WARNING) - now.duration_since(at)).as_secs().max(0))
    }
}
