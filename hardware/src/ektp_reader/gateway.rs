//! The driver of a KTP-el gateway.

use std::path::PathBuf;
use std::time::Duration;

use super::protocol::{Code, LineReader, Reply, Request, VERSION, Verb, to_line};
use super::reading::is_nik;
use super::{CancelHandle, CardEvent, EktpReader, Origin, ReaderStatus, Reading, Scope};
use crate::link::{Deadline, DescriptorLink, Link, open_serial};
use crate::{Address, DeviceUrl, Error, ErrorKind, Health};

/// Longest wait for a connection and for short answers.
const SHORT: Duration = Duration::from_secs(2);

/// How often a waiting call looks whether it is cancelled.
const CANCEL_CHECK: Duration = Duration::from_millis(50);

/// Time of a call that the gateway does not get, so that its own "timeout" arrives before we stop listening.
const HEADROOM: Duration = Duration::from_millis(250);

enum Target {
    Tcp { host: String, port: u16 },
    Serial { path: PathBuf, baud: u32 },
}

struct Connection {
    link: Box<dyn Link>,
    lines: LineReader,
}

pub(super) struct GatewayReader {
    target: Target,
    connection: Option<Connection>,
    next_id: u64,
    marked_simulated: bool,
    says_simulated: bool,
    cancel: CancelHandle,
}

impl GatewayReader {
    pub(super) fn new(url: &DeviceUrl) -> Result<Self, Error> {
        let target = match url.address() {
            Address::GatewayTcp { host, port } => Target::Tcp { host: host.clone(), port: *port },
            Address::GatewaySerial(path) => {
                Target::Serial { path: path.clone(), baud: url.number("baud")?.unwrap_or(115_200).max(300) }
            }
            _ => return Err(url.unsupported("KTP-el reader", "gateway+tcp://, gateway+serial:///")),
        };
        Ok(Self {
            target,
            connection: None,
            next_id: 1,
            marked_simulated: url.is_simulated(),
            says_simulated: false,
            cancel: CancelHandle::default(),
        })
    }

    fn connected(&mut self, deadline: Deadline) -> Result<(), Error> {
        if self.connection.is_some() {
            return Ok(());
        }
        let link: Box<dyn Link> = match &self.target {
            Target::Tcp { host, port } => Box::new(DescriptorLink::connect(host, *port, SHORT.min(deadline.left()))?),
            Target::Serial { path, baud } => open_serial(path, *baud)?,
        };
        self.connection = Some(Connection { link, lines: LineReader::default() });
        // A gateway may have been replaced by a simulator meanwhile, and every reading says where it comes from.
        let reply = self.exchange(Verb::Status, deadline.left().min(SHORT))?;
        self.note_status(&reply).map(|_| ())
    }

    /// Sends one request and waits for its reply. A broken connection is dropped and made anew by the next call.
    fn ask(&mut self, verb: impl FnOnce(Duration) -> Verb, timeout: Duration) -> Result<Reply, Error> {
        let deadline = Deadline::after(timeout);
        self.connected(deadline).inspect_err(|_| self.connection = None)?;
        self.exchange(verb(deadline.left().saturating_sub(HEADROOM)), deadline.left())
    }

    fn exchange(&mut self, verb: Verb, timeout: Duration) -> Result<Reply, Error> {
        let result = self.try_exchange(verb, Deadline::after(timeout));
        if let Err(error) = &result
            && error.kind() != ErrorKind::Cancelled
        {
            // Whatever arrives later on this connection would belong to a request nobody waits for.
            tracing::warn!(%error, "KTP-el gateway");
            self.connection = None;
        }
        result
    }

    fn try_exchange(&mut self, verb: Verb, deadline: Deadline) -> Result<Reply, Error> {
        let id = self.next_id;
        self.next_id += 1;
        let request = to_line(&Request { id, verb })?;
        let cancelling = to_line(&Request { id: self.next_id, verb: Verb::Cancel { target: Some(id) } })?;
        let cancel = self.cancel.clone();
        let Some(Connection { link, lines }) = &mut self.connection else {
            return Err(Error::new(ErrorKind::NotReachable, "the gateway is not connected"));
        };
        link.write_all(&request, SHORT.min(deadline.left()))?;
        loop {
            if cancel.is_cancelled() {
                self.next_id += 1;
                link.write_all(&cancelling, CANCEL_CHECK)?;
                return Err(Error::new(ErrorKind::Cancelled, "cancelled"));
            }
            if deadline.passed() {
                return Err(Error::new(ErrorKind::NotResponding, "the gateway does not answer"));
            }
            let Some(line) = lines.next_line(&mut **link, CANCEL_CHECK.min(deadline.left()))? else { continue };
            if line.is_empty() {
                continue;
            }
            let reply: Reply = serde_json::from_slice(&line).map_err(|error| {
                // The cause is left out: serde quotes the text, and the text may be a person.
                let (line, column) = (error.line(), error.column());
                Error::new(ErrorKind::Garbled, format!("the gateway's answer is not a reply (at {line}:{column})"))
            })?;
            // An answer to a request that was cancelled or timed out.
            if reply.id != id {
                continue;
            }
            return Ok(reply);
        }
    }

    fn note_status(&mut self, reply: &Reply) -> Result<ReaderStatus, Error> {
        reply.check()?;
        let body =
            reply.status.as_ref().ok_or_else(|| Error::new(ErrorKind::Garbled, "the gateway's status is empty"))?;
        if body.protocol != VERSION {
            let what = format!("the gateway speaks protocol {}, this program {VERSION}", body.protocol);
            return Err(Error::new(ErrorKind::Garbled, what));
        }
        self.says_simulated = body.simulated;
        Ok(ReaderStatus {
            health: Health::Ready,
            card_present: body.card,
            simulated: self.simulated(),
            model: body.model.chars().filter(|c| !c.is_control()).take(80).collect(),
        })
    }
}

impl EktpReader for GatewayReader {
    fn status(&mut self) -> Result<ReaderStatus, Error> {
        self.cancel.reset();
        let reply = self.ask(|_| Verb::Status, SHORT)?;
        self.note_status(&reply).inspect_err(|_| self.connection = None)
    }

    fn wait_card(&mut self, timeout: Duration) -> Result<CardEvent, Error> {
        self.cancel.reset();
        let reply = self.ask(|left| Verb::WaitCard { timeout_ms: millis(left) }, timeout)?;
        match reply.result {
            Code::NoCard | Code::Timeout => Ok(CardEvent::NoCard),
            _ => reply.check().map(|()| CardEvent::Placed),
        }
    }

    fn read(&mut self, scopes: &[Scope], timeout: Duration) -> Result<Reading, Error> {
        self.cancel.reset();
        let scopes = scopes.to_vec();
        let asked = scopes.clone();
        let reply = self.ask(|left| Verb::Read { scopes, timeout_ms: millis(left) }, timeout)?;
        reply.check()?;
        let origin = if self.simulated() { Origin::Simulated } else { Origin::Gateway };
        let card = reply.card.ok_or_else(|| Error::new(ErrorKind::Garbled, "the gateway's reading is empty"))?;
        reading_from(card, &asked, origin)
    }

    fn cancel(&mut self) -> Result<(), Error> {
        self.cancel.reset();
        self.ask(|_| Verb::Cancel { target: None }, SHORT)?.check()
    }

    fn cancel_handle(&self) -> CancelHandle {
        self.cancel.clone()
    }

    fn simulated(&self) -> bool {
        self.marked_simulated || self.says_simulated
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Whether a field of a card may be used for these scopes.
pub(super) fn is_in_scope(key: &str, scopes: &[Scope]) -> bool {
    match key {
        "nik" => true,
        "name" => scopes.contains(&Scope::Identity),
        _ => scopes.contains(&Scope::Biodata),
    }
}

/// Builds a reading from the fields of a card, and keeps only what was asked for.
pub(super) fn reading_from(
    mut card: serde_json::Map<String, serde_json::Value>,
    scopes: &[Scope],
    origin: Origin,
) -> Result<Reading, Error> {
    if !card.get("nik").and_then(|nik| nik.as_str()).is_some_and(is_nik) {
        return Err(Error::new(ErrorKind::Unreadable, "the card's NIK is not 16 digits"));
    }
    let too_long = card.values().filter_map(|value| value.as_str()).any(|text| text.chars().count() > 200);
    if too_long {
        return Err(Error::new(ErrorKind::Garbled, "a field of the card is longer than any card's"));
    }
    let origin_word = serde_json::to_value(origin).map_err(|error| Error::io("reading", error.into()))?;
    card.retain(|key, _| is_in_scope(key, scopes));
    card.insert("origin".into(), origin_word);
    serde_json::from_value(card.into())
        .map_err(|_| Error::new(ErrorKind::Garbled, "the reading has fields of wrong type"))
}
