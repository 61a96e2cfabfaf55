//! Adds a person with a login. Done at the server's command line, not over the network.

use serde_json::json;

use crate::clock::World;
use crate::domain::role::Role;
use crate::hub::secret::{hash_password, one_time_password};
use crate::journal::EventKind;
use crate::store::{Actor, NewEntry, Store, StoreError, UserRecord};

/// Lengths of a login.
const NAME_LENGTH: std::ops::RangeInclusive<usize> = 2..=32;

/// Why a person or a station was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddRefused {
    /// Not a login.
    #[error("a login has 2 to 32 of a-z, 0-9, dot, underscore and hyphen")]
    LoginInvalid,
    /// Not a name of a station.
    #[error("a station's name has 1 to 40 printable characters, no space at its ends")]
    StationNameInvalid,
    /// The name is taken.
    #[error("the name {0:?} is taken")]
    Taken(String),
    /// Nobody has this name.
    #[error("nobody has the name {0:?}")]
    Unknown(String),
    /// The store could not do it.
    #[error("the store could not add it")]
    Store(#[from] StoreError),
}

/// Adds a person and returns their one-time password.
pub(crate) fn add_user(store: &Store, world: &World, name: &str, role: Role) -> Result<String, AddRefused> {
    let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-');
    if !NAME_LENGTH.contains(&name.len()) || !name.bytes().all(known) {
        return Err(AddRefused::LoginInvalid);
    }
    let one_time = one_time_password(world);
    let password = hash_password(world, &one_time);
    let user = UserRecord { user_id: world.user_id(), name: name.to_owned(), role, password, must_change: true };
    let at = world.now();
    store.write_blocking(move |tx| {
        if tx.user_named(&user.name)?.is_some() {
            return Err(AddRefused::Taken(user.name));
        }
        tx.add_user(&user, at)?;
        let detail = json!({ "name": user.name, "role": user.role });
        let (event, actor) = (EventKind::UserAdded, Actor::System);
        tx.note(&NewEntry { event, at, actor, station: None, case_id: None, detail })?;
        Ok(())
    })?;
    Ok(one_time)
}
