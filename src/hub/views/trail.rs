//! The eight steps in the life of a case, told by the journal.

use jiff::Timestamp;

use crate::domain::catalogue::Catalogue;
use crate::domain::stage::Stage;
use crate::journal::EventKind;
use crate::store::{CaseRecord, JournalRow};
use crate::wire::case::{StatusStep, TrailStep};

/// What an event means for the trail.
enum Mark {
    /// A step was done.
    Reached(usize),
    /// The case left the path: what was reached stays until it comes back.
    Left,
    /// The operator starts over: later steps do not count any more.
    BackTo(usize),
}

const fn mark(event: EventKind) -> Option<Mark> {
    Some(match event {
        EventKind::CaseSubmitted | EventKind::CaseCorrected => Mark::Reached(0),
        EventKind::CaseVerified => Mark::Reached(1),
        EventKind::CaseProposed => Mark::Reached(2),
        EventKind::CaseEndorsed => Mark::Reached(3),
        EventKind::CaseSigned => Mark::Reached(4),
        EventKind::KkPrinted => Mark::Reached(5),
        EventKind::KkReceived => Mark::Reached(6),
        EventKind::KkHandedOver => Mark::Reached(7),
        EventKind::CaseReturned => Mark::Left,
        EventKind::CaseSentBack => Mark::BackTo(1),
        _ => return None,
    })
}

#[derive(Clone, Default)]
struct Step {
    at: Option<Timestamp>,
    by: Option<String>,
    seconds: Option<i64>,
}

/// Tells when each step was last reached, by whom, and how long it took since the event before.
pub(super) fn trail(catalogue: &Catalogue, case: &CaseRecord, journal: &[JournalRow]) -> Vec<TrailStep> {
    let mut steps = vec![Step::default(); Stage::PATH.len()];
    let mut before: Option<Timestamp> = None;
    for row in journal {
        match mark(row.event) {
            None => continue,
            Some(Mark::Left) => before = Some(row.at),
            Some(Mark::BackTo(at)) => {
                steps[at + 1..].fill(Step::default());
                before = Some(row.at);
            }
            Some(Mark::Reached(0)) => {
                steps[1..].fill(Step::default());
                let at = match row.event {
                    // A kiosk whose clock runs ahead must not make step 2 begin in the future.
                    EventKind::CaseSubmitted => case.given.submitted_at.min(row.at),
                    _ => row.at,
                };
                let seconds = seconds_between(case.given.started_at, case.given.submitted_at);
                steps[0] = Step { at: Some(at), by: Some(row.actor.clone()), seconds: Some(seconds) };
                before = Some(at);
            }
            Some(Mark::Reached(at)) => {
                let seconds = before.map(|before| seconds_between(before, row.at));
                steps[at] = Step { at: Some(row.at), by: Some(row.actor.clone()), seconds };
                before = Some(row.at);
            }
        }
    }
    let named = (1_u8..).zip(Stage::PATH).zip(steps);
    named
        .map(|((step, stage), reached)| {
            let entry = catalogue.step(stage.key());
            TrailStep {
                step,
                stage,
                title: entry.map(|entry| entry.name.clone()).unwrap_or_default(),
                standard_minutes: entry.map_or(0, |entry| entry.standard_minutes),
                at: reached.at,
                by: reached.by,
                seconds: reached.seconds,
            }
        })
        .collect()
}

fn seconds_between(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).as_secs().max(0)
}

/// Leaves out what the holder of a slip need not see, and names the steps in few words.
pub(super) fn status_steps(trail: Vec<TrailStep>) -> Vec<StatusStep> {
    let short = |step: TrailStep| StatusStep {
        title: step.stage.short_words().to_owned(),
        done: step.at.is_some(),
        at: step.at,
    };
    trail.into_iter().map(short).collect()
}
