//! Sticks a note to a case, for whoever opens it next. It changes no step and no version, so it conflicts with nothing.

use serde_json::json;

use super::{Hand, Outcome, fingerprint, is_plain_text};
use crate::domain::ids::CaseId;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::hub::access::{CaseRoles, Officer};
use crate::hub::refusal::Refusal;
use crate::journal::EventKind;
use crate::store::{ArchiveState, NoteRow, StoredAnswer};
use crate::wire::find::{AddNote, CaseNoted};
use crate::wire::{CASE_NOTES_MAX, NOTE_LENGTH_MAX};

/// Adds a note. Neither the journal nor the answer repeats its text: both are kept longer than the case may be.
pub(in crate::hub) async fn add_note(
    hub: &Hub,
    officer: &Officer<CaseRoles>,
    case_id: CaseId,
    body: AddNote,
) -> Result<StoredAnswer, Refusal> {
    let hand = Hand::of(officer);
    let digest = fingerprint(&["note", &case_id.to_string(), hand.person.name()], &body)?;
    hub.once(body.request_id, digest, move |tx, at| {
        tx.case(case_id)?.ok_or(Failure::CaseUnknown)?;
        if tx.archived(case_id)?.is_some_and(|filed| filed.state != ArchiveState::Kept) {
            return Err(Failure::ArchiveDestroyed.into());
        }
        if !is_plain_text(&body.text, 1..=NOTE_LENGTH_MAX) {
            return Err(Failure::CaseNoteInvalid.into());
        }
        if tx.notes(case_id)?.len() >= CASE_NOTES_MAX {
            return Err(Failure::CaseNotesFull.into());
        }
        let by = hand.person.name().to_owned();
        let notes = tx.add_note(case_id, &NoteRow { at, officer: by.clone(), text: body.text.trim().to_owned() })?;
        hand.note(tx, Some(case_id), at, EventKind::CaseNoted, json!({ "note": notes }))?;
        Ok(Outcome::Done(CaseNoted { case_id, at, by, notes }))
    })
    .await
}
