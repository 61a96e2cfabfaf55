//! What several tests use.

#[cfg(feature = "hub")]
pub mod browser;
#[cfg(feature = "hub")]
pub mod hub;
