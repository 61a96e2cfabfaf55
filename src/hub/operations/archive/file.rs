//! Files a finished case: its documents as sealed PDFs, its number, and the place of its papers on the shelf.
//!
//! Order: key and documents are written and synced, names too; then one transaction gives number and place; then the
//! unsealed scans go. Killed in between, nothing is lost: without a row the case is filed anew and what was left is
//! cleared; with a row only the scans are still to go.

use std::collections::BTreeSet;

use serde_json::json;

use super::read::{OwnedWord, Words};
use super::{ArchiveError, Archivist, By};
use crate::archive::pdf::{self, Facts, Page};
use crate::archive::seal::{CaseKey, OfficeKey, Searched};
use crate::archive::{Word, hex, sha256};
use crate::domain::ids::CaseId;
use crate::domain::nik::Nik;
use crate::domain::no_kk::NoKk;
use crate::domain::slip_token::SlipDigest;
use crate::journal::EventKind;
use crate::store::{
    ArchivedCase, ArchivedDocument, CaseRecord, DocumentRecord, JournalRow, NewArchived, Registered, ScanError,
    StoreError,
};

/// Waiting cases that are looked at: so many that cannot be filed do not stand before those that can.
const WAITING_MAX: u32 = 2_000;

/// What the store knows of a case to be filed.
pub(super) struct Waiting {
    case: CaseRecord,
    pub documents: Vec<DocumentRecord>,
    registered: Option<Registered>,
    collector: Option<String>,
    /// Something was filed before: the office must have its key.
    pub archive_begun: bool,
}

impl Archivist {
    /// Files a case at once, without a text layer. Filed before, it stays as it is.
    pub fn file(&self, case_id: CaseId, by: &By) -> Result<ArchivedCase, ArchiveError> {
        self.file_with(case_id, by, &Words::new())
    }

    /// Files a case with the words that were read on its scans.
    pub fn file_with(&self, case_id: CaseId, by: &By, words: &Words) -> Result<ArchivedCase, ArchiveError> {
        // One at a time, also among processes: what lies there without a row is then always left from an interruption.
        let _alone = self.vault.lock()?;
        if let Some(filed) = self.store.read_blocking::<_, StoreError, _>(|view| view.archived(case_id))? {
            return Ok(filed);
        }
        let waiting = self.waiting(case_id)?;
        // A vault with keys in it, too: the database may be from a backup older than the first filing.
        let office_key = if waiting.archive_begun || self.vault.has_keys()? {
            self.vault.office_key()?
        } else {
            self.vault.office_key_or_new(self.world.random(), &hex(&self.world.random::<8>()))?
        };
        let office_key = self.right_key(office_key)?;
        let documents = self.write(&waiting, &office_key, words)?;
        let filed = self.enter(&waiting, &office_key, documents, by)?;
        self.release(case_id)?;
        Ok(filed)
    }

    /// Removes scans that are still to go, and lists the finished cases that wait to be filed, oldest first. Leaves out
    /// the cases in `troubled`.
    pub fn unfiled(&self, troubled: &BTreeSet<CaseId>) -> Result<Vec<CaseId>, ArchiveError> {
        let (waiting, unreleased) = self.store.read_blocking::<_, StoreError, _>(|view| {
            Ok((view.unfiled(WAITING_MAX)?, view.unreleased(WAITING_MAX)?))
        })?;
        for case in unreleased {
            self.release(case)?;
        }
        Ok(waiting.into_iter().filter(|case| !troubled.contains(case)).collect())
    }

    pub(super) fn waiting(&self, case_id: CaseId) -> Result<Waiting, ArchiveError> {
        self.store.read_blocking(|view| {
            let case = view.case(case_id)?.ok_or(ArchiveError::Unknown)?;
            if !case.stage.is_final() {
                return Err(ArchiveError::NotFinished);
            }
            let mut documents = view.documents_to_file(case_id)?;
            // Asked for again before it came: nobody misses it.
            documents.retain(|document| document.arrived_at.is_some() || !document.replaced);
            if let Some(missing) = documents.iter().find(|document| document.arrived_at.is_none()) {
                return Err(ArchiveError::ScanMissing { document: missing.given.document_id });
            }
            let collector = view.journal_of(case_id)?.iter().rev().find_map(collector_of);
            Ok(Waiting {
                case,
                documents,
                registered: view.registered(case_id)?,
                collector,
                archive_begun: !view.archive_after(None, 1)?.is_empty(),
            })
        })
    }

    /// Writes key and documents of a case and brings them to the disk.
    fn write(
        &self,
        waiting: &Waiting,
        office_key: &OfficeKey,
        words: &Words,
    ) -> Result<Vec<ArchivedDocument>, ArchiveError> {
        let case_id = waiting.case.given.case_id;
        if self.vault.holds(case_id) {
            // Left by an interruption, as a rule. But a database from an older backup knows nothing of what was filed
            // since, and then the sealed documents are all there is: cleared only for scans that are there, whole.
            for document in &waiting.documents {
                self.scan(document)?;
            }
        }
        self.vault.begin(case_id)?;
        let written = self.write_anew(waiting, office_key, words);
        if written.is_err() {
            // No row can speak of it yet. If the disk refuses this too, the next filing clears it.
            let _ = self.vault.destroy_key(case_id);
            let _ = self.vault.remove_documents(case_id);
        }
        written
    }

    fn write_anew(
        &self,
        waiting: &Waiting,
        office_key: &OfficeKey,
        words: &Words,
    ) -> Result<Vec<ArchivedDocument>, ArchiveError> {
        let case_id = waiting.case.given.case_id;
        let id = case_id.to_string();
        let key = CaseKey::new(self.world.random());
        self.vault.put_key(case_id, &office_key.wrap(&key, self.place(&id, None), self.world.random()))?;
        let mut filed = Vec::with_capacity(waiting.documents.len());
        for document in &waiting.documents {
            let document_id = document.given.document_id;
            let (facts, bytes) = self.document(&waiting.case, document, words)?;
            let text = document_id.to_string();
            let sealed = key.seal(self.place(&id, Some(&text)), self.world.random(), &bytes);
            self.vault.put_document(case_id, document_id, &sealed)?;
            filed.push(facts);
        }
        self.vault.settle(case_id)?;
        Ok(filed)
    }

    /// Reads the scan of a document, byte for byte as announced.
    pub(super) fn scan(&self, document: &DocumentRecord) -> Result<Vec<u8>, ArchiveError> {
        let missing = ArchiveError::ScanMissing { document: document.given.document_id };
        let Some(scan) = &document.given.scan else { return Err(missing) };
        self.store.scans().read(scan).map_err(|error| match error {
            ScanError::Disk(error) => ArchiveError::Disk(error),
            _ => missing,
        })
    }

    /// Makes the PDF of one document.
    fn document(
        &self,
        case: &CaseRecord,
        document: &DocumentRecord,
        words: &Words,
    ) -> Result<(ArchivedDocument, Vec<u8>), ArchiveError> {
        let document_id = document.given.document_id;
        let missing = || ArchiveError::ScanMissing { document: document_id };
        let scan = document.given.scan.as_ref().ok_or_else(missing)?;
        let scanned_at = document.arrived_at.ok_or_else(missing)?;
        let picture = self.scan(document)?;
        let words = words.get(&scan.sha256).map(Vec::as_slice).unwrap_or_default();
        let words: Vec<Word<'_>> = words.iter().map(OwnedWord::borrowed).collect();
        let kind = self.catalogue.document(&document.given.kind);
        let pages = [Page { picture: &picture, dpi: scan.dpi, words: &words }];
        let made = pdf::make(
            &pages,
            &Facts {
                title: kind.map_or(document.given.kind.as_str(), |kind| &kind.label),
                office: self.office.code.as_str(),
                case_id: &case.given.case_id.to_string(),
                document_id: &document_id.to_string(),
                kind: document.given.kind.as_str(),
                original_sha256: &pdf::original_sha256(&pages),
                pages: pages.len(),
                dpi: scan.dpi,
                device: None,
                kiosk: &case.given.kiosk,
                scanned_at,
                filed_at: self.world.now(),
            },
        );
        let made = made.map_err(|source| ArchiveError::Unfit { document: document_id, source })?;
        let garbled = |column| StoreError::Garbled { column };
        let facts = ArchivedDocument {
            document_id,
            kind: document.given.kind.clone(),
            replaced: document.replaced,
            original_sha256: scan.sha256.clone(),
            original_bytes: scan.bytes,
            original_type: scan.media_type.clone(),
            pdf_sha256: SlipDigest::try_from(sha256(&made.bytes)).map_err(|_| garbled("pdf_sha256"))?,
            pdf_bytes: u64::try_from(made.bytes.len()).unwrap_or(u64::MAX),
            picture: *made.pictures.first().ok_or_else(|| garbled("picture_at"))?,
            pages: 1,
            dpi: scan.dpi,
            // A kiosk does not say which scanner it has.
            device: None,
            kiosk: case.given.kiosk.clone(),
            scanned_at,
        };
        Ok((facts, made.bytes))
    }

    /// Gives number and place, and writes the journal.
    fn enter(
        &self,
        waiting: &Waiting,
        office_key: &OfficeKey,
        documents: Vec<ArchivedDocument>,
        by: &By,
    ) -> Result<ArchivedCase, ArchiveError> {
        let given = &waiting.case.given;
        let people = [Some(&given.applicant), given.proxy.as_ref()].into_iter().flatten();
        let digest = |what: Searched, number: &str| (what.key(), office_key.search_digest(what, number));
        let mut search: Vec<_> = people.map(|nik: &Nik| digest(Searched::Nik, nik.as_str())).collect();
        search.extend(given.no_kk.iter().map(|no_kk: &NoKk| digest(Searched::NoKk, no_kk.as_str())));
        let filed_at = self.world.now();
        let new = NewArchived {
            case_id: given.case_id,
            year: self.office.timezone.day(filed_at).year(),
            filed_at,
            filed_by: by.actor.name().to_owned(),
            registered: waiting.registered.clone(),
            collector: waiting.collector.clone(),
            office_key: office_key.fingerprint(),
            documents,
            search,
        };
        let (this, by) = (self.clone(), by.clone());
        self.store.write_blocking(move |tx| {
            let Some(filed) = tx.archive(&new, this.shelving)? else {
                return tx.archived(new.case_id)?.ok_or(ArchiveError::Unknown);
            };
            let bytes: u64 = new.documents.iter().map(|document| document.pdf_bytes).sum();
            let detail = json!({
                "number": filed.number, "rack": filed.place.rack, "box": filed.place.r#box,
                "documents": new.documents.len(), "bytes": bytes, "office_key": filed.office_key,
            });
            this.note(tx, &by, EventKind::CaseArchived, Some(new.case_id), detail)?;
            Ok(filed)
        })
    }

    /// Removes the unsealed scans of an archived case, but not one whose bytes another case still needs. In the store's
    /// own thread: nobody can announce the same bytes in between.
    pub(super) fn release(&self, case: CaseId) -> Result<(), ArchiveError> {
        let files = self.store.scans().clone();
        self.store.write_blocking(move |tx| {
            for document in tx.archived_documents(case)? {
                if !tx.scan_is_needed(&document.original_sha256)? {
                    files.remove(&document.original_sha256)?;
                }
            }
            Ok(tx.scans_released(case)?)
        })
    }
}

fn collector_of(row: &JournalRow) -> Option<String> {
    if row.event != EventKind::KkHandedOver {
        return None;
    }
    row.detail.get("collector")?.as_str().map(str::to_owned)
}
