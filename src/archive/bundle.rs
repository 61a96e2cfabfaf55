//! A case as one ZIP: its PDFs as they were archived, and a manifest that says what each is and what its digest must be.

use std::io::Write;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Name of the manifest in the ZIP.
pub const MANIFEST: &str = "manifest.json";
/// Form of the manifest.
const FORMAT: &str = "anjungan-archive-export-1";

/// What lies in a ZIP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Form of this manifest.
    pub format: String,
    /// Region code of the office.
    pub office: String,
    /// Name of the office.
    pub office_name: String,
    /// Archive number.
    pub archive_number: String,
    /// Where the papers lie.
    pub shelf: String,
    /// The case.
    pub case_id: String,
    /// What was asked for, its key in the catalogue.
    pub variant: String,
    /// When it was archived.
    pub filed_at: Timestamp,
    /// When this ZIP was made.
    pub exported_at: Timestamp,
    /// Who made it: a login, or `anjungan` for the command line.
    pub exported_by: String,
    /// Row of the register book, where there is one.
    pub register: Option<ManifestRegister>,
    /// The documents, in the order of the case.
    pub documents: Vec<ManifestDocument>,
}

impl Manifest {
    /// Returns the word for this form of manifest.
    #[must_use]
    pub fn format() -> String {
        FORMAT.to_owned()
    }
}

/// A row of the register book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestRegister {
    /// Number within its year.
    pub number: u32,
    /// Day.
    pub date: Date,
    /// No KK, where known.
    pub no_kk: Option<String>,
    /// Head of the family, where known.
    pub head_of_family: Option<String>,
    /// What was asked for, in words.
    pub variant: String,
    /// Who wrote the row.
    pub officer: String,
    /// Who collected: `applicant` or `proxy`.
    pub collector: Option<String>,
}

/// One document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestDocument {
    /// Name in the ZIP.
    pub file: String,
    /// The document.
    pub document_id: String,
    /// Kind, its key in the catalogue.
    pub kind: String,
    /// A later scan took its place.
    pub replaced: bool,
    /// SHA-256 of the PDF.
    pub pdf_sha256: String,
    /// Size of the PDF, in bytes.
    pub pdf_bytes: u64,
    /// SHA-256 of the scan as delivered.
    pub original_sha256: String,
    /// Media type of the scan.
    pub original_type: String,
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

/// Why a ZIP was not written.
#[derive(Debug, thiserror::Error)]
pub enum BundleError<E> {
    /// A document could not be had.
    #[error("a document cannot be had")]
    Document(#[source] E),
    /// Whoever takes the ZIP has gone, or their disk refused.
    #[error("the ZIP cannot be written")]
    Write(#[source] std::io::Error),
}

impl<E> From<ZipError> for BundleError<E> {
    fn from(error: ZipError) -> Self {
        Self::Write(error.into())
    }
}

/// Writes a ZIP, one document in memory at a time. PDFs are not compressed again: scans are already.
///
/// # Errors
/// When a document cannot be had, or whoever takes the ZIP refuses.
pub fn write<W: Write, E>(
    out: W,
    manifest: &Manifest,
    mut document: impl FnMut(usize) -> Result<Vec<u8>, E>,
) -> Result<W, BundleError<E>> {
    let mut zip = ZipWriter::new_stream(out);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).unix_permissions(0o600);
    let text = serde_json::to_vec_pretty(manifest).map_err(|error| BundleError::Write(error.into()))?;
    zip.start_file(MANIFEST, options)?;
    zip.write_all(&text).map_err(BundleError::Write)?;
    for (at, facts) in manifest.documents.iter().enumerate() {
        let pdf = document(at).map_err(BundleError::Document)?;
        zip.start_file(facts.file.as_str(), options)?;
        zip.write_all(&pdf).map_err(BundleError::Write)?;
    }
    Ok(zip.finish()?.into_inner())
}
