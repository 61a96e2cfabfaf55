//! The queue without priority against Erlang's formula for `c` counters: people come at random, service times are
//! exponential, whoever finds a counter idle does not wait.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use anjungan::domain::hall::Line;

use super::random::Random;

/// Counters and how busy they are.
const PAIRS: [(usize, f64); 5] = [(1, 0.5), (2, 0.6), (3, 0.7), (4, 0.8), (8, 0.8)];
/// What the simulation may differ by.
const DIFFERENCE_MAX: f64 = 0.01;

/// The chance that somebody has to wait, and the mean wait of everybody in mean service times.
fn formula(counters: usize, busy: f64) -> (f64, f64) {
    let offered = busy * counters as f64;
    // Erlang B by its recursion, then C from B.
    let blocked = (1..=counters).fold(1.0, |before, n| offered * before / (n as f64 + offered * before));
    let waits = blocked / (1.0 - busy * (1.0 - blocked));
    (waits, waits / (counters as f64 * (1.0 - busy)))
}

fn simulate(counters: usize, busy: f64, seed: u64, customers: u64) -> (f64, f64) {
    let mut random = Random::new(seed);
    let gap = 1.0 / (busy * counters as f64);
    let mut line: Line<f64> = Line::new(false);
    // Ends of services by their order as bits: times are never negative.
    let mut ends: BinaryHeap<Reverse<u64>> = BinaryHeap::new();
    let (mut now, mut waited, mut total) = (0.0_f64, 0_u64, 0.0_f64);
    for _ in 0..customers {
        now += random.exponential(gap);
        while let Some(Reverse(end)) = ends.peek().copied()
            && f64::from_bits(end) <= now
        {
            ends.pop();
            if let Some(since) = line.call() {
                let at = f64::from_bits(end);
                total += at - since;
                ends.push(Reverse((at + random.exponential(1.0)).to_bits()));
            }
        }
        line.enter(now, false);
        if ends.len() < counters {
            let since = line.call().unwrap();
            assert!(since == now, "whoever finds an idle counter does not wait");
            ends.push(Reverse((now + random.exponential(1.0)).to_bits()));
        } else {
            waited += 1;
        }
    }
    (waited as f64 / customers as f64, total / customers as f64)
}

pub fn compare(seed: u64, customers: u64) {
    println!("Erlang C, {customers} people each, wait in mean service times:\n");
    println!(
        "| counters | busy | has to wait: formula | simulated | mean wait: formula | simulated | largest difference |"
    );
    println!("|---|---|---|---|---|---|---|");
    let mut worst = 0.0_f64;
    for (number, (counters, busy)) in (0_u64..).zip(PAIRS) {
        let (waits, mean) = formula(counters, busy);
        let (sim_waits, sim_mean) = simulate(counters, busy, seed + number, customers);
        let difference = (sim_waits / waits - 1.0).abs().max((sim_mean / mean - 1.0).abs());
        worst = worst.max(difference);
        println!(
            "| {counters} | {busy} | {waits:.4} | {sim_waits:.4} | {mean:.4} | {sim_mean:.4} | {:.2} % |",
            difference * 100.0
        );
    }
    assert!(worst < DIFFERENCE_MAX, "more than 1 % from Erlang's formula");
}
