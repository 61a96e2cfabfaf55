//! Step 6: the KK is printed.

use serde_json::json;

use super::{Hand, Outcome, fingerprint};
use crate::domain::case::Verb;
use crate::domain::ids::CaseId;
use crate::hub::Hub;
use crate::hub::access::{Officer, Operator};
use crate::hub::refusal::Refusal;
use crate::journal::EventKind;
use crate::store::StoredAnswer;
use crate::wire::case::Write;

/// Step 6: the KK is printed.
pub(in crate::hub) async fn mark_printed(
    hub: &Hub,
    officer: &Officer<Operator>,
    case_id: CaseId,
    body: Write,
) -> Result<StoredAnswer, Refusal> {
    let hand = Hand::of(officer);
    let digest = fingerprint(&["mark_printed", &case_id.to_string(), hand.person.name()], &body)?;
    hub.once(body.request_id, digest, move |tx, at| {
        let (case, next) = hand.take(tx, case_id, body, Verb::MarkPrinted)?;
        hand.put(tx, case, next, at, EventKind::KkPrinted, json!({})).map(Outcome::Done)
    })
    .await
}
