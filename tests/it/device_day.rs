//! One virtual hour of device traffic with random faults; `benches/device_day.rs` is the whole day.
//!
//! What the process holds is looked at there and not here, where other tests run beside it.

#[path = "../../benches/day/mod.rs"]
#[allow(dead_code)]
mod day;

/// The same hour in every run: a failure can be looked at again.
const SEED: u64 = 0x3315_0003;

#[test]
fn every_order_of_an_hour_with_faults_is_answered_and_every_fault_is_told_to_its_end() {
    let lived =
        day::live(day::Plan { hours: 1, warm_up: 0, seed: SEED }, |_| {}).unwrap_or_else(|stuck| panic!("{stuck}"));
    let faults: u32 = lived.lanes.iter().map(|(_, tally)| tally.faults).sum();
    assert!(faults > 10, "a day without faults shows nothing");
    for (name, tally) in &lived.lanes {
        assert!(tally.orders >= 60, "{name} had {} orders only", tally.orders);
    }
    assert_eq!(lived.open_faults, 0, "faults whose end the hub has not heard");
    assert!(lived.readiness >= 1, "the readiness report of the day");
}
