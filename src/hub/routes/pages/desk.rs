//! The desk of a role, one case on it, and what its forms do.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::super::super::Hub;
use super::super::super::access::{AnySession, CaseRoles, Kabid, Kadis, Operator};
use super::super::super::extract::{Path, Query};
use super::super::super::operations;
use super::super::super::page;
use super::super::super::page_model::{Archived, CasePage, DeskPage, DeskSection, DeskVerb, ReasonChoice};
use super::super::super::refusal::Refusal;
use super::super::super::views;
use super::super::cases::{rows, scan_bytes};
use super::form::Form;
use super::{Visitor, drawn, frame, html, notice};
use crate::domain::case::{Actor, Signatories, Verb, transition};
use crate::domain::catalogue::{Catalogue, DocumentKey, ReturnReasonKey, ReturnScope};
use crate::domain::ids::{CaseId, DocumentId};
use crate::domain::role::Role;
use crate::domain::stage::Stage;
use crate::failure::Failure;
use crate::store::{ArchiveState, CaseRecord, StoredAnswer};
use crate::wire::case::{CaseDetail, Propose, Return, ReturnReason, ReturnTo, Sign, SignatureOutcome, Write};
use crate::wire::find::AddNote;
use crate::wire::one_paragraph;
use crate::wire::problem::Problem;

/// What a redirect tells the desk.
#[derive(Debug, Deserialize)]
pub(super) struct Told {
    done: Option<String>,
}

/// `GET /meja`
pub(super) async fn desk(State(hub): State<Hub>, Visitor(session): Visitor, Query(told): Query<Told>) -> Response {
    drawn(&hub, Some(&session), async {
        let mut sections = Vec::new();
        for (title, stage) in stages_of(session.person().role()) {
            sections.push(DeskSection { title: (*title).to_owned(), rows: rows(&hub, *stage).await? });
        }
        let done = told.done.as_deref().and_then(DeskVerb::from_key);
        let page = DeskPage { frame: frame(&hub, Some(&session)), sections, done, notice: None };
        Ok(html(200, page::desk_page(&page)))
    })
    .await
}

/// The stages that wait for a role.
const fn stages_of(role: Role) -> &'static [(&'static str, Stage)] {
    match role {
        Role::PetugasLoket => &[
            ("Menunggu pemeriksaan dokumen", Stage::Submitted),
            ("Dikembalikan kepada pemohon", Stage::Returned),
            ("Dicetak, menunggu diterima loket", Stage::Printed),
            ("Siap diserahkan", Stage::Received),
        ],
        Role::Operator => &[("Menunggu input SIAK", Stage::Verified), ("Menunggu dicetak", Stage::Signed)],
        Role::Kabid => &[("Menunggu pemeriksaan Anda", Stage::Proposed)],
        Role::Kadis => &[("Menunggu persetujuan Anda", Stage::Endorsed)],
        Role::Admin => &[],
    }
}

/// `GET /meja/{case_id}`
pub(super) async fn case(State(hub): State<Hub>, Visitor(session): Visitor, Path(case_id): Path<CaseId>) -> Response {
    drawn(&hub, Some(&session), case_page(&hub, &session, case_id, None)).await
}

async fn case_page(
    hub: &Hub,
    session: &AnySession,
    case_id: CaseId,
    refusal: Option<&Refusal>,
) -> Result<Response, Refusal> {
    session.prove::<CaseRoles>()?;
    let (catalogue, today) = (Arc::clone(&hub.catalogue), hub.zone().day(hub.world.now()));
    let role = session.person().role();
    let (case, detail, archived) = hub
        .store
        .read::<_, Refusal, _>(move |view| {
            let case = view.case(case_id)?.ok_or(Failure::CaseUnknown)?;
            let detail = views::case_detail(&catalogue, view, &case, today, role)?;
            Ok((case, detail, view.archived(case_id)?))
        })
        .await?;
    let may = |verb| may(&case, session.person().case_actor(), verb);
    let verbs = DeskVerb::ALL
        .into_iter()
        .filter(|verb| may(domain_verb(*verb)) || (*verb == DeskVerb::Return && may(Verb::SendBackToOperator)));
    let page = CasePage {
        frame: frame(hub, Some(session)),
        reasons: reasons(&hub.catalogue, &detail),
        verbs: verbs.collect(),
        may_send_to_operator: may(Verb::SendBackToOperator),
        request_id: hub.world.request_id(),
        note_request_id: hub.world.request_id(),
        archived: archived
            .map(|archived| Archived { number: archived.number, readable: archived.state == ArchiveState::Kept }),
        notice: refusal.map(notice),
        detail,
    };
    Ok(html(refusal.map_or(200, Refusal::status), page::case_page(&page)))
}

fn may(case: &CaseRecord, actor: Actor, verb: Verb) -> bool {
    let signatories = Signatories { proposed_by: case.proposed_by, endorsed_by: case.endorsed_by };
    transition(case.stage, verb, actor, signatories).is_ok()
}

const fn domain_verb(verb: DeskVerb) -> Verb {
    match verb {
        DeskVerb::Propose => Verb::Propose,
        DeskVerb::Endorse => Verb::Endorse,
        DeskVerb::Sign => Verb::Sign,
        DeskVerb::Defer => Verb::DeferSignature,
        DeskVerb::MarkPrinted => Verb::MarkPrinted,
        DeskVerb::Return => Verb::ReturnToApplicant,
    }
}

/// Every reason for every document of the case, then those for the file as a whole.
fn reasons(catalogue: &Catalogue, detail: &CaseDetail) -> Vec<ReasonChoice> {
    let choice =
        |reason: &crate::domain::catalogue::ReturnReason, document: Option<(&DocumentKey, &str)>| ReasonChoice {
            key: reason.key.clone(),
            document: document.map(|(key, _)| key.clone()),
            document_title: document.map(|(_, title)| title.to_owned()),
            label: reason.label.clone(),
            scope: reason.scope,
            fix_by: reason.fix_by,
            needs_note: reason.needs_note,
        };
    let (for_document, for_case): (Vec<_>, Vec<_>) =
        catalogue.return_reasons().iter().partition(|reason| reason.scope == ReturnScope::Document);
    let mut seen = std::collections::BTreeSet::new();
    let kinds = detail.documents.iter().filter(|document| seen.insert(document.kind.clone()));
    let mut choices: Vec<ReasonChoice> = kinds
        .flat_map(|document| for_document.iter().map(|reason| choice(reason, Some((&document.kind, &document.title)))))
        .collect();
    choices.extend(for_case.into_iter().map(|reason| choice(reason, None)));
    choices
}

/// `GET /meja/{case_id}/dokumen/{document_id}`
pub(super) async fn scan(
    State(hub): State<Hub>,
    Visitor(session): Visitor,
    Path((case_id, document_id)): Path<(CaseId, DocumentId)>,
) -> Response {
    drawn(&hub, Some(&session), async { scan_bytes(&hub, &session.prove::<CaseRoles>()?, case_id, document_id).await })
        .await
}

/// `POST /meja/{case_id}/{verb}`
pub(super) async fn act(
    State(hub): State<Hub>,
    Visitor(session): Visitor,
    Path((case_id, verb)): Path<(CaseId, String)>,
    request: Request,
) -> Response {
    drawn(&hub, Some(&session), async {
        let verb = DeskVerb::from_key(&verb).ok_or(Failure::NotFound)?;
        let form = Form::of(&session, request).await?;
        match done(perform(&hub, &session, case_id, verb, &form).await) {
            Ok(()) => Ok(Redirect::to(&format!("/meja?done={}", verb.key())).into_response()),
            Err(refusal) => case_page(&hub, &session, case_id, Some(&refusal)).await,
        }
    })
    .await
}

/// `POST /meja/{case_id}/note`
pub(super) async fn note(
    State(hub): State<Hub>,
    Visitor(session): Visitor,
    Path(case_id): Path<CaseId>,
    request: Request,
) -> Response {
    drawn(&hub, Some(&session), async {
        let form = Form::of(&session, request).await?;
        match done(stick(&hub, &session, case_id, &form).await) {
            Ok(()) => Ok(Redirect::to(&format!("/meja/{case_id}#catatan")).into_response()),
            Err(refusal) => case_page(&hub, &session, case_id, Some(&refusal)).await,
        }
    })
    .await
}

async fn stick(hub: &Hub, session: &AnySession, case_id: CaseId, form: &Form) -> Result<StoredAnswer, Refusal> {
    let body = AddNote { request_id: form.parsed("request_id")?, text: one_paragraph(form.text("text")) };
    operations::add_note::add_note(hub, &session.prove::<CaseRoles>()?, case_id, body).await
}

async fn perform(
    hub: &Hub,
    session: &AnySession,
    case_id: CaseId,
    verb: DeskVerb,
    form: &Form,
) -> Result<StoredAnswer, Refusal> {
    use operations as op;
    let write = Write { request_id: form.parsed("request_id")?, version: form.parsed("version")? };
    match verb {
        DeskVerb::Propose => {
            let body = Propose { write, siak_number: form.text("siak_number").trim().to_owned() };
            op::propose::propose(hub, &session.prove::<Operator>()?, case_id, body).await
        }
        DeskVerb::Endorse => op::endorse::endorse(hub, &session.prove::<Kabid>()?, case_id, write).await,
        DeskVerb::Sign | DeskVerb::Defer => {
            let outcome = if verb == DeskVerb::Sign { SignatureOutcome::Signed } else { SignatureOutcome::Deferred };
            op::sign::sign(hub, &session.prove::<Kadis>()?, case_id, Sign { write, outcome }).await
        }
        DeskVerb::MarkPrinted => {
            op::mark_printed::mark_printed(hub, &session.prove::<Operator>()?, case_id, write).await
        }
        DeskVerb::Return => {
            let body = read_return(write, form)?;
            op::return_case::return_case(hub, &session.prove::<CaseRoles>()?, case_id, body).await
        }
    }
}

fn read_return(write: Write, form: &Form) -> Result<Return, Refusal> {
    let malformed = || Refusal::new(Failure::RequestMalformed);
    let to = match form.text("to") {
        "applicant" => ReturnTo::Applicant,
        "operator" => ReturnTo::Operator,
        _ => return Err(malformed()),
    };
    let reason = |text: &str| -> Result<ReturnReason, Refusal> {
        let (document, reason) = match text.split_once(':') {
            Some((document, reason)) => (Some(DocumentKey::parse(document).map_err(|_| malformed())?), reason),
            None => (None, text),
        };
        Ok(ReturnReason { document, reason: ReturnReasonKey::parse(reason).map_err(|_| malformed())? })
    };
    let reasons = form.all("reason").map(reason).collect::<Result<Vec<_>, _>>()?;
    let note = one_paragraph(form.text("note"));
    Ok(Return { write, to, reasons, note: Some(note).filter(|note| !note.is_empty()) })
}

/// Takes a stored refusal for a refusal, also when it is told again.
pub(super) fn done(answer: Result<StoredAnswer, Refusal>) -> Result<(), Refusal> {
    let answer = answer?;
    if answer.status < 400 {
        return Ok(());
    }
    let problem: Option<Problem> = serde_json::from_str(&answer.body).ok();
    let failure = problem.and_then(|problem| problem.failure()).unwrap_or(Failure::HubFault);
    Err(Refusal::new(failure))
}
