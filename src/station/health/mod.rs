//! How the devices of a station are: the words for staff, the faults for the journal, the report to the hub, and the
//! readiness report of the morning.
//!
//! A fault is one pair in the hub's journal: it began, it was cleared. What the hub does not have yet lies in a small
//! file of the station, so that a fault at night is told in the morning and none is told twice.

mod book;
mod disk;
mod readiness;
mod reporter;
mod store;
mod words;

pub use disk::Disk;
pub use readiness::{CLOCK_DRIFT_MAX, Checked, readiness_lines};
pub use reporter::{HealthEvent, HealthReporter, Reporting};
pub use store::STORE_FILE;
pub use words::{Advice, DeviceLine, advice, device_lines, slips_left_text};

use anjungan_hardware::Health;

use crate::domain::device::DeviceHealth;

impl From<Health> for DeviceHealth {
    fn from(health: Health) -> Self {
        match health {
            Health::Ready => Self::Ready,
            Health::MediaAbsent => Self::MediaAbsent,
            Health::MediaEmpty => Self::MediaEmpty,
            Health::MediaLow => Self::MediaLow,
            Health::MediaFull => Self::MediaFull,
            Health::Jammed => Self::Jammed,
            Health::Misplaced => Self::Misplaced,
            Health::Damaged => Self::Damaged,
            Health::NotReachable => Self::NotReachable,
            Health::NotResponding => Self::NotResponding,
        }
    }
}
