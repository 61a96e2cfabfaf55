//! Takes a case along as one ZIP. Everything is read and compared before the first byte goes out.

use std::io::Write;

use serde_json::json;

use super::{ArchiveError, Archivist, By};
use crate::archive::bundle::{self, BundleError, Manifest, ManifestDocument, ManifestRegister};
use crate::archive::seal::CaseKey;
use crate::domain::archive::ArchiveNumber;
use crate::domain::ids::CaseId;
use crate::domain::no_kk::NoKk;
use crate::journal::EventKind;
use crate::store::{ArchivedCase, ArchivedDocument, CaseRecord, StoreError};

/// A case that was read whole and may be written out.
pub(crate) struct Prepared {
    archivist: Archivist,
    manifest: Manifest,
    found: ArchivedCase,
    documents: Vec<ArchivedDocument>,
    key: CaseKey,
}

impl Prepared {
    /// Returns the name of the ZIP.
    pub fn file_name(&self) -> String {
        format!("arsip-{}.zip", self.found.number)
    }

    /// Writes the ZIP.
    pub fn write<W: Write>(&self, out: W) -> Result<W, BundleError<ArchiveError>> {
        bundle::write(out, &self.manifest, |at| {
            let document = self.documents.get(at).ok_or(ArchiveError::Unknown)?;
            self.archivist.read_document(&self.key, &self.found, document)
        })
    }
}

impl Archivist {
    /// Finds the case of a number.
    pub fn case_of(&self, number: ArchiveNumber) -> Result<CaseId, ArchiveError> {
        let found = self.store.read_blocking::<_, StoreError, _>(|view| view.archived_numbered(number))?;
        found.map(|found| found.case_id).ok_or(ArchiveError::Unknown)
    }

    /// Reads a case whole, and writes down that it is taken along.
    pub fn export(&self, case_id: CaseId, by: &By) -> Result<Prepared, ArchiveError> {
        let (found, documents) = self.kept(case_id)?;
        let key = self.case_key(&self.office_key()?, &found)?;
        for document in &documents {
            self.read_document(&key, &found, document)?;
        }
        let case = self.store.read_blocking::<_, StoreError, _>(|view| view.case(case_id))?;
        let manifest = self.manifest(&found, &case.ok_or(ArchiveError::Unknown)?, &documents, by);
        let (this, by) = (self.clone(), by.clone());
        let detail = json!({
            "number": found.number, "documents": documents.len(),
            "bytes": documents.iter().map(|document| document.pdf_bytes).sum::<u64>(),
        });
        self.store.write_blocking::<_, StoreError, _>(move |tx| {
            this.note(tx, &by, EventKind::ArchiveExported, Some(case_id), detail).map(drop)
        })?;
        Ok(Prepared { archivist: self.clone(), manifest, found, documents, key })
    }

    fn manifest(&self, found: &ArchivedCase, case: &CaseRecord, documents: &[ArchivedDocument], by: &By) -> Manifest {
        let variant = &case.given.variant;
        let words = self.catalogue.variant(variant).map_or(variant.as_str(), |variant| &variant.official);
        let register = found.registered.as_ref().map(|row| ManifestRegister {
            number: row.number,
            date: self.office.timezone.day(row.at),
            no_kk: case.given.no_kk.as_ref().map(NoKk::as_str).map(str::to_owned),
            // No program of ours is told the names of a family.
            head_of_family: None,
            variant: words.to_owned(),
            officer: row.officer.clone(),
            collector: found.collector.clone(),
        });
        let documents = documents.iter().enumerate().map(|(at, document)| ManifestDocument {
            file: format!("{}/{:02}-{}.pdf", found.number, at + 1, document.kind.as_str()),
            document_id: document.document_id.to_string(),
            kind: document.kind.as_str().to_owned(),
            replaced: document.replaced,
            pdf_sha256: document.pdf_sha256.as_str().to_owned(),
            pdf_bytes: document.pdf_bytes,
            original_sha256: document.original_sha256.as_str().to_owned(),
            original_type: document.original_type.clone(),
            pages: document.pages,
            dpi: document.dpi,
            device: document.device.clone(),
            kiosk: document.kiosk.clone(),
            scanned_at: document.scanned_at,
        });
        Manifest {
            format: Manifest::format(),
            office: self.office.code.as_str().to_owned(),
            office_name: self.office.name.clone(),
            archive_number: found.number.to_string(),
            shelf: found.place.to_string(),
            case_id: found.case_id.to_string(),
            variant: variant.as_str().to_owned(),
            filed_at: found.filed_at,
            exported_at: self.world.now(),
            exported_by: by.actor.name().to_owned(),
            register,
            documents: documents.collect(),
        }
    }
}
