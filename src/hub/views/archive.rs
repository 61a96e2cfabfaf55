//! Archived cases as the wire shows them.

use crate::domain::catalogue::Catalogue;
use crate::domain::office::Zone;
use crate::store::{ArchivedCase, ArchivedDocument, CaseRecord};
use crate::wire::archive::{ArchiveDocument, ArchiveRegister, ArchiveRow};

/// Words a row of a list.
pub(crate) fn archive_row(catalogue: &Catalogue, zone: Zone, found: &ArchivedCase, case: &CaseRecord) -> ArchiveRow {
    let variant = &case.given.variant;
    ArchiveRow {
        case_id: found.case_id,
        number: found.number,
        rack: found.place.rack,
        r#box: found.place.r#box,
        shelf: found.place.to_string(),
        filed_at: found.filed_at,
        filed_by: found.filed_by.clone(),
        variant: variant.clone(),
        title: catalogue.variant(variant).map_or_else(|| variant.as_str().to_owned(), |known| known.official.clone()),
        state: found.state.key().to_owned(),
        destroyed_at: found.destroyed_at,
        register: found.registered.as_ref().map(|row| ArchiveRegister {
            year: row.year,
            number: row.number,
            date: zone.day(row.at),
            officer: row.officer.clone(),
            collector: found.collector.clone(),
        }),
    }
}

/// Words a document.
pub(in crate::hub) fn archive_document(catalogue: &Catalogue, document: &ArchivedDocument) -> ArchiveDocument {
    let kind = &document.kind;
    ArchiveDocument {
        document_id: document.document_id,
        kind: kind.clone(),
        title: catalogue.document(kind).map_or_else(|| kind.as_str().to_owned(), |known| known.label.clone()),
        replaced: document.replaced,
        pdf_sha256: document.pdf_sha256.clone(),
        pdf_bytes: document.pdf_bytes,
        original_sha256: document.original_sha256.clone(),
        pages: document.pages,
        dpi: document.dpi,
        device: document.device.clone(),
        kiosk: document.kiosk.clone(),
        scanned_at: document.scanned_at,
    }
}
