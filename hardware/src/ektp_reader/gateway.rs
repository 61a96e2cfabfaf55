//! The driver of a KTP-el gateway.

use std::time::Duration;

use super::protocol::{
    Code, LineReader, MAX_LINE, MAX_PHOTO_LINE, OLDEST, Reply, Request, VERSION, Verb, offers, to_line,
};
use super::reading::{check_photo, is_nik};
use super::target::Target;
use super::{
    CancelHandle, CardEvent, EktpReader, FingerMatch, Origin, ReaderStatus, Reading, Scope, check_scopes, photo_allowed,
};
use crate::link::{Deadline, Link};
use crate::{DeviceUrl, Error, ErrorKind, Health};

/// Longest wait for a connection and for short answers.
const SHORT: Duration = Duration::from_secs(2);

/// How often a waiting call looks whether it is cancelled.
const CANCEL_CHECK: Duration = Duration::from_millis(50);

/// Time of a call that the gateway does not get, so that its own "timeout" arrives before we stop listening.
const HEADROOM: Duration = Duration::from_millis(250);

/// Longest opaque name of a card.
const MAX_CARD_ID: usize = 64;

struct Connection {
    link: Box<dyn Link>,
    lines: LineReader,
}

/// What a gateway said about itself when it was connected.
struct Peer {
    scopes: Option<Vec<String>>,
    finger: bool,
}

pub(super) struct GatewayReader {
    target: Target,
    connection: Option<Connection>,
    next_id: u64,
    marked_simulated: bool,
    photo_allowed: bool,
    peer: Option<Peer>,
    /// What the last status said.
    says_simulated: bool,
    /// The last request that touched the card ended in silence.
    stuck: bool,
    cancel: CancelHandle,
}

impl GatewayReader {
    pub(super) fn new(url: &DeviceUrl) -> Result<Self, Error> {
        Ok(Self::over(Target::new(url)?, url.is_simulated(), photo_allowed(url)))
    }

    pub(super) fn over(target: Target, marked_simulated: bool, photo_allowed: bool) -> Self {
        Self {
            target,
            connection: None,
            next_id: 1,
            marked_simulated,
            photo_allowed,
            peer: None,
            says_simulated: false,
            stuck: false,
            cancel: CancelHandle::default(),
        }
    }

    /// Makes sure that there is a connection and that we know who is at its other end: every reading says where it
    /// comes from, and a gateway may have been replaced by a simulator meanwhile.
    fn connected(&mut self, deadline: Deadline) -> Result<(), Error> {
        self.forget_ended();
        if self.connection.is_none() {
            self.peer = None;
            let link = self.target.connect(SHORT.min(deadline.left()))?;
            self.connection = Some(Connection { link, lines: LineReader::default() });
        }
        if self.peer.is_none() {
            self.introduce(deadline)?;
        }
        Ok(())
    }

    /// Asks who is at the other end. A gateway that lost its reader is connected all the same.
    fn introduce(&mut self, deadline: Deadline) -> Result<ReaderStatus, Error> {
        self.peer = None;
        let reply = self.exchange(Verb::Status { protocol: Some(VERSION) }, deadline.left().min(SHORT))?;
        let result = self.note_status(&reply);
        if result.is_err() && reply.result == Code::Ok {
            self.connection = None;
        }
        result
    }

    /// Drops the connection to a helper that ended by itself, so that the next call starts a new one.
    fn forget_ended(&mut self) {
        self.forget_ended_within(Duration::ZERO);
    }

    fn forget_ended_within(&mut self, patience: Duration) {
        let deadline = Deadline::after(patience);
        while let Some(connection) = &mut self.connection {
            if let Some(ended) = connection.link.ended() {
                self.connection = None;
                self.target.note_end(ended);
            } else if deadline.passed() {
                return;
            } else {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }

    /// Whether there is a helper and it did not end.
    #[cfg(test)]
    pub(super) fn helper_runs(&mut self) -> bool {
        self.connection.as_mut().is_some_and(|connection| connection.link.ended().is_none())
    }

    /// Sends one request and waits for its reply. A broken connection is dropped and made anew by the next call.
    fn ask(&mut self, verb: impl FnOnce(Duration) -> Verb, timeout: Duration) -> Result<Reply, Error> {
        let deadline = Deadline::after(timeout);
        self.connected(deadline)?;
        self.ask_connected(verb, deadline)
    }

    fn ask_connected(&mut self, verb: impl FnOnce(Duration) -> Verb, deadline: Deadline) -> Result<Reply, Error> {
        self.exchange(verb(deadline.left().saturating_sub(HEADROOM)), deadline.left())
    }

    fn exchange(&mut self, verb: Verb, timeout: Duration) -> Result<Reply, Error> {
        let result = self.try_exchange(verb, Deadline::after(timeout));
        if let Err(error) = &result
            && error.kind() != ErrorKind::Cancelled
        {
            // Whatever arrives later on this connection would belong to a request nobody waits for.
            tracing::warn!(%error, "KTP-el gateway");
            // A helper that closed its end is about to be gone; how it went decides when the next one is started.
            let closed = self.target.is_ours() && error.kind() == ErrorKind::NotReachable;
            self.forget_ended_within(if closed { CANCEL_CHECK } else { Duration::ZERO });
            self.connection = None;
        }
        result
    }

    /// Asks for something the card takes part in, and remembers whether it was answered.
    fn ask_about_card(&mut self, verb: impl FnOnce(Duration) -> Verb, deadline: Deadline) -> Result<Reply, Error> {
        let result = self.ask_connected(verb, deadline);
        match &result {
            // The service holds the card for the helper that was killed until the card lets go of it.
            Ok(reply) if reply.result == Code::Busy => {}
            Ok(reply) => self.stuck = reply.result == Code::NotResponding,
            Err(error) if error.kind() == ErrorKind::NotResponding => self.stuck = true,
            Err(_) => {}
        }
        let cancelled = result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Cancelled);
        if self.target.is_ours() && (self.stuck || cancelled) {
            // A helper that hangs on a card ends by itself in a moment; the next call should not meet it dying.
            self.connection = None;
        }
        result
    }

    fn try_exchange(&mut self, verb: Verb, deadline: Deadline) -> Result<Reply, Error> {
        let id = self.next_id;
        self.next_id += 1;
        let with_photo = matches!(&verb, Verb::Read { scopes, .. } if scopes.contains(&Scope::Photo));
        let request = to_line(&Request { id, verb })?;
        let cancelling = to_line(&Request { id: self.next_id, verb: Verb::Cancel { target: Some(id) } })?;
        let cancel = self.cancel.clone();
        let Some(Connection { link, lines }) = &mut self.connection else {
            return Err(Error::new(ErrorKind::NotReachable, "the gateway is not connected"));
        };
        lines.set_limit(if with_photo { MAX_PHOTO_LINE } else { MAX_LINE });
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
            let reply = parse_reply(&line)?;
            // An answer to a request that was cancelled or timed out.
            if reply.id != id {
                continue;
            }
            return Ok(reply);
        }
    }

    fn note_status(&mut self, reply: &Reply) -> Result<ReaderStatus, Error> {
        reply.check(self.target.is_ours())?;
        let body =
            reply.status.as_ref().ok_or_else(|| Error::new(ErrorKind::Garbled, "the gateway's status is empty"))?;
        if !(OLDEST..=VERSION).contains(&body.protocol) {
            let what = format!("the gateway speaks protocol {}, this program {OLDEST} to {VERSION}", body.protocol);
            return Err(Error::new(ErrorKind::Garbled, what));
        }
        self.peer = Some(Peer { scopes: body.scopes.clone(), finger: body.finger && body.protocol >= 2 });
        self.says_simulated = body.simulated;
        Ok(ReaderStatus {
            health: Health::Ready,
            card_present: body.card,
            simulated: self.simulated(),
            model: body.model.chars().filter(|c| !c.is_control()).take(80).collect(),
            card_id: body.card_id.clone().filter(|id| is_card_id(id)),
        })
    }
}

impl EktpReader for GatewayReader {
    fn status(&mut self) -> Result<ReaderStatus, Error> {
        self.cancel.reset();
        let deadline = Deadline::after(SHORT);
        self.connected(deadline)?;
        if self.stuck {
            // The state of the reader does not show that it hangs on a card; only a request to the card does.
            let half = Deadline::after(deadline.left() / 2);
            self.ask_about_card(|_| Verb::WaitCard { timeout_ms: 0 }, half)?;
            if self.stuck {
                return Err(Error::new(ErrorKind::NotResponding, "the reader hangs on a card"));
            }
            self.connected(deadline)?;
        }
        self.introduce(deadline)
    }

    fn wait_card(&mut self, timeout: Duration) -> Result<CardEvent, Error> {
        self.cancel.reset();
        let deadline = Deadline::after(timeout);
        self.connected(deadline)?;
        let reply = self.ask_about_card(|left| Verb::WaitCard { timeout_ms: millis(left) }, deadline)?;
        match reply.result {
            Code::NoCard | Code::Timeout => Ok(CardEvent::NoCard),
            _ => reply.check(self.target.is_ours()).map(|()| CardEvent::Placed),
        }
    }

    fn read(&mut self, scopes: &[Scope], timeout: Duration) -> Result<Reading, Error> {
        self.cancel.reset();
        check_scopes(scopes, self.photo_allowed)?;
        let deadline = Deadline::after(timeout);
        self.connected(deadline)?;
        if self.target.is_ours() {
            // A helper stays when its reader is unplugged and a simulated one takes the name.
            self.introduce(deadline)?;
        }
        if !offers(self.peer.as_ref().and_then(|peer| peer.scopes.as_deref()), scopes) {
            let what = "this reader cannot tell what is asked for; an identity needs a SAM or a gateway";
            return Err(Error::new(ErrorKind::InvalidRequest, what));
        }
        let asked = scopes.to_vec();
        let reply = self.ask_about_card(|left| Verb::Read { scopes: asked, timeout_ms: millis(left) }, deadline)?;
        reply.check(self.target.is_ours())?;
        let origin = match (self.simulated(), self.target.is_ours()) {
            (true, _) => Origin::Simulated,
            (false, true) => Origin::Chip,
            (false, false) => Origin::Gateway,
        };
        let card = reply.card.ok_or_else(|| Error::new(ErrorKind::Garbled, "the gateway's reading is empty"))?;
        reading_from(card, scopes, origin)
    }

    fn finger_match(&mut self, timeout: Duration) -> Result<FingerMatch, Error> {
        self.cancel.reset();
        let deadline = Deadline::after(timeout);
        self.connected(deadline)?;
        if !self.peer.as_ref().is_some_and(|peer| peer.finger) {
            return Err(Error::new(ErrorKind::InvalidRequest, "this reader cannot compare fingers"));
        }
        let reply = self.ask_about_card(|left| Verb::FingerMatch { timeout_ms: millis(left) }, deadline)?;
        reply.check(self.target.is_ours())?;
        reply.finger.ok_or_else(|| Error::new(ErrorKind::Garbled, "the gateway does not say whether the finger fits"))
    }

    fn cancel(&mut self) -> Result<(), Error> {
        self.cancel.reset();
        self.ask(|_| Verb::Cancel { target: None }, SHORT)?.check(self.target.is_ours())
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

fn is_card_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_CARD_ID && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn parse_reply(line: &[u8]) -> Result<Reply, Error> {
    serde_json::from_slice(line).map_err(|error| {
        // The cause is left out: serde quotes the text, and the text may be a person.
        let (line, column) = (error.line(), error.column());
        Error::new(ErrorKind::Garbled, format!("the gateway's answer is not a reply (at {line}:{column})"))
    })
}

/// Whether a field of a card may be used for these scopes.
pub(super) fn is_in_scope(key: &str, scopes: &[Scope]) -> bool {
    match key {
        "nik" | "card_id" => true,
        "name" => scopes.contains(&Scope::Identity),
        "photo" => scopes.contains(&Scope::Photo),
        _ => scopes.contains(&Scope::Biodata),
    }
}

/// Builds a reading from the fields of a card, and keeps only what was asked for.
pub(super) fn reading_from(
    mut card: serde_json::Map<String, serde_json::Value>,
    scopes: &[Scope],
    origin: Origin,
) -> Result<Reading, Error> {
    card.retain(|key, _| is_in_scope(key, scopes));
    if !card.get("nik").and_then(|nik| nik.as_str()).is_some_and(is_nik) {
        return Err(Error::new(ErrorKind::Unreadable, "the card's NIK is not 16 digits"));
    }
    let texts = card.iter().filter(|(key, _)| *key != "photo").filter_map(|(_, value)| value.as_str());
    if texts.into_iter().any(|text| text.chars().count() > 200) {
        return Err(Error::new(ErrorKind::Garbled, "a field of the card is longer than any card's"));
    }
    if card.get("card_id").and_then(|id| id.as_str()).is_some_and(|id| !is_card_id(id)) {
        return Err(Error::new(ErrorKind::Garbled, "the card's opaque name is not one"));
    }
    let origin_word = serde_json::to_value(origin).map_err(|error| Error::io("reading", error.into()))?;
    card.insert("origin".into(), origin_word);
    let reading: Reading = serde_json::from_value(card.into())
        .map_err(|_| Error::new(ErrorKind::Garbled, "the reading has fields of wrong type"))?;
    reading.photo.as_deref().map_or(Ok(()), check_photo)?;
    Ok(reading)
}

/// Feeds one line of a gateway through everything that looks at it.
pub(super) fn fuzz_line(bytes: &[u8]) {
    let _ = serde_json::from_slice::<Request>(bytes);
    let Ok(reply) = parse_reply(bytes) else { return };
    let _ = reply.check(false);
    if let Some(card) = reply.card {
        let _ = reading_from(card, &[Scope::Identity, Scope::Biodata, Scope::Photo], Origin::Gateway);
    }
}
