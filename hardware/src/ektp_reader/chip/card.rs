//! The simulated card: files, free and protected, and the commands that read them.

use std::collections::BTreeMap;

use super::scheme::{Direction, Session, card_proof, hash, nonce, sam_proof};
use crate::ektp_reader::pcsc::{APPLICATION, BIODATA, CONTROL, PHOTO, SIGNATURE};
use crate::ektp_reader::simulator::CardFile;

pub(super) const OK: [u8; 2] = [0x90, 0x00];
pub(super) const NOT_ALLOWED: [u8; 2] = [0x69, 0x82];
pub(super) const NOT_TRUSTED: [u8; 2] = [0x69, 0x88];
pub(super) const NO_CONDITION: [u8; 2] = [0x69, 0x85];
const NO_FILE: [u8; 2] = [0x6A, 0x82];
const WRONG_LENGTH: [u8; 2] = [0x67, 0x00];
const WRONG_OFFSET: [u8; 2] = [0x6B, 0x00];
pub(super) const NO_COMMAND: [u8; 2] = [0x6D, 0x00];

/// Names in the order of the biodata file; an empty one has a fixed text.
const ORDER: [&str; 20] = [
    "nik",
    "address",
    "rt",
    "rw",
    "birth_place",
    "district",
    "village",
    "regency",
    "gender",
    "",
    "religion",
    "marital_status",
    "occupation",
    "name",
    "birth_date",
    "province",
    "",
    "",
    "",
    "",
];

pub(super) struct SimulatedCard {
    pub(super) uid: Vec<u8>,
    type_b: bool,
    files: BTreeMap<u16, Vec<u8>>,
    application: bool,
    file: Option<u16>,
    challenge: Option<[u8; 8]>,
    challenges: u32,
    session: Option<Session>,
}

impl SimulatedCard {
    pub(super) fn new(card: &CardFile, uid: Vec<u8>, type_b: bool, photo: Option<Vec<u8>>) -> Self {
        let text = |name: &str| match name {
            "" => "-",
            "nik" => card.nik.as_str(),
            _ => card.fields.get(name).and_then(|value| value.as_str()).unwrap_or_default(),
        };
        let biodata = ORDER.map(|name| format!("\"{}\"", text(name))).join(",").into_bytes();
        let mut files = BTreeMap::from([
            (CONTROL, with_length(&hash(&[b"control", &uid]))),
            (BIODATA, with_length(&biodata)),
            (SIGNATURE, [hash(&[b"signature", &biodata]); 3].concat()[..0x50].to_vec()),
        ]);
        if let Some(photo) = photo {
            files.insert(PHOTO, with_length(&photo));
        }
        Self { uid, type_b, files, application: false, file: None, challenge: None, challenges: 0, session: None }
    }

    /// Takes power away and gives it back.
    pub(super) fn reset(&mut self) {
        (self.application, self.file, self.challenge, self.session) = (false, None, None, None);
    }

    /// The number of a type B chip: eight bytes.
    fn chip_number(&self) -> [u8; 8] {
        nonce(&[b"chip", &self.uid])
    }

    pub(super) fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        match command {
            // What the reader would answer by itself.
            [0xFF, 0xCA, 0x00, 0x00, ..] => [&self.uid[..], &OK].concat(),
            [0x0C, ..] => self.secured(command),
            _ => self.plain(command, false),
        }
    }

    fn plain(&mut self, command: &[u8], secured: bool) -> Vec<u8> {
        match command {
            [0x00, 0xA4, _, _, 0x02, high, low, ..] => self.select(u16::from_be_bytes([*high, *low])).to_vec(),
            [0x00, 0xDF | 0xDD, 0x00, 0x00, ..] if self.application && self.type_b => {
                [&self.chip_number()[..], &OK].concat()
            }
            [0x00, 0xB0, high, low, length] => {
                self.read(usize::from(u16::from_be_bytes([*high, *low])), usize::from(*length), secured)
            }
            [0x00, 0x84, 0x00, 0x00, 0x08] if self.application => {
                self.challenges += 1;
                let challenge = nonce(&[b"challenge", &self.uid, &self.challenges.to_be_bytes()]);
                self.challenge = Some(challenge);
                [&challenge[..], &OK].concat()
            }
            [0x00, 0x82, 0x00, 0x00, 0x28, proof @ ..] if proof.len() >= 40 => self.authenticate(&proof[..40]),
            [_, 0xA4 | 0xB0 | 0x82 | 0x84, ..] => WRONG_LENGTH.to_vec(),
            _ => NO_COMMAND.to_vec(),
        }
    }

    fn select(&mut self, file: u16) -> [u8; 2] {
        if file == APPLICATION {
            (self.application, self.file) = (true, None);
            return OK;
        }
        // A file is only found inside its application.
        if self.application && self.files.contains_key(&file) {
            self.file = Some(file);
            OK
        } else {
            NO_FILE
        }
    }

    fn read(&self, offset: usize, length: usize, secured: bool) -> Vec<u8> {
        let Some(file) = self.file else { return NO_CONDITION.to_vec() };
        if matches!(file, BIODATA | SIGNATURE) && !secured {
            return NOT_ALLOWED.to_vec();
        }
        let content = self.files.get(&file).map(Vec::as_slice).unwrap_or_default();
        match content.get(offset..) {
            Some(rest) if !rest.is_empty() => [&rest[..rest.len().min(length)], &OK].concat(),
            _ => WRONG_OFFSET.to_vec(),
        }
    }

    fn authenticate(&mut self, proof: &[u8]) -> Vec<u8> {
        let Some(challenge) = self.challenge.take() else { return NO_CONDITION.to_vec() };
        let chip = if self.type_b { self.chip_number().to_vec() } else { self.uid.clone() };
        let control = self.files.get(&CONTROL).map(|file| &file[2..]).unwrap_or_default();
        let question = [control, &chip, &challenge].concat();
        let n = &proof[..8];
        if proof != sam_proof(&question, n) {
            return NOT_TRUSTED.to_vec();
        }
        let m = nonce(&[b"card nonce", &challenge]);
        self.session = Some(Session::new(n, &m, &challenge));
        [&card_proof(n, &m, &challenge)[..], &OK].concat()
    }

    fn secured(&mut self, command: &[u8]) -> Vec<u8> {
        let Some(mut session) = self.session.take() else { return NOT_ALLOWED.to_vec() };
        let sealed = command.get(5..).unwrap_or_default();
        // A message that was changed ends the conversation.
        let Some(plain) = session.open(Direction::ToCard, sealed) else { return NOT_TRUSTED.to_vec() };
        let answer = session.seal(Direction::FromCard, &self.plain(&plain, true));
        session.next();
        self.session = Some(session);
        [&answer[..], &OK].concat()
    }
}

fn with_length(content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes()[..], content].concat()
}
