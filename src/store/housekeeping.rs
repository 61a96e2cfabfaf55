//! What may be forgotten: rows that only served for a time. The journal is none of them.

use jiff::Timestamp;
use rusqlite::params;

use super::{StoreError, Tx, ms};

impl Tx<'_> {
    /// Forgets the answers given before an instant, and returns how many.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn forget_answers(&self, before: Timestamp) -> Result<usize, StoreError> {
        self.run("DELETE FROM requests WHERE office = ? AND at_ms < ?", params![self.office().as_str(), ms(before)])
    }

    /// Forgets the sessions that have ended, and returns how many.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn forget_sessions(&self, at: Timestamp) -> Result<usize, StoreError> {
        let sql = "DELETE FROM sessions WHERE office = ? AND expires_at_ms <= ?";
        self.run(sql, params![self.office().as_str(), ms(at)])
    }

    /// Forgets the faults whose end was told before an instant, and returns how many. The journal keeps them.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn forget_faults(&self, before: Timestamp) -> Result<usize, StoreError> {
        let sql = "DELETE FROM device_faults WHERE office = ? AND ended_at_ms IS NOT NULL AND noted_at_ms < ?";
        self.run(sql, params![self.office().as_str(), ms(before)])
    }

    /// Forgets the reports that came before an instant, and returns how many.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn forget_reports(&self, before: Timestamp) -> Result<usize, StoreError> {
        let sql = "DELETE FROM station_reports WHERE office = ? AND seen_at_ms < ?";
        self.run(sql, params![self.office().as_str(), ms(before)])
    }
}
