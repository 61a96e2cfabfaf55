//! What the hub does, one verb a file. Each is one transaction: journal, projections and the answer together.
//!
//! An operation takes the handle that proves who asks; there is no way in without one.

pub(super) mod add_note;
pub(crate) mod add_station;
pub(crate) mod add_user;
pub(crate) mod archive;
pub(super) mod ask_ticket;
pub(super) mod call_next;
pub(super) mod change_password;
pub(super) mod correct;
pub(super) mod endorse;
pub(super) mod find_cases;
pub(super) mod hall;
pub(super) mod hand_over;
pub(super) mod mark_printed;
pub(super) mod open_slip;
pub(super) mod order;
pub(super) mod propose;
pub(super) mod put_scan;
pub(super) mod receive;
pub(super) mod remind;
pub(super) mod report_fault;
pub(super) mod report_health;
pub(super) mod report_readiness;
pub(crate) mod reset_password;
pub(super) mod return_case;
pub(super) mod sign;
pub(super) mod sign_in;
pub(super) mod sign_out;
pub(super) mod submit;
pub(super) mod take_ticket;
pub(super) mod ticket;
pub(super) mod verify;

mod incoming;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Hub;
use super::access::{AtCounter, Officer, Person};
use super::refusal::Refusal;
use super::secret::hex;
use crate::domain::case::{Signatories, TransitionRefused, Verb, transition};
use crate::domain::ids::{CaseId, RequestId};
use crate::domain::stage::Stage;
use crate::failure::Failure;
use crate::journal::EventKind;
use crate::store::{CaseRecord, NewEntry, Replay, StoredAnswer, Tx};
use crate::wire::case::{CaseState, Write};

/// Runs of digits this long look like a number of identity and are refused in free text.
const DIGITS_IN_TEXT_MAX: usize = 7;

/// What an operation leaves behind.
pub(super) enum Outcome<T> {
    /// Done.
    Done(T),
    /// Refused, but the refusal itself is a fact to be kept.
    Noted(Refusal),
    /// Refused and written down; the same request may be offered again once somebody has mended the cause.
    Offered(Refusal),
}

/// Names the content of a request, so that its name cannot be used for another.
pub(super) fn fingerprint(parts: &[&str], body: &impl Serialize) -> Result<String, Refusal> {
    let body = serde_json::to_vec(body).map_err(|_| Refusal::new(Failure::RequestMalformed))?;
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    hasher.update(&body);
    Ok(hex(&hasher.finalize()))
}

impl Hub {
    /// Does a write once: the same request again gets the stored answer, another one under its name is refused.
    pub(super) async fn once<T, F>(&self, request: RequestId, digest: String, job: F) -> Result<StoredAnswer, Refusal>
    where
        T: Serialize,
        F: FnOnce(&Tx<'_>, Timestamp) -> Result<Outcome<T>, Refusal> + Send + 'static,
    {
        let world = self.world.clone();
        self.store
            .write(move |tx| {
                match tx.request(request, &digest)? {
                    Replay::Answered(answer) => return Ok(answer),
                    Replay::Reused => return Err(Refusal::new(Failure::RequestReused)),
                    Replay::New => {}
                }
                // Read inside the job: jobs run one after another, so times grow with the journal's numbers.
                let at = world.now();
                let answer = match job(tx, at)? {
                    Outcome::Done(body) => StoredAnswer { status: 200, body: json(&body)? },
                    Outcome::Noted(refusal) => {
                        StoredAnswer { status: refusal.status(), body: json(&refusal.problem())? }
                    }
                    Outcome::Offered(refusal) => {
                        return Ok(StoredAnswer { status: refusal.status(), body: json(&refusal.problem())? });
                    }
                };
                tx.keep_answer(request, &digest, &answer, at)?;
                Ok(answer)
            })
            .await
    }
}

fn json(body: &impl Serialize) -> Result<String, Refusal> {
    serde_json::to_string(body).map_err(|error| {
        tracing::error!(%error, "an answer cannot be written as JSON");
        Refusal::new(Failure::HubFault)
    })
}

/// An officer at work on a case: who, where, when.
#[derive(Debug, Clone)]
pub(super) struct Hand {
    pub person: Person,
    pub station: Option<String>,
}

impl Hand {
    /// An officer, at a station or away from one.
    pub fn of<R>(officer: &Officer<R>) -> Self {
        Self { person: officer.person().clone(), station: officer.station().map(str::to_owned) }
    }

    /// A Petugas Loket at a counter.
    pub fn at(counter: &AtCounter) -> Self {
        Self { person: counter.person().clone(), station: Some(counter.counter().to_owned()) }
    }

    /// Finds the case and checks role, version, stage and the four-eyes rule, in this order.
    pub fn take(&self, tx: &Tx<'_>, case: CaseId, write: Write, verb: Verb) -> Result<(CaseRecord, Stage), Refusal> {
        let record = tx.case(case)?.ok_or(Failure::CaseUnknown)?;
        let signatories = Signatories { proposed_by: record.proposed_by, endorsed_by: record.endorsed_by };
        let next = transition(record.stage, verb, self.person.case_actor(), signatories);
        if next == Err(TransitionRefused::WrongRole) {
            return Err(Failure::NotAllowed.into());
        }
        // Whoever comes second learns that the case has changed, not that their step is now the wrong one.
        if record.version != write.version {
            return Err(Refusal::new(Failure::CaseChanged).with_fact(record.stage.plain_words()));
        }
        Ok((record, next?))
    }

    /// Writes the case at its next stage and the event that brought it there.
    pub fn put(
        &self,
        tx: &Tx<'_>,
        mut case: CaseRecord,
        next: Stage,
        at: Timestamp,
        event: EventKind,
        detail: Value,
    ) -> Result<CaseState, Refusal> {
        if case.stage != next {
            case.stage = next;
            case.stage_since = at;
        }
        if !tx.save_case(&case)? {
            return Err(Failure::CaseChanged.into());
        }
        self.note(tx, Some(case.given.case_id), at, event, detail)?;
        Ok(CaseState {
            case_id: case.given.case_id,
            version: case.version + 1,
            stage: next,
            register_number: case.register_number,
        })
    }

    /// Writes an event down.
    pub fn note(
        &self,
        tx: &Tx<'_>,
        case_id: Option<CaseId>,
        at: Timestamp,
        event: EventKind,
        detail: Value,
    ) -> Result<crate::store::Entry, Refusal> {
        let (actor, station) = (self.person.actor(), self.station.clone());
        Ok(tx.note(&NewEntry { event, at, actor, station, case_id, detail })?)
    }
}

/// Tells whether free text is printable, within its limits, and without anything like a number of identity.
pub(super) fn is_plain_text(text: &str, chars: std::ops::RangeInclusive<usize>) -> bool {
    let mut digits = 0;
    let no_numbers = text.chars().filter(|c| !matches!(c, ' ' | '.' | '-')).all(|c| {
        digits = if c.is_numeric() { digits + 1 } else { 0 };
        digits <= DIGITS_IN_TEXT_MAX
    });
    chars.contains(&text.trim().chars().count()) && no_numbers && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_text_carries_no_number_of_identity() {
        assert!(is_plain_text("Chip kartu rusak, foto cocok", 5..=200));
        assert!(is_plain_text("KK 2019 hilang", 5..=200));
        for wrong in ["3315130101909001", "nik 3315 1301 0190 9001 ya", "kort", "baris\nbaru dua", "  a  "] {
            assert!(!is_plain_text(wrong, 5..=200), "{wrong}");
        }
    }
}
