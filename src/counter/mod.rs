//! The desk of a Petugas Loket: steps 2, 7 and 8 of the SOP, on a window with three columns.
//!
//! `flow` decides and `view` words it; both are pure. `shell` owns the threads and devices and knows no window,
//! `binding` is where it meets Slint, `run` joins the two.

mod binding;
mod flow;
mod hall_lines;
mod run;
mod scans;
mod shell;
mod stations;
mod view;

pub use flow::{
    CardTrouble, Collector, CounterEffect, CounterEvent, CounterFacts, CounterFlow, HandoverPhase, Private,
};
pub use hall_lines::{AsideLine, PlaceLine, QueueLine};
pub use run::{CounterError, CounterProgram, run};
pub use shell::CounterShell;
pub use view::{
    CaseMode, CounterScreen, CounterView, DocumentLine, DocumentMood, FailureLine, FallbackLine, NeedMood, ReasonLine,
    TrailLine,
};
