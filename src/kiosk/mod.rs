//! The kiosk: applicants serve themselves, and leave with a number and a slip.
//!
//! [`flow`] decides, [`view`] says what to show, [`shell`] owns devices, outbox and hub, [`binding`] is the only place
//! where window types appear, [`run`] joins them into a program.

mod actions;
mod binding;
pub mod by_ear;
mod ear;
pub mod flow;
pub mod headless;
pub mod panel;
mod run;
pub mod shell;
mod submission;
#[cfg(test)]
mod tests;
pub mod view;
mod workers;

pub use actions::wire;
pub use binding::{Binding, Pictures};
pub use ear::Ear;
pub use run::{KioskProgram, RunOptions, run};
pub use shell::{KioskError, KioskShell};
