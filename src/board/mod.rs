//! The screen on the wall of the hall: who is called where, how many wait, whose KK is ready. Numbers only.

mod announcer;
mod binding;
mod flow;
mod run;
mod shell;
mod view;
pub mod words;

pub use announcer::{Announcer, Call};
pub use flow::{BoardEffect, BoardEvent, BoardFacts, BoardFlow, CallVoice};
pub use run::{BoardError, BoardProgram, run};
pub use shell::BoardShell;
pub use view::{BoardView, CallLine};
