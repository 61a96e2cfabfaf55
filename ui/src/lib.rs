//! The windows of anjungan. Only words, shapes and motion live here; every decision is taken elsewhere.
#![allow(missing_docs, clippy::all)]
slint::include_modules!();
pub use slint;
