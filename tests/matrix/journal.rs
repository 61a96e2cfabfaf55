//! Every fault and its clearing is one pair in the hub's journal.

use std::time::Instant;

use crate::lane::{Lane, PATIENCE};
use crate::support::office::journal_text;

/// Waits until as many faults are cleared as began, and gives both numbers.
pub fn pairs(lane: &mut Lane, told: bool) -> (usize, usize) {
    let began = Instant::now();
    loop {
        let text = journal_text(&lane.hub.data());
        let count = |event: &str| text.lines().filter(|line| line.split(' ').nth(1) == Some(event)).count();
        let (faults, cleared) = (count("device_fault"), count("device_fault_cleared"));
        // The last ones are still on their way for a moment.
        if (faults > 0 || !told) && faults == cleared {
            let digits = text.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() == 16);
            assert!(!digits, "a number of a person in the journal");
            return (faults, cleared);
        }
        assert!(began.elapsed() < PATIENCE, "{faults} faults began, {cleared} were cleared");
        lane.kiosk.pump(std::time::Duration::from_millis(50));
        lane.counter.pump(std::time::Duration::from_millis(50));
    }
}
