//! Sends a case back: to the applicant with reasons, or to the operator's desk.

use std::sync::Arc;

use serde_json::json;

use super::{Hand, Outcome, fingerprint, is_plain_text};
use crate::domain::case::Verb;
use crate::domain::catalogue::{Catalogue, ReturnScope};
use crate::domain::ids::CaseId;
use crate::domain::ticket::Queue;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::hub::access::{CaseRoles, Officer};
use crate::hub::refusal::Refusal;
use crate::journal::EventKind;
use crate::store::{ReturnRow, StoredAnswer, VerdictRow};
use crate::wire::NOTE_LENGTH_MAX;
use crate::wire::case::{Return, ReturnTo};

/// Most reasons of one return.
const REASONS_MAX: usize = 40;

/// Sends a case back.
pub(in crate::hub) async fn return_case(
    hub: &Hub,
    officer: &Officer<CaseRoles>,
    case_id: CaseId,
    body: Return,
) -> Result<StoredAnswer, Refusal> {
    let hand = Hand::of(officer);
    let digest = fingerprint(&["return", &case_id.to_string(), hand.person.name()], &body)?;
    let catalogue = Arc::clone(&hub.catalogue);
    hub.once(body.write.request_id, digest, move |tx, at| {
        let (verb, event) = match body.to {
            ReturnTo::Applicant => (Verb::ReturnToApplicant, EventKind::CaseReturned),
            ReturnTo::Operator => (Verb::SendBackToOperator, EventKind::CaseSentBack),
        };
        let (mut case, next) = hand.take(tx, case_id, body.write, verb)?;
        check(&catalogue, &body)?;
        let reasons: Vec<ReturnRow> = body
            .reasons
            .iter()
            .map(|reason| ReturnRow { kind: reason.document.clone(), reason: reason.reason.clone() })
            .collect();
        if body.to == ReturnTo::Applicant {
            for (kind, reason) in reasons.iter().filter_map(|row| row.kind.clone().zip(Some(row.reason.clone()))) {
                tx.set_verdict(case_id, &VerdictRow { kind, good: false, reason: Some(reason) })?;
            }
            tx.finish_tickets(case_id, Queue::Verification)?;
            case.proposed_by = None;
        }
        tx.set_return_reasons(case_id, &reasons)?;
        case.endorsed_by = None;
        case.signature_deferred = false;
        case.return_note = body.note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
        let detail = json!({ "reasons": body.reasons, "from": case.stage });
        hand.put(tx, case, next, at, event, detail).map(Outcome::Done)
    })
    .await
}

fn check(catalogue: &Catalogue, body: &Return) -> Result<(), Refusal> {
    let invalid = |fact: &str| Err(Refusal::new(Failure::CaseInvalid).with_fact(fact));
    if body.reasons.is_empty() {
        return Err(Failure::ReturnReasonMissing.into());
    }
    if body.reasons.len() > REASONS_MAX {
        return invalid("terlalu banyak alasan");
    }
    let note = body.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
    for reason in &body.reasons {
        let Some(known) = catalogue.return_reason(&reason.reason) else { return invalid("alasan tidak dikenal") };
        if reason.document.as_ref().is_some_and(|kind| catalogue.document(kind).is_none()) {
            return invalid("dokumen tidak dikenal");
        }
        if known.scope == ReturnScope::Document && reason.document.is_none() {
            return invalid("alasan ini tentang satu dokumen");
        }
        if known.needs_note && note.is_none() {
            return Err(Failure::ReturnNoteInvalid.into());
        }
    }
    match note {
        Some(note) if !is_plain_text(note, 1..=NOTE_LENGTH_MAX) => Err(Failure::ReturnNoteInvalid.into()),
        _ => Ok(()),
    }
}
