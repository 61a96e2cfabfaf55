//! The messages of the gateway protocol (`docs/ektp-gateway.md`), used by the driver and by the simulator.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{FingerMatch, Scope};
use crate::link::{Deadline, Link};
use crate::{Error, ErrorKind};

/// Newest version of the protocol that we speak.
pub(super) const VERSION: u32 = 2;

/// Oldest version that we speak: no photo, no finger, fewer result words.
pub(super) const OLDEST: u32 = 1;

/// Longest line in bytes, without its line feed.
pub(super) const MAX_LINE: usize = 16 * 1024;

/// Longest line of an answer that holds a photo.
pub(super) const MAX_PHOTO_LINE: usize = 128 * 1024;

/// A line from the kiosk to the gateway.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) id: u64,
    #[serde(flatten)]
    pub(super) verb: Verb,
}

/// What is asked.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "snake_case")]
pub(super) enum Verb {
    Status {
        /// The newest version the kiosk speaks; absent means 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        protocol: Option<u32>,
    },
    WaitCard {
        timeout_ms: u64,
    },
    Read {
        scopes: Vec<Scope>,
        timeout_ms: u64,
    },
    FingerMatch {
        timeout_ms: u64,
    },
    Cancel {
        target: Option<u64>,
    },
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Code {
    Ok,
    NoCard,
    Unreadable,
    Removed,
    Busy,
    Timeout,
    Cancelled,
    Unsupported,
    Denied,
    NotReachable,
    NotResponding,
    Error,
}

impl Code {
    /// The word for an error of a driver on the gateway's side.
    pub(super) fn of(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::MediaAbsent => Self::NoCard,
            ErrorKind::Unreadable | ErrorKind::Garbled | ErrorKind::TooLarge => Self::Unreadable,
            ErrorKind::Removed => Self::Removed,
            ErrorKind::Busy => Self::Busy,
            ErrorKind::Timeout => Self::Timeout,
            ErrorKind::Cancelled => Self::Cancelled,
            ErrorKind::InvalidRequest => Self::Unsupported,
            ErrorKind::Denied => Self::Denied,
            ErrorKind::NotReachable => Self::NotReachable,
            ErrorKind::NotResponding => Self::NotResponding,
            _ => Self::Error,
        }
    }
}

/// A line from the gateway to the kiosk. Its `Debug` form is absent on purpose: it may hold a person.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Reply {
    pub(super) id: u64,
    pub(super) result: Code,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) detail: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<StatusBody>,
    /// The fields of a card, as in [`super::Reading`] without its origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) card: Option<serde_json::Map<String, serde_json::Value>>,
    /// Whether a finger belongs to the card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) finger: Option<FingerMatch>,
}

impl Reply {
    pub(super) fn new(id: u64, result: Code) -> Self {
        Self { id, result, detail: None, status: None, card: None, finger: None }
    }

    /// The answer of a driver that failed. Its text holds no personal data, as every text of ours.
    pub(super) fn failed(id: u64, error: &Error) -> Self {
        let detail = error.to_string().chars().take(300).collect();
        Self { detail: Some(detail), ..Self::new(id, Code::of(error.kind())) }
    }

    /// The error a result stands for; `Ok` for [`Code::Ok`]. The gateway's own words are used only where they are
    /// ours, because a vendor's may name a person.
    pub(super) fn check(&self, trusted: bool) -> Result<(), Error> {
        let (kind, what) = self.kind_and_words();
        match (kind, &self.detail) {
            (None, _) => Ok(()),
            (Some(kind), Some(detail)) if trusted => Err(Error::new(kind, detail.clone())),
            (Some(kind), _) => Err(Error::new(kind, what)),
        }
    }

    fn kind_and_words(&self) -> (Option<ErrorKind>, &'static str) {
        let (kind, what) = match self.result {
            Code::Ok => return (None, ""),
            Code::NoCard => (ErrorKind::MediaAbsent, "no card on the reader"),
            Code::Unreadable => (ErrorKind::Unreadable, "the card cannot be read"),
            Code::Removed => (ErrorKind::Removed, "the card was taken away during the reading"),
            Code::Busy => (ErrorKind::Busy, "the gateway is busy"),
            Code::Timeout => (ErrorKind::Timeout, "the gateway ran out of time"),
            Code::Cancelled => (ErrorKind::Cancelled, "cancelled"),
            Code::Unsupported => (ErrorKind::InvalidRequest, "the gateway cannot do this"),
            Code::Denied => (ErrorKind::Denied, "the gateway may not do this"),
            Code::NotReachable => (ErrorKind::NotReachable, "the gateway has no connection to its reader"),
            Code::NotResponding => (ErrorKind::NotResponding, "the gateway's reader does not answer"),
            Code::Error => (ErrorKind::Device, "the gateway reports an error"),
        };
        (Some(kind), what)
    }
}

/// What a gateway says about itself.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct StatusBody {
    pub(super) protocol: u32,
    pub(super) model: String,
    #[serde(default)]
    pub(super) simulated: bool,
    #[serde(default)]
    pub(super) card: bool,
    /// Opaque name of the card that lies there, where the gateway knows it without reading the card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) card_id: Option<String>,
    /// What may be asked for, in the words of [`Scope`]; absent means identity and biodata.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) scopes: Option<Vec<String>>,
    /// Whether `finger_match` works.
    #[serde(default)]
    pub(super) finger: bool,
}

/// Whether a gateway that lists what it can do lists everything asked for. The NIK is part of every answer, so a
/// gateway that cannot tell the identity cannot answer at all.
pub(super) fn offers(offered: Option<&[String]>, scopes: &[Scope]) -> bool {
    let has = |word: &str| match offered {
        Some(words) => words.iter().any(|offered| offered == word),
        None => word != Scope::Photo.word(),
    };
    has(Scope::Identity.word()) && scopes.iter().all(|scope| has(scope.word()))
}

/// Cuts lines out of a stream; a line that is too long is refused, not stored.
pub(super) struct LineReader {
    bytes: Vec<u8>,
    limit: usize,
}

impl Default for LineReader {
    fn default() -> Self {
        Self { bytes: Vec::new(), limit: MAX_LINE }
    }
}

impl LineReader {
    /// Sets the longest line, without its end, that is taken from now on.
    pub(super) fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// The next line, without its end. `Ok(None)` when none is whole by the deadline.
    pub(super) fn next_line(&mut self, link: &mut dyn Link, wait: Duration) -> Result<Option<Vec<u8>>, Error> {
        let deadline = Deadline::after(wait);
        loop {
            if let Some(end) = self.bytes.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.bytes.drain(..=end).collect();
                line.pop();
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                if line.len() > self.limit {
                    return Err(self.too_long());
                }
                return Ok(Some(line));
            }
            if self.bytes.len() > self.limit {
                self.bytes.clear();
                return Err(self.too_long());
            }
            let mut buffer = [0; 4096];
            let count = link.read(&mut buffer, deadline.left())?;
            if count == 0 && deadline.passed() {
                return Ok(None);
            }
            self.bytes.extend_from_slice(&buffer[..count]);
        }
    }

    fn too_long(&self) -> Error {
        Error::new(ErrorKind::Garbled, format!("the other side sends a line longer than {} bytes", self.limit))
    }
}

/// A message as a line.
pub(super) fn to_line(message: &impl Serialize) -> Result<Vec<u8>, Error> {
    let mut line = serde_json::to_vec(message).map_err(|error| Error::io("gateway message", error.into()))?;
    line.push(b'\n');
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_look_as_documented() {
        let line = |id, verb| String::from_utf8(to_line(&Request { id, verb }).unwrap()).unwrap();
        assert_eq!(line(1, Verb::Status { protocol: Some(2) }), "{\"id\":1,\"verb\":\"status\",\"protocol\":2}\n");
        assert_eq!(
            line(2, Verb::FingerMatch { timeout_ms: 9 }),
            "{\"id\":2,\"verb\":\"finger_match\",\"timeout_ms\":9}\n"
        );
        let read = Verb::Read { scopes: vec![Scope::Identity, Scope::Biodata], timeout_ms: 5000 };
        assert_eq!(
            line(3, read),
            "{\"id\":3,\"verb\":\"read\",\"scopes\":[\"identity\",\"biodata\"],\"timeout_ms\":5000}\n"
        );
        assert_eq!(line(4, Verb::Cancel { target: Some(3) }), "{\"id\":4,\"verb\":\"cancel\",\"target\":3}\n");
    }

    #[test]
    fn a_status_of_the_first_version_is_understood() {
        let request: Request = serde_json::from_str(r#"{"id":1,"verb":"status"}"#).unwrap();
        assert!(matches!(request.verb, Verb::Status { protocol: None }));
    }

    #[test]
    fn what_a_gateway_offers_is_what_may_be_asked() {
        let only = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert!(offers(None, &[Scope::Identity, Scope::Biodata]));
        assert!(!offers(None, &[Scope::Photo]));
        assert!(!offers(only(&[]).as_deref(), &[]));
        assert!(offers(only(&["identity"]).as_deref(), &[Scope::Identity]));
        assert!(!offers(only(&["identity"]).as_deref(), &[Scope::Identity, Scope::Photo]));
        assert!(offers(only(&["identity", "photo", "iris"]).as_deref(), &[Scope::Photo]));
    }

    #[test]
    fn only_our_own_helper_is_quoted() {
        let reply = Reply { detail: Some("SITI AMINAH".into()), ..Reply::new(1, Code::Error) };
        assert_eq!(reply.check(false).unwrap_err().to_string(), "the gateway reports an error");
        assert_eq!(reply.check(true).unwrap_err().to_string(), "SITI AMINAH");
    }
}
