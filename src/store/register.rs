//! The register book: a row per KK that came back to the counter, numbered anew each year.

use jiff::Timestamp;
use rusqlite::params;

use super::rows::plain;
use super::{StoreError, Tx, ms};
use crate::domain::ids::CaseId;

impl Tx<'_> {
    /// Writes the next row of a year's book and returns its number.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn register(&self, case: CaseId, year: i16, officer: &str, at: Timestamp) -> Result<u32, StoreError> {
        let sql = "SELECT COALESCE(MAX(number), 0) + 1 AS number FROM register WHERE office = ? AND year = ?";
        let number: u32 = self.row(sql, params![self.office.as_str(), year], |row| plain(row, "number"))?.unwrap_or(1);
        self.run(
            "INSERT INTO register (office, year, number, case_id, at_ms, officer) VALUES (?, ?, ?, ?, ?, ?)",
            params![self.office.as_str(), year, number, case.to_string(), ms(at), officer],
        )?;
        self.run(
            "UPDATE cases SET register_year = ?, register_number = ? WHERE office = ? AND case_id = ?",
            params![year, number, self.office.as_str(), case.to_string()],
        )?;
        Ok(number)
    }
}
