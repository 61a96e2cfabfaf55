//! How long somebody who joins a queue now will wait: told by how fast people were called today.
//!
//! Two calls in a row say something about the pace only when the second person was already waiting at the first call;
//! otherwise the counters were idle in between. A break at noon is no pace either. Where too little is known, or the
//! queue stands still, nothing is promised.

use jiff::Timestamp;

/// Calls that are looked at, the latest ones.
pub const CALLS_LOOKED_AT: u32 = 20;
/// Fewest pairs of calls that make a pace.
const PAIRS_MIN: i64 = 3;
/// Two calls further apart than this have a break between them, in minutes.
const BREAK_MINUTES: i64 = 20;
/// Calls older than this say nothing about now, in minutes.
const CALLS_AGE_MAX_MINUTES: i64 = 120;

/// A call of today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// When this person began to wait.
    pub since: Timestamp,
    /// When they were called for the first time.
    pub called_at: Timestamp,
}

/// Estimates the wait of a person who joins behind `waiting` others, in whole minutes, rounded up: the mean of the
/// busy pairs of calls, once for everybody ahead. `calls` are the latest of today, newest first; `waiting_since` is
/// when the first of those who wait came.
#[must_use]
pub fn wait_minutes(calls: &[Call], waiting: usize, waiting_since: Option<Timestamp>, now: Timestamp) -> Option<u32> {
    let seconds = |from: Timestamp, to: Timestamp| to.duration_since(from).as_secs();
    let (mut pairs, mut total_s) = (0_i64, 0_i64);
    for pair in calls.windows(2) {
        let (later, earlier) = (pair[0], pair[1]);
        let gap_s = seconds(earlier.called_at, later.called_at);
        let is_recent = (0..=CALLS_AGE_MAX_MINUTES * 60).contains(&seconds(earlier.called_at, now));
        // A clock that was set back makes a gap below zero.
        if is_recent && later.since <= earlier.called_at && (0..=BREAK_MINUTES * 60).contains(&gap_s) {
            pairs += 1;
            total_s += gap_s;
        }
    }
    if pairs < PAIRS_MIN {
        return None;
    }
    let last = calls.first()?.called_at;
    let mut pace_s = total_s / pairs;
    if waiting_since.is_some_and(|since| since <= last) {
        // Somebody waits since before the last call: the pause that goes on now counts as soon as it is long.
        let standing_s = seconds(last, now);
        if standing_s > BREAK_MINUTES * 60 {
            return None;
        }
        if standing_s > pace_s {
            pace_s = (total_s + standing_s) / (pairs + 1);
        }
    }
    let ahead = i64::try_from(waiting).ok()?;
    let wait_s = pace_s.checked_mul(ahead)?;
    u32::try_from(wait_s.div_euclid(60) + i64::from(wait_s.rem_euclid(60) > 0)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(minute: i64) -> Timestamp {
        Timestamp::from_second(1_795_400_000 + minute * 60).expect("in range")
    }

    /// Calls at these minutes of people who all came at minute 0, newest first.
    fn calls(minutes: &[i64]) -> Vec<Call> {
        minutes.iter().rev().map(|at| Call { since: minute(0), called_at: minute(*at) }).collect()
    }

    #[test]
    fn everybody_ahead_takes_as_long_as_the_last_ones_did() {
        let called = calls(&[2, 6, 9, 14]);
        assert_eq!(wait_minutes(&called, 5, Some(minute(1)), minute(15)), Some(20), "four minutes each");
        assert_eq!(wait_minutes(&called, 0, None, minute(15)), Some(0), "nobody is ahead");
    }

    #[test]
    fn too_little_is_no_promise() {
        assert_eq!(wait_minutes(&[], 5, Some(minute(1)), minute(15)), None);
        assert_eq!(wait_minutes(&calls(&[2, 6, 9]), 5, Some(minute(1)), minute(10)), None, "two pairs");
        assert_eq!(wait_minutes(&calls(&[2, 6, 9, 14]), 5, Some(minute(1)), minute(200)), None, "long ago");
    }

    #[test]
    fn idle_counters_and_breaks_are_no_pace() {
        // The last one came at minute 13 to a counter that was idle, and was called at once.
        let mut called = calls(&[2, 6, 9, 12]);
        called.insert(0, Call { since: minute(13), called_at: minute(13) });
        assert_eq!(wait_minutes(&called, 3, None, minute(14)), Some(10), "10 minutes in 3 pairs");
        // An hour of rest between 12 and 72.
        assert_eq!(wait_minutes(&calls(&[2, 6, 9, 12, 72]), 3, Some(minute(70)), minute(73)), Some(10));
    }

    #[test]
    fn a_queue_that_stands_still_waits_longer_and_then_unknown() {
        let called = calls(&[2, 6, 9, 14]);
        assert_eq!(wait_minutes(&called, 2, Some(minute(1)), minute(26)), Some(12), "24 minutes in 4 pairs");
        assert_eq!(wait_minutes(&called, 2, Some(minute(1)), minute(35)), None);
    }

    #[test]
    fn a_clock_that_was_set_back_promises_nothing_odd() {
        assert_eq!(wait_minutes(&calls(&[14, 9, 6, 2]), 5, Some(minute(1)), minute(3)), None);
        assert_eq!(wait_minutes(&calls(&[2, 6, 9, 14]), usize::MAX, Some(minute(1)), minute(15)), None);
    }
}
