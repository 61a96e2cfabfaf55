//! Self-service kiosk, queue and case system for the Kartu Keluarga service of a civil-registry office.
//!
//! `ARCHITECTURE.md` is the map. Features are decided here and nowhere else.

pub mod clock;
pub mod config;
#[cfg(feature = "station")]
pub mod doctor;
pub mod domain;
pub mod failure;
pub mod journal;
#[cfg(any(feature = "hub", feature = "station"))]
pub mod notify;
#[cfg(any(feature = "hub", feature = "station"))]
mod sqlite;
pub mod wire;
pub mod words;

#[cfg(feature = "hub")]
pub mod admin;
#[cfg(feature = "hub")]
pub mod archive;
#[cfg(feature = "hub")]
pub mod archivist;
#[cfg(all(feature = "hub", feature = "windows"))]
pub mod demo;
#[cfg(feature = "hub")]
pub mod hub;
#[cfg(feature = "hub")]
pub mod store;

#[cfg(feature = "scan")]
pub mod program;
#[cfg(feature = "scan")]
pub mod scan;
#[cfg(feature = "scan")]
pub mod scan_files;
#[cfg(feature = "scan")]
pub mod tesseract;

#[cfg(feature = "board")]
pub mod board;
#[cfg(feature = "counter")]
pub mod counter;
#[cfg(feature = "kiosk")]
pub mod kiosk;
#[cfg(feature = "rig")]
pub mod rig;
#[cfg(feature = "station")]
pub mod slip;
#[cfg(feature = "station")]
pub mod station;
