//! The fault matrix: every device fault of the table in `docs/device-faults.md`, on the wire, in every state of kiosk and
//! counter that it can meet. `make faults` runs all of it and prints cells run / reachable, and how long the programs
//! took to see each fault and to see it cleared. A cell fails when the program does not notice, says nothing, loses or
//! doubles a number, leaves the person at a dead end, or does not come back by itself.
//!
//! `cargo run --example fault_matrix -- P4` runs one row.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

#[allow(dead_code)]
#[path = "../it/support/mod.rs"]
mod support;

mod counter;
mod journal;
mod kiosk;
mod lane;
mod places;
mod report;
mod rows;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;

use report::{Outcome, Report};
use rows::{Cell, cells};

/// Offices that run side by side; a cell mostly waits.
const LANES: usize = 6;

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    // What a failed cell says is in the report; the traces of threads would only drown it.
    std::panic::set_hook(Box::new(|_| {}));
    let cells: Vec<Cell> =
        cells().into_iter().filter(|cell| wanted.is_empty() || wanted.contains(&cell.row())).collect();
    let reachable = cells.len();
    let queue = Mutex::new(cells.into_iter());
    let report = Mutex::new(Report::new(reachable));
    thread::scope(|scope| {
        for number in 0..LANES {
            let (queue, report) = (&queue, &report);
            scope.spawn(move || work(number, queue, report));
        }
    });
    let report = report.into_inner().unwrap();
    report.print();
    if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One office takes cells until there are none. After a failed cell it is opened anew.
fn work(number: usize, queue: &Mutex<std::vec::IntoIter<Cell>>, report: &Mutex<Report>) {
    let mut open = None;
    // Whether the journal of this office must know of a fault.
    let mut told = false;
    loop {
        let Some(cell) = queue.lock().unwrap().next() else { break };
        told |= cell.is_told();
        let result = catch_unwind(AssertUnwindSafe(|| {
            let lane = open.get_or_insert_with(|| lane::Lane::open(number));
            cell.run(lane)
        }));
        let outcome = match result {
            Ok(times) => Outcome::Passed(times),
            Err(panic) => {
                // What the office was doing is not to be trusted any more.
                let _ = catch_unwind(AssertUnwindSafe(|| drop(open.take())));
                told = false;
                Outcome::Failed(report::text_of(&*panic))
            }
        };
        report.lock().unwrap().note(&cell, outcome);
    }
    let Some(lane) = open else { return };
    let pairs = catch_unwind(AssertUnwindSafe(|| lane.close(told)));
    report.lock().unwrap().note_journal(pairs.map_err(|panic| report::text_of(&*panic)));
}
