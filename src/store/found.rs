//! Finding cases by a number that somebody at the counter holds, the newest first.

use jiff::civil::Date;
use rusqlite::params;

use super::cases::{CaseRecord, read};
use super::{StoreError, View};
use crate::domain::nik::Nik;
use crate::domain::no_kk::NoKk;
use crate::domain::ticket::TicketNumber;

// The office is asked for inside: outside, the planner would walk through all its cases.

/// What the archive has closed to everybody is found by no number of a person any more.
const OPEN_TO_US: &str = "NOT EXISTS (SELECT 1 FROM archive_cases a
                                      WHERE a.office = c.office AND a.case_id = c.case_id AND a.state <> 'kept')";
/// Identifiers grow with time: of two cases of one moment the order is the same at every look.
const NEWEST_FIRST: &str = "ORDER BY c.submitted_at_ms DESC, c.case_id DESC";

impl View<'_> {
    /// Lists the cases that waited under a number on a day, in whichever queue.
    ///
    /// # Errors
    /// When the engine refuses or a row does not parse; so for every read below.
    pub fn cases_of_ticket(
        &self,
        day: Date,
        number: TicketNumber,
        limit: usize,
    ) -> Result<Vec<CaseRecord>, StoreError> {
        let sql = format!(
            "SELECT c.* FROM cases c WHERE c.case_id IN (
               SELECT case_id FROM tickets WHERE office = ?1 AND day = ?2 AND queue IN ('verification', 'pickup')
                 AND series = ?3 AND number = ?4)
             {NEWEST_FIRST} LIMIT ?5"
        );
        let series = number.series().to_string();
        let params = params![self.office.as_str(), day.to_string(), series, number.number(), rows(limit)];
        self.rows(&sql, params, read)
    }

    /// Lists the cases in which somebody is the applicant or the proxy.
    #[allow(clippy::missing_errors_doc)]
    pub fn cases_of_nik(&self, nik: &Nik, limit: usize) -> Result<Vec<CaseRecord>, StoreError> {
        let sql = format!(
            "SELECT c.* FROM cases c WHERE c.case_id IN (
               SELECT case_id FROM cases WHERE office = ?1 AND applicant = ?2
               UNION SELECT case_id FROM cases WHERE office = ?1 AND proxy = ?2)
             AND {OPEN_TO_US} {NEWEST_FIRST} LIMIT ?3"
        );
        self.rows(&sql, params![self.office.as_str(), nik.as_str(), rows(limit)], read)
    }

    /// Lists the cases whose applicant gave a No KK.
    #[allow(clippy::missing_errors_doc)]
    pub fn cases_of_no_kk(&self, no_kk: &NoKk, limit: usize) -> Result<Vec<CaseRecord>, StoreError> {
        let sql = format!(
            "SELECT c.* FROM cases c WHERE c.office = ?1 AND c.no_kk = ?2 AND {OPEN_TO_US} {NEWEST_FIRST} LIMIT ?3"
        );
        self.rows(&sql, params![self.office.as_str(), no_kk.as_str(), rows(limit)], read)
    }
}

fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
