//! What several tests use.

#[cfg(feature = "hub")]
pub mod browser;
#[cfg(feature = "hub")]
pub mod hub;
#[cfg(all(feature = "hub", feature = "windows"))]
pub mod office;
