//! Office days on a virtual clock through the real queue: `make sim`. Figures go to docs/queue.md.
//!
//! One day each of 350 and 700 applicants runs through a whole hub over HTTP, and again in memory by the rules of
//! `domain::hall` alone: both must call the same people at the same moments. Then a year of days in memory, and the
//! queue without priority against Erlang's formula. It ends with an error when anything does not hold.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod day;
mod erlang;
mod hall;
#[path = "../it/support/hub.rs"]
#[allow(dead_code)]
mod hub;
mod office;
mod random;

use std::time::Instant;

use day::{Day, Plan};

/// Base of every seed; `--seed N` sets another.
const SEED: u64 = 20_261_130;
/// Days of the simulated year.
const YEAR_DAYS: u64 = 365;

fn main() {
    let mut words = std::env::args().skip(1);
    let mut seed = SEED;
    let mut customers = 20_000_000;
    while let Some(word) = words.next() {
        let number: u64 = words.next().and_then(|text| text.parse().ok()).expect("a number");
        match word.as_str() {
            "--seed" => seed = number,
            "--customers" => customers = number,
            other => panic!("{other}: only --seed N and --customers N are known"),
        }
    }
    println!("seed {seed}");
    println!("\n{}", Day::head());
    for plan in Plan::BOTH {
        let pure = day::run(&mut office::InMemory::new(plan.counters), plan, seed);
        println!("{}", pure.row(&format!("{} applicants, in memory", plan.applicants)));
        let through = day::run(&mut hall::ThroughHub::new(plan.counters), plan, seed);
        println!("{}", through.row(&format!("{} applicants, through the hub", plan.applicants)));
        assert_eq!(through.calls, pure.calls, "the hub calls others, or at other moments");
    }
    let began = Instant::now();
    let mut year = Day::default();
    for number in 0..YEAR_DAYS {
        let plan = Plan::BOTH[usize::from(number % 2 == 1)];
        year.add(day::run(&mut office::InMemory::new(plan.counters), plan, seed + 1 + number));
    }
    println!("{}", year.row(&format!("{YEAR_DAYS} days, in memory")));
    println!("the year took {:.1} s", began.elapsed().as_secs_f64());
    println!();
    erlang::compare(seed, customers);
}
