//! Rows of `case_notes` and `case_reminders`, and the KK that lie at the counter.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Row, params};

use super::rows::{day, parsed, plain, time, time_or_none};
use super::{StoreError, Tx, View, ms};
use crate::domain::catalogue::VariantKey;
use crate::domain::ids::CaseId;
use crate::domain::stage::Stage;
use crate::domain::ticket::TicketNumber;
use crate::domain::unclaimed::ReminderWay;

/// A note that sticks to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteRow {
    /// When it was written.
    pub at: Timestamp,
    /// Login of whoever wrote it.
    pub officer: String,
    /// What it says.
    pub text: String,
}

/// A KK that lies at the counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LyingRow {
    /// The case.
    pub case_id: CaseId,
    /// Number of its first ticket.
    pub first_number: TicketNumber,
    /// Business day of that ticket.
    pub first_day: Date,
    /// Service variant.
    pub variant: VariantKey,
    /// When the KK came to the counter.
    pub since: Timestamp,
    /// The applicant left a mobile number.
    pub has_phone: bool,
    /// How often somebody reminded the applicant.
    pub reminders: u32,
    /// When they did so last.
    pub reminded_at: Option<Timestamp>,
}

fn read_lying(row: &Row<'_>) -> Result<LyingRow, StoreError> {
    Ok(LyingRow {
        case_id: parsed(row, "case_id")?,
        first_number: parsed(row, "first_number")?,
        first_day: day(row, "first_day")?,
        variant: parsed(row, "variant")?,
        since: time(row, "stage_since_ms")?,
        has_phone: plain(row, "has_phone")?,
        reminders: plain(row, "reminders")?,
        reminded_at: time_or_none(row, "reminded_at_ms")?,
    })
}

impl View<'_> {
    /// Returns the notes on a case, the newest last.
    ///
    /// # Errors
    /// When the engine refuses or a row does not parse; so for every read below.
    pub fn notes(&self, case: CaseId) -> Result<Vec<NoteRow>, StoreError> {
        let sql = "SELECT at_ms, officer, text FROM case_notes WHERE office = ? AND case_id = ? ORDER BY ordinal";
        self.rows(sql, params![self.office.as_str(), case.to_string()], |row| {
            Ok(NoteRow { at: time(row, "at_ms")?, officer: plain(row, "officer")?, text: plain(row, "text")? })
        })
    }

    /// Lists the KK that came to the counter before an instant and still lie there, longest first.
    #[allow(clippy::missing_errors_doc)]
    pub fn lying(&self, before: Timestamp, limit: u32) -> Result<Vec<LyingRow>, StoreError> {
        let sql = "SELECT c.case_id, c.first_number, c.first_day, c.variant, c.stage_since_ms,
                     c.phone IS NOT NULL AS has_phone,
                     (SELECT count(*) FROM case_reminders r WHERE r.case_id = c.case_id) AS reminders,
                     (SELECT max(r.at_ms) FROM case_reminders r WHERE r.case_id = c.case_id) AS reminded_at_ms
                   FROM cases c WHERE c.office = ? AND c.stage = ? AND c.stage_since_ms < ?
                   ORDER BY c.stage_since_ms, c.case_id LIMIT ?";
        self.rows(sql, params![self.office.as_str(), Stage::Received.key(), ms(before), limit], read_lying)
    }

    /// Counts them all.
    #[allow(clippy::missing_errors_doc)]
    pub fn lying_count(&self, before: Timestamp) -> Result<u32, StoreError> {
        let sql = "SELECT count(*) AS rows FROM cases WHERE office = ? AND stage = ? AND stage_since_ms < ?";
        let params = params![self.office.as_str(), Stage::Received.key(), ms(before)];
        Ok(self.row(sql, params, |row| plain(row, "rows"))?.unwrap_or(0))
    }
}

impl Tx<'_> {
    /// Sticks a note to a case, and returns how many it has now.
    ///
    /// # Errors
    /// When the engine refuses; so for every write below.
    pub fn add_note(&self, case: CaseId, note: &NoteRow) -> Result<u32, StoreError> {
        let ordinal = self.next_ordinal("case_notes", case)?;
        self.run(
            "INSERT INTO case_notes (case_id, ordinal, office, at_ms, officer, text) VALUES (?, ?, ?, ?, ?, ?)",
            params![case.to_string(), ordinal, self.office.as_str(), ms(note.at), note.officer, note.text],
        )?;
        Ok(ordinal)
    }

    /// Writes down that somebody reminded the applicant of a case, and returns how often that was by now.
    #[allow(clippy::missing_errors_doc)]
    pub fn add_reminder(
        &self,
        case: CaseId,
        officer: &str,
        way: ReminderWay,
        at: Timestamp,
    ) -> Result<u32, StoreError> {
        let ordinal = self.next_ordinal("case_reminders", case)?;
        self.run(
            "INSERT INTO case_reminders (case_id, ordinal, office, at_ms, officer, way) VALUES (?, ?, ?, ?, ?, ?)",
            params![case.to_string(), ordinal, self.office.as_str(), ms(at), officer, way.key()],
        )?;
        Ok(ordinal)
    }

    /// Rows of a case are only ever forgotten all at once, so the last number is their count.
    fn next_ordinal(&self, table: &'static str, case: CaseId) -> Result<u32, StoreError> {
        let sql = format!("SELECT COALESCE(MAX(ordinal), 0) + 1 AS next FROM {table} WHERE case_id = ?");
        Ok(self.row(&sql, params![case.to_string()], |row| plain(row, "next"))?.unwrap_or(1))
    }

    /// Forgets the notes and reminders of a case.
    #[allow(clippy::missing_errors_doc)]
    pub fn forget_notes(&self, case: CaseId) -> Result<(), StoreError> {
        let params = params![self.office.as_str(), case.to_string()];
        self.run("DELETE FROM case_notes WHERE office = ? AND case_id = ?", params)?;
        self.run("DELETE FROM case_reminders WHERE office = ? AND case_id = ?", params)?;
        Ok(())
    }
}
