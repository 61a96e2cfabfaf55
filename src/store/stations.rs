//! Rows of `stations`: enrolled machines. Only digests of their tokens are here.

use jiff::Timestamp;
use rusqlite::params;

use super::rows::{parsed, plain};
use super::{StoreError, Tx, View, ms};
use crate::domain::ids::StationId;
use crate::domain::role::StationKind;

/// An enrolled machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StationRecord {
    /// Names it.
    pub station_id: StationId,
    /// What it is.
    pub kind: StationKind,
    /// What people call it, e.g. `Loket 1`.
    pub name: String,
}

impl View<'_> {
    /// Finds a station by the digest of its token.
    ///
    /// # Errors
    /// When the engine refuses or a row does not parse.
    pub fn station_of(&self, token_digest: &str) -> Result<Option<StationRecord>, StoreError> {
        let sql = "SELECT station_id, kind, name FROM stations WHERE office = ? AND token_digest = ?";
        self.row(sql, params![self.office.as_str(), token_digest], |row| {
            Ok(StationRecord {
                station_id: parsed(row, "station_id")?,
                kind: parsed(row, "kind")?,
                name: plain(row, "name")?,
            })
        })
    }

    /// Tells whether a station has this name.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn station_exists(&self, name: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM stations WHERE office = ? AND name = ?";
        Ok(self.row(sql, params![self.office.as_str(), name], |_| Ok(()))?.is_some())
    }
}

impl Tx<'_> {
    /// Enrols a station.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn add_station(&self, station: &StationRecord, token_digest: &str, at: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO stations (station_id, office, kind, name, token_digest, enrolled_at_ms)
             VALUES (?, ?, ?, ?, ?, ?)",
            params![
                station.station_id.to_string(),
                self.office.as_str(),
                station.kind.key(),
                station.name,
                token_digest,
                ms(at)
            ],
        )?;
        Ok(())
    }
}
