//! What the archive keeps and how: a scan becomes a PDF/A-2b with its own pixels, sealed under the key of its case.
//!
//! Pure: no SQL, no HTTP, no file, no clock. Random bytes and times come from the caller.

pub mod bundle;
mod metadata;
pub mod pdf;
mod picture;
pub mod seal;
mod words;

use sha2::{Digest as _, Sha256};

pub use picture::{Coding, PictureRefused, fits};
pub use words::{WORDS_MAX, Word};

/// Returns the SHA-256 of bytes as lower-case hex.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Writes bytes as lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
