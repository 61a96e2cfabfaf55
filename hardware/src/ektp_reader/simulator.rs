//! A simulated reader: its card is the file `card.json` in a state folder, its photo the file `photo.jpg` beside it;
//! no file means no card, or no photo. The field `finger` of the card says what comes of comparing a finger:
//! `matched`, `not_matched`, or `none` when nobody puts one on; without it the finger matches. `state.json` says
//! whether its plug is pulled ([`ReaderState`]).

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use data_encoding::BASE64;

use super::gateway::is_in_scope;
use super::protocol::{Code, LineReader, MAX_PHOTO_LINE, Reply, Request, StatusBody, VERSION, Verb, to_line};
use super::{FingerMatch, MAX_PHOTO, Scope};
use crate::link::{Deadline, DescriptorLink, Link, Pty, WebSocketLink};
use crate::simulation::{Stop, TICK, Threads};
use crate::{Error, ErrorKind, statefile};

pub(super) const MODEL: &str = "anjungan reader simulator";
const WRITE_LIMIT: Duration = Duration::from_secs(2);
const ALL_SCOPES: [Scope; 3] = [Scope::Identity, Scope::Biodata, Scope::Photo];

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

    /// What comes of a finger; `None` when nobody puts one on.
    pub(super) fn finger(&self) -> Option<FingerMatch> {
        match self.fields.get("finger").and_then(|finger| finger.as_str()) {
            Some("none") => None,
            Some("not_matched") => Some(FingerMatch::NotMatched),
            _ => Some(FingerMatch::Matched),
        }
    }

    /// Opaque name of this card: the same NIK is the same card.
    pub(super) fn card_id(&self) -> String {
        super::pcsc::opaque(self.nik.as_bytes())
    }
}

impl std::fmt::Debug for CardFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let nik = super::reading::masked(&self.nik);
        f.debug_struct("CardFile").field("nik", &nik).field("fault", &self.fault).finish_non_exhaustive()
    }
}

/// `state.json`: the reader itself. No file means a sound reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReaderState {
    /// The plug is pulled: connections end, and the name of a pseudo-terminal is gone until it is back.
    pub unplugged: bool,
}

/// The place where the card lies.
#[derive(Clone)]
pub(super) struct Slot(PathBuf);

impl Slot {
    pub(super) fn open(folder: &Path) -> Result<Self, Error> {
        statefile::make_folder(folder)?;
        Ok(Self(folder.join("card.json")))
    }

    /// The card on the reader. A file that cannot be understood is a card that cannot be read.
    pub(super) fn card(&self) -> Option<CardFile> {
        statefile::read(&self.0).unwrap_or_else(|error| {
            tracing::debug!(kind = ?error.kind(), "reader simulator: card.json");
            Some(CardFile { nik: String::new(), fault: Some(CardFault::Unreadable), fields: serde_json::Map::new() })
        })
    }

    pub(super) fn remove(&self) {
        let _ = std::fs::remove_file(&self.0);
    }

    fn state_path(&self) -> PathBuf {
        self.0.with_file_name("state.json")
    }

    /// What is wrong with the reader; a file that is half written is a sound reader.
    fn reader(&self) -> ReaderState {
        statefile::read(&self.state_path()).ok().flatten().unwrap_or_default()
    }

    /// The photo beside the card, in whatever form it is.
    pub(super) fn photo(&self) -> Option<Vec<u8>> {
        std::fs::read(self.0.with_file_name("photo.jpg")).ok().filter(|bytes| bytes.len() <= MAX_PHOTO)
    }

    /// The fields of a card within the asked scopes.
    pub(super) fn fields(&self, card: CardFile, scopes: &[Scope]) -> serde_json::Map<String, serde_json::Value> {
        let card_id = card.card_id();
        let mut fields = card.fields;
        fields.remove("finger");
        fields.insert("nik".into(), card.nik.into());
        fields.insert("card_id".into(), card_id.into());
        if let Some(photo) = scopes.contains(&Scope::Photo).then(|| self.photo()).flatten() {
            fields.insert("photo".into(), BASE64.encode(&photo).into());
        }
        fields.retain(|key, _| is_in_scope(key, scopes));
        fields
    }
}

/// A simulated KTP-el gateway on a TCP port, a WebSocket or a pseudo-terminal. Dropping it switches it off.
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
        let serve = move |mut link: DescriptorLink| session.run(&mut link);
        simulator.address = Some(simulator._threads.serve("reader-sim", address, serve)?);
        Ok(simulator)
    }

    /// Starts a gateway behind a WebSocket on a TCP address; any path will do.
    ///
    /// # Errors
    ///
    /// When the address is taken or the folder cannot be made.
    pub fn start_ws(address: &str, state_dir: impl AsRef<Path>) -> Result<Self, Error> {
        let mut simulator = Self::prepare(state_dir.as_ref())?;
        let session = simulator.session();
        let serve = move |link| match WebSocketLink::accept(link, MAX_PHOTO_LINE, WRITE_LIMIT) {
            Ok(mut link) => session.run(&mut link),
            Err(error) => tracing::debug!(%error, "reader simulator"),
        };
        simulator.address = Some(simulator._threads.serve("reader-sim", address, serve)?);
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
        let path = link_path.as_ref().to_owned();
        let mut plug = if session.slot.reader().unplugged { None } else { Some(Pty::open(&path)?) };
        simulator._threads.spawn("reader-sim", move || {
            while !session.stop.is_set() {
                if plug.is_none() && !session.slot.reader().unplugged {
                    let opened = Pty::open(&path).inspect_err(|error| tracing::warn!(%error, "reader simulator"));
                    plug = opened.ok();
                }
                if let Some(pty) = &mut plug {
                    session.run(pty.link());
                }
                // Pulled, or the line broke: whoever held the far end has to open it anew.
                plug = None;
                if !session.stop.is_set() {
                    thread::sleep(TICK);
                }
            }
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

    /// Gives the card a photo, or takes it away, in the file too.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn set_photo(&self, jpeg: Option<&[u8]>) -> Result<(), Error> {
        let path = self.slot.0.with_file_name("photo.jpg");
        match jpeg {
            Some(bytes) => statefile::replace(&path, bytes),
            None => {
                let _ = std::fs::remove_file(path);
                Ok(())
            }
        }
    }

    /// The TCP address it listens on; `None` on a pseudo-terminal.
    pub fn addr(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Pulls the plug or puts it back, in the file too.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn unplug(&self, unplugged: bool) -> Result<(), Error> {
        statefile::write(&self.slot.state_path(), &ReaderState { unplugged })
    }

    /// Whether the plug is pulled.
    pub fn is_unplugged(&self) -> bool {
        self.slot.reader().unplugged
    }

    /// The card on the reader as its file says; one that cannot be understood is a card that cannot be read.
    pub fn card(&self) -> Option<CardFile> {
        self.slot.card()
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
    fn run(&self, link: &mut dyn Link) {
        let mut lines = LineReader::default();
        // A wait for a card that is not answered yet: its id and its end.
        let mut waiting: Option<(u64, Deadline)> = None;
        while !self.stop.is_set() && !self.slot.reader().unplugged {
            let replies = match lines.next_line(link, TICK) {
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
            Verb::Status { protocol } => {
                let body = StatusBody {
                    protocol: protocol.unwrap_or(1).clamp(1, VERSION),
                    model: MODEL.into(),
                    simulated: *self.says_simulated.read().unwrap_or_else(PoisonError::into_inner),
                    card: card.is_some(),
                    card_id: card.as_ref().map(CardFile::card_id),
                    scopes: Some(ALL_SCOPES.map(|scope| scope.word().to_owned()).to_vec()),
                    finger: true,
                };
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
                (None, Some(card)) => Reply { card: Some(self.slot.fields(card, &scopes)), ..Reply::new(id, Code::Ok) },
            }],
            Verb::FingerMatch { .. } => vec![match card {
                None => Reply::new(id, Code::NoCard),
                Some(card) if card.fault.is_some() => Reply::new(id, Code::Unreadable),
                Some(card) => match card.finger() {
                    None => Reply::new(id, Code::Timeout),
                    finger => Reply { finger, ..Reply::new(id, Code::Ok) },
                },
            }],
        }
    }
}
