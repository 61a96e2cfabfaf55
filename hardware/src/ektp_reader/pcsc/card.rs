//! The commands of a KTP-el and of its SAM, in the order of a reading.
//!
//! The flow follows what public programs show of it. It was never run with a production SAM: no such SAM, and no
//! description by its issuer, is open to us.

use super::apdu::{DONE, Port, must, parse_answer, read_binary, refused, select, transmit, with_data};
use super::licence::Licence;
use crate::ektp_reader::reading::MAX_PHOTO;
use crate::{Error, ErrorKind};

/// The application of the KTP-el.
pub(in crate::ektp_reader) const APPLICATION: u16 = 0x7F0A;
/// Control data, free to read; a part of the proof between card and SAM.
pub(in crate::ektp_reader) const CONTROL: u16 = 0x6FF0;
/// Biodata, only by secure messaging.
pub(in crate::ektp_reader) const BIODATA: u16 = 0x6FF1;
/// Photo, free to read.
pub(in crate::ektp_reader) const PHOTO: u16 = 0x6FF2;
/// Digital signature, only by secure messaging.
pub(in crate::ektp_reader) const SIGNATURE: u16 = 0x6FF6;

/// Bytes of the signature file.
const SIGNATURE_LENGTH: u8 = 0x50;

/// Bytes of the control file that are asked for, its length of two bytes among them.
const CONTROL_LENGTH: u8 = 0x35;

/// Most bytes that are asked for at once; with what secure messaging adds, the answer still fits a short APDU.
const CHUNK: u8 = 0xD0;

/// Largest biodata that is believed.
const MAX_BIODATA: usize = 4096;

/// Bytes of the messages by which card and SAM prove themselves.
const PROOF: usize = 40;

/// Bytes of a challenge, and of the number of a type B chip.
const EIGHT: usize = 8;

/// The reader's own pseudo command for the number of the card (PC/SC part 3, 3.2.2.1.3).
const GET_UID: [u8; 5] = [0xFF, 0xCA, 0x00, 0x00, 0x00];

/// The number of the card as its radio interface tells it, 4 to 10 bytes. Cards may make up a new one each time.
pub(super) fn uid(card: &mut dyn Port) -> Result<Vec<u8>, Error> {
    let uid = must(card, "card number", &GET_UID)?;
    if (4..=10).contains(&uid.len()) {
        Ok(uid)
    } else {
        Err(Error::new(ErrorKind::Unreadable, "the card's number has an impossible length"))
    }
}

/// Makes the KTP-el application current.
pub(super) fn open_application(card: &mut dyn Port) -> Result<(), Error> {
    must(card, "KTP-el application", &select(APPLICATION)).map(|_| ())
}

/// Reads a file that begins with its length in two bytes. `read` gives up to so many bytes from an offset.
fn read_file(
    what: &str,
    limit: usize,
    mut read: impl FnMut(usize, u8) -> Result<Vec<u8>, Error>,
) -> Result<Vec<u8>, Error> {
    let bad = |why: &str| Error::new(ErrorKind::Unreadable, format!("{what}: {why}"));
    let head = read(0, 2)?;
    let [high, low] = head[..] else { return Err(bad("the card does not tell the length")) };
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length == 0 {
        return Err(bad("the file is empty"));
    }
    if length > limit {
        return Err(Error::new(ErrorKind::TooLarge, format!("{what}: {length} bytes, more than {limit}")));
    }
    let mut bytes = Vec::with_capacity(length);
    while bytes.len() < length {
        let left = length - bytes.len();
        let count = u8::try_from(left).map_or(CHUNK, |left| left.min(CHUNK));
        let part = read(2 + bytes.len(), count)?;
        if part.is_empty() || part.len() > usize::from(count) {
            return Err(bad("the card gives another length than it told"));
        }
        bytes.extend(part);
    }
    Ok(bytes)
}

/// Reads the photo, which needs no SAM. A card without one gives `None`.
pub(super) fn photo(card: &mut dyn Port) -> Result<Option<Vec<u8>>, Error> {
    let answer = transmit(card, &select(PHOTO))?;
    match answer.status {
        DONE => {
            read_file("photo", MAX_PHOTO, |offset, count| must(card, "photo", &read_binary(offset, count)?)).map(Some)
        }
        0x6A82 => Ok(None),
        status => Err(refused("photo", status)),
    }
}

/// What the card and the SAM need to know to prove themselves to each other.
struct Control {
    /// Control data of the card.
    data: Vec<u8>,
    /// Number of the chip.
    chip: Vec<u8>,
}

fn control(card: &mut dyn Port, uid: &[u8]) -> Result<Control, Error> {
    // A type B chip tells its number by a command of its own; a type A chip refuses it and has the radio's number.
    let number = transmit(card, &[0x00, 0xDF, 0x00, 0x00, 0x00])?;
    let chip = match number.status {
        DONE if number.data.len() >= EIGHT => number.data[number.data.len() - EIGHT..].to_vec(),
        DONE => return Err(Error::new(ErrorKind::Unreadable, "the chip's number is too short")),
        _ => uid.to_vec(),
    };
    must(card, "control data", &select(CONTROL))?;
    let file = must(card, "control data", &read_binary(0, CONTROL_LENGTH)?)?;
    let data = file.split_first_chunk::<2>().and_then(|(length, data)| {
        let length = usize::from(u16::from_be_bytes(*length));
        data.get(..length).filter(|data| !data.is_empty())
    });
    let data = data.ok_or_else(|| Error::new(ErrorKind::Unreadable, "the card's control data is cut short"))?;
    Ok(Control { data: data.to_vec(), chip })
}

/// The SAM of the agency, opened.
pub(super) struct Sam<'a>(&'a mut dyn Port);

impl<'a> Sam<'a> {
    /// Opens a SAM with the agency's licence and sets it back for a new card.
    pub(super) fn open(port: &'a mut dyn Port, licence: &Licence) -> Result<Self, Error> {
        let mut sam = Self(port);
        sam.ask("licence", 0xF0, 0x00, licence.opening())?;
        sam.command("reset", &[0x00, 0xFF, 0x00, 0x00, 0x00])?;
        Ok(sam)
    }

    fn ask(&mut self, what: &str, instruction: u8, p2: u8, data: &[u8]) -> Result<Vec<u8>, Error> {
        self.command(what, &with_data(0x00, instruction, 0x00, p2, data)?)
    }

    fn command(&mut self, what: &str, command: &[u8]) -> Result<Vec<u8>, Error> {
        // Whatever is wrong here is the SAM's, not the card's.
        let ours = |error: Error| match error.kind() {
            ErrorKind::Removed => Error::new(ErrorKind::NotReachable, "the SAM does not sit in its slot any more"),
            ErrorKind::Unreadable => Error::new(ErrorKind::Device, "the SAM's answer makes no sense"),
            _ => error,
        };
        let answer = transmit(self.0, command).map_err(ours)?;
        let [high, low] = answer.status.to_be_bytes();
        let kind = match answer.status {
            DONE => return Ok(answer.data),
            0x6300..=0x63FF | 0x6982 | 0x6983 | 0x6984 | 0x6985 => ErrorKind::Denied,
            _ => ErrorKind::Device,
        };
        Err(Error::new(kind, format!("the SAM refuses ({what}, {high:02X} {low:02X})")))
    }

    /// Card and SAM prove themselves to each other; from then on the card answers to secured messages.
    fn authenticate(&mut self, card: &mut dyn Port, control: &Control) -> Result<(), Error> {
        let challenge = must(card, "challenge", &[0x00, 0x84, 0x00, 0x00, 0x08])?;
        if challenge.len() != EIGHT {
            return Err(Error::new(ErrorKind::Unreadable, "the card's challenge is not eight bytes"));
        }
        let question = [&control.data[..], &control.chip, &challenge].concat();
        let proof = self.ask("proof", 0xF1, 0x01, &question)?;
        if proof.len() != PROOF {
            return Err(Error::new(ErrorKind::Device, "the SAM's proof has a wrong length"));
        }
        let answer = must(card, "proof", &with_data(0x00, 0x82, 0x00, 0x00, &proof)?)?;
        if answer.len() != PROOF {
            return Err(Error::new(ErrorKind::Unreadable, "the card's proof has a wrong length"));
        }
        self.ask("the card's proof", 0xF2, 0x00, &answer).map(|_| ()).map_err(|error| match error.kind() {
            ErrorKind::Denied => Error::new(ErrorKind::Unreadable, "the SAM does not accept the card's proof"),
            _ => error,
        })
    }

    /// Sends a command to the card as a secured message.
    fn secured(&mut self, card: &mut dyn Port, what: &str, command: &[u8]) -> Result<Vec<u8>, Error> {
        let wrapped = self.ask("wrap", 0xF3, 0x00, command)?;
        if wrapped.len() < 4 {
            return Err(Error::new(ErrorKind::Device, "the SAM's command is too short"));
        }
        let answer = must(card, what, &wrapped)?;
        // The SAM gives back what the card said inside, the card's own status word last.
        let plain = parse_answer(self.ask("unwrap", 0xF4, 0x00, &answer)?)
            .map_err(|_| Error::new(ErrorKind::Device, "the SAM's answer makes no sense"))?;
        if plain.status == DONE { Ok(plain.data) } else { Err(refused(what, plain.status)) }
    }

    /// Reads the biodata file of a card whose application is open. The signature is read first, as the public
    /// programs do; it cannot be checked, because the key for it is not public.
    pub(super) fn biodata(&mut self, card: &mut dyn Port, uid: &[u8]) -> Result<Vec<u8>, Error> {
        let control = control(card, uid)?;
        self.authenticate(card, &control)?;
        self.secured(card, "signature", &select(SIGNATURE))?;
        self.secured(card, "signature", &read_binary(0, SIGNATURE_LENGTH)?)?;
        self.secured(card, "biodata", &select(BIODATA))?;
        read_file("biodata", MAX_BIODATA, |offset, count| self.secured(card, "biodata", &read_binary(offset, count)?))
    }
}

/// Whether a reading is still of the card it began with.
pub(super) fn same_card(card: &mut dyn Port, before: &[u8]) -> Result<(), Error> {
    if uid(card)? == before {
        Ok(())
    } else {
        Err(Error::new(ErrorKind::Removed, "another card lies on the reader than at the start, or two do"))
    }
}
