//! Writes down that somebody has reminded an applicant of the KK that lies at the counter. People do it; the hub sends
//! nothing.

use serde_json::json;

use super::{Hand, Outcome, fingerprint};
use crate::domain::ids::CaseId;
use crate::domain::stage::Stage;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::hub::access::{CaseRoles, Officer};
use crate::hub::refusal::Refusal;
use crate::journal::EventKind;
use crate::store::StoredAnswer;
use crate::wire::unclaimed::{Remind, Reminded};

/// Notes a reminder. Only a KK that lies at the counter is worth one.
pub(in crate::hub) async fn remind(
    hub: &Hub,
    officer: &Officer<CaseRoles>,
    case_id: CaseId,
    body: Remind,
) -> Result<StoredAnswer, Refusal> {
    let hand = Hand::of(officer);
    let digest = fingerprint(&["remind", &case_id.to_string(), hand.person.name()], &body)?;
    hub.once(body.request_id, digest, move |tx, at| {
        let case = tx.case(case_id)?.ok_or(Failure::CaseUnknown)?;
        if case.stage != Stage::Received {
            return Err(Refusal::new(Failure::CaseWrongStage).with_fact(case.stage.plain_words()));
        }
        let reminders = tx.add_reminder(case_id, hand.person.name(), body.way, at)?;
        let detail = json!({ "way": body.way, "reminder": reminders });
        hand.note(tx, Some(case_id), at, EventKind::ApplicantReminded, detail)?;
        Ok(Outcome::Done(Reminded { case_id, at, reminders }))
    })
    .await
}
