//! The messages of the gateway protocol (`docs/ektp-gateway.md`), used by the driver and by the simulator.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Scope;
use crate::link::{Deadline, Link};
use crate::{Error, ErrorKind};

/// Version of the protocol in the status reply.
pub(super) const VERSION: u32 = 1;

/// Longest line in bytes, without its line feed.
pub(super) const MAX_LINE: usize = 16 * 1024;

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
    Status,
    WaitCard { timeout_ms: u64 },
    Read { scopes: Vec<Scope>, timeout_ms: u64 },
    Cancel { target: Option<u64> },
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
    Error,
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
}

impl Reply {
    pub(super) fn new(id: u64, result: Code) -> Self {
        Self { id, result, detail: None, status: None, card: None }
    }

    /// The error a result stands for; `Ok` for [`Code::Ok`].
    pub(super) fn check(&self) -> Result<(), Error> {
        let (kind, what) = match self.result {
            Code::Ok => return Ok(()),
            Code::NoCard => (ErrorKind::MediaAbsent, "no card on the reader"),
            Code::Unreadable => (ErrorKind::Unreadable, "the card cannot be read"),
            Code::Removed => (ErrorKind::Removed, "the card was taken away during the reading"),
            Code::Busy => (ErrorKind::Busy, "the gateway is busy"),
            Code::Timeout => (ErrorKind::Timeout, "the gateway ran out of time"),
            Code::Cancelled => (ErrorKind::Cancelled, "cancelled"),
            Code::Error => (ErrorKind::Device, "the gateway reports an error"),
        };
        Err(Error::new(kind, what))
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
}

/// Cuts lines out of a stream; a line that is too long is refused, not stored.
#[derive(Default)]
pub(super) struct LineReader {
    bytes: Vec<u8>,
}

impl LineReader {
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
                if line.len() > MAX_LINE {
                    return Err(too_long());
                }
                return Ok(Some(line));
            }
            if self.bytes.len() > MAX_LINE {
                self.bytes.clear();
                return Err(too_long());
            }
            let mut buffer = [0; 4096];
            let count = link.read(&mut buffer, deadline.left())?;
            if count == 0 && deadline.passed() {
                return Ok(None);
            }
            self.bytes.extend_from_slice(&buffer[..count]);
        }
    }
}

fn too_long() -> Error {
    Error::new(ErrorKind::Garbled, format!("the other side sends a line longer than {MAX_LINE} bytes"))
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
        assert_eq!(line(1, Verb::Status), "{\"id\":1,\"verb\":\"status\"}\n");
        let read = Verb::Read { scopes: vec![Scope::Identity, Scope::Biodata], timeout_ms: 5000 };
        assert_eq!(
            line(3, read),
            "{\"id\":3,\"verb\":\"read\",\"scopes\":[\"identity\",\"biodata\"],\"timeout_ms\":5000}\n"
        );
        assert_eq!(line(4, Verb::Cancel { target: Some(3) }), "{\"id\":4,\"verb\":\"cancel\",\"target\":3}\n");
    }
}
