//! Rows of `archive_cases` and `archive_documents`: what was filed and what its sealed files must be.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use rusqlite::{Row, params};

use super::rows::{converted, parsed, plain, time, time_or_none};
use super::{DocumentRecord, StoreError, Tx, View, ms};
use crate::archive::Coding;
use crate::archive::pdf::Span;
use crate::domain::archive::{ArchiveNumber, Filled, ShelfPlace, Shelving};
use crate::domain::catalogue::DocumentKey;
use crate::domain::ids::{CaseId, DocumentId};
use crate::domain::slip_token::SlipDigest;
use crate::domain::stage::Stage;

/// A row of the register book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// Year of the book.
    pub year: i16,
    /// Number in it.
    pub number: u32,
    /// When it was written.
    pub at: Timestamp,
    /// By whom.
    pub officer: String,
}

/// Whether a filed case can still be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchiveState {
    /// It can.
    Kept,
    /// Its key is being destroyed; nobody reads it any more.
    Condemned,
    /// Its key is destroyed.
    Destroyed,
}

impl ArchiveState {
    /// Returns the stable key, e.g. `kept`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Condemned => "condemned",
            Self::Destroyed => "destroyed",
        }
    }
}

/// A word that names no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a state of the archive")]
pub struct UnknownState;

impl FromStr for ArchiveState {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        [Self::Kept, Self::Condemned, Self::Destroyed].into_iter().find(|state| state.key() == text).ok_or(UnknownState)
    }
}

/// A case on its way into the archive; the store gives number and place.
#[derive(Debug, Clone)]
pub struct NewArchived {
    /// The case.
    pub case_id: CaseId,
    /// Year of its number.
    pub year: i16,
    /// When.
    pub filed_at: Timestamp,
    /// By whom: a login, or `anjungan`.
    pub filed_by: String,
    /// Its row of the register book.
    pub registered: Option<Registered>,
    /// Who collected: `applicant` or `proxy`.
    pub collector: Option<String>,
    /// Fingerprint of the office's key.
    pub office_key: String,
    /// Its documents, in order.
    pub documents: Vec<ArchivedDocument>,
    /// Under which digests it is found: what, and digest.
    pub search: Vec<(&'static str, String)>,
}

/// A case in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedCase {
    /// The case.
    pub case_id: CaseId,
    /// Its number.
    pub number: ArchiveNumber,
    /// Where its papers lie.
    pub place: ShelfPlace,
    /// When it was filed.
    pub filed_at: Timestamp,
    /// By whom.
    pub filed_by: String,
    /// Its row of the register book.
    pub registered: Option<Registered>,
    /// Who collected: `applicant` or `proxy`.
    pub collector: Option<String>,
    /// Fingerprint of the office's key.
    pub office_key: String,
    /// Whether it can be read.
    pub state: ArchiveState,
    /// By which rule it was destroyed.
    pub rule: Option<String>,
    /// When its key was destroyed.
    pub destroyed_at: Option<Timestamp>,
    /// Its unsealed scans are gone.
    pub scans_released: bool,
}

/// A document in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedDocument {
    /// The document.
    pub document_id: DocumentId,
    /// Kind.
    pub kind: DocumentKey,
    /// A later scan took its place before the case was finished.
    pub replaced: bool,
    /// SHA-256 of the scan as delivered.
    pub original_sha256: SlipDigest,
    /// Size of the scan, in bytes.
    pub original_bytes: u64,
    /// `image/jpeg` or `image/png`.
    pub original_type: String,
    /// SHA-256 of the PDF.
    pub pdf_sha256: SlipDigest,
    /// Size of the PDF, in bytes.
    pub pdf_bytes: u64,
    /// Where in the PDF the picture of the first page lies.
    pub picture: Span,
    /// Pages.
    pub pages: u32,
    /// Dots per inch.
    pub dpi: u16,
    /// Scanner, where known.
    pub device: Option<String>,
    /// Machine that scanned.
    pub kiosk: String,
    /// When the scan arrived.
    pub scanned_at: Timestamp,
}

/// How a picture's coding stands in its column: `jpeg`, or `png:rgb:8:1654x2339`.
struct CodingText(Coding);

impl fmt::Display for CodingText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Coding::Jpeg => f.write_str("jpeg"),
            Coding::Png { colour, depth, width, height } => {
                write!(f, "png:{}:{depth}:{width}x{height}", if colour { "rgb" } else { "grey" })
            }
        }
    }
}

impl TryFrom<String> for CodingText {
    type Error = ();

    fn try_from(text: String) -> Result<Self, ()> {
        if text == "jpeg" {
            return Ok(Self(Coding::Jpeg));
        }
        let parts: Vec<&str> = text.split([':', 'x']).collect();
        let ["png", colour @ ("rgb" | "grey"), depth, width, height] = parts[..] else { return Err(()) };
        Ok(Self(Coding::Png {
            colour: colour == "rgb",
            depth: depth.parse().map_err(drop)?,
            width: width.parse().map_err(drop)?,
            height: height.parse().map_err(drop)?,
        }))
    }
}

fn number<T: TryFrom<i64>>(row: &Row<'_>, column: &'static str) -> Result<T, StoreError> {
    T::try_from(plain::<i64>(row, column)?).map_err(|_| StoreError::Garbled { column })
}

pub(super) fn read_case(row: &Row<'_>) -> Result<ArchivedCase, StoreError> {
    let registered = match time_or_none(row, "registered_at_ms")? {
        None => None,
        Some(at) => Some(Registered {
            year: plain(row, "register_year")?,
            number: plain(row, "register_number")?,
            at,
            officer: plain(row, "register_officer")?,
        }),
    };
    Ok(ArchivedCase {
        case_id: parsed(row, "case_id")?,
        number: ArchiveNumber::new(plain(row, "year")?, plain(row, "number")?)
            .map_err(|_| StoreError::Garbled { column: "number" })?,
        place: ShelfPlace { rack: plain(row, "rack")?, r#box: plain(row, "box")? },
        filed_at: time(row, "filed_at_ms")?,
        filed_by: plain(row, "filed_by")?,
        registered,
        collector: plain(row, "collector")?,
        office_key: plain(row, "office_key")?,
        state: parsed(row, "state")?,
        rule: plain(row, "rule")?,
        destroyed_at: time_or_none(row, "destroyed_at_ms")?,
        scans_released: plain(row, "scans_released")?,
    })
}

fn read_document(row: &Row<'_>) -> Result<ArchivedDocument, StoreError> {
    let coding: CodingText = converted(row, "picture_coding")?;
    Ok(ArchivedDocument {
        document_id: parsed(row, "document_id")?,
        kind: parsed(row, "kind")?,
        replaced: plain(row, "replaced")?,
        original_sha256: converted(row, "original_sha256")?,
        original_bytes: number(row, "original_bytes")?,
        original_type: plain(row, "original_type")?,
        pdf_sha256: converted(row, "pdf_sha256")?,
        pdf_bytes: number(row, "pdf_bytes")?,
        picture: Span { at: number(row, "picture_at")?, bytes: number(row, "picture_bytes")?, coding: coding.0 },
        pages: plain(row, "pages")?,
        dpi: plain(row, "dpi")?,
        device: plain(row, "device")?,
        kiosk: plain(row, "kiosk")?,
        scanned_at: time(row, "scanned_at_ms")?,
    })
}

impl View<'_> {
    /// Finds a case in the archive.
    ///
    /// # Errors
    /// When the engine refuses or a row does not parse; so for every read below.
    pub fn archived(&self, case: CaseId) -> Result<Option<ArchivedCase>, StoreError> {
        let sql = "SELECT * FROM archive_cases WHERE office = ? AND case_id = ?";
        self.row(sql, params![self.office.as_str(), case.to_string()], read_case)
    }

    /// Returns the archived documents of a case, in order.
    #[allow(clippy::missing_errors_doc)]
    pub fn archived_documents(&self, case: CaseId) -> Result<Vec<ArchivedDocument>, StoreError> {
        let sql = "SELECT * FROM archive_documents WHERE office = ? AND case_id = ? ORDER BY ordinal";
        self.rows(sql, params![self.office.as_str(), case.to_string()], read_document)
    }

    /// Returns the documents of a case that have a scan, replaced ones too, in the order of arrival.
    #[allow(clippy::missing_errors_doc)]
    pub fn documents_to_file(&self, case: CaseId) -> Result<Vec<DocumentRecord>, StoreError> {
        let sql = "SELECT * FROM documents WHERE office = ? AND case_id = ? AND sha256 IS NOT NULL ORDER BY ordinal";
        self.rows(sql, params![self.office.as_str(), case.to_string()], super::documents::read)
    }

    /// Lists finished cases that are not in the archive yet, longest waiting first.
    #[allow(clippy::missing_errors_doc)]
    pub fn unfiled(&self, limit: u32) -> Result<Vec<CaseId>, StoreError> {
        let sql = "SELECT c.case_id FROM cases c LEFT JOIN archive_cases a ON a.case_id = c.case_id
                   WHERE c.office = ? AND c.stage IN (?, ?, ?) AND a.case_id IS NULL
                   ORDER BY c.stage_since_ms, c.case_id LIMIT ?";
        let [a, b, c] = [Stage::HandedOver, Stage::Cancelled, Stage::Unclaimed].map(Stage::key);
        self.rows(sql, params![self.office.as_str(), a, b, c, limit], |row| parsed(row, "case_id"))
    }

    /// Returns how far a year's shelf is filled.
    fn filled(&self, year: i16) -> Result<Option<Filled>, StoreError> {
        let sql = "SELECT rack, box,
                     (SELECT count(*) FROM archive_cases b
                      WHERE b.office = a.office AND b.year = a.year AND b.rack = a.rack AND b.box = a.box) AS files,
                     (SELECT count(DISTINCT b.box) FROM archive_cases b
                      WHERE b.office = a.office AND b.year = a.year AND b.rack = a.rack) AS boxes
                   FROM archive_cases a WHERE office = ? AND year = ? ORDER BY number DESC LIMIT 1";
        self.row(sql, params![self.office.as_str(), year], |row| {
            let place = ShelfPlace { rack: plain(row, "rack")?, r#box: plain(row, "box")? };
            Ok(Filled { place, files_in_box: plain(row, "files")?, boxes_in_rack: plain(row, "boxes")? })
        })
    }

    /// Returns the row of the register book of a case.
    #[allow(clippy::missing_errors_doc)]
    pub fn registered(&self, case: CaseId) -> Result<Option<Registered>, StoreError> {
        let sql = "SELECT year, number, at_ms, officer FROM register WHERE office = ? AND case_id = ?";
        self.row(sql, params![self.office.as_str(), case.to_string()], |row| {
            let at = time(row, "at_ms")?;
            Ok(Registered {
                year: plain(row, "year")?,
                number: plain(row, "number")?,
                at,
                officer: plain(row, "officer")?,
            })
        })
    }

    /// Returns the fingerprint of another key of the office that wraps something that can still be read.
    #[allow(clippy::missing_errors_doc)]
    pub fn other_office_key(&self, fingerprint: &str) -> Result<Option<String>, StoreError> {
        // Two ranges of the index, not a walk through all of it: asked at every look.
        let sql = "SELECT office_key FROM archive_cases WHERE office = ?1 AND state = 'kept' AND office_key < ?2
                   UNION ALL
                   SELECT office_key FROM archive_cases WHERE office = ?1 AND state = 'kept' AND office_key > ?2 LIMIT 1";
        self.row(sql, params![self.office.as_str(), fingerprint], |row| plain(row, "office_key"))
    }

    /// Tells whether a scan's bytes belong to a document that is not in the archive.
    #[allow(clippy::missing_errors_doc)]
    pub fn scan_is_needed(&self, sha256: &SlipDigest) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM documents d LEFT JOIN archive_documents a ON a.document_id = d.document_id
                   WHERE d.sha256 = ? AND a.document_id IS NULL LIMIT 1";
        Ok(self.row(sql, params![sha256.as_str()], |_| Ok(()))?.is_some())
    }

    /// Lists the archived cases whose unsealed scans are still to be removed.
    #[allow(clippy::missing_errors_doc)]
    pub fn unreleased(&self, limit: u32) -> Result<Vec<CaseId>, StoreError> {
        let sql = "SELECT case_id FROM archive_cases WHERE office = ? AND scans_released = 0 LIMIT ?";
        self.rows(sql, params![self.office.as_str(), limit], |row| parsed(row, "case_id"))
    }

    /// Lists the whole archive in the order of its numbers, from after one of them.
    #[allow(clippy::missing_errors_doc)]
    pub fn archive_after(&self, after: Option<ArchiveNumber>, limit: u32) -> Result<Vec<ArchivedCase>, StoreError> {
        let (year, number) = after.map_or((0, 0), |after| (after.year(), after.number()));
        let sql = "SELECT * FROM archive_cases WHERE office = ? AND (year, number) > (?, ?)
                   ORDER BY year, number LIMIT ?";
        self.rows(sql, params![self.office.as_str(), year, number, limit], read_case)
    }

    /// Lists the cases that were filed before an instant and still have their key, and those half destroyed.
    #[allow(clippy::missing_errors_doc)]
    pub fn archived_before(&self, before: Timestamp, limit: u32) -> Result<Vec<ArchivedCase>, StoreError> {
        let sql = "SELECT * FROM archive_cases
                   WHERE office = ? AND (state = 'condemned' OR (state = 'kept' AND filed_at_ms < ?))
                   ORDER BY year, number LIMIT ?";
        self.rows(sql, params![self.office.as_str(), ms(before), limit], read_case)
    }
}

impl Tx<'_> {
    /// Files a case under the next number of its year, in the next place on the shelf. None when it is filed already.
    ///
    /// # Errors
    /// When the engine refuses; so for every write below.
    pub fn archive(&self, new: &NewArchived, shelving: Shelving) -> Result<Option<ArchivedCase>, StoreError> {
        if self.archived(new.case_id)?.is_some() {
            return Ok(None);
        }
        let place = shelving.next(self.filled(new.year)?);
        let office = self.office.as_str();
        let case = new.case_id.to_string();
        let registered = new.registered.as_ref();
        self.run(
            "INSERT INTO archive_cases (case_id, office, year, number, rack, box, filed_at_ms, filed_by, register_year,
               register_number, registered_at_ms, register_officer, collector, office_key, state)
             VALUES (?1, ?2, ?3,
               (SELECT COALESCE(MAX(number), 0) + 1 FROM archive_cases WHERE office = ?2 AND year = ?3),
               ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 'kept')",
            params![
                case,
                office,
                new.year,
                place.rack,
                place.r#box,
                ms(new.filed_at),
                new.filed_by,
                registered.map(|row| row.year),
                registered.map(|row| row.number),
                registered.map(|row| ms(row.at)),
                registered.map(|row| row.officer.as_str()),
                new.collector,
                new.office_key,
            ],
        )?;
        for (ordinal, document) in (0_i64..).zip(&new.documents) {
            self.archive_document(new.case_id, ordinal, document)?;
        }
        for (what, digest) in &new.search {
            let sql = "INSERT OR IGNORE INTO archive_search (office, what, digest, case_id) VALUES (?, ?, ?, ?)";
            self.run(sql, params![office, what, digest, case])?;
        }
        self.archived(new.case_id)
    }

    fn archive_document(&self, case: CaseId, ordinal: i64, document: &ArchivedDocument) -> Result<(), StoreError> {
        let column = |size: u64| i64::try_from(size).unwrap_or(i64::MAX);
        let length = |size: usize| i64::try_from(size).unwrap_or(i64::MAX);
        self.run(
            "INSERT INTO archive_documents (document_id, office, case_id, ordinal, kind, replaced, original_sha256,
               original_bytes, original_type, pdf_sha256, pdf_bytes, picture_at, picture_bytes, picture_coding, pages,
               dpi, device, kiosk, scanned_at_ms)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                document.document_id.to_string(),
                self.office.as_str(),
                case.to_string(),
                ordinal,
                document.kind.as_str(),
                document.replaced,
                document.original_sha256.as_str(),
                column(document.original_bytes),
                document.original_type,
                document.pdf_sha256.as_str(),
                column(document.pdf_bytes),
                length(document.picture.at),
                length(document.picture.bytes),
                CodingText(document.picture.coding).to_string(),
                document.pages,
                document.dpi,
                document.device,
                document.kiosk,
                ms(document.scanned_at),
            ],
        )?;
        Ok(())
    }

    /// Notes that the unsealed scans of a case are gone.
    #[allow(clippy::missing_errors_doc)]
    pub fn scans_released(&self, case: CaseId) -> Result<(), StoreError> {
        let sql = "UPDATE archive_cases SET scans_released = 1 WHERE office = ? AND case_id = ?";
        self.run(sql, params![self.office.as_str(), case.to_string()])?;
        Ok(())
    }

    /// Marks a case for destruction by a rule: nobody reads it from now on, and what was noted on it is gone. False
    /// when it was no more kept.
    #[allow(clippy::missing_errors_doc)]
    pub fn condemn(&self, case: CaseId, rule: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE archive_cases SET state = 'condemned', rule = ?
                   WHERE office = ? AND case_id = ? AND state = 'kept'";
        if self.run(sql, params![rule, self.office.as_str(), case.to_string()])? == 0 {
            return Ok(false);
        }
        self.forget_notes(case)?;
        Ok(true)
    }

    /// Notes that the key of a condemned case is gone, and forgets by which numbers it was found. False when that was
    /// noted before.
    #[allow(clippy::missing_errors_doc)]
    pub fn destroyed(&self, case: CaseId, at: Timestamp) -> Result<bool, StoreError> {
        let (office, case) = (self.office.as_str(), case.to_string());
        self.run("DELETE FROM archive_search WHERE office = ? AND case_id = ?", params![office, case])?;
        let sql = "UPDATE archive_cases SET state = 'destroyed', destroyed_at_ms = ?
                   WHERE office = ? AND case_id = ? AND state = 'condemned'";
        Ok(self.run(sql, params![ms(at), office, case])? == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coding_reads_back_and_nothing_else_does() {
        for coding in [
            Coding::Jpeg,
            Coding::Png { colour: true, depth: 8, width: 1654, height: 2339 },
            Coding::Png { colour: false, depth: 1, width: 1, height: 9 },
        ] {
            let text = CodingText(coding).to_string();
            assert!(CodingText::try_from(text.clone()).is_ok_and(|read| read.0 == coding), "{text}");
        }
        for wrong in ["", "gif", "png", "png:rgb:8:1x", "png:cmyk:8:1x1", "png:rgb:8:1x1x1"] {
            assert!(CodingText::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
