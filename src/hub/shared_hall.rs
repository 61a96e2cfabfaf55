//! The hall as boards and kiosks see it, written once for all of them: fifty boards ask at the same moment after a call.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use jiff::Timestamp;

use crate::domain::role::StationKind;

/// An answer is given again for this long at most: waits are told in minutes.
const KEEP: Duration = Duration::from_secs(1);

#[derive(Debug)]
struct Kept {
    seq: u64,
    at: Timestamp,
    since: Instant,
    body: Bytes,
}

/// The latest answers, one for each kind of station that sees no people.
#[derive(Debug, Default)]
pub(super) struct SharedHalls(Mutex<HashMap<StationKind, Kept>>);

impl SharedHalls {
    /// Returns the answer that was given to such a station a moment ago, if nothing has happened since.
    pub fn get(&self, kind: StationKind, seq: u64, at: Timestamp) -> Option<Bytes> {
        let halls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = halls.get(&kind).filter(|kept| kept.seq == seq && kept.since.elapsed() < KEEP)?;
        // By the office's clock too: it may have jumped.
        (at.duration_since(kept.at).abs().as_millis() < 1_000).then(|| kept.body.clone())
    }

    /// Keeps an answer that was made from a state of at least this number of the journal.
    pub fn put(&self, kind: StationKind, seq: u64, at: Timestamp, body: Bytes) {
        let kept = Kept { seq, at, since: Instant::now(), body };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(kind, kept);
    }
}
