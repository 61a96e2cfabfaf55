//! Finding archived cases: by number, by the digest of a NIK or No KK, by the day of the register book.

use jiff::Timestamp;
use rusqlite::params;

use super::archive::{ArchivedCase, read_case};
use super::{StoreError, View, ms};
use crate::archive::seal::Searched;
use crate::domain::archive::ArchiveNumber;

impl View<'_> {
    /// Finds an archived case by its number.
    ///
    /// # Errors
    /// When the engine refuses or a row does not parse; so for every read below.
    pub fn archived_numbered(&self, number: ArchiveNumber) -> Result<Option<ArchivedCase>, StoreError> {
        let sql = "SELECT * FROM archive_cases WHERE office = ? AND year = ? AND number = ?";
        self.row(sql, params![self.office.as_str(), number.year(), number.number()], read_case)
    }

    /// Lists the archived cases of a NIK or No KK, by the digest under the office's key, newest first.
    #[allow(clippy::missing_errors_doc)]
    pub fn archived_of(&self, what: Searched, digest: &str, limit: u32) -> Result<Vec<ArchivedCase>, StoreError> {
        let sql = "SELECT a.* FROM archive_search s JOIN archive_cases a ON a.case_id = s.case_id
                   WHERE s.office = ? AND s.what = ? AND s.digest = ? ORDER BY a.year DESC, a.number DESC LIMIT ?";
        self.rows(sql, params![self.office.as_str(), what.key(), digest, limit], read_case)
    }

    /// Lists the archived cases that entered the register book from one instant up to before another, oldest first.
    #[allow(clippy::missing_errors_doc)]
    pub fn archived_registered(
        &self,
        from: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<ArchivedCase>, StoreError> {
        let sql = "SELECT * FROM archive_cases WHERE office = ? AND registered_at_ms >= ? AND registered_at_ms < ?
                   ORDER BY registered_at_ms, year, number LIMIT ?";
        self.rows(sql, params![self.office.as_str(), ms(from), ms(until), limit], read_case)
    }
}
