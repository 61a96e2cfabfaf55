//! Readers and cards of PC/SC, with its errors in our words.

use std::ffi::CString;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pcsc::{Context, Disposition, Protocols, ReaderState, Scope, ShareMode, State};

use super::apdu::Port;
use crate::link::Deadline;
use crate::{Error, ErrorKind};

/// Room for an answer; the largest a short APDU can be is 258.
const ANSWER_ROOM: usize = 1024;

/// Longest time for one command or for connecting. A card that computes asks its reader for more time and still
/// answers within a second.
const CALL_LIMIT: Duration = Duration::from_secs(3);

/// Vendor's name of virtual readers, whose cards are never real.
const VIRTUAL: &str = "virtual pcd";

/// A connection to the PC/SC service. It is lost when the service ends; then a new one is needed.
pub(super) struct Service {
    context: Context,
}

/// A reader and what lies on it.
pub(super) struct Slot {
    pub(super) name: CString,
    pub(super) card: bool,
    /// The card gives no answer to reset: it is mute, lies askew, or two lie there.
    pub(super) mute: bool,
    /// Changes whenever a card comes or goes.
    pub(super) count: u32,
}

impl Slot {
    pub(super) fn shown_name(&self) -> String {
        self.name.to_string_lossy().into_owned()
    }

    pub(super) fn is_virtual(&self) -> bool {
        self.shown_name().to_lowercase().contains(VIRTUAL)
    }
}

impl Service {
    pub(super) fn connect() -> Result<Self, Error> {
        Context::establish(Scope::System).map(|context| Self { context }).map_err(|error| explain(error, "PC/SC"))
    }

    /// Names of all readers.
    pub(super) fn names(&self) -> Result<Vec<CString>, Error> {
        match self.context.list_readers_owned() {
            Ok(names) => Ok(names),
            Err(pcsc::Error::NoReadersAvailable) => Ok(Vec::new()),
            Err(error) => Err(explain(error, "PC/SC")),
        }
    }

    /// Names of the card's reader and of the SAM's, when there is one.
    pub(super) fn find(&self, reader: &str, sam: Option<&str>) -> Result<(CString, Option<CString>), Error> {
        let names = self.names()?;
        let sam = sam.map(|sam| choose(&names, sam, "SAM slot")).transpose()?;
        // The slots of one device have the same words in their names; the SAM's is spoken for.
        let rest: Vec<CString> = names.into_iter().filter(|name| Some(name) != sam.as_ref()).collect();
        Ok((choose(&rest, reader, "reader")?, sam))
    }

    /// The state of a reader now.
    pub(super) fn look(&self, name: &CString) -> Result<Slot, Error> {
        self.watch(name, State::UNAWARE, Duration::ZERO)
    }

    /// The state of a reader when it differs from what is known, or after `wait`.
    fn watch(&self, name: &CString, known: State, wait: Duration) -> Result<Slot, Error> {
        let mut states = [ReaderState::new(name.clone(), known)];
        match self.context.get_status_change(wait, &mut states) {
            Ok(()) | Err(pcsc::Error::Timeout) => {}
            Err(error) => return Err(explain(error, "reader")),
        }
        let [state] = states;
        let found = state.event_state();
        if found.intersects(State::UNKNOWN | State::UNAVAILABLE | State::IGNORE) {
            return Err(Error::new(ErrorKind::NotReachable, "the reader is unplugged"));
        }
        let (card, mute) = (found.contains(State::PRESENT), found.contains(State::MUTE));
        Ok(Slot { name: name.clone(), card, mute, count: state.event_count() })
    }

    /// Waits up to `wait` for a card to come.
    pub(super) fn wait_for_card(&self, name: &CString, wait: Duration) -> Result<Slot, Error> {
        let now = self.look(name)?;
        if now.card { Ok(now) } else { self.watch(name, State::EMPTY, wait) }
    }

    /// Connects to the card in a reader. Alone, because another program's command between two of ours leaves the
    /// card in another state.
    pub(super) fn open(&self, name: &CString, who: &'static str, limit: Limit) -> Result<CardPort, Error> {
        limit.check()?;
        let card = limit
            .watched(|| self.context.connect(name, ShareMode::Exclusive, Protocols::ANY))
            .map_err(|error| explain(error, who))?;
        Ok(CardPort { card: Some(card), who, limit })
    }
}

/// The one reader whose name is `wanted`, or has it as a part.
fn choose(names: &[CString], wanted: &str, what: &str) -> Result<CString, Error> {
    let wanted = wanted.trim().to_lowercase();
    let lower = |name: &CString| name.to_string_lossy().to_lowercase();
    if let Some(name) = names.iter().find(|name| lower(name) == wanted) {
        return Ok(name.clone());
    }
    let fitting: Vec<&CString> = names.iter().filter(|name| lower(name).contains(&wanted)).collect();
    match fitting.as_slice() {
        [name] => Ok((*name).clone()),
        [] => {
            let known: Vec<_> = names.iter().map(|name| name.to_string_lossy()).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            Err(Error::new(ErrorKind::NotReachable, format!("no {what} fits \"{wanted}\"; there is: {known}")))
        }
        _ => Err(Error::new(
            ErrorKind::NotReachable,
            format!("more than one {what} fits \"{wanted}\"; say more of its name"),
        )),
    }
}

/// When to stop talking to a card.
#[derive(Clone)]
pub(super) struct Limit {
    pub(super) deadline: Deadline,
    pub(super) cancelled: Arc<AtomicBool>,
    /// Until when the call of PC/SC that runs now must be over.
    in_call: Arc<Mutex<Option<Deadline>>>,
}

impl Limit {
    pub(super) fn new(deadline: Deadline) -> Self {
        Self { deadline, cancelled: Arc::default(), in_call: Arc::default() }
    }

    /// The same limit with another end.
    pub(super) fn until(&self, deadline: Deadline) -> Self {
        Self { deadline, ..self.clone() }
    }

    /// Makes a call that may block for ever while the watchdog looks on.
    fn watched<T>(&self, call: impl FnOnce() -> T) -> T {
        *self.in_call.lock().unwrap_or_else(PoisonError::into_inner) = Some(Deadline::after(CALL_LIMIT));
        let result = call();
        *self.in_call.lock().unwrap_or_else(PoisonError::into_inner) = None;
        result
    }

    /// Whether a call of PC/SC runs that should be over.
    pub(super) fn is_stuck(&self) -> bool {
        self.in_call.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(Deadline::passed)
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if self.cancelled.load(Ordering::SeqCst) {
            return Err(Error::new(ErrorKind::Cancelled, "cancelled"));
        }
        if self.deadline.passed() {
            return Err(Error::new(ErrorKind::Timeout, "the card took longer than the time given"));
        }
        Ok(())
    }
}

/// A card in a reader, ours alone until it is dropped.
pub(super) struct CardPort {
    card: Option<pcsc::Card>,
    who: &'static str,
    limit: Limit,
}

impl Port for CardPort {
    /// PC/SC has no time limit here: a card can block this call for minutes, and only the end of the process ends
    /// it. The helper's watchdog does that.
    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        self.limit.check()?;
        let mut room = [0; ANSWER_ROOM];
        let Some(card) = &self.card else {
            return Err(Error::new(ErrorKind::Removed, "the card is closed"));
        };
        match self.limit.watched(|| card.transmit(command, &mut room)) {
            Ok(answer) => Ok(answer.to_vec()),
            // Seen when the card went away between two commands.
            Err(pcsc::Error::NotTransacted) if !is_present(card) => {
                Err(Error::new(ErrorKind::Removed, "the card was taken away during the reading"))
            }
            Err(error) => Err(explain(error, self.who)),
        }
    }
}

impl Drop for CardPort {
    fn drop(&mut self) {
        // The reset takes back what the card and the SAM agreed on.
        if let Some(card) = self.card.take() {
            let _ = self.limit.watched(|| card.disconnect(Disposition::ResetCard));
        }
    }
}

fn is_present(card: &pcsc::Card) -> bool {
    card.status2_owned().is_ok_and(|status| status.status().contains(pcsc::Status::PRESENT))
}

/// An error of PC/SC in our words.
fn explain(error: pcsc::Error, who: &str) -> Error {
    use pcsc::Error as E;
    let (kind, what) = match error {
        E::NoService | E::ServiceStopped | E::CommError | E::InvalidHandle | E::Shutdown => {
            (ErrorKind::NotReachable, "the PC/SC service (pcscd) does not run")
        }
        E::NoReadersAvailable | E::UnknownReader | E::ReaderUnavailable => {
            (ErrorKind::NotReachable, "the reader is unplugged")
        }
        E::NoAccess => (ErrorKind::Denied, "the PC/SC service gives us no access"),
        E::NoSmartcard => (ErrorKind::MediaAbsent, "no card in it"),
        E::RemovedCard => (ErrorKind::Removed, "the card was taken away during the reading"),
        E::ResetCard => (ErrorKind::Busy, "another program reset the card"),
        E::SharingViolation => (ErrorKind::Busy, "another program uses it"),
        E::UnresponsiveCard | E::UnpoweredCard | E::UnsupportedCard | E::ProtoMismatch | E::NotTransacted => {
            (ErrorKind::Unreadable, "the card does not answer as a chip card")
        }
        E::InsufficientBuffer => (ErrorKind::Unreadable, "the card's answer is longer than any card's"),
        E::Cancelled => (ErrorKind::Cancelled, "cancelled"),
        E::Timeout => (ErrorKind::Timeout, "the reader took too long"),
        _ => (ErrorKind::Device, "PC/SC reports a failure"),
    };
    Error::new(kind, format!("{who}: {what}")).with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_is_named_by_a_part_that_fits_one() {
        let names: Vec<CString> = ["ACS ACR1252 [SAM] 00 01", "ACS ACR1252 [PICC] 00 00", "Virtual PCD 00 00"]
            .map(|n| CString::new(n).unwrap())
            .into();
        let found = |wanted: &str| choose(&names, wanted, "reader");
        assert_eq!(found("picc").unwrap(), names[1]);
        assert_eq!(found("VIRTUAL pcd 00 00").unwrap(), names[2]);
        assert!(found("acs").unwrap_err().to_string().contains("more than one"));
        let error = found("omnikey").unwrap_err();
        assert!(error.to_string().contains("Virtual PCD"), "{error}");
        assert_eq!(error.kind(), ErrorKind::NotReachable);
    }
}
