//! What the helper does on the thread that may block: waiting for a card, and reading it.

use std::time::Duration;

use data_encoding::BASE64;
use serde_json::{Map, Value};

use super::apdu::Port;
use super::card::{Sam, open_application, photo, same_card, uid};
use super::connection::Connection;
use super::licence::Licence;
use super::port::{Limit, Slot};
use super::{Config, biodata, opaque};
use crate::ektp_reader::Scope;
use crate::ektp_reader::gateway::is_in_scope;
use crate::ektp_reader::protocol::{Code, Reply, Verb};
use crate::ektp_reader::reading::check_photo;
use crate::{Error, ErrorKind};

/// How often a wait for a card looks whether it is cancelled.
const SLICE: Duration = Duration::from_millis(100);

pub(super) struct Worker {
    config: Config,
    connection: Connection,
    /// The licence that the SAM refused.
    refused: Option<Licence>,
}

impl Worker {
    pub(super) fn new(config: Config, connection: Connection) -> Self {
        Self { config, connection, refused: None }
    }

    /// Does what a request asks for and gives its answer.
    pub(super) fn run(&mut self, id: u64, verb: &Verb, limit: &Limit) -> Reply {
        let (config, refused) = (&self.config, &mut self.refused);
        let result = self.connection.with_retry(|connection| match verb {
            Verb::WaitCard { .. } => wait(config, connection, id, limit),
            Verb::Read { scopes, .. } => read(config, connection, refused, id, scopes, limit),
            _ => Err(Error::new(ErrorKind::InvalidRequest, "this reader cannot do that")),
        });
        result.unwrap_or_else(|error| Reply::failed(id, &error))
    }
}

fn wait(config: &Config, connection: &mut Connection, id: u64, limit: &Limit) -> Result<Reply, Error> {
    let sam = config.sam.as_ref().map(|(slot, _)| slot.as_str());
    loop {
        let service = connection.service()?;
        let (name, _) = service.find(&config.reader, sam)?;
        let slot = service.wait_for_card(&name, SLICE.min(limit.deadline.left()))?;
        if slot.card {
            return match see(connection, &slot, limit) {
                Err(error) if error.kind() == ErrorKind::Busy => Err(error),
                // A card that does not tell its number lies there all the same; reading it says what is wrong.
                _ => Ok(Reply::new(id, Code::Ok)),
            };
        }
        match limit.check() {
            Err(error) if error.kind() == ErrorKind::Timeout => return Ok(Reply::new(id, Code::NoCard)),
            other => other?,
        }
    }
}

/// Asks a card for its number once, for the hint in the status.
fn see(connection: &mut Connection, slot: &Slot, limit: &Limit) -> Result<(), Error> {
    if slot.mute || connection.name_of(slot).is_some() {
        return Ok(());
    }
    // The wait may have used up its time; the card still gets a moment of the caller's headroom.
    let limit = limit.until(limit.deadline.at_least(SLICE));
    let mut card = connection.service()?.open(&slot.name, "card", limit)?;
    let name = opaque(&uid(&mut card)?);
    connection.note(slot, name);
    Ok(())
}

fn read(
    config: &Config,
    connection: &mut Connection,
    refused: &mut Option<Licence>,
    id: u64,
    scopes: &[Scope],
    limit: &Limit,
) -> Result<Reply, Error> {
    let Some((sam_slot, licence)) = &config.sam else {
        let what = "this reader tells that a card is there, not whose; an identity needs a SAM or a gateway";
        return Err(Error::new(ErrorKind::InvalidRequest, what));
    };
    let licence = Licence::load(licence)?;
    if refused.as_ref() == Some(&licence) {
        let what = "the SAM refused this licence before; it is not tried again, because a SAM may lock itself";
        return Err(Error::new(ErrorKind::Denied, what));
    }
    let service = connection.service()?;
    let (name, sam_name) = service.find(&config.reader, Some(sam_slot))?;
    let sam_name = sam_name.ok_or_else(|| Error::new(ErrorKind::NotReachable, "the SAM slot is not there"))?;
    let slot = service.look(&name)?;
    if !slot.card {
        return Err(Error::new(ErrorKind::MediaAbsent, "no card on the reader"));
    }
    let mut card = service.open(&name, "card", limit.clone())?;
    let mut sam = service.open(&sam_name, "SAM", limit.clone()).map_err(|error| match error.kind() {
        ErrorKind::MediaAbsent | ErrorKind::Removed | ErrorKind::Unreadable => {
            Error::new(ErrorKind::NotReachable, "no SAM in its slot")
        }
        _ => error,
    })?;
    let mut sam = Sam::open(&mut sam, &licence).inspect_err(|error| {
        if error.kind() == ErrorKind::Denied {
            *refused = Some(licence);
        }
    })?;
    let (name, mut fields) = read_chip(&mut card, &mut sam, scopes.contains(&Scope::Photo))?;
    connection.note(&slot, name);
    fields.retain(|key, _| is_in_scope(key, scopes));
    Ok(Reply { card: Some(fields), ..Reply::new(id, Code::Ok) })
}

/// The whole reading of a card: its opaque name and its fields.
pub(super) fn read_chip(
    card: &mut dyn Port,
    sam: &mut Sam<'_>,
    with_photo: bool,
) -> Result<(String, Map<String, Value>), Error> {
    let number = uid(card)?;
    open_application(card)?;
    let picture = if with_photo { photo(card)? } else { None };
    let mut fields = biodata::parse(&sam.biodata(card, &number)?)?;
    same_card(card, &number)?;
    if let Some(picture) = picture {
        check_photo(&picture)?;
        fields.insert("photo".into(), BASE64.encode(&picture).into());
    }
    let name = opaque(&number);
    fields.insert("card_id".into(), name.clone().into());
    Ok((name, fields))
}
