//! One type per kind of identifier, so that a case is never mistaken for a ticket.
//!
//! Identifiers are UUIDs made by the program that first writes the thing down; a request that is sent twice
//! carries the same identifier twice.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is not an identifier of the expected form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID")]
pub struct IdError;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID.
            #[must_use]
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// Makes a time-ordered identifier (UUIDv7, RFC 9562) from a time and ten random bytes.
            #[must_use]
            pub fn from_parts(unix_ms: u64, random: &[u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(unix_ms, random).into_uuid())
            }

            /// Returns the UUID inside.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::try_parse(text).map(Self).map_err(|_| IdError)
            }
        }
    };
}

id! {
    /// Names a case (permohonan). Made at the kiosk, before anything is sent.
    CaseId
}
id! {
    /// Names one document of one case.
    DocumentId
}
id! {
    /// Names a ticket (nomor antrean) beyond its printed number.
    TicketId
}
id! {
    /// Names a person with a login.
    UserId
}
id! {
    /// Names one write, so that the same request twice gives the same answer.
    RequestId
}
id! {
    /// Names an enrolled machine: a kiosk, a counter, a board.
    StationId
}
id! {
    /// Names one fault of a device, from its beginning to its clearing.
    FaultId
}
