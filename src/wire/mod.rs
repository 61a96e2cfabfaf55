//! The JSON shapes of the hub's API under `/api/v1`, and the client that calls it.
//!
//! Shapes are described in `/openapi.json`. A shape holds domain types wherever one exists, so that what does not
//! parse never gets past the edge.

pub mod archive;
pub mod case;
pub mod client;
pub mod find;
pub mod hall;
pub mod health;
pub mod problem;
pub mod queue;
pub mod session;
pub mod unclaimed;

/// Where the API lives.
pub const API_BASE: &str = "/api/v1";
/// Header in which a station proves itself beside an officer's session.
pub const STATION_HEADER: &str = "x-anjungan-station";
/// Largest scan of one page, in bytes.
pub const SCAN_BYTES_MAX: usize = 20 * 1024 * 1024;
/// Largest JSON body, in bytes.
pub const JSON_BYTES_MAX: usize = 256 * 1024;
/// Most documents of one case.
pub const DOCUMENTS_MAX: usize = 40;
/// Longest note an officer writes, in characters.
pub const NOTE_LENGTH_MAX: usize = 200;
/// Most notes that stick to one case.
pub const CASE_NOTES_MAX: usize = 20;
/// Most cases of one search at a counter.
pub const FOUND_CASES_MAX: usize = 20;

/// A note as it is kept: one paragraph. Browsers send line ends as control characters, and fingers type spaces twice.
#[must_use]
pub fn one_paragraph(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
