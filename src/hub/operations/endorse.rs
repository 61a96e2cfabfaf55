//! Step 4: the section head agrees.

use serde_json::json;

use super::{Hand, Outcome, fingerprint};
use crate::domain::case::Verb;
use crate::domain::ids::CaseId;
use crate::hub::Hub;
use crate::hub::access::{Kabid, Officer};
use crate::hub::refusal::Refusal;
use crate::journal::EventKind;
use crate::store::StoredAnswer;
use crate::wire::case::Write;

/// Step 4: the section head agrees.
pub(in crate::hub) async fn endorse(
    hub: &Hub,
    officer: &Officer<Kabid>,
    case_id: CaseId,
    body: Write,
) -> Result<StoredAnswer, Refusal> {
    let hand = Hand::of(officer);
    let digest = fingerprint(&["endorse", &case_id.to_string(), hand.person.name()], &body)?;
    hub.once(body.request_id, digest, move |tx, at| {
        let (mut case, next) = hand.take(tx, case_id, body, Verb::Endorse)?;
        case.endorsed_by = Some(hand.person.user_id());
        hand.put(tx, case, next, at, EventKind::CaseEndorsed, json!({})).map(Outcome::Done)
    })
    .await
}
