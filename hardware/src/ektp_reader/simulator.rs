//! A simulated reader: its card is the file `card.json` in a state folder; no file means no card.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::gateway::{is_in_scope, reading_from};
use super::protocol::{Code, LineReader, Reply, Request, StatusBody, VERSION, Verb, to_line};
use super::{CancelHandle, CardEvent, EktpReader, Origin, ReaderStatus, Reading, Scope};
use crate::link::{Deadline, DescriptorLink, Link, Pty};
use crate::simulation::{Stop, TICK, Threads};
use crate::{Error, ErrorKind, Health, statefile};

const MODEL: &str = "anjungan reader simulator";
const WRITE_LIMIT: Duration = Duration::from_secs(2);

/// What is wrong with a simulated card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardFault {
    /// The chip does not answer.
    Unreadable,
    /// It is taken away while it is read.
    RemovedMidRead,
    /// The reader hangs on it and says nothing more.
    Mute,
}

/// `card.json`: the card on the simulated reader.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardFile {
    /// 16 digits.
    pub nik: String,
    /// What is wrong with it.
    #[serde(default)]
    pub fault: Option<CardFault>,
    /// All other fields of the card (`name`, `birth_place`, …) as in [`Reading`].
    #[serde(flatten)]
    pub fields: serde_json::Map<String, serde_json::Value>,
}

impl CardFile {
    /// A sound card with a NIK and a name.
    pub fn new(nik: impl Into<String>, name: impl Into<String>) -> Self {
        let mut fields = serde_json::Map::new();
        fields.insert("name".into(), name.into().into());
        Self { nik: nik.into(), fault: None, fields }
    }

    /// The card's fields within the asked scopes.
    fn into_fields(self, scopes: &[Scope]) -> serde_json::Map<String, serde_json::Value> {
        let mut fields = self.fields;
        fields.insert("nik".into(), self.nik.into());
        fields.retain(|key, _| is_in_scope(key, scopes));
        fields
    }
}

impl std::fmt::Debug for CardFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let nik = super::reading::masked(&self.nik);
        f.debug_struct("CardFile").field("nik", &nik).field("fault", &self.fault).finish_non_exhaustive()
    }
}

/// The place where the card lies.
#[derive(Clone)]
struct Slot(PathBuf);

impl Slot {
    fn open(folder: &Path) -> Result<Self, Error> {
        statefile::make_folder(folder)?;
        Ok(Self(folder.join("card.json")))
    }

    /// The card on the reader. A file that cannot be understood is a card that cannot be read.
    fn card(&self) -> Option<CardFile> {
        statefile::read(&self.0).unwrap_or_else(|error| {
            tracing::debug!(kind = ?error.kind(), "reader simulator: card.json");
            Some(CardFile { nik: String::new(), fault: Some(CardFault::Unreadable), fields: serde_json::Map::new() })
        })
    }

    fn remove(&self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A simulated KTP-el gateway on a TCP port or a pseudo-terminal. Dropping it switches it off.
pub struct ReaderSimulator {
    slot: Slot,
    address: Option<SocketAddr>,
    says_simulated: Arc<RwLock<bool>>,
    _threads: Threads,
}

impl ReaderSimulator {
    /// Starts a gateway on a TCP address such as `127.0.0.1:4001` (port 0 lets the system choose one).
    ///
    /// # Errors
    ///
    /// When the address is taken or the folder cannot be made.
    pub fn start_tcp(address: &str, state_dir: impl AsRef<Path>) -> Result<Self, Error> {
        let mut simulator = Self::prepare(state_dir.as_ref())?;
        let session = simulator.session();
        simulator.address = Some(simulator._threads.serve("reader-sim", address, move |link| session.run(link))?);
        Ok(simulator)
    }

    /// Starts a gateway on a pseudo-terminal that is reachable as a serial port at `link_path`.
    ///
    /// # Errors
    ///
    /// When the link or the folder cannot be made.
    pub fn start_pty(link_path: impl AsRef<Path>, state_dir: impl AsRef<Path>) -> Result<Self, Error> {
        let mut simulator = Self::prepare(state_dir.as_ref())?;
        let session = simulator.session();
        let mut pty = Pty::open(link_path.as_ref())?;
        let link = pty.link().try_clone()?;
        simulator._threads.spawn("reader-sim", move || {
            session.run(link);
            drop(pty);
        })?;
        Ok(simulator)
    }

    fn prepare(folder: &Path) -> Result<Self, Error> {
        let slot = Slot::open(folder)?;
        let says_simulated = Arc::new(RwLock::new(true));
        Ok(Self { slot, address: None, says_simulated, _threads: Threads::new() })
    }

    fn session(&self) -> Session {
        Session {
            slot: self.slot.clone(),
            stop: self._threads.stop_flag(),
            says_simulated: self.says_simulated.clone(),
        }
    }

    /// The TCP address it listens on; `None` on a pseudo-terminal.
    pub fn addr(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Lays a card on the reader, in the file too.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn place(&self, card: &CardFile) -> Result<(), Error> {
        statefile::write(&self.slot.0, card)
    }

    /// Takes the card away.
    pub fn remove(&self) {
        self.slot.remove();
    }

    /// Makes it claim to be a real gateway, to test what a program makes of one.
    pub fn pose_as_real(&self) {
        *self.says_simulated.write().unwrap_or_else(PoisonError::into_inner) = false;
    }
}

/// What a connection needs to answer.
struct Session {
    slot: Slot,
    stop: Stop,
    says_simulated: Arc<RwLock<bool>>,
}

impl Session {
    fn run(&self, mut link: DescriptorLink) {
        let mut lines = LineReader::default();
        // A wait for a card that is not answered yet: its id and its end.
        let mut waiting: Option<(u64, Deadline)> = None;
        while !self.stop.is_set() {
            let replies = match lines.next_line(&mut link, TICK) {
                Ok(Some(line)) => self.answer(&line, &mut waiting),
                Ok(None) => self.check_wait(&mut waiting).into_iter().collect(),
                Err(error) if error.kind() == ErrorKind::Garbled => vec![Reply::new(0, Code::Error)],
                Err(_) => return,
            };
            for reply in replies {
                let sent = to_line(&reply).and_then(|line| link.write_all(&line, WRITE_LIMIT));
                if sent.is_err() {
                    return;
                }
            }
        }
    }

    fn check_wait(&self, waiting: &mut Option<(u64, Deadline)>) -> Option<Reply> {
        let (id, end) = (*waiting)?;
        let code = match self.slot.card() {
            Some(_) => Code::Ok,
            None if end.passed() => Code::NoCard,
            None => return None,
        };
        *waiting = None;
        Some(Reply::new(id, code))
    }

    fn answer(&self, line: &[u8], waiting: &mut Option<(u64, Deadline)>) -> Vec<Reply> {
        let Ok(request) = serde_json::from_slice::<Request>(line) else {
            return vec![Reply { detail: Some("not a request".into()), ..Reply::new(0, Code::Error) }];
        };
        let id = request.id;
        let card = self.slot.card();
        if card.as_ref().is_some_and(|card| card.fault == Some(CardFault::Mute)) {
            return Vec::new();
        }
        match request.verb {
            Verb::Status => {
                let simulated = *self.says_simulated.read().unwrap_or_else(PoisonError::into_inner);
                let body = StatusBody { protocol: VERSION, model: MODEL.into(), simulated, card: card.is_some() };
                vec![Reply { status: Some(body), ..Reply::new(id, Code::Ok) }]
            }
            Verb::Cancel { .. } => {
                let cancelled = waiting.take().map(|(id, _)| Reply::new(id, Code::Cancelled));
                cancelled.into_iter().chain([Reply::new(id, Code::Ok)]).collect()
            }
            _ if waiting.is_some() => vec![Reply::new(id, Code::Busy)],
            Verb::WaitCard { timeout_ms } => {
                *waiting = Some((id, Deadline::after(Duration::from_millis(timeout_ms))));
                self.check_wait(waiting).into_iter().collect()
            }
            Verb::Read { scopes, .. } => vec![match (card.as_ref().and_then(|card| card.fault), card) {
                (_, None) => Reply::new(id, Code::NoCard),
                (Some(CardFault::RemovedMidRead), _) => {
                    self.slot.remove();
                    Reply::new(id, Code::Removed)
                }
                (Some(_), _) => Reply::new(id, Code::Unreadable),
                (None, Some(card)) => Reply { card: Some(card.into_fields(&scopes)), ..Reply::new(id, Code::Ok) },
            }],
        }
    }
}

/// The reader of a `sim:<dir>` URL: the same card file, without a protocol in between.
pub(super) struct FolderReader {
    slot: Slot,
    cancel: CancelHandle,
}

impl FolderReader {
    pub(super) fn new(folder: &Path) -> Result<Self, Error> {
        Ok(Self { slot: Slot::open(folder)?, cancel: CancelHandle::default() })
    }

    fn wait_until<T>(&self, timeout: Duration, mut check: impl FnMut() -> Option<T>) -> Result<Option<T>, Error> {
        self.cancel.reset();
        let deadline = Deadline::after(timeout);
        loop {
            if let Some(found) = check() {
                return Ok(Some(found));
            }
            if self.cancel.is_cancelled() {
                return Err(Error::new(ErrorKind::Cancelled, "cancelled"));
            }
            if deadline.passed() {
                return Ok(None);
            }
            thread::sleep(TICK.min(deadline.left()));
        }
    }
}

impl EktpReader for FolderReader {
    fn status(&mut self) -> Result<ReaderStatus, Error> {
        let card_present = self.slot.card().is_some();
        Ok(ReaderStatus { health: Health::Ready, card_present, simulated: true, model: MODEL.into() })
    }

    fn wait_card(&mut self, timeout: Duration) -> Result<CardEvent, Error> {
        let found = self.wait_until(timeout, || self.slot.card())?;
        Ok(if found.is_some() { CardEvent::Placed } else { CardEvent::NoCard })
    }

    fn read(&mut self, scopes: &[Scope], timeout: Duration) -> Result<Reading, Error> {
        let Some(card) = self.slot.card() else {
            return Err(Error::new(ErrorKind::MediaAbsent, "no card on the reader"));
        };
        match card.fault {
            None => reading_from(card.into_fields(scopes), scopes, Origin::Simulated),
            Some(CardFault::Unreadable) => Err(Error::new(ErrorKind::Unreadable, "the card cannot be read")),
            Some(CardFault::RemovedMidRead) => {
                self.slot.remove();
                Err(Error::new(ErrorKind::Removed, "the card was taken away during the reading"))
            }
            Some(CardFault::Mute) => {
                let gone = self.wait_until(timeout, || self.slot.card().is_none().then_some(()))?;
                Err(match gone {
                    Some(()) => Error::new(ErrorKind::Removed, "the card was taken away during the reading"),
                    None => Error::new(ErrorKind::NotResponding, "the reader does not answer"),
                })
            }
        }
    }

    fn cancel(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn cancel_handle(&self) -> CancelHandle {
        self.cancel.clone()
    }

    fn simulated(&self) -> bool {
        true
    }
}
