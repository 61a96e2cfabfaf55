//! Enrols a machine. Done at the server's command line, not over the network.

use serde_json::json;

use super::add_user::AddRefused;
use crate::clock::World;
use crate::domain::role::StationKind;
use crate::hub::secret::{Purpose, digest, token};
use crate::journal::EventKind;
use crate::store::{Actor, NewEntry, StationRecord, Store};

/// Lengths of a station's name, in characters.
const NAME_CHARS: std::ops::RangeInclusive<usize> = 1..=40;

/// Enrols a station and returns its token.
pub(crate) fn add_station(store: &Store, world: &World, kind: StationKind, name: &str) -> Result<String, AddRefused> {
    let printable = name.trim() == name && !name.chars().any(char::is_control);
    if !printable || !NAME_CHARS.contains(&name.chars().count()) {
        return Err(AddRefused::StationNameInvalid);
    }
    let token = token(world);
    let token_digest = digest(Purpose::Station, &token);
    let station = StationRecord { station_id: world.station_id(), kind, name: name.to_owned() };
    let at = world.now();
    store.write_blocking(move |tx| {
        if tx.station_exists(&station.name)? {
            return Err(AddRefused::Taken(station.name));
        }
        tx.add_station(&station, &token_digest, at)?;
        let detail = json!({ "name": station.name, "kind": station.kind });
        let (event, actor) = (EventKind::StationAdded, Actor::System);
        tx.note(&NewEntry { event, at, actor, station: None, case_id: None, detail })?;
        Ok(())
    })?;
    Ok(token)
}
