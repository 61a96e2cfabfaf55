//! Byte links to a device, all with a deadline on every call.

mod child;
mod descriptor;
mod pty;
mod serial;
mod websocket;

use std::time::{Duration, Instant};

use crate::Error;

pub(crate) use child::{ChildLink, Ended};
pub(crate) use descriptor::DescriptorLink;
pub(crate) use pty::Pty;
pub(crate) use serial::open_serial;
pub(crate) use websocket::WebSocketLink;

/// A connected stream of bytes.
pub(crate) trait Link: Send {
    /// Reads what is there, waiting up to `timeout` for the first byte. `Ok(0)` means nothing came.
    /// A peer that went away is [`crate::ErrorKind::NotReachable`], never `Ok(0)`.
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, Error>;

    /// Writes all bytes, giving up when the peer has not taken them within `timeout`.
    fn write_all(&mut self, bytes: &[u8], timeout: Duration) -> Result<(), Error>;

    /// Whether the other side is a program of ours that ended, and how.
    fn ended(&mut self) -> Option<Ended> {
        None
    }
}

/// A moment by which a call must return.
#[derive(Clone, Copy)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    pub(crate) fn after(timeout: Duration) -> Self {
        // A day is for ever to a kiosk, and keeps the sum away from overflow.
        Self(Instant::now() + timeout.min(Duration::from_secs(24 * 3600)))
    }

    pub(crate) fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// This moment, or `least` from now if that is later.
    pub(crate) fn at_least(self, least: Duration) -> Self {
        Self(self.0.max(Instant::now() + least))
    }

    /// Whether it passed at least so long ago.
    pub(crate) fn passed_by(self, grace: Duration) -> bool {
        Instant::now().saturating_duration_since(self.0) >= grace && self.passed()
    }

    pub(crate) fn passed(self) -> bool {
        self.left().is_zero()
    }
}
