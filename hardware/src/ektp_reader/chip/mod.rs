//! A simulated chip card and a simulated SAM, command by command, behind the real PC/SC service.
//!
//! The virtual reader of the vsmartcard project is a driver of pcscd that waits for its card on a TCP port: two bytes
//! of length (big-endian) and a message; a message of one byte is power off (0), power on (1), reset (2) or "your
//! ATR?" (4), everything else is a command to answer. This simulator is such a card. Its state is in a folder:
//!
//! * `card.json`, `photo.jpg`: who is on the card, as for the simulated gateway; no file means no card.
//! * `chip.json`: how the chip behaves ([`ChipFile`]); no file means well.
//! * `sam.json`: how the SAM behaves, in the same form.
//!
//! A changed file is another card: the old one is pulled, and the new one comes a moment later.

mod card;
mod sam;
mod scheme;

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use data_encoding::HEXUPPER_PERMISSIVE;
use serde::{Deserialize, Serialize};

use super::simulator::{CardFault, CardFile, Slot};
use crate::link::{Deadline, DescriptorLink, Link};
use crate::simulation::{Stop, TICK, Threads};
use crate::{Error, ErrorKind, statefile};
use card::SimulatedCard;
use sam::SimulatedSam;

/// The licence that opens the simulated SAM, as the text of its file. Not a real one.
pub const SIMULATED_LICENCE: &str =
    r#"{ "pcid": "616e6a756e67616e2070636964203030", "conf": "616e6a756e67616e20636f6e66203030" }"#;

/// The answer to reset of a sound card: what PC/SC readers make up for a contactless one of ISO 14443-4.
const ATR: &str = "3B8880010000000000000000 09";

/// How long nothing lies on the reader between two cards; a hand is not faster.
const HAND: Duration = Duration::from_millis(600);

/// Longest message of the virtual reader that is taken.
const MAX_MESSAGE: usize = 4096;

/// One thing a chip does wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Misbehaviour {
    /// It says nothing from then on.
    Mute,
    /// It is pulled away; `card.json` is removed, too.
    Remove,
    /// It answers with one byte, which is shorter than a status word.
    OneByte,
    /// It answers with nothing: a message of length 0. The real service blocks on it.
    NoBytes,
    /// It gives only the first half of its data.
    Truncated,
    /// It gives 700 bytes more than it was asked for.
    Oversized,
    /// It answers with this status word, four hexadecimal digits, and no data.
    Status(String),
    /// Another card lies there from then on: another number, the same data.
    Swap,
    /// Two cards lie there from then on: each question for the number is answered by the other one.
    TwoCards,
}

/// When a chip does something wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChipFault {
    /// At which command since power came, from 0.
    pub at: u32,
    /// What.
    #[serde(rename = "do")]
    pub what: Misbehaviour,
}

/// `chip.json` and `sam.json`: how a chip behaves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChipFile {
    /// Number of the card in hexadecimal, 4 to 10 bytes; made from the NIK when absent.
    pub uid: Option<String>,
    /// Answer to reset in hexadecimal.
    pub atr: Option<String>,
    /// A chip of type B, which has a number of its own.
    pub type_b: bool,
    /// Not in its slot (for the SAM; a card is absent when `card.json` is).
    pub absent: bool,
    /// What it does wrong.
    pub faults: Vec<ChipFault>,
}

impl ChipFile {
    /// A chip with one fault.
    pub fn failing(at: u32, what: Misbehaviour) -> Self {
        Self { faults: vec![ChipFault { at, what }], ..Self::default() }
    }

    fn atr(&self) -> Vec<u8> {
        hex(self.atr.as_deref().unwrap_or(ATR)).unwrap_or_default()
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    HEXUPPER_PERMISSIVE.decode(digits.as_bytes()).ok()
}

/// A simulated card, or a simulated SAM, in a slot of the virtual reader. Dropping it pulls it out.
pub struct ChipSimulator {
    folder: PathBuf,
    slot: Slot,
    _threads: Threads,
}

impl ChipSimulator {
    /// Starts a card for the virtual reader that waits at `address`, usually `127.0.0.1:35963`. The reader need not
    /// be there yet.
    ///
    /// # Errors
    ///
    /// When the folder cannot be made.
    pub fn start_card(address: &str, state_dir: impl AsRef<Path>) -> Result<Self, Error> {
        Self::start(address, state_dir.as_ref(), load_card)
    }

    /// Starts a SAM for the virtual reader that waits at `address`, usually `127.0.0.1:35964`.
    ///
    /// # Errors
    ///
    /// When the folder cannot be made.
    pub fn start_sam(address: &str, state_dir: impl AsRef<Path>) -> Result<Self, Error> {
        Self::start(address, state_dir.as_ref(), load_sam)
    }

    fn start(address: &str, folder: &Path, load: fn(&Path, &Slot) -> Option<Loaded>) -> Result<Self, Error> {
        let slot = Slot::open(folder)?;
        let (host, port) = address
            .rsplit_once(':')
            .and_then(|(host, port)| Some((host.to_owned(), port.parse::<u16>().ok()?)))
            .ok_or_else(|| Error::new(ErrorKind::InvalidUrl, "expected host:port of the virtual reader"))?;
        let mut threads = Threads::new();
        let stop = threads.stop_flag();
        let place = Place { host, port, folder: folder.to_owned(), slot: slot.clone(), load, stop };
        threads.spawn("chip-sim", move || place.run())?;
        Ok(Self { folder: folder.to_owned(), slot, _threads: threads })
    }

    /// Lays a card on the reader, with a chip that behaves as said.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    pub fn place(&self, card: &CardFile, chip: &ChipFile) -> Result<(), Error> {
        statefile::write(&self.folder.join("chip.json"), chip)?;
        statefile::write(&self.folder.join("card.json"), card)
    }

    /// Changes how the SAM behaves.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn set_sam(&self, chip: &ChipFile) -> Result<(), Error> {
        statefile::write(&self.folder.join("sam.json"), chip)
    }

    /// Takes the card away.
    pub fn remove(&self) {
        self.slot.remove();
    }
}

/// What answers commands.
enum Chip {
    Card(Box<SimulatedCard>),
    Sam(SimulatedSam),
}

/// The files of a folder, as they were read.
struct Loaded {
    /// To see that they changed.
    text: String,
    behaviour: ChipFile,
    chip: Chip,
}

fn load_card(folder: &Path, slot: &Slot) -> Option<Loaded> {
    let card = slot.card()?;
    let mut behaviour: ChipFile = statefile::read(&folder.join("chip.json")).ok().flatten().unwrap_or_default();
    match card.fault {
        Some(CardFault::Unreadable) => behaviour.faults.push(fault(1, Misbehaviour::Status("6F00".into()))),
        Some(CardFault::RemovedMidRead) => behaviour.faults.push(fault(4, Misbehaviour::Remove)),
        Some(CardFault::Mute) => behaviour.faults.push(fault(1, Misbehaviour::Mute)),
        None => {}
    }
    let uid = behaviour.uid.as_deref().and_then(hex).unwrap_or_else(|| uid_of(&card));
    let text = format!("{} {}", read_text(&folder.join("card.json")), read_text(&folder.join("chip.json")));
    let chip = Chip::Card(Box::new(SimulatedCard::new(&card, uid, behaviour.type_b, slot.photo())));
    Some(Loaded { text, behaviour, chip })
}

fn load_sam(folder: &Path, _: &Slot) -> Option<Loaded> {
    let path = folder.join("sam.json");
    let behaviour: ChipFile = statefile::read(&path).ok().flatten().unwrap_or_default();
    let loaded = Loaded { text: read_text(&path), behaviour, chip: Chip::Sam(SimulatedSam::default()) };
    (!loaded.behaviour.absent).then_some(loaded)
}

fn fault(at: u32, what: Misbehaviour) -> ChipFault {
    ChipFault { at, what }
}

fn uid_of(card: &CardFile) -> Vec<u8> {
    let mut uid = scheme::nonce(&[b"uid", card.nik.as_bytes()])[..7].to_vec();
    // 04 is a manufacturer; 08 would say that the number is made up each time.
    uid[0] = 0x04;
    uid
}

fn read_text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// A slot of the virtual reader and the folder of what lies in it.
struct Place {
    host: String,
    port: u16,
    folder: PathBuf,
    slot: Slot,
    load: fn(&Path, &Slot) -> Option<Loaded>,
    stop: Stop,
}

impl Place {
    fn run(&self) {
        while !self.stop.is_set() {
            let Some(loaded) = (self.load)(&self.folder, &self.slot) else {
                thread::sleep(TICK);
                continue;
            };
            match DescriptorLink::connect(&self.host, self.port, TICK * 10) {
                Ok(link) => {
                    self.serve(link, loaded);
                    let hand = Deadline::after(HAND);
                    while !hand.passed() && !self.stop.is_set() {
                        thread::sleep(TICK);
                    }
                }
                Err(_) => thread::sleep(TICK),
            }
        }
    }

    /// Answers until the card is pulled, the files change, or the reader hangs up.
    fn serve(&self, mut link: DescriptorLink, loaded: Loaded) {
        let mut game = Game { behaviour: loaded.behaviour, chip: loaded.chip, count: 0, swapped: false, mute: false };
        let mut bytes = Vec::new();
        let mut checked = Deadline::after(TICK);
        while !self.stop.is_set() {
            if checked.passed() {
                checked = Deadline::after(TICK);
                if (self.load)(&self.folder, &self.slot).is_none_or(|now| now.text != loaded.text) {
                    return;
                }
            }
            while let Some(message) = take_message(&mut bytes) {
                let answer = match game.answer(&message) {
                    Act::Answer(answer) => answer,
                    Act::Silence => continue,
                    Act::Leave => {
                        self.slot.remove();
                        return;
                    }
                };
                let length = u16::try_from(answer.len()).unwrap_or(u16::MAX).to_be_bytes();
                if link.write_all(&[&length[..], &answer].concat(), TICK * 40).is_err() {
                    return;
                }
            }
            // The reader sends length and message apart and waits 40 ms in between unless the first is acknowledged
            // at once.
            link.acknowledge_at_once();
            let mut buffer = [0; 1024];
            match link.read(&mut buffer, TICK) {
                Ok(count) => bytes.extend_from_slice(&buffer[..count]),
                Err(_) => return,
            }
            if bytes.len() > MAX_MESSAGE {
                return;
            }
        }
    }
}

fn take_message(bytes: &mut Vec<u8>) -> Option<Vec<u8>> {
    let length = usize::from(u16::from_be_bytes(*bytes.first_chunk()?));
    if bytes.len() < 2 + length {
        return None;
    }
    let message = bytes[2..2 + length].to_vec();
    bytes.drain(..2 + length);
    Some(message)
}

enum Act {
    Answer(Vec<u8>),
    Silence,
    Leave,
}

/// A chip under power, and what it did so far.
struct Game {
    behaviour: ChipFile,
    chip: Chip,
    count: u32,
    swapped: bool,
    mute: bool,
}

impl Game {
    fn answer(&mut self, message: &[u8]) -> Act {
        match message {
            // No answer is expected to power and reset.
            [0..=2] => {
                self.count = 0;
                match &mut self.chip {
                    Chip::Card(card) => card.reset(),
                    Chip::Sam(sam) => sam.reset(),
                }
                Act::Silence
            }
            [4] => Act::Answer(self.behaviour.atr()),
            _ => self.command(message),
        }
    }

    fn command(&mut self, command: &[u8]) -> Act {
        let at = self.count;
        self.count = self.count.saturating_add(1);
        if self.mute {
            return Act::Silence;
        }
        let two = self.behaviour.faults.iter().any(|fault| fault.what == Misbehaviour::TwoCards && at >= fault.at);
        let fault = self.behaviour.faults.iter().find(|fault| fault.at == at).map(|fault| fault.what.clone());
        if fault == Some(Misbehaviour::Swap) || (two && command.starts_with(&[0xFF, 0xCA])) {
            self.swapped = !self.swapped;
        }
        let mut answer = match &mut self.chip {
            Chip::Card(card) => card.answer(command),
            Chip::Sam(sam) => sam.answer(command),
        };
        if self.swapped && command.starts_with(&[0xFF, 0xCA]) && answer.len() > 2 {
            let last = answer.len() - 3;
            answer[last] ^= 0x5A;
        }
        match fault {
            None | Some(Misbehaviour::Swap | Misbehaviour::TwoCards) => {}
            Some(Misbehaviour::Mute) => {
                self.mute = true;
                return Act::Silence;
            }
            Some(Misbehaviour::Remove) => return Act::Leave,
            Some(Misbehaviour::OneByte) => answer.truncate(1),
            Some(Misbehaviour::NoBytes) => answer.clear(),
            Some(Misbehaviour::Truncated) => {
                let keep = answer.len().saturating_sub(2) / 2;
                answer.drain(keep..answer.len().saturating_sub(2));
            }
            Some(Misbehaviour::Oversized) => {
                answer.splice(0..0, [0xEE; 700]);
            }
            Some(Misbehaviour::Status(word)) => answer = hex(&word).filter(|word| word.len() == 2).unwrap_or_default(),
        }
        Act::Answer(answer)
    }
}

/// A chip without a reader in between. It answers with nothing once it is gone, as PC/SC does.
#[cfg(test)]
pub(super) struct Loose {
    game: Game,
    gone: bool,
    /// How many commands it had.
    pub(super) commands: u32,
}

#[cfg(test)]
impl Loose {
    pub(super) fn card(card: &CardFile, behaviour: ChipFile, photo: Option<Vec<u8>>) -> Self {
        let chip = SimulatedCard::new(card, uid_of(card), behaviour.type_b, photo);
        Self::of(behaviour, Chip::Card(Box::new(chip)))
    }

    pub(super) fn sam(behaviour: ChipFile) -> Self {
        Self::of(behaviour, Chip::Sam(SimulatedSam::default()))
    }

    fn of(behaviour: ChipFile, chip: Chip) -> Self {
        let game = Game { behaviour, chip, count: 0, swapped: false, mute: false };
        Self { game, gone: false, commands: 0 }
    }

    pub(super) fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        self.commands += 1;
        if self.gone {
            return Vec::new();
        }
        match self.game.command(command) {
            Act::Answer(answer) => answer,
            Act::Silence | Act::Leave => {
                self.gone = true;
                Vec::new()
            }
        }
    }
}
