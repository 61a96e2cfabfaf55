//! The hall under load, over real HTTP, against a hub in a process of its own: `cargo bench --bench hall`.
//!
//! 16 kiosks take tickets and 8 counters call for a minute, across midnight and a `kill -9`; then how fast tickets are
//! issued, also beside a million old ones; how long a board waits for the hall, and for a call.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod http;
#[path = "../../tests/it/support/hub.rs"]
#[allow(dead_code)]
mod hub;
mod office;
mod soak;
mod speed;

use std::time::Duration;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if let [mark, folder, shift_ms, port] = words.as_slice()
        && mark == office::CHILD
    {
        return office::run_child(folder, shift_ms.parse().unwrap(), port.parse().unwrap());
    }
    let has = |name: &str| words.is_empty() || words.iter().any(|word| word == name);
    let seconds = std::env::var("HALL_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    if has("soak") {
        soak::run(Duration::from_secs(seconds));
    }
    if has("issue") {
        speed::issue(0);
    }
    if has("old") {
        speed::issue(1_000_000);
    }
    if has("boards") {
        speed::boards();
    }
}
