//! Gives a person who forgot their password a new one-time password. Done at the server's command line.

use serde_json::json;

use super::add_user::AddRefused;
use crate::clock::World;
use crate::domain::role::Role;
use crate::hub::secret::{hash_password, one_time_password};
use crate::journal::EventKind;
use crate::store::{Actor, NewEntry, Store};

/// Replaces a password by a one-time one and ends every session of its owner. Returns role and password.
pub(crate) fn reset_password(store: &Store, world: &World, name: &str) -> Result<(Role, String), AddRefused> {
    let one_time = one_time_password(world);
    let hash = hash_password(world, &one_time);
    let (name, at) = (name.to_owned(), world.now());
    let role = store.write_blocking(move |tx| {
        let Some(user) = tx.user_named(&name)? else { return Err(AddRefused::Unknown(name)) };
        tx.set_password(user.user_id, &hash, true)?;
        tx.end_sessions_of(user.user_id)?;
        let detail = json!({ "name": user.name });
        let (event, actor) = (EventKind::PasswordReset, Actor::System);
        tx.note(&NewEntry { event, at, actor, station: None, case_id: None, detail })?;
        Ok(user.role)
    })?;
    Ok((role, one_time))
}
