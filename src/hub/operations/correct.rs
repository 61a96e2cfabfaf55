//! Returned documents scanned again at a kiosk: the same slip goes on, under a new ticket.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;

use super::incoming::{check_documents, check_names, scans_wanted, write};
use super::{Outcome, fingerprint};
use crate::domain::case::{Actor as CaseActor, Signatories, Verb, transition};
use crate::domain::catalogue::DocumentKey;
use crate::domain::ids::{CaseId, RequestId};
use crate::domain::ticket::Queue;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::hub::access::{Kiosk, Station};
use crate::hub::refusal::Refusal;
use crate::hub::secret::same;
use crate::journal::EventKind;
use crate::store::{Actor, NewEntry, StoredAnswer};
use crate::wire::case::{Correction, Submitted};

/// Takes a correction from whoever holds the slip.
pub(in crate::hub) async fn correct(
    hub: &Hub,
    kiosk: &Station<Kiosk>,
    case_id: CaseId,
    request: RequestId,
    correction: Correction,
) -> Result<StoredAnswer, Refusal> {
    let digest = fingerprint(&["correct", &case_id.to_string()], &correction)?;
    let (files, catalogue) = (hub.store.scans().clone(), Arc::clone(&hub.catalogue));
    let kiosk = kiosk.name().to_owned();
    let this = hub.clone();
    hub.once(request, digest, move |tx, at| {
        let mut case = tx.case(case_id)?.ok_or(Failure::CaseUnknown)?;
        if !same(case.given.slip_token.as_str(), correction.slip_token.as_str()) {
            return Err(Failure::SlipUnknown.into());
        }
        let next = transition(case.stage, Verb::Correct, CaseActor::Applicant, Signatories::default())?;
        check_documents(&catalogue, &correction.documents)?;
        check_names(tx, &correction.documents, &correction.ticket)?;
        let kinds: BTreeSet<&DocumentKey> = correction.documents.iter().map(|document| &document.kind).collect();
        for kind in &kinds {
            tx.replace_documents(case_id, kind)?;
            tx.clear_verdict(case_id, kind)?;
        }
        tx.finish_tickets(case_id, Queue::Verification)?;
        case.stage = next;
        case.stage_since = at;
        if !tx.save_case(&case)? {
            return Err(Failure::CaseChanged.into());
        }
        let entered = tx.note(&NewEntry {
            event: EventKind::CaseCorrected,
            at,
            actor: Actor::Station(kiosk.clone()),
            station: Some(kiosk),
            case_id: Some(case_id),
            detail: json!({
                "kinds": kinds,
                "ticket": correction.ticket.number,
                "day": correction.ticket.day,
                "corrected_at": correction.corrected_at,
            }),
        })?;
        write(tx, case_id, &correction.documents, &correction.ticket, entered, at)?;
        let holder = this.holder_digest(correction.ticket.day, &case.given.applicant);
        tx.add_holder(correction.ticket.day, &holder, correction.ticket.ticket_id)?;
        let scans_wanted = scans_wanted(tx, &files, case_id)?;
        Ok(Outcome::Done(Submitted { case_id, version: case.version + 1, stage: next, scans_wanted }))
    })
    .await
}
