//! What can be wrong with a device: the health words and the error type.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// State of a device in the words of IATA CUSS, the common-use self-service standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Works.
    Ready,
    /// No media where the device expects one (no page on the glass, no card on the reader).
    MediaAbsent,
    /// The supply ran out (paper end).
    MediaEmpty,
    /// The supply is about to run out; the device still works.
    MediaLow,
    /// An output place is full.
    MediaFull,
    /// Media is stuck.
    Jammed,
    /// A part is not where it belongs (an open cover).
    Misplaced,
    /// The device reports a defect, or answers with bytes that make no sense.
    Damaged,
    /// There is no connection: unplugged, switched off, wrong address, no driver.
    NotReachable,
    /// There is a connection, but no answer in time.
    NotResponding,
}

impl Health {
    /// Whether the device can do its work now: [`Health::Ready`] or [`Health::MediaLow`].
    pub fn is_usable(self) -> bool {
        matches!(self, Self::Ready | Self::MediaLow)
    }
}

/// What went wrong, for a program to decide on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The device URL cannot be understood.
    InvalidUrl,
    /// The URL is well formed, but this kind of device has no driver for its scheme.
    UnsupportedScheme,
    /// The request asks for something the device or driver cannot do.
    InvalidRequest,
    /// No connection: unplugged, refused, no such path.
    NotReachable,
    /// Connected, but no answer within the time limit.
    NotResponding,
    /// Another program or an earlier request holds the device.
    Busy,
    /// The deadline of the call passed while the device was still working.
    Timeout,
    /// The caller cancelled.
    Cancelled,
    /// The operating system refuses access.
    Denied,
    /// The device answered something that is not its protocol, or data that is damaged.
    Garbled,
    /// Data beyond a limit of this crate.
    TooLarge,
    /// No page, no card.
    MediaAbsent,
    /// The supply ran out.
    MediaEmpty,
    /// Media is stuck.
    Jammed,
    /// The feeder took two sheets at once.
    DoubleFeed,
    /// A cover is open.
    CoverOpen,
    /// The card is there but cannot be read.
    Unreadable,
    /// The card was taken away during the reading.
    Removed,
    /// The device itself reports a failure.
    Device,
    /// Any other failure of the operating system.
    Io,
}

/// An error of a device, with its kind, a sentence for the log, and the cause when there is one.
///
/// The text never holds personal data.
#[derive(Clone)]
pub struct Error {
    kind: ErrorKind,
    context: String,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error without a cause of its own.
    pub fn new(kind: ErrorKind, context: impl Into<String>) -> Self {
        Self { kind, context: context.into(), source: None }
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Wraps an operating-system error and derives the kind from it.
    pub fn io(context: impl Into<String>, source: io::Error) -> Self {
        let kind = match source.kind() {
            io::ErrorKind::PermissionDenied => ErrorKind::Denied,
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => ErrorKind::NotResponding,
            io::ErrorKind::NotFound
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::NotConnected
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof => ErrorKind::NotReachable,
            // A serial device that was pulled out answers EIO, ENXIO or ENODEV.
            _ if matches!(source.raw_os_error(), Some(5 | 6 | 19)) => ErrorKind::NotReachable,
            _ => ErrorKind::Io,
        };
        Self::new(kind, context).with_source(source)
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The sentence for the log, without the cause.
    pub fn context(&self) -> &str {
        &self.context
    }

    /// The health a device has when a call to it fails like this.
    pub fn health(&self) -> Health {
        match self.kind {
            ErrorKind::NotReachable | ErrorKind::Denied | ErrorKind::InvalidUrl | ErrorKind::UnsupportedScheme => {
                Health::NotReachable
            }
            ErrorKind::NotResponding | ErrorKind::Timeout | ErrorKind::Busy => Health::NotResponding,
            ErrorKind::MediaAbsent | ErrorKind::Removed => Health::MediaAbsent,
            ErrorKind::MediaEmpty => Health::MediaEmpty,
            ErrorKind::Jammed | ErrorKind::DoubleFeed => Health::Jammed,
            ErrorKind::CoverOpen => Health::Misplaced,
            ErrorKind::Garbled | ErrorKind::Device | ErrorKind::Io => Health::Damaged,
            // These speak about the request or the medium, not about the device.
            ErrorKind::InvalidRequest | ErrorKind::Cancelled | ErrorKind::TooLarge | ErrorKind::Unreadable => {
                Health::Ready
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.context)?;
        if let Some(source) = &self.source {
            write!(f, ": {source}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({self})", self.kind)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        // The Display form already contains the cause; giving it again would print it twice in a chain.
        None
    }
}
