//! The open case: its documents, acceptance, return, receipt.

use std::collections::{BTreeMap, BTreeSet};

use super::CounterFlow;
use super::asking::{Background, Decision};
use super::handover::{Handover, names_somebody};
use super::messages::CounterEffect;
use crate::domain::catalogue::{DocumentKey, FixBy, ReturnReasonKey, ReturnScope};
use crate::domain::ids::{CaseId, DocumentId};
use crate::domain::stage::Stage;
use crate::failure::Failure;
use crate::wire::case::{CaseDetail, CaseDocument, CaseState, NeedWire, ReturnReason, Verdict};
use crate::wire::{NOTE_LENGTH_MAX, one_paragraph};

/// The reason that is ticked for a mandatory document nobody brought.
const REASON_NOT_BROUGHT: &str = "dokumen_kurang";

/// What the officer marked on a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Good: the scan was looked at, or the paper was seen.
    Good,
    /// Not good.
    NotGood,
}

/// What of the selected document's scan is on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanState {
    /// Nothing to show.
    None,
    /// Being fetched.
    Loading,
    /// On the screen.
    Shown,
    /// It has not arrived or cannot be shown: the original must be looked at.
    Missing,
}

/// Reasons chosen so far; none as document is the case as a whole.
pub type ReturnDraft = BTreeSet<(Option<DocumentKey>, ReturnReasonKey)>;

/// What the counter does next with a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::counter) enum Next {
    Verify,
    Elsewhere,
    Receive,
    HandOver,
    Nothing,
}

/// The case on the desk.
#[derive(Debug, Clone)]
pub struct OpenCase {
    /// As the hub gave it.
    pub detail: CaseDetail,
    /// The officer's marks, by kind of document.
    pub marks: BTreeMap<DocumentKey, Mark>,
    /// Documents whose scan was on the screen, or was found missing.
    pub looked_at: BTreeSet<DocumentId>,
    /// Documents whose scan cannot be shown.
    pub without_picture: BTreeSet<DocumentId>,
    /// All papers are shown at once.
    pub overview: bool,
    /// Selected document.
    pub selected: usize,
    /// Its scan.
    pub scan: ScanState,
    /// The return panel, if open.
    pub draft: Option<ReturnDraft>,
    /// The handover, at stage received.
    pub handover: Handover,
}

impl OpenCase {
    fn new(detail: CaseDetail) -> Self {
        let handover = Handover::new(detail.proxy.is_some());
        Self {
            detail,
            marks: BTreeMap::new(),
            looked_at: BTreeSet::new(),
            without_picture: BTreeSet::new(),
            overview: false,
            selected: 0,
            scan: ScanState::None,
            draft: None,
            handover,
        }
    }

    pub(in crate::counter) const fn next(&self) -> Next {
        match self.detail.row.stage {
            Stage::Submitted | Stage::Returned => Next::Verify,
            Stage::Verified | Stage::Proposed | Stage::Endorsed | Stage::Signed => Next::Elsewhere,
            Stage::Printed => Next::Receive,
            Stage::Received => Next::HandOver,
            Stage::HandedOver | Stage::Cancelled | Stage::Unclaimed => Next::Nothing,
        }
    }

    /// What is known of a document: the officer's mark first, then the hub's verdict.
    pub(in crate::counter) fn mark(&self, document: &CaseDocument) -> Option<Mark> {
        self.marks.get(&document.kind).copied().or(match document.verdict {
            Verdict::Open => None,
            Verdict::Accepted => Some(Mark::Good),
            Verdict::Rejected => Some(Mark::NotGood),
        })
    }

    fn good(&self) -> impl Iterator<Item = &CaseDocument> {
        self.detail.documents.iter().filter(|document| self.mark(document) == Some(Mark::Good))
    }

    /// Whether all mandatory documents and one of each group are good.
    pub(in crate::counter) fn is_complete(&self) -> bool {
        self.detail.documents.iter().all(|document| match &document.need {
            NeedWire::Mandatory => self.mark(document) == Some(Mark::Good),
            NeedWire::OneOf(_) => self.good().any(|good| good.need == document.need),
            NeedWire::Practice => true,
        })
    }

    /// Whether the case can go back: a reason is chosen, and one for each document that is not good.
    pub(in crate::counter) fn can_return(&self) -> bool {
        let Some(draft) = &self.draft else { return false };
        let explained = |kind: &DocumentKey| draft.iter().any(|(document, _)| document.as_ref() == Some(kind));
        let rejected = self.marks.iter().filter(|(_, mark)| **mark == Mark::NotGood);
        !draft.is_empty() && rejected.into_iter().all(|(kind, _)| explained(kind))
    }

    fn write_target(&self) -> (CaseId, u32) {
        (self.detail.row.case_id, self.detail.row.version)
    }

    fn selected_scan(&self) -> Option<DocumentId> {
        let document = self.detail.documents.get(self.selected)?;
        document.document_id.filter(|_| document.has_scan)
    }
}

impl CounterFlow {
    /// A case came to the desk, by slip, by row, or again.
    pub(super) fn opened(&mut self, detail: CaseDetail) {
        let same = self.case.as_ref().is_some_and(|case| case.detail.row.case_id == detail.row.case_id);
        if same {
            self.update(detail);
        } else {
            self.put_away();
            self.case = Some(OpenCase::new(detail));
            self.load_selected();
        }
        self.begin_handover();
    }

    /// The same case, as it is now. Marks stay as long as nobody changed it.
    fn update(&mut self, detail: CaseDetail) {
        let Some(case) = &mut self.case else { return };
        // A slow answer must not bring back what is over.
        if detail.row.version < case.detail.row.version {
            return;
        }
        let changed = detail.row.version != case.detail.row.version || detail.row.stage != case.detail.row.stage;
        let documents_changed = case.detail.documents.len() != detail.documents.len();
        case.detail = detail;
        if changed {
            case.marks.clear();
            case.draft = None;
            case.overview = false;
            if case.next() != Next::HandOver {
                case.handover.forget_card();
            }
        }
        if documents_changed {
            case.selected = case.selected.min(case.detail.documents.len().saturating_sub(1));
            self.load_selected();
        }
    }

    /// An answer to a question nobody waits for.
    pub(super) fn refreshed(&mut self, asked: CaseId, detail: CaseDetail) {
        let open = self.case.as_ref().is_some_and(|case| case.detail.row.case_id == asked);
        if open && detail.row.case_id == asked {
            let before = self.case.as_ref().map(|case| case.detail.row.stage);
            self.update(detail);
            if before != self.case.as_ref().map(|case| case.detail.row.stage) {
                self.begin_handover();
            }
        }
    }

    pub(super) fn case_touched(&mut self, touched: CaseId) {
        let open = self.case.as_ref().is_some_and(|case| case.detail.row.case_id == touched);
        // While a decision of ours is under way the change is most likely ours, and its answer follows.
        if open && !self.is_busy() && self.screen == super::Screen::Desk {
            self.ask_in_background(Background::Refresh(touched));
        }
    }

    pub(super) fn close_case(&mut self) {
        self.failing = None;
        self.put_away();
    }

    /// Takes the case off the desk with everything of it.
    pub(super) fn put_away(&mut self) {
        if self.case.is_some() {
            self.pause_card();
            self.effects.push(CounterEffect::DropScans);
        }
        self.case = None;
        self.note_open = false;
    }

    pub(super) fn select_document(&mut self, index: usize) {
        let Some(case) = &mut self.case else { return };
        if index < case.detail.documents.len() && (index != case.selected || case.scan == ScanState::Missing) {
            case.selected = index;
            self.load_selected();
        }
    }

    pub(super) fn load_selected(&mut self) {
        let Some(case) = &mut self.case else { return };
        match case.selected_scan() {
            Some(document) => {
                case.scan = ScanState::Loading;
                self.effects.push(CounterEffect::LoadScan { case: case.detail.row.case_id, document });
            }
            None => case.scan = ScanState::None,
        }
    }

    pub(super) fn scan_known(&mut self, document: DocumentId, state: ScanState) {
        let Some(case) = &mut self.case else { return };
        let selected = case.selected_scan() == Some(document);
        if selected {
            case.scan = state;
        }
        let of_case = case.detail.documents.iter().any(|known| known.document_id == Some(document));
        if selected || (case.overview && of_case) {
            case.looked_at.insert(document);
            if state == ScanState::Missing {
                case.without_picture.insert(document);
            } else {
                case.without_picture.remove(&document);
            }
        }
    }

    pub(super) fn mark_document(&mut self, index: usize, ok: bool) {
        let Some(case) = self.case.as_mut().filter(|case| case.next() == Next::Verify) else { return };
        let Some(document) = case.detail.documents.get(index) else { return };
        let unseen = document.document_id.is_some_and(|id| document.has_scan && !case.looked_at.contains(&id));
        if ok && unseen {
            self.select_document(index);
            self.tell("Lihat hasil pindainya dahulu, lalu tandai.");
            return;
        }
        let kind = document.kind.clone();
        case.marks.insert(kind.clone(), if ok { Mark::Good } else { Mark::NotGood });
        if let Some(draft) = case.draft.as_mut().filter(|_| ok) {
            draft.retain(|(document, _)| document.as_ref() != Some(&kind));
        }
        if index == case.selected && ok {
            self.select_next_open();
        }
    }

    /// Goes on to the next document without a mark, so that a sound file is one key per document.
    fn select_next_open(&mut self) {
        let Some(case) = &self.case else { return };
        let open = |at: &usize| case.detail.documents.get(*at).is_some_and(|document| case.mark(document).is_none());
        if let Some(next) = (case.selected + 1..case.detail.documents.len()).find(open) {
            self.select_document(next);
        }
    }

    pub(super) fn accept_case(&mut self) {
        let Some(case) = self.case.as_ref().filter(|case| case.next() == Next::Verify) else { return };
        if !case.is_complete() {
            self.fail(Failure::CaseIncomplete);
            return;
        }
        let (id, version) = case.write_target();
        let accepted = case.good().map(|document| document.kind.clone()).collect();
        self.decide(Decision::Verify { case: id, version, accepted });
    }

    pub(super) fn start_return(&mut self) {
        let Some(case) = &mut self.case else { return };
        if case.detail.row.stage != Stage::Submitted || case.draft.is_some() {
            return;
        }
        let mut draft = ReturnDraft::new();
        for document in &case.detail.documents {
            let shown_only = self.catalogue.document(&document.kind).is_some_and(|kind| !kind.scan);
            let not_brought = document.document_id.is_none() && !shown_only && document.need == NeedWire::Mandatory;
            if not_brought
                && case.mark(document) != Some(Mark::Good)
                && let Ok(reason) = ReturnReasonKey::parse(REASON_NOT_BROUGHT)
                && self.catalogue.return_reason(&reason).is_some()
            {
                draft.insert((Some(document.kind.clone()), reason));
            }
        }
        case.draft = Some(draft);
        case.overview = false;
        let rejected = |document: &CaseDocument| case.mark(document) == Some(Mark::NotGood);
        if let Some(first) = case.detail.documents.iter().position(rejected) {
            self.select_document(first);
        }
    }

    /// The reasons that can be ticked now: those of the selected document, then those of the case.
    pub(in crate::counter) fn reasons(&self) -> Vec<(String, String, bool)> {
        let Some((case, draft)) = self.case.as_ref().and_then(|case| Some((case, case.draft.as_ref()?))) else {
            return Vec::new();
        };
        let selected = case.detail.documents.get(case.selected);
        let mut rows = Vec::new();
        for scope in [ReturnScope::Document, ReturnScope::Case] {
            let document = selected.map(|document| document.kind.clone()).filter(|_| scope == ReturnScope::Document);
            if scope == ReturnScope::Document && document.is_none() {
                continue;
            }
            for reason in self.catalogue.return_reasons() {
                // A reason that the office mends itself is not for this panel.
                if reason.scope != scope || reason.fix_by != FixBy::Applicant {
                    continue;
                }
                let of = document.as_ref().map_or("*", |document| document.as_str());
                let checked = draft.contains(&(document.clone(), reason.key.clone()));
                rows.push((format!("{of}/{}", reason.key), reason.label.clone(), checked));
            }
        }
        rows
    }

    pub(super) fn toggle_reason(&mut self, key: &str) {
        if self.is_busy() || !self.reasons().iter().any(|(known, _, _)| known == key) {
            return;
        }
        let Some(case) = &mut self.case else { return };
        let Some((of, reason)) = key.split_once('/') else { return };
        let (Ok(reason), Some(draft)) = (ReturnReasonKey::parse(reason), &mut case.draft) else { return };
        let document = DocumentKey::parse(of).ok().filter(|_| of != "*");
        let entry = (document, reason);
        if !draft.remove(&entry) {
            if let Some(kind) = &entry.0 {
                case.marks.insert(kind.clone(), Mark::NotGood);
            }
            draft.insert(entry);
        }
    }

    pub(super) fn cancel_return(&mut self) {
        if self.is_busy() {
            return;
        }
        if let Some(case) = &mut self.case {
            case.draft = None;
        }
    }

    /// Whether a ticked reason says nothing without a note.
    pub(in crate::counter) fn needs_note(&self) -> bool {
        let draft = self.case.as_ref().and_then(|case| case.draft.as_ref());
        let ticked = draft.into_iter().flatten();
        ticked.filter_map(|(_, key)| self.catalogue.return_reason(key)).any(|reason| reason.needs_note)
    }

    pub(super) fn confirm_return(&mut self, note: &str) {
        let note = one_paragraph(note);
        let note = Some(note).filter(|note| !note.is_empty());
        let unfit = |note: &String| note.chars().count() > NOTE_LENGTH_MAX || names_somebody(note);
        let Some(case) = self.case.as_ref().filter(|case| case.can_return()) else { return };
        let Some(draft) = &case.draft else { return };
        if note.as_ref().map_or_else(|| self.needs_note(), unfit) {
            self.fail(Failure::ReturnNoteInvalid);
            return;
        }
        let reason = |(document, reason): &(Option<DocumentKey>, ReturnReasonKey)| ReturnReason {
            document: document.clone(),
            reason: reason.clone(),
        };
        let reasons = draft.iter().map(reason).collect();
        let (id, version) = case.write_target();
        self.decide(Decision::Return { case: id, version, reasons, note });
    }

    pub(super) fn receive_kk(&mut self) {
        let Some(case) = self.case.as_ref().filter(|case| case.next() == Next::Receive) else { return };
        let (id, version) = case.write_target();
        self.decide(Decision::Receive { case: id, version });
    }

    /// A verb was done: the case moves on at once, its trail follows.
    pub(super) fn case_done(&mut self, decision: &Decision, state: CaseState) {
        let number = match self.case.as_mut().filter(|case| case.detail.row.case_id == state.case_id) {
            Some(case) => {
                case.detail.row.version = state.version;
                case.detail.row.stage = state.stage;
                case.detail.register_number = state.register_number.or(case.detail.register_number);
                case.draft = None;
                case.detail.row.ticket.to_string()
            }
            None => return,
        };
        match decision {
            Decision::Verify { .. } => self.tell(format!("Berkas {number} diterima.")),
            Decision::Return { .. } => {
                self.tell(format!("Berkas {number} dikembalikan. Slip yang sama tetap berlaku."))
            }
            Decision::Receive { .. } => match state.register_number {
                Some(register) => self.tell(format!("KK {number} diterima, nomor register {register}.")),
                None => self.tell(format!("KK {number} diterima.")),
            },
            Decision::HandOver { .. } => {
                self.handed_over();
                self.tell(format!("KK {number} sudah diserahkan. Kembalikan KTP-el kepada pemiliknya."));
            }
            Decision::Call(_)
            | Decision::CallNumber { .. }
            | Decision::Step { .. }
            | Decision::Transfer { .. }
            | Decision::Note { .. }
            | Decision::SetCounter { .. } => {}
        }
        self.ask_in_background(Background::Refresh(state.case_id));
    }

    /// A decision was refused or never answered: what it held back is free again.
    pub(super) fn decision_failed(&mut self, decision: &Decision) {
        if matches!(decision, Decision::HandOver { .. }) {
            self.handover_failed();
        }
    }
}
