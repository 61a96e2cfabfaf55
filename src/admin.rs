//! What the administrator does at the server's command line: adds people and enrols stations.
//!
//! Works on the store's file, also while the hub runs. Printing is the caller's.

use serde::Serialize;

use crate::clock::World;
use crate::config::Config;
use crate::domain::role::{Role, StationKind};
use crate::hub::AddRefused;
use crate::hub::operations::{add_station as station, add_user as user, reset_password as reset};
use crate::store::{OpenError, Store};

/// A station as enrolled; the token is shown this once.
#[derive(Clone, Serialize)]
pub struct AddedStation {
    /// What it is.
    pub kind: StationKind,
    /// What people call it.
    pub name: String,
    /// Goes into the station's configuration.
    pub token: String,
}

/// A person as added; the password is shown this once.
#[derive(Clone, Serialize)]
pub struct AddedUser {
    /// Login.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Must be changed at the first sign-in.
    pub one_time_password: String,
}

/// Why the administrator's wish was not done.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The store cannot be opened.
    #[error("cannot open the hub's store")]
    Open(#[from] OpenError),
    /// The wish itself is refused.
    #[error("not done")]
    Refused(#[from] AddRefused),
}

/// Enrols a station.
///
/// # Errors
/// Refuses a bad name and one that is taken.
pub fn add_station(config: &Config, kind: StationKind, name: &str) -> Result<AddedStation, AdminError> {
    let token = station::add_station(&open(config)?, &World::system(), kind, name)?;
    Ok(AddedStation { kind, name: name.to_owned(), token })
}

/// Adds a person with a one-time password.
///
/// # Errors
/// Refuses a bad name and one that is taken.
pub fn add_user(config: &Config, name: &str, role: Role) -> Result<AddedUser, AdminError> {
    let one_time_password = user::add_user(&open(config)?, &World::system(), name, role)?;
    Ok(AddedUser { name: name.to_owned(), role, one_time_password })
}

/// Replaces a forgotten password by a one-time one; every session of its owner ends.
///
/// # Errors
/// Refuses a name that nobody has.
pub fn reset_user(config: &Config, name: &str) -> Result<AddedUser, AdminError> {
    let (role, one_time_password) = reset::reset_password(&open(config)?, &World::system(), name)?;
    Ok(AddedUser { name: name.to_owned(), role, one_time_password })
}

fn open(config: &Config) -> Result<Store, OpenError> {
    let hub = config.hub.clone().unwrap_or_default();
    Store::open(&hub.data, &config.office.code)
}
