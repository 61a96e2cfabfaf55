//! What a submission and a correction share: checks against the catalogue, documents, the kiosk's ticket.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::catalogue::Catalogue;
use crate::domain::ids::{CaseId, DocumentId};
use crate::domain::page_doubt::PageDoubt;
use crate::domain::ticket::{Queue, TicketNumber};
use crate::failure::Failure;
use crate::hub::refusal::Refusal;
use crate::store::{Entry, NewDocument, NewTicket, ScanFiles, ScanRecord, StoreError, Tx, View};
use crate::wire::case::{ScanFacts, SubmittedDocument, SubmittedTicket};
use crate::wire::{DOCUMENTS_MAX, SCAN_BYTES_MAX};

/// Largest side of a scan, in pixels: A3 at 600 dots per inch.
const SCAN_SIDE_MAX_PX: u32 = 10_000;
/// Resolutions that scanners deliver, in dots per inch.
const SCAN_DPI: std::ops::RangeInclusive<u16> = 50..=1_200;

fn invalid(fact: impl Into<String>) -> Refusal {
    Refusal::new(Failure::CaseInvalid).with_fact(fact)
}

/// Checks documents before anything is written.
pub(super) fn check_documents(catalogue: &Catalogue, documents: &[SubmittedDocument]) -> Result<(), Refusal> {
    if documents.len() > DOCUMENTS_MAX {
        return Err(invalid(format!("lebih dari {DOCUMENTS_MAX} dokumen")));
    }
    let mut seen = std::collections::BTreeSet::new();
    for document in documents {
        if catalogue.document(&document.kind).is_none() {
            return Err(invalid(format!("dokumen tidak dikenal: {}", document.kind)));
        }
        if !seen.insert(document.document_id) {
            return Err(invalid("nomor dokumen ganda"));
        }
        if let Some(scan) = &document.scan {
            check_scan(scan)?;
        }
    }
    Ok(())
}

fn check_scan(scan: &ScanFacts) -> Result<(), Refusal> {
    let bytes_max = u64::try_from(SCAN_BYTES_MAX).unwrap_or(u64::MAX);
    let sides = 1..=SCAN_SIDE_MAX_PX;
    let fits = (1..=bytes_max).contains(&scan.bytes)
        && matches!(scan.media_type.as_str(), "image/jpeg" | "image/png")
        && sides.contains(&scan.width_px)
        && sides.contains(&scan.height_px)
        && SCAN_DPI.contains(&scan.dpi)
        && scan.seen.as_ref().is_none_or(|seen| seen.doubts.len() <= PageDoubt::ALL.len());
    if fits { Ok(()) } else { Err(Failure::ScanRejected.into()) }
}

/// Refuses names that some other case has, and a ticket number that is taken on its day.
pub(super) fn check_names(
    view: &View<'_>,
    documents: &[SubmittedDocument],
    ticket: &SubmittedTicket,
) -> Result<(), Refusal> {
    for document in documents {
        if view.document_exists(document.document_id)? {
            return Err(Failure::CaseConflict.into());
        }
    }
    if view.ticket(ticket.ticket_id)?.is_some() {
        return Err(Failure::CaseConflict.into());
    }
    check_number(view, ticket.day, Queue::Verification, ticket.number)
}

/// Refuses a number that another ticket of the day and queue has.
pub(super) fn check_number(view: &View<'_>, day: Date, queue: Queue, number: TicketNumber) -> Result<(), Refusal> {
    if view.ticket_of_day(day, queue, number)?.is_some() {
        return Err(Refusal::new(Failure::TicketDuplicate).with_fact(format!("{number} ({day})")));
    }
    Ok(())
}

/// Writes documents and the ticket of a case.
pub(super) fn write(
    tx: &Tx<'_>,
    case_id: CaseId,
    documents: &[SubmittedDocument],
    ticket: &SubmittedTicket,
    entered: Entry,
    since: Timestamp,
) -> Result<(), StoreError> {
    for document in documents {
        let scan = document.scan.as_ref().map(|scan| ScanRecord {
            sha256: scan.sha256.clone(),
            bytes: scan.bytes,
            media_type: scan.media_type.clone(),
            width_px: scan.width_px,
            height_px: scan.height_px,
            dpi: scan.dpi,
            // Keys of an enum and a yes: it always becomes JSON.
            seen: scan.seen.as_ref().and_then(|seen| serde_json::to_string(seen).ok()),
        });
        let (document_id, kind) = (document.document_id, document.kind.clone());
        tx.add_document(case_id, &NewDocument { document_id, kind, scan })?;
    }
    tx.add_ticket(&NewTicket {
        ticket_id: ticket.ticket_id,
        day: ticket.day,
        queue: Queue::Verification,
        number: ticket.number,
        case_id: Some(case_id),
        priority: ticket.priority,
        since,
        entered,
    })
}

/// Lists the documents whose bytes are still to be sent, also those whose file has gone. Nothing is wanted of a case in
/// the archive: its scans are sealed there.
pub(super) fn scans_wanted(view: &View<'_>, files: &ScanFiles, case: CaseId) -> Result<Vec<DocumentId>, StoreError> {
    if view.archived(case)?.is_some() {
        return Ok(Vec::new());
    }
    let documents = view.documents(case)?;
    let wanted = documents.into_iter().filter(|document| {
        let Some(scan) = &document.given.scan else { return false };
        document.arrived_at.is_none() || !files.has(scan)
    });
    Ok(wanted.map(|document| document.given.document_id).collect())
}
