//! Devices on their own threads: commands go in, plain events come out, and the window never waits.
//!
//! Each worker opens its device from the URL of the configuration. A URL that cannot be understood is an error at
//! once; a device that is away is only a [`DeviceState`], told on every change.

mod printer;
mod qr_scanner;
mod reader;
mod scanner;
mod speaker;

pub use printer::{PrinterEvent, PrinterWorker, open_configured_printer};
pub use qr_scanner::{QrEvent, QrWorker};
pub use reader::{ReaderEvent, ReaderWorker};
pub use scanner::{ScannerEvent, ScannerWorker};
pub use speaker::{CHIME, SpeakerEvent, SpeakerWorker};

use std::time::{Duration, Instant};

use anjungan_hardware::{DeviceUrl, Health};

use crate::domain::device::{DeviceHealth, DeviceKind};

/// How a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceState {
    /// In one word.
    pub health: Health,
    /// Its data or paper is not real: the window shows a banner.
    pub simulated: bool,
    /// Slips that the rest of a nearly empty roll is good for; only of a printer, and only as far as it can be told.
    pub slips_left: Option<u32>,
}

impl DeviceState {
    /// A device of which only its health is known.
    #[must_use]
    pub const fn of(health: Health, simulated: bool) -> Self {
        Self { health, simulated, slips_left: None }
    }

    /// Whether a device of this kind can do its work so: a scanner that waits for a page can.
    #[must_use]
    pub fn works(self, device: DeviceKind) -> bool {
        let health = DeviceHealth::from(self.health);
        health.is_usable() || !health.needs_staff(device)
    }
}

/// Why a device worker cannot start.
#[derive(Debug, thiserror::Error)]
pub enum DeviceStartError {
    /// The configuration names no usable device.
    #[error("{0}")]
    Url(#[from] anjungan_hardware::Error),
    /// The system gives no thread.
    #[error("no thread for a device: {0}")]
    Thread(#[from] std::io::Error),
}

pub(in crate::station) fn parse(url: &str) -> Result<DeviceUrl, DeviceStartError> {
    Ok(DeviceUrl::parse(url)?)
}

/// Tells the state of a device when it changed, and knows when to ask again.
pub(in crate::station) struct Watch {
    device: DeviceKind,
    last: Option<DeviceState>,
    every: Duration,
    due: Instant,
}

impl Watch {
    pub(in crate::station) fn new(device: DeviceKind, every: Duration) -> Self {
        Self { device, last: None, every, due: Instant::now() }
    }

    /// Makes the next look come soon: something has happened that it should see.
    pub(in crate::station) fn look_soon(&mut self) {
        self.due = Instant::now();
    }

    /// The time until the next look, zero when it is due; a due look is counted as done.
    pub(in crate::station) fn wait(&mut self) -> Duration {
        let now = Instant::now();
        let wait = self.due.saturating_duration_since(now);
        if wait.is_zero() {
            self.due = now + self.every;
        }
        wait
    }

    /// Makes the next look, a full interval from now, news whatever it finds.
    fn tell_next(&mut self) {
        self.last = None;
        self.due = Instant::now() + self.every;
    }

    /// Returns the state if it is news.
    pub(in crate::station) fn news(&mut self, state: DeviceState) -> Option<DeviceState> {
        let health = state.health;
        if self.last == Some(state) {
            return None;
        }
        let was_usable = self.last.is_none_or(|last| last.health.is_usable());
        self.last = Some(state);
        let device = self.device;
        if was_usable && !health.is_usable() {
            tracing::warn!(?device, ?health, "device fault");
        } else if !was_usable && health.is_usable() {
            tracing::info!(?device, ?health, "device fault cleared");
        }
        Some(state)
    }
}
