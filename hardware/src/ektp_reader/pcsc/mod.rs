//! The driver of contactless readers of PC/SC.
//!
//! It runs in a helper process and speaks our gateway protocol on standard input and output ([`serve`]), because
//! PC/SC gives no time limit to a command: a card that answers with nothing at all was seen to block one for nearly
//! ten minutes. The parent is [`super::gateway`], which kills the helper at its own deadline.
//!
//! Without a SAM it tells that a card lies there and an opaque name of it, a hint and never an identity. With a SAM
//! it reads the chip; that flow is not verified with a production SAM.

mod apdu;
mod biodata;
mod card;
mod connection;
mod licence;
mod port;
mod server;
#[cfg(test)]
mod tests;
mod worker;

use std::path::PathBuf;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::{Address, DeviceUrl, Error, ErrorKind};

pub(super) use card::{APPLICATION, BIODATA, CONTROL, PHOTO, SIGNATURE};
pub(crate) use server::serve;

/// Names of the readers PC/SC knows, SAM slots included. For a program that looks for devices and ends soon: the call
/// goes to the service directly and has no deadline of its own.
///
/// # Errors
///
/// `NotReachable` without a PC/SC service.
pub fn list_pcsc_readers() -> Result<Vec<String>, Error> {
    let names = port::Service::connect()?.names()?;
    Ok(names.iter().map(|name| name.to_string_lossy().into_owned()).collect())
}

/// What a `pcsc:` URL says.
#[derive(Clone)]
struct Config {
    reader: String,
    /// SAM slot and licence.
    sam: Option<(String, PathBuf)>,
    simulated: bool,
}

impl Config {
    fn new(url: &DeviceUrl) -> Result<Self, Error> {
        let Address::Pcsc(reader) = url.address() else {
            return Err(url.unsupported("card reader", "pcsc:"));
        };
        let sam = match (url.option("sam"), url.option("licence")) {
            (Some(sam), Some(licence)) if !sam.is_empty() => Some((sam.to_owned(), PathBuf::from(licence))),
            (None, None) => None,
            _ => {
                let what = format!("device URL \"{url}\": a SAM needs both sam=<slot> and licence=<file>");
                return Err(Error::new(ErrorKind::InvalidUrl, what));
            }
        };
        Ok(Self { reader: reader.clone(), sam, simulated: url.is_simulated() })
    }
}

/// Finds mistakes in a `pcsc:` URL before a helper is started with it.
pub(super) fn check_url(url: &DeviceUrl) -> Result<(), Error> {
    Config::new(url).map(|_| ())
}

/// An opaque name: the same for the same bytes until the machine is started again, and of no use elsewhere.
pub(super) fn opaque(bytes: &[u8]) -> String {
    // Kept short of a real secret, it still keeps names of two days or two machines from being compared.
    let key = std::fs::read("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let hash = Sha256::new().chain_update(b"anjungan card name").chain_update(key).chain_update(bytes).finalize();
    HEXLOWER.encode(&hash[..8])
}

/// Cuts and interprets one answer.
pub(super) fn fuzz_answer(bytes: &[u8]) {
    if let Ok(answer) = apdu::parse_answer(bytes.to_vec()) {
        let _ = apdu::refused("fuzz", answer.status);
    }
}

/// Parses a biodata file.
pub(super) fn fuzz_biodata(bytes: &[u8]) {
    let _ = biodata::parse(bytes);
}

/// Plays a whole reading against card and SAM that answer with these bytes, each answer led by its length.
pub(super) fn fuzz_conversation(bytes: &[u8]) {
    struct Tape<'a>(std::rc::Rc<std::cell::RefCell<&'a [u8]>>);
    impl apdu::Port for Tape<'_> {
        fn exchange(&mut self, _: &[u8]) -> Result<Vec<u8>, Error> {
            let mut tape = self.0.borrow_mut();
            let Some((length, rest)) = tape.split_first() else { return Ok(Vec::new()) };
            let (answer, rest) = rest.split_at(rest.len().min(usize::from(*length)));
            *tape = rest;
            Ok(answer.to_vec())
        }
    }
    let tape = std::rc::Rc::new(std::cell::RefCell::new(bytes));
    let (mut chip, mut sam) = (Tape(tape.clone()), Tape(tape));
    let licence = licence::Licence::of_fuzz();
    if let Ok(mut sam) = card::Sam::open(&mut sam, &licence) {
        let _ = worker::read_chip(&mut chip, &mut sam, true);
    }
}
