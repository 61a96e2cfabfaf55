//! Step 8: the KK is given against a proof of identity. The hub compares the numbers, nobody else.

use serde_json::json;

use super::{Hand, Outcome, fingerprint, is_plain_text};
use crate::domain::case::Verb;
use crate::domain::ids::CaseId;
use crate::domain::nik::Nik;
use crate::domain::ticket::Queue;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::hub::access::AtCounter;
use crate::hub::refusal::Refusal;
use crate::journal::EventKind;
use crate::store::{CaseRecord, StoredAnswer};
use crate::wire::NOTE_LENGTH_MAX;
use crate::wire::case::{CollectorWire, HandOver, Proof};

/// Shortest reason for a proof without the card, in characters.
const REASON_CHARS_MIN: usize = 5;

/// Hands a KK over, or refuses and writes the refusal down.
pub(in crate::hub) async fn hand_over(
    hub: &Hub,
    counter: &AtCounter,
    case_id: CaseId,
    body: HandOver,
) -> Result<StoredAnswer, Refusal> {
    let hand = Hand::at(counter);
    let digest = fingerprint(&["hand_over", &case_id.to_string(), hand.person.name()], &body)?;
    let answer = hub.once(body.write.request_id, digest, move |tx, at| {
        let (case, next) = hand.take(tx, case_id, body.write, Verb::HandOver)?;
        let shown = read_proof(&body.proof)?;
        let expected = expected_nik(&case, body.collector)?;
        let how =
            json!({ "collector": body.collector, "proof": shown.kind, "origin": shown.origin, "reason": shown.reason });
        if *shown.nik != expected {
            hand.note(tx, Some(case_id), at, EventKind::HandoverRefused, how)?;
            return Ok(Outcome::Noted(Failure::HandoverNikMismatch.into()));
        }
        tx.finish_tickets(case_id, Queue::Pickup)?;
        hand.put(tx, case, next, at, EventKind::KkHandedOver, how).map(Outcome::Done)
    });
    let answer = answer.await?;
    // The papers go to the archive behind the answer: nobody at the counter waits for it.
    hub.finished.notify_one();
    Ok(answer)
}

/// Whom the KK may be given to.
fn expected_nik(case: &CaseRecord, collector: CollectorWire) -> Result<Nik, Refusal> {
    match collector {
        CollectorWire::Applicant => Ok(case.given.applicant),
        CollectorWire::Proxy => case.given.proxy.ok_or_else(|| Failure::HandoverNoProxy.into()),
    }
}

/// What was shown at the counter. Only `nik` stays out of the journal.
struct Shown<'a> {
    kind: &'static str,
    nik: &'a Nik,
    origin: Option<&'a str>,
    reason: Option<&'a str>,
}

fn read_proof(proof: &Proof) -> Result<Shown<'_>, Refusal> {
    let (kind, nik, reason) = match proof {
        Proof::Card { nik, origin } => {
            return match origin.as_str() {
                "chip" | "gateway" | "typed" | "simulated" => {
                    Ok(Shown { kind: "card", nik, origin: Some(origin), reason: None })
                }
                _ => Err(Failure::RequestMalformed.into()),
            };
        }
        Proof::Visual { reason, nik } => ("visual", nik, reason.trim()),
        Proof::Ikd { reason, nik } => ("ikd", nik, reason.trim()),
    };
    if !is_plain_text(reason, REASON_CHARS_MIN..=NOTE_LENGTH_MAX) {
        return Err(Failure::HandoverProofInvalid.into());
    }
    Ok(Shown { kind, nik, origin: None, reason: Some(reason) })
}
