//! Step 5: the head of office signed in SIAK, or could not now and the case waits, visibly.

use serde_json::json;

use super::{Hand, Outcome, fingerprint};
use crate::domain::case::Verb;
use crate::domain::ids::CaseId;
use crate::hub::Hub;
use crate::hub::access::{Kadis, Officer};
use crate::hub::refusal::Refusal;
use crate::journal::EventKind;
use crate::store::StoredAnswer;
use crate::wire::case::{Sign, SignatureOutcome};

/// Records what became of the electronic signature.
pub(in crate::hub) async fn sign(
    hub: &Hub,
    officer: &Officer<Kadis>,
    case_id: CaseId,
    body: Sign,
) -> Result<StoredAnswer, Refusal> {
    let hand = Hand::of(officer);
    let digest = fingerprint(&["sign", &case_id.to_string(), hand.person.name()], &body)?;
    hub.once(body.write.request_id, digest, move |tx, at| {
        let (verb, event) = match body.outcome {
            SignatureOutcome::Signed => (Verb::Sign, EventKind::CaseSigned),
            SignatureOutcome::Deferred => (Verb::DeferSignature, EventKind::SignatureDeferred),
        };
        let (mut case, next) = hand.take(tx, case_id, body.write, verb)?;
        case.signature_deferred = body.outcome == SignatureOutcome::Deferred;
        hand.put(tx, case, next, at, event, json!({})).map(Outcome::Done)
    })
    .await
}
