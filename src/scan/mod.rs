//! A page from a scanner or a camera: where it lies, whether it can be read, what stands on it, and the page made straight.
//!
//! Pure functions over pictures: nothing here opens a file, starts a process, reads a clock or follows a link. Every step
//! has a limit, and no bytes a scanner delivers make it panic. A doubt about a page is told, with a reason and a place; it
//! never blocks anybody: a person decides.
//!
//! The order: [`decode`], then [`look`], then [`straighten`] and [`to_jpeg`]; [`preview`] at any time; [`reading::read`]
//! and [`kind::judge`] on the lines that an OCR program returned for the straight page.

mod decode;
mod encode;
mod geometry;
mod grey;
mod ink;
mod judge;
pub mod kind;
mod light;
mod look;
mod outline;
mod paper;
pub mod qr;
pub mod reading;
mod sharpness;
mod skew;
mod straighten;
mod upright;
pub mod verdict;

pub use decode::{BYTES_MAX, DecodeError, PIXELS_MAX, Page, decode};
pub use encode::{EncodeError, QUALITY, to_jpeg};
pub use geometry::{Point, Region};
pub use look::{Look, Rotation, look};
pub use straighten::{Preview, preview, straighten};
pub use verdict::{Doubt, Reason, Verdict};
