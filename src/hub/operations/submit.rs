//! Step 1: takes a case that a kiosk has already stored, printed and promised.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;

use super::incoming::{check_documents, check_names, scans_wanted, write};
use super::{Outcome, fingerprint};
use crate::domain::catalogue::Catalogue;
use crate::domain::ids::CaseId;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::hub::access::{Kiosk, Station};
use crate::hub::refusal::Refusal;
use crate::journal::EventKind;
use crate::store::{Actor, CaseRecord, NewCase, NewEntry, ScanFiles, Tx, View};
use crate::wire::case::{Submission, Submitted};

/// Longest version text of a service file.
const SERVICE_VERSION_LENGTH_MAX: usize = 64;

/// What became of a delivery.
pub(in crate::hub) enum Delivered {
    /// A new case.
    Created(Submitted),
    /// The same case was delivered before.
    Known(Submitted),
}

/// Takes a case. The same case again gives the same answer; the same name with other content is refused.
pub(in crate::hub) async fn submit(
    hub: &Hub,
    kiosk: &Station<Kiosk>,
    case_id: CaseId,
    submission: Submission,
) -> Result<Delivered, Refusal> {
    let digest = fingerprint(&["submit", &case_id.to_string()], &submission)?;
    let (world, files, catalogue) = (hub.world.clone(), hub.store.scans().clone(), Arc::clone(&hub.catalogue));
    let kiosk = kiosk.name().to_owned();
    let holder = hub.holder_digest(submission.ticket.day, &submission.applicant);
    let outcome = hub
        .store
        .write(move |tx| {
            if let Some(known) = tx.case(case_id)? {
                return answer_known(tx, &files, &known, &digest).map(|known| Outcome::Done(Delivered::Known(known)));
            }
            let at = world.now();
            if let Err(refusal) = check(tx, &catalogue, &submission) {
                if refusal.failure() == Failure::HubFault {
                    return Err(refusal);
                }
                note_refusal(tx, case_id, &kiosk, &refusal, at)?;
                return Ok(Outcome::Noted(refusal));
            }
            let case = new_case(case_id, submission.clone(), digest, kiosk);
            tx.add_holder(submission.ticket.day, &holder, submission.ticket.ticket_id)?;
            create(tx, &files, &case, &submission, at).map(|created| Outcome::Done(Delivered::Created(created)))
        })
        .await?;
    match outcome {
        Outcome::Done(delivered) => Ok(delivered),
        Outcome::Noted(refusal) | Outcome::Offered(refusal) => Err(refusal),
    }
}

fn answer_known(view: &View<'_>, files: &ScanFiles, known: &CaseRecord, digest: &str) -> Result<Submitted, Refusal> {
    if known.given.submitted_digest != digest {
        return Err(Failure::CaseConflict.into());
    }
    let case_id = known.given.case_id;
    let scans_wanted = scans_wanted(view, files, case_id)?;
    Ok(Submitted { case_id, version: known.version, stage: known.stage, scans_wanted })
}

fn check(view: &View<'_>, catalogue: &Catalogue, submission: &Submission) -> Result<(), Refusal> {
    let invalid = |fact: &str| Err(Refusal::new(Failure::CaseInvalid).with_fact(fact));
    if submission.office != *view.office() {
        return invalid("kode kantor berbeda");
    }
    if catalogue.variant(&submission.variant).is_none() {
        return invalid("jenis layanan tidak dikenal");
    }
    if submission.answers.keys().any(|key| catalogue.question(key).is_none()) {
        return invalid("pertanyaan tidak dikenal");
    }
    let version = &submission.service_version;
    if version.len() > SERVICE_VERSION_LENGTH_MAX || version.chars().any(char::is_control) {
        return invalid("versi layanan tidak sah");
    }
    if submission.proxy == Some(submission.applicant) {
        return invalid("penerima kuasa sama dengan pemohon");
    }
    check_documents(catalogue, &submission.documents)?;
    if view.case_of_token(&submission.slip.token)?.is_some() {
        return Err(Failure::CaseConflict.into());
    }
    check_names(view, &submission.documents, &submission.ticket)
}

/// Writes the refusal down once: the kiosk keeps the case and an auditor can find it there.
fn note_refusal(tx: &Tx<'_>, case: CaseId, kiosk: &str, refusal: &Refusal, at: Timestamp) -> Result<(), Refusal> {
    let noted = tx.journal_of(case)?.iter().any(|row| {
        row.event == EventKind::SubmissionRefused && row.detail.get("code") == Some(&refusal.failure().code().into())
    });
    if !noted {
        tx.note(&NewEntry {
            event: EventKind::SubmissionRefused,
            at,
            actor: Actor::Station(kiosk.to_owned()),
            station: Some(kiosk.to_owned()),
            case_id: Some(case),
            detail: json!({ "code": refusal.failure().code(), "fact": refusal.fact() }),
        })?;
    }
    Ok(())
}

fn new_case(case_id: CaseId, submission: Submission, submitted_digest: String, kiosk: String) -> NewCase {
    NewCase {
        case_id,
        variant: submission.variant,
        service_version: submission.service_version,
        applicant: submission.applicant,
        applicant_doubtful: submission.applicant_doubtful,
        no_kk: submission.no_kk,
        proxy: submission.proxy,
        phone: submission.phone,
        answers: submission.answers,
        slip_token: submission.slip.token,
        slip_code: submission.slip.code,
        first_day: submission.ticket.day,
        first_number: submission.ticket.number,
        started_at: submission.started_at,
        submitted_at: submission.submitted_at,
        submitted_digest,
        kiosk,
    }
}

fn create(
    tx: &Tx<'_>,
    files: &ScanFiles,
    case: &NewCase,
    submission: &Submission,
    at: Timestamp,
) -> Result<Submitted, Refusal> {
    let case_id = case.case_id;
    tx.add_case(case, at)?;
    let entered = tx.note(&NewEntry {
        event: EventKind::CaseSubmitted,
        at,
        actor: Actor::Station(case.kiosk.clone()),
        station: Some(case.kiosk.clone()),
        case_id: Some(case_id),
        detail: json!({
            "variant": case.variant,
            "ticket": case.first_number,
            "day": case.first_day,
            "documents": submission.documents.len(),
            "started_at": case.started_at,
            "submitted_at": case.submitted_at,
        }),
    })?;
    write(tx, case_id, &submission.documents, &submission.ticket, entered, at)?;
    let stage = crate::domain::stage::Stage::Submitted;
    Ok(Submitted { case_id, version: 1, stage, scans_wanted: scans_wanted(tx, files, case_id)? })
}
