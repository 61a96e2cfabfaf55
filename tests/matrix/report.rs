//! What came of the cells.

use std::any::Any;
use std::collections::BTreeMap;
use std::time::Duration;

use crate::rows::Cell;

/// How long a program took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Times {
    /// From the fault on the wire to the program knowing; none where the fault shows only in what becomes of a job.
    pub seen: Option<Duration>,
    /// From the clearing to the program knowing.
    pub recovered: Option<Duration>,
}

pub enum Outcome {
    Passed(Times),
    Failed(String),
}

#[derive(Default)]
struct Row {
    run: usize,
    passed: usize,
    seen: Vec<Duration>,
    recovered: Vec<Duration>,
}

pub struct Report {
    reachable: usize,
    rows: BTreeMap<String, Row>,
    failures: Vec<String>,
    began: usize,
    cleared: usize,
}

impl Report {
    pub fn new(reachable: usize) -> Self {
        Self { reachable, rows: BTreeMap::new(), failures: Vec::new(), began: 0, cleared: 0 }
    }

    pub fn note(&mut self, cell: &Cell, outcome: Outcome) {
        let row = self.rows.entry(cell.sort_key()).or_default();
        row.run += 1;
        match outcome {
            Outcome::Passed(times) => {
                row.passed += 1;
                row.seen.extend(times.seen);
                row.recovered.extend(times.recovered);
            }
            Outcome::Failed(why) => self.failures.push(format!("{cell}: {why}")),
        }
    }

    pub fn note_journal(&mut self, pairs: Result<(usize, usize), String>) {
        match pairs {
            Ok((began, cleared)) => {
                self.began += began;
                self.cleared += cleared;
            }
            Err(why) => self.failures.push(format!("journal: {why}")),
        }
    }

    pub fn is_clean(&self) -> bool {
        self.failures.is_empty() && self.run() == self.reachable
    }

    fn run(&self) -> usize {
        self.rows.values().map(|row| row.run).sum()
    }

    pub fn print(&self) {
        println!("row        cells  passed  seen p50/p99 ms   back p50/p99 ms");
        for (name, row) in &self.rows {
            let name = name.split('|').nth(1).unwrap_or(name);
            let (seen, back) = (span(&row.seen), span(&row.recovered));
            println!("{name:<10} {:>5}  {:>6}  {seen:>15}   {back:>15}", row.run, row.passed);
        }
        let all = |pick: fn(&Row) -> &Vec<Duration>| -> Vec<Duration> {
            self.rows.values().flat_map(|row| pick(row).iter().copied()).collect()
        };
        let (seen, back) = (all(|row| &row.seen), all(|row| &row.recovered));
        println!("\ndetection  p50/p99 {} ms over {} cells", span(&seen), seen.len());
        println!("recovery   p50/p99 {} ms over {} cells", span(&back), back.len());
        println!("journal    {} faults began, {} cleared", self.began, self.cleared);
        for failure in &self.failures {
            println!("FAILED {failure}");
        }
        let percent = if self.reachable == 0 { 0 } else { self.run() * 100 / self.reachable };
        println!("\ncells run / reachable: {} / {} ({percent} %)", self.run(), self.reachable);
        let passed: usize = self.rows.values().map(|row| row.passed).sum();
        println!("{passed} passed, {} failed", self.failures.len());
    }
}

/// Median and 99th percentile, in milliseconds.
fn span(times: &[Duration]) -> String {
    if times.is_empty() {
        return "-".to_owned();
    }
    let mut sorted = times.to_vec();
    sorted.sort();
    let at = |part: f64| sorted[((sorted.len() - 1) as f64 * part).round() as usize].as_millis();
    format!("{}/{}", at(0.5), at(0.99))
}

/// What a panic said.
pub fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".to_owned());
    text.chars().take(600).collect()
}
