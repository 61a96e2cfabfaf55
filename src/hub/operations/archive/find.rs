//! Searches the archive. The journal says by what somebody searched and how much was found, never for what.

use jiff::civil::Date;
use serde_json::json;

use super::{ArchiveError, Archivist, By, FOUND_MAX};
use crate::archive::seal::Searched;
use crate::domain::archive::ArchiveNumber;
use crate::domain::archive_search::PERIOD_DAYS_MAX;
use crate::domain::nik::Nik;
use crate::domain::no_kk::NoKk;
use crate::journal::EventKind;
use crate::store::{ArchivedCase, CaseRecord, StoreError, View};

/// What is searched for.
#[derive(Debug, Clone)]
pub enum Query {
    /// The archive number.
    Number(ArchiveNumber),
    /// The NIK of the applicant or of the proxy.
    Nik(Nik),
    /// The No KK that the applicant gave.
    NoKk(NoKk),
    /// Days of the register book, both included.
    Registered {
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
    },
}

impl Query {
    const fn by(&self) -> &'static str {
        match self {
            Self::Number(_) => "number",
            Self::Nik(_) => "nik",
            Self::NoKk(_) => "no_kk",
            Self::Registered { .. } => "registered",
        }
    }
}

/// A find: the archived case and the case it was made of.
pub(crate) type Found = (ArchivedCase, CaseRecord);

impl Archivist {
    /// Searches, at most [`FOUND_MAX`] rows.
    pub fn find(&self, query: &Query, by: &By) -> Result<Vec<Found>, ArchiveError> {
        let rows = match query {
            Query::Number(number) => self.read(|view| Ok(view.archived_numbered(*number)?.into_iter().collect()))?,
            Query::Nik(nik) => self.of(Searched::Nik, nik.as_str())?,
            Query::NoKk(no_kk) => self.of(Searched::NoKk, no_kk.as_str())?,
            Query::Registered { from, to } => self.registered(*from, *to)?,
        };
        let (this, by, what) = (self.clone(), by.clone(), query.by());
        self.store.write_blocking(move |tx| {
            let detail = json!({ "by": what, "found": rows.len() });
            this.note(tx, &by, EventKind::ArchiveSearched, None, detail)?;
            rows.into_iter()
                .map(|row| {
                    let case = tx.case(row.case_id)?.ok_or(StoreError::Garbled { column: "case_id" })?;
                    Ok((row, case))
                })
                .collect()
        })
    }

    fn of(&self, what: Searched, number: &str) -> Result<Vec<ArchivedCase>, ArchiveError> {
        let begun = self.store.read_blocking::<_, StoreError, _>(|view| view.archive_after(None, 1))?;
        if begun.is_empty() {
            // No key has been made yet, and nothing could be found.
            return Ok(Vec::new());
        }
        let digest = self.office_key()?.search_digest(what, number);
        self.read(|view| view.archived_of(what, &digest, FOUND_MAX))
    }

    fn registered(&self, from: Date, to: Date) -> Result<Vec<ArchivedCase>, ArchiveError> {
        let days = from.until(to).map_err(|_| ArchiveError::Period)?.get_days();
        if !(0..PERIOD_DAYS_MAX).contains(&days) {
            return Err(ArchiveError::Period);
        }
        let zone = self.office.timezone;
        let begin = |day: Option<Date>| day.and_then(|day| zone.begin_of(day)).ok_or(ArchiveError::Period);
        let (from, until) = (begin(Some(from))?, begin(to.tomorrow().ok())?);
        self.read(|view| view.archived_registered(from, until, FOUND_MAX))
    }

    fn read<T>(&self, job: impl FnOnce(&View<'_>) -> Result<T, StoreError>) -> Result<T, ArchiveError> {
        Ok(self.store.read_blocking(job)?)
    }
}
