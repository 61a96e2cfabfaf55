//! A whole day of device traffic with random faults: no leak, no stuck worker. Run by `make bench`.
//!
//! 24 virtual hours of an office's traffic through the station's workers, with a random fault before one order in ten.
//! After each hour the process is asked what it holds. After two hours of warm-up handles and threads must come back
//! to the same numbers, and memory must not grow. Exit code 1 when they do not, or when an order gets no answer.
//!
//! `cargo bench --bench device_day -- --seed 7 --hours 24`; without a seed the day is a new one.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod day;

use std::process::{Command, ExitCode};
use std::time::Instant;

use day::{Hour, Lived, Plan};

/// How glibc's allocator is set up. Left alone it gives each thread an arena of its own, as many as eight a core, and
/// raises the size from which a block has a mapping of its own with each page that is freed: both fill up for hours with
/// what cannot be given back. Its small caches for each thread count what they keep as in use: without them the heap in
/// use is exact.
const ALLOCATOR: [(&str, &str); 4] = [
    ("MALLOC_ARENA_MAX", "2"),
    ("MALLOC_MMAP_THRESHOLD_", "65536"),
    ("MALLOC_TRIM_THRESHOLD_", "65536"),
    ("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0"),
];
const WARM_UP: u32 = 2;
/// What may be allocated and not freed after the warm-up, each 22 hours: SQLite's cache breathes by some kilobytes, a
/// leak of eight bytes an order is more.
const HEAP_MAX_KB: f64 = 64.0;
/// Resident memory the day may cost after the warm-up.
const RESIDENT_MAX_KB: f64 = 1024.0;
/// Hours those limits are for.
const LIMIT_HOURS: f64 = 22.0;

fn main() -> ExitCode {
    if std::env::var(ALLOCATOR[0].0).is_err() {
        let mut again = Command::new(std::env::current_exe().unwrap());
        let status = again.args(std::env::args().skip(1)).envs(ALLOCATOR).status().unwrap();
        return if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let plan = Plan {
        hours: argument("--hours").map_or(24, |hours| hours.clamp(1, 1000) as u32),
        warm_up: WARM_UP,
        seed: seed(),
    };
    println!("seed {}, {} virtual hours\n", plan.seed, plan.hours);
    println!("| virtual hour | orders | faults | heap in use, kB | RSS, kB | handles | threads |");
    println!("|---|---|---|---|---|---|---|");
    let began = Instant::now();
    match day::live(plan, print_hour) {
        Err(stuck) => {
            println!("\nFAILED: {stuck}; again with --seed {}", plan.seed);
            ExitCode::FAILURE
        }
        Ok(lived) => {
            println!("\nlived in {:.0} s", began.elapsed().as_secs_f64());
            verdict(&lived)
        }
    }
}

fn argument(name: &str) -> Option<u64> {
    std::env::args().skip_while(|word| word != name).nth(1)?.parse().ok()
}

fn seed() -> u64 {
    argument("--seed").unwrap_or_else(|| u64::from(std::time::UNIX_EPOCH.elapsed().unwrap().subsec_nanos()))
}

fn print_hour(hour: &Hour) {
    let Hour { number, tally, used } = hour;
    println!(
        "| {number} | {} | {} | {} | {} | {} | {} |",
        tally.orders, tally.faults, used.heap_kb, used.rss_kb, used.handles, used.threads
    );
}

fn verdict(lived: &Lived) -> ExitCode {
    println!("\n| device | orders | faults | orders that failed without a fault | longest wait for an answer, at |");
    println!("|---|---|---|---|---|");
    for (name, tally) in &lived.lanes {
        println!(
            "| {name} | {} | {} | {} | {:.2} s, {} |",
            tally.orders,
            tally.faults,
            tally.spoiled,
            tally.slowest.as_secs_f64(),
            tally.slowest_at
        );
    }
    println!("\nreadiness reports: {}", lived.readiness);
    let mut leaks = Vec::new();
    if lived.open_faults > 0 {
        leaks.push(format!("{} faults whose end the hub has not heard", lived.open_faults));
    }
    if !lived.left_behind.is_empty() {
        leaks.push(format!("threads that did not end: {:?}", lived.left_behind));
    }
    // The last hour of the warm-up is what the others are compared with.
    let compared = &lived.hours[lived.hours.len().min(WARM_UP as usize) - 1..];
    for hour in compared {
        if hour.used.counts() != compared[0].used.counts() {
            leaks.push(format!("handles or threads after hour {}: {:?}", hour.number, hour.used));
        }
    }
    let hours = (compared.len() - 1) as f64;
    let heap: Vec<u64> = compared.iter().map(|hour| hour.used.heap_kb).collect();
    let resident: Vec<u64> = compared.iter().map(|hour| hour.used.rss_kb).collect();
    for (name, values, limit) in [("heap in use", heap, HEAP_MAX_KB), ("resident memory", resident, RESIDENT_MAX_KB)] {
        let growth = day::machine::growth_per_hour(&values) * hours;
        println!("{name} after the warm-up, by a straight line: {growth:+.0} kB in {hours} hours");
        if growth >= limit * (hours / LIMIT_HOURS).max(1.0) {
            leaks.push(format!("{name} grew by {growth:.0} kB"));
        }
    }
    if leaks.is_empty() {
        println!("no leak, no stuck worker");
        return ExitCode::SUCCESS;
    }
    leaks.iter().for_each(|leak| println!("LEAK: {leak}"));
    ExitCode::FAILURE
}
