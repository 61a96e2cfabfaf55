//! Reads the whole archive again, opens and compares each document, and looks for what should not be there.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::json;

use super::{ArchiveError, Archivist, By};
use crate::archive;
use crate::archive::seal::OfficeKey;
use crate::domain::archive::ArchiveNumber;
use crate::domain::ids::{CaseId, DocumentId};
use crate::journal::EventKind;
use crate::store::{ArchiveState, ArchivedCase, StoreError, VaultContents};

/// Cases read from the store at once.
const PAGE: u32 = 500;
/// Finished cases that are looked at for why they are not filed yet.
const UNFILED_MAX: u32 = 10_000;

/// Something wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// A stable word: `key_missing`, `document_broken`, `orphan_documents` and so on; `docs/archive.md` lists them.
    pub what: &'static str,
    /// The archived case, if it is about one.
    pub number: Option<ArchiveNumber>,
    /// The case.
    pub case_id: Option<CaseId>,
    /// The document.
    pub document_id: Option<DocumentId>,
    /// In words.
    pub detail: String,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// Archived cases that can be read, or should.
    pub cases: u64,
    /// Their documents, each read, opened and compared.
    pub documents: u64,
    /// Bytes of their PDFs.
    pub bytes: u64,
    /// Cases whose key was destroyed.
    pub destroyed: u64,
    /// Finished cases that wait to be filed.
    pub waiting: u64,
    /// What is wrong; empty when all is well.
    pub findings: Vec<Finding>,
}

impl CheckReport {
    fn find(&mut self, what: &'static str, of: Option<&ArchivedCase>, detail: impl Into<String>) {
        let (number, case_id) = (of.map(|case| case.number), of.map(|case| case.case_id));
        self.findings.push(Finding { what, number, case_id, document_id: None, detail: detail.into() });
    }

    fn find_case(&mut self, what: &'static str, case_id: CaseId, document_id: Option<DocumentId>, detail: &str) {
        self.findings.push(Finding {
            what,
            number: None,
            case_id: Some(case_id),
            document_id,
            detail: detail.to_owned(),
        });
    }
}

impl Archivist {
    /// Checks everything, and writes down that it was checked.
    pub fn check(&self, by: &By) -> Result<CheckReport, ArchiveError> {
        let mut report = CheckReport::default();
        let (contents, cases) = {
            // While nobody files: whatever lies there without a row was left.
            let _still = self.vault.lock()?;
            (self.vault.contents()?, self.all_cases()?)
        };
        self.check_names(&contents, &cases, &mut report)?;
        check_series(&cases, &mut report);
        if cases.values().any(|case| case.state == ArchiveState::Kept) {
            match self.office_key() {
                Ok(key) => self.check_documents(&key, &cases, &mut report)?,
                Err(ArchiveError::Key(fault)) => report.find("office_key", None, fault.to_string()),
                Err(error) => return Err(error),
            }
        }
        self.check_waiting(&mut report)?;
        let (this, by) = (self.clone(), by.clone());
        let detail = json!({ "cases": report.cases, "documents": report.documents, "bytes": report.bytes,
            "destroyed": report.destroyed, "findings": report.findings.len() });
        self.store.write_blocking::<_, StoreError, _>(move |tx| {
            this.note(tx, &by, EventKind::ArchiveChecked, None, detail).map(drop)
        })?;
        Ok(report)
    }

    fn all_cases(&self) -> Result<BTreeMap<CaseId, ArchivedCase>, ArchiveError> {
        let mut cases = BTreeMap::new();
        let mut after = None;
        loop {
            let page = self.store.read_blocking::<_, StoreError, _>(|view| view.archive_after(after, PAGE))?;
            let Some(last) = page.last() else { return Ok(cases) };
            after = Some(last.number);
            cases.extend(page.into_iter().map(|case| (case.case_id, case)));
        }
    }

    /// Compares what lies there with the rows.
    fn check_names(
        &self,
        contents: &VaultContents,
        cases: &BTreeMap<CaseId, ArchivedCase>,
        report: &mut CheckReport,
    ) -> Result<(), ArchiveError> {
        for path in &contents.strange {
            report.find("strange_file", None, path.display().to_string());
        }
        for case in contents.documents.keys().filter(|case| !cases.contains_key(case)) {
            report.find_case(
                "orphan_documents",
                *case,
                None,
                "sealed documents without a row: left by an interrupted filing",
            );
        }
        for case in contents.keys.iter().filter(|case| !cases.contains_key(case)) {
            report.find_case("orphan_key", *case, None, "a key without a row: left by an interrupted filing");
        }
        for case in cases.values() {
            let lie_there = contents.documents.get(&case.case_id);
            if case.state != ArchiveState::Kept {
                report.destroyed += u64::from(case.state == ArchiveState::Destroyed);
                if case.state == ArchiveState::Condemned {
                    report.find("half_destroyed", Some(case), "run `anjungan archive retain --destroy` again");
                } else if contents.keys.contains(&case.case_id) {
                    report.find(
                        "key_survives",
                        Some(case),
                        "its key lies there although it was destroyed: who put it back?",
                    );
                }
                if lie_there.is_some() && case.state == ArchiveState::Destroyed {
                    report.find(
                        "documents_survive",
                        Some(case),
                        "its sealed documents lie there; without the key they tell nothing",
                    );
                }
                continue;
            }
            let rows = self.store.read_blocking::<_, StoreError, _>(|view| view.archived_documents(case.case_id))?;
            let known: BTreeSet<DocumentId> = rows.iter().map(|document| document.document_id).collect();
            for extra in lie_there.into_iter().flatten().filter(|document| !known.contains(document)) {
                report.find_case("orphan_document", case.case_id, Some(*extra), "a sealed document without a row");
            }
        }
        Ok(())
    }

    /// Opens every document of every kept case.
    fn check_documents(
        &self,
        office_key: &OfficeKey,
        cases: &BTreeMap<CaseId, ArchivedCase>,
        report: &mut CheckReport,
    ) -> Result<(), ArchiveError> {
        for case in cases.values() {
            // Read again: it may have been destroyed since.
            let (case, documents) = match self.kept(case.case_id) {
                Ok(kept) => kept,
                Err(ArchiveError::Destroyed { .. }) => continue,
                Err(error) => return Err(error),
            };
            report.cases += 1;
            let key = match self.case_key(office_key, &case) {
                Ok(key) => key,
                Err(error) => {
                    found(report, &case, None, &error)?;
                    continue;
                }
            };
            for document in documents {
                report.documents += 1;
                report.bytes += document.pdf_bytes;
                if let Err(error) = self.read_document(&key, &case, &document) {
                    found(report, &case, Some(document.document_id), &error)?;
                }
                let scan_left = case.scans_released && self.scan_left(&document.original_sha256)?;
                if scan_left {
                    let words = "its unsealed scan still lies in the folder of scans";
                    report.find_case("scan_left", case.case_id, Some(document.document_id), words);
                }
            }
        }
        Ok(())
    }

    fn scan_left(&self, sha256: &crate::domain::slip_token::SlipDigest) -> Result<bool, ArchiveError> {
        if !self.store.scans().lies_there(sha256) {
            return Ok(false);
        }
        let needed = self.store.read_blocking::<_, StoreError, _>(|view| view.scan_is_needed(sha256))?;
        Ok(!needed)
    }

    /// Names the finished cases that cannot be filed, because a scan is gone or no picture that a PDF can show.
    fn check_waiting(&self, report: &mut CheckReport) -> Result<(), ArchiveError> {
        let waiting = self.store.read_blocking::<_, StoreError, _>(|view| view.unfiled(UNFILED_MAX))?;
        for case in waiting {
            report.waiting += 1;
            let documents = self.store.read_blocking::<_, StoreError, _>(|view| view.documents_to_file(case))?;
            for document in documents.iter().filter(|document| document.arrived_at.is_some() || !document.replaced) {
                let id = document.given.document_id;
                let scan = match self.scan(document) {
                    Ok(scan) if document.arrived_at.is_some() => scan,
                    Err(ArchiveError::Disk(error)) => {
                        report.find_case("unreadable", case, Some(id), &error.to_string());
                        continue;
                    }
                    _ => {
                        // It may have been filed, and its scan removed, since the list was made.
                        if self.store.read_blocking::<_, StoreError, _>(|view| view.archived(case))?.is_none() {
                            let words = "finished, but not filed: this scan is not on disk as it was announced";
                            report.find_case("scan_missing", case, Some(id), words);
                        }
                        continue;
                    }
                };
                if let Err(why) = archive::fits(&scan) {
                    report.find_case("scan_unfit", case, Some(id), &format!("finished, but not filed: {why}"));
                }
            }
        }
        Ok(())
    }
}

/// Writes damage down; whatever is no damage ends the check.
fn found(
    report: &mut CheckReport,
    case: &ArchivedCase,
    document: Option<DocumentId>,
    error: &ArchiveError,
) -> Result<(), ArchiveError> {
    use super::Damage;
    let (what, detail) = match error {
        ArchiveError::Damaged { what, .. } => {
            let word = match what {
                Damage::KeyMissing => "key_missing",
                Damage::KeyBroken => "key_broken",
                Damage::DocumentMissing => "document_missing",
                Damage::DocumentBroken => "document_broken",
                Damage::DocumentOther => "document_other",
            };
            (word, what.to_string())
        }
        // A disk that cannot read one file may still read the others.
        ArchiveError::Disk(error) => ("unreadable", error.to_string()),
        _ => return Err(StoreError::Lost.into()),
    };
    let (number, case_id) = (Some(case.number), Some(case.case_id));
    report.findings.push(Finding { what, number, case_id, document_id: document, detail });
    Ok(())
}

/// Numbers of a year run from 1 without a gap.
fn check_series(cases: &BTreeMap<CaseId, ArchivedCase>, report: &mut CheckReport) {
    let numbers: BTreeSet<ArchiveNumber> = cases.values().map(|case| case.number).collect();
    let mut before: Option<ArchiveNumber> = None;
    for number in numbers {
        let expected = before.filter(|before| before.year() == number.year()).map_or(1, |before| before.number() + 1);
        if number.number() != expected {
            let detail = format!("{}-{expected:06} is missing before {number}", number.year());
            report.find("number_gap", None, detail);
        }
        before = Some(number);
    }
}
