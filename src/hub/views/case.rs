//! Cases for officers, and their status for the holder of a slip.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::trail::{status_steps, trail};
use crate::domain::catalogue::{Answers, Catalogue, DocumentKey, Need, Requirement, VariantKey};
use crate::domain::phone::Phone;
use crate::domain::role::Role;
use crate::domain::stage::Stage;
use crate::domain::ticket::TicketState;
use crate::store::{CaseRecord, DocumentRecord, NoteRow, StoreError, VerdictRow, View};
use crate::wire::case::{
    CaseDetail, CaseDocument, CaseRow, NeedWire, ReturnReason, ShownPhone, SlipStatus, Verdict, WantedDocument,
};
use crate::wire::find::CaseNote;

/// Returns the title of a variant; its key when the catalogue does not know it any more.
pub(in crate::hub) fn variant_title(catalogue: &Catalogue, key: &VariantKey) -> String {
    catalogue.variant(key).map_or_else(|| key.to_string(), |variant| variant.title.clone())
}

fn document_title(catalogue: &Catalogue, key: &DocumentKey) -> String {
    catalogue.document(key).map_or_else(|| key.to_string(), |document| document.label.clone())
}

/// Returns what a list shows of a case.
pub(in crate::hub) fn case_row(catalogue: &Catalogue, case: &CaseRecord) -> CaseRow {
    CaseRow {
        case_id: case.given.case_id,
        version: case.version,
        stage: case.stage,
        ticket: case.given.first_number,
        day: case.given.first_day,
        variant: case.given.variant.clone(),
        title: variant_title(catalogue, &case.given.variant),
        since: case.stage_since,
        signature_deferred: case.signature_deferred,
        // A return to the applicant forgets who proposed; a case that was proposed before came back to the operator.
        sent_back: case.stage == Stage::Verified && case.proposed_by.is_some(),
    }
}

/// Returns what the applicant of a case must bring.
pub(in crate::hub) fn requirements(catalogue: &Catalogue, case: &CaseRecord) -> Vec<Requirement> {
    let Some(variant) = catalogue.variant(&case.given.variant) else { return Vec::new() };
    let answers: Answers = case.given.answers.iter().map(|(key, yes)| (key.clone(), *yes)).collect();
    catalogue.requirements_for(variant, &answers, case.given.proxy.is_some())
}

/// Shows a number whole to the desks that call people, and masked to everybody else.
fn shown_phone(phone: &Phone, role: Role) -> ShownPhone {
    match role {
        Role::PetugasLoket | Role::Operator => ShownPhone::Whole(phone.clone()),
        Role::Kabid | Role::Kadis | Role::Admin => ShownPhone::Masked(phone.masked()),
    }
}

/// Returns everything the officers of a case need, as an officer of this role may see it.
pub(in crate::hub) fn case_detail(
    catalogue: &Catalogue,
    view: &View<'_>,
    case: &CaseRecord,
    today: Date,
    role: Role,
) -> Result<CaseDetail, StoreError> {
    let id = case.given.case_id;
    let documents = view.documents(id)?;
    let verdicts = view.verdicts(id)?;
    let reasons = view.return_reasons(id)?;
    let tickets = view.tickets_of(id, today)?;
    let open = tickets.iter().find(|ticket| !matches!(ticket.state, TicketState::Done | TicketState::NoShow));
    Ok(CaseDetail {
        row: case_row(catalogue, case),
        applicant: case.given.applicant,
        applicant_doubtful: case.given.applicant_doubtful,
        no_kk: case.given.no_kk,
        proxy: case.given.proxy,
        phone: case.given.phone.as_ref().map(|phone| shown_phone(phone, role)),
        documents: document_list(catalogue, case, &documents, &verdicts),
        trail: trail(catalogue, case, &view.journal_of(id)?),
        siak_number: case.siak_number.clone(),
        register_number: case.register_number,
        return_reasons: reasons
            .into_iter()
            .map(|reason| ReturnReason { document: reason.kind, reason: reason.reason })
            .collect(),
        return_note: case.return_note.clone(),
        notes: view.notes(id)?.into_iter().map(shown_note).collect(),
        ticket_id: open.map(|ticket| ticket.ticket_id),
    })
}

fn shown_note(note: NoteRow) -> CaseNote {
    CaseNote { at: note.at, by: note.officer, text: note.text }
}

fn document_list(
    catalogue: &Catalogue,
    case: &CaseRecord,
    documents: &[DocumentRecord],
    verdicts: &[VerdictRow],
) -> Vec<CaseDocument> {
    let requirements = requirements(catalogue, case);
    let make = |kind: &DocumentKey, need: NeedWire, record: Option<&DocumentRecord>| {
        let found = verdicts.iter().find(|verdict| verdict.kind == *kind);
        CaseDocument {
            document_id: record.map(|record| record.given.document_id),
            kind: kind.clone(),
            title: document_title(catalogue, kind),
            need,
            has_scan: record.is_some_and(|record| record.given.scan.is_some()),
            scan_arrived: record.is_some_and(|record| record.arrived_at.is_some()),
            // What a newer hub wrote and this one does not know is as if nobody had looked.
            seen: record.and_then(|record| serde_json::from_str(record.given.scan.as_ref()?.seen.as_deref()?).ok()),
            verdict: match found {
                None => Verdict::Open,
                Some(verdict) if verdict.good => Verdict::Accepted,
                Some(_) => Verdict::Rejected,
            },
            reason: found.and_then(|verdict| verdict.reason.clone()),
        }
    };
    let mut list = Vec::new();
    for requirement in &requirements {
        let need = match &requirement.need {
            Need::Mandatory => NeedWire::Mandatory,
            Need::OneOf(group) => NeedWire::OneOf(group.to_string()),
            Need::Practice => NeedWire::Practice,
        };
        let before = list.len();
        let brought = documents.iter().filter(|record| record.given.kind == requirement.document);
        list.extend(brought.map(|record| make(&requirement.document, need.clone(), Some(record))));
        if list.len() == before {
            list.push(make(&requirement.document, need, None));
        }
    }
    let asked: BTreeSet<&DocumentKey> = requirements.iter().map(|requirement| &requirement.document).collect();
    let beyond = documents.iter().filter(|record| !asked.contains(&record.given.kind));
    list.extend(beyond.map(|record| make(&record.given.kind, NeedWire::Practice, Some(record))));
    list
}

/// Returns where a case is, for whoever holds its slip. No personal data.
pub(in crate::hub) fn slip_status(
    catalogue: &Catalogue,
    view: &View<'_>,
    case: &CaseRecord,
    today: Date,
) -> Result<SlipStatus, StoreError> {
    let id = case.given.case_id;
    let wanted = if case.stage == Stage::Returned { wanted(catalogue, view, case)? } else { Vec::new() };
    let pickup = view.open_pickup(id, today)?;
    Ok(SlipStatus {
        case_id: id,
        stage: case.stage,
        ticket: case.given.first_number,
        title: variant_title(catalogue, &case.given.variant),
        variant: case.given.variant.clone(),
        words: case.stage.plain_words().to_owned(),
        trail: status_steps(trail(catalogue, case, &view.journal_of(id)?)),
        wanted,
        pickup: pickup.map(|ticket| ticket.number),
        slip_token: case.given.slip_token.clone(),
    })
}

fn wanted(catalogue: &Catalogue, view: &View<'_>, case: &CaseRecord) -> Result<Vec<WantedDocument>, StoreError> {
    let reasons = view.return_reasons(case.given.case_id)?;
    let name = |reason: &crate::store::ReturnRow| match &reason.kind {
        Some(kind) => document_title(catalogue, kind),
        None => "Berkas permohonan".to_owned(),
    };
    Ok(reasons
        .iter()
        .map(|reason| WantedDocument {
            kind: reason.kind.clone(),
            title: name(reason),
            what_to_do: catalogue
                .return_reason(&reason.reason)
                .map_or_else(|| "Silakan bertanya di loket.".to_owned(), |known| known.citizen.clone()),
        })
        .collect())
}
