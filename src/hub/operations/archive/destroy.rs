//! Ends the life of archived cases by a rule of retention, and only when somebody asks for it: no clock that runs wrong
//! may destroy anything by itself.
//!
//! Three steps, each safe to repeat: the case is condemned (nobody reads it any more), its key is destroyed on disk, and
//! only then the journal says so.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use serde::Serialize;
use serde_json::{Value, json};

use super::{ArchiveError, Archivist, By};
use crate::domain::archive::ArchiveNumber;
use crate::domain::ids::CaseId;
use crate::journal::EventKind;
use crate::store::{ArchiveState, ArchivedCase, ArchivedDocument, StoreError};

/// Cases destroyed in one go.
const DUE_MAX: u32 = 10_000;

/// A case whose time is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Due {
    /// Its number.
    pub number: ArchiveNumber,
    /// The case.
    pub case_id: CaseId,
    /// Day on which it was filed.
    pub filed_on: Date,
    /// Where its papers lie: they are to be destroyed too.
    pub shelf: String,
    /// Its key is destroyed now.
    pub destroyed: bool,
}

/// What retention found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Retention {
    /// The rule, e.g. `retention_years = 10`; none when everything is kept for ever.
    pub rule: Option<String>,
    /// The cases whose time is over.
    pub due: Vec<Due>,
}

impl Archivist {
    /// Lists the cases whose time is over, and destroys their keys if asked to.
    pub fn retain(&self, destroy: bool, by: &By) -> Result<Retention, ArchiveError> {
        let now = self.world.now();
        let zone = self.office.timezone;
        let rule = self.retention_years.map(|years| format!("retention_years = {years}"));
        // Without a rule nothing is due; what an earlier one began is still brought to its end.
        let before = match self.retention_years {
            None => Timestamp::MIN,
            Some(years) => {
                let day = zone.day(now).checked_sub(i32::from(years.get()).years()).ok();
                // Filed on this very day so many years ago: over.
                let end = day.and_then(|day| day.tomorrow().ok()).and_then(|day| zone.begin_of(day));
                end.unwrap_or(Timestamp::MIN)
            }
        };
        let found = self.store.read_blocking::<_, StoreError, _>(|view| view.archived_before(before, DUE_MAX))?;
        let mut due = Vec::with_capacity(found.len());
        for case in found {
            if destroy {
                self.destroy(&case, rule.as_deref(), by)?;
            }
            due.push(Due {
                number: case.number,
                case_id: case.case_id,
                filed_on: zone.day(case.filed_at),
                shelf: case.place.to_string(),
                destroyed: destroy,
            });
        }
        Ok(Retention { rule, due })
    }

    fn destroy(&self, case: &ArchivedCase, rule: Option<&str>, by: &By) -> Result<(), ArchiveError> {
        // Nobody may be filing or listing while files go.
        let _alone = self.vault.lock()?;
        let case_id = case.case_id;
        let rule = case.rule.as_deref().or(rule).ok_or(ArchiveError::Unknown)?.to_owned();
        if case.state == ArchiveState::Kept {
            let (this, by, rule, number) = (self.clone(), by.clone(), rule.clone(), case.number);
            self.store.write_blocking::<_, StoreError, _>(move |tx| {
                if tx.condemn(case_id, &rule)? {
                    let detail = json!({ "number": number, "rule": rule });
                    this.note(tx, &by, EventKind::ArchiveCondemned, Some(case_id), detail)?;
                }
                Ok(())
            })?;
        }
        // A hub that was killed right after filing may have left the scans as they came.
        self.release(case_id)?;
        self.vault.destroy_key(case_id)?;
        let (this, by) = (self.clone(), by.clone());
        let (number, office_key) = (case.number, case.office_key.clone());
        self.store.write_blocking::<_, StoreError, _>(move |tx| {
            if tx.destroyed(case_id, this.world.now())? {
                let documents: Vec<Value> = tx.archived_documents(case_id)?.iter().map(kept_facts).collect();
                let detail =
                    json!({ "number": number, "rule": rule, "office_key": office_key, "documents": documents });
                this.note(tx, &by, EventKind::ArchiveDestroyed, Some(case_id), detail)?;
            }
            Ok(())
        })?;
        // Without their key they tell nothing; they only take room.
        self.vault.remove_documents(case_id)?;
        Ok(())
    }
}

/// What stays of a document: enough to prove that a paper or a file is, or is not, the one that was here.
fn kept_facts(document: &ArchivedDocument) -> Value {
    json!({
        "document": document.document_id, "kind": document.kind, "pages": document.pages,
        "pdf_sha256": document.pdf_sha256, "original_sha256": document.original_sha256,
    })
}
