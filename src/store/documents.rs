//! Rows of `documents`: what the kiosk announced, and whether its bytes have arrived.

use jiff::Timestamp;
use rusqlite::{Row, params};

use super::rows::{parsed, plain, time_or_none};
use super::{StoreError, Tx, View, ms};
use crate::domain::catalogue::DocumentKey;
use crate::domain::ids::{CaseId, DocumentId};
use crate::domain::slip_token::SlipDigest;

/// A document as announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDocument {
    /// Names it.
    pub document_id: DocumentId,
    /// Kind.
    pub kind: DocumentKey,
    /// Its scan; none for a paper that is only shown.
    pub scan: Option<ScanRecord>,
}

/// What is known of a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanRecord {
    /// SHA-256 of its bytes.
    pub sha256: SlipDigest,
    /// Size.
    pub bytes: u64,
    /// `image/jpeg` or `image/png`.
    pub media_type: String,
    /// Width.
    pub width_px: u32,
    /// Height.
    pub height_px: u32,
    /// Resolution.
    pub dpi: u16,
    /// What the kiosk saw on it, as JSON; none when nobody looked.
    pub seen: Option<String>,
}

/// A document of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRecord {
    /// As announced.
    pub given: NewDocument,
    /// Its case.
    pub case_id: CaseId,
    /// When the scan's bytes were on disk.
    pub arrived_at: Option<Timestamp>,
    /// A correction brought a newer one of its kind.
    pub replaced: bool,
}

pub(super) fn read(row: &Row<'_>) -> Result<DocumentRecord, StoreError> {
    let sha256: Option<String> = plain(row, "sha256")?;
    let scan = match sha256 {
        None => None,
        Some(sha256) => Some(ScanRecord {
            sha256: SlipDigest::try_from(sha256).map_err(|_| StoreError::Garbled { column: "sha256" })?,
            bytes: u64::try_from(plain::<i64>(row, "bytes")?).map_err(|_| StoreError::Garbled { column: "bytes" })?,
            media_type: plain(row, "media_type")?,
            width_px: plain(row, "width_px")?,
            height_px: plain(row, "height_px")?,
            dpi: plain(row, "dpi")?,
            seen: plain(row, "seen")?,
        }),
    };
    Ok(DocumentRecord {
        given: NewDocument { document_id: parsed(row, "document_id")?, kind: parsed(row, "kind")?, scan },
        case_id: parsed(row, "case_id")?,
        arrived_at: time_or_none(row, "arrived_at_ms")?,
        replaced: plain(row, "replaced")?,
    })
}

impl View<'_> {
    /// Returns the documents of a case in the order of arrival, replaced ones left out.
    ///
    /// # Errors
    /// When the engine refuses or a row does not parse.
    pub fn documents(&self, case: CaseId) -> Result<Vec<DocumentRecord>, StoreError> {
        let sql = "SELECT * FROM documents WHERE office = ? AND case_id = ? AND replaced = 0 ORDER BY ordinal";
        self.rows(sql, params![self.office.as_str(), case.to_string()], read)
    }

    /// Finds a document of a case, also a replaced one.
    ///
    /// # Errors
    /// When the engine refuses or a row does not parse.
    pub fn document(&self, case: CaseId, document: DocumentId) -> Result<Option<DocumentRecord>, StoreError> {
        let sql = "SELECT * FROM documents WHERE office = ? AND case_id = ? AND document_id = ?";
        self.row(sql, params![self.office.as_str(), case.to_string(), document.to_string()], read)
    }

    /// Tells whether some case has a document of this name.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn document_exists(&self, document: DocumentId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM documents WHERE document_id = ?";
        Ok(self.row(sql, params![document.to_string()], |_| Ok(()))?.is_some())
    }
}

impl Tx<'_> {
    /// Adds a document to a case.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn add_document(&self, case: CaseId, document: &NewDocument) -> Result<(), StoreError> {
        let scan = document.scan.as_ref();
        self.run(
            "INSERT INTO documents (document_id, office, case_id, kind, ordinal, sha256, bytes, media_type, width_px,
               height_px, dpi, seen)
             VALUES (?1, ?2, ?3, ?4, (SELECT count(*) FROM documents WHERE case_id = ?3), ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            params![
                document.document_id.to_string(),
                self.office.as_str(),
                case.to_string(),
                document.kind.as_str(),
                scan.map(|scan| scan.sha256.as_str()),
                scan.map(|scan| i64::try_from(scan.bytes).unwrap_or(i64::MAX)),
                scan.map(|scan| scan.media_type.as_str()),
                scan.map(|scan| scan.width_px),
                scan.map(|scan| scan.height_px),
                scan.map(|scan| scan.dpi),
                scan.and_then(|scan| scan.seen.as_deref()),
            ],
        )?;
        Ok(())
    }

    /// Marks the documents of a kind as replaced by newer ones.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn replace_documents(&self, case: CaseId, kind: &DocumentKey) -> Result<(), StoreError> {
        self.run(
            "UPDATE documents SET replaced = 1 WHERE office = ? AND case_id = ? AND kind = ?",
            params![self.office.as_str(), case.to_string(), kind.as_str()],
        )?;
        Ok(())
    }

    /// Notes that a scan's bytes are on disk. Returns false when that was noted before.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn scan_arrived(&self, document: DocumentId, at: Timestamp) -> Result<bool, StoreError> {
        let changed = self.run(
            "UPDATE documents SET arrived_at_ms = ? WHERE office = ? AND document_id = ? AND arrived_at_ms IS NULL",
            params![ms(at), self.office.as_str(), document.to_string()],
        )?;
        Ok(changed == 1)
    }
}
