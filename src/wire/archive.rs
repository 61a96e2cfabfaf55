//! The archive on the wire.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::archive::ArchiveNumber;
use crate::domain::catalogue::{DocumentKey, VariantKey};
use crate::domain::ids::{CaseId, DocumentId};
use crate::domain::nik::Nik;
use crate::domain::no_kk::NoKk;
use crate::domain::slip_token::SlipDigest;

/// What the archive is searched for: `POST /archive/find`. In the body, so that no number stands in an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum ArchiveSearch {
    /// The archive number.
    Number {
        /// E.g. `2026-000042`.
        #[schema(value_type = String, example = "2026-000042")]
        number: ArchiveNumber,
    },
    /// The NIK of the applicant or the proxy.
    Nik {
        /// Sixteen digits.
        #[schema(value_type = String)]
        nik: Nik,
    },
    /// The No KK that the applicant gave.
    NoKk {
        /// Sixteen digits.
        #[schema(value_type = String)]
        no_kk: NoKk,
    },
    /// Days of the register book, both included; at most 366.
    Registered {
        /// First day.
        #[schema(value_type = String, example = "2026-11-01")]
        from: Date,
        /// Last day.
        #[schema(value_type = String, example = "2026-11-30")]
        to: Date,
    },
}

/// An archived case in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ArchiveRow {
    /// The case.
    #[schema(value_type = uuid::Uuid)]
    pub case_id: CaseId,
    /// Archive number.
    #[schema(value_type = String, example = "2026-000042")]
    pub number: ArchiveNumber,
    /// Rack of the papers.
    pub rack: u32,
    /// Box of the papers.
    pub r#box: u32,
    /// Rack and box in words, e.g. `Rak 1 / Boks 3`.
    pub shelf: String,
    /// When it was filed.
    #[schema(value_type = String)]
    pub filed_at: Timestamp,
    /// By whom: a login, or `anjungan`.
    pub filed_by: String,
    /// What was asked for.
    #[schema(value_type = String, example = "kk.hilang")]
    pub variant: VariantKey,
    /// The same in words.
    pub title: String,
    /// `kept`, `condemned` or `destroyed`.
    pub state: String,
    /// When its key was destroyed.
    #[schema(value_type = Option<String>)]
    pub destroyed_at: Option<Timestamp>,
    /// Row of the register book.
    pub register: Option<ArchiveRegister>,
}

/// A row of the register book. The name of the head of the family is on the KK, not in this system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ArchiveRegister {
    /// Year of the book.
    pub year: i16,
    /// Number in it.
    pub number: u32,
    /// Day.
    #[schema(value_type = String)]
    pub date: Date,
    /// Who wrote it.
    pub officer: String,
    /// Who collected: `applicant` or `proxy`.
    pub collector: Option<String>,
}

/// An archived case with its documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ArchiveDetail {
    /// As in a list.
    #[serde(flatten)]
    pub row: ArchiveRow,
    /// Its documents, in order.
    pub documents: Vec<ArchiveDocument>,
}

/// An archived document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ArchiveDocument {
    /// The document.
    #[schema(value_type = uuid::Uuid)]
    pub document_id: DocumentId,
    /// Kind.
    #[schema(value_type = String)]
    pub kind: DocumentKey,
    /// Kind in words.
    pub title: String,
    /// A later scan took its place.
    pub replaced: bool,
    /// SHA-256 of the PDF.
    #[schema(value_type = String)]
    pub pdf_sha256: SlipDigest,
    /// Size of the PDF, in bytes.
    pub pdf_bytes: u64,
    /// SHA-256 of the scan as delivered.
    #[schema(value_type = String)]
    pub original_sha256: SlipDigest,
    /// Pages.
    pub pages: u32,
    /// Dots per inch.
    pub dpi: u16,
    /// Scanner, where known.
    pub device: Option<String>,
    /// Machine that scanned.
    pub kiosk: String,
    /// When the scan arrived.
    #[schema(value_type = String)]
    pub scanned_at: Timestamp,
}
