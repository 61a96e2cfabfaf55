//! The windows of anjungan. Only words, shapes and motion live here; every decision is taken elsewhere.
#![allow(missing_docs, clippy::all)]
pub mod accessible;
mod key_tap;

slint::include_modules!();
pub use key_tap::{KeyTap, KeyVerdict};
pub use slint;
