//! All papers of a case side by side: seen at one glance, and marked with one key where nothing speaks against them.

use super::CounterFlow;
use super::case::{Mark, Next, OpenCase, ScanState};
use super::messages::CounterEffect;
use crate::domain::ids::DocumentId;
use crate::wire::case::CaseDocument;

impl OpenCase {
    /// How the scan of a document is while all are shown.
    pub(in crate::counter) fn scan_of(&self, document: &CaseDocument) -> (Option<DocumentId>, ScanState) {
        let Some(id) = document.document_id.filter(|_| document.has_scan) else { return (None, ScanState::None) };
        let state = if self.without_picture.contains(&id) {
            ScanState::Missing
        } else if self.looked_at.contains(&id) {
            ScanState::Shown
        } else {
            ScanState::Loading
        };
        (Some(id), state)
    }

    /// Whether one look at all papers says enough of this one: it is there, and nobody doubts it.
    fn is_plain(&self, document: &CaseDocument, shown_only: bool) -> bool {
        let doubted = document.seen.as_ref().is_some_and(|seen| !seen.doubts.is_empty());
        match self.scan_of(document).1 {
            ScanState::Shown => !doubted,
            // The paper itself lies on the desk.
            ScanState::None => shown_only || document.document_id.is_some(),
            ScanState::Loading | ScanState::Missing => false,
        }
    }
}

impl CounterFlow {
    /// Shows all papers, or one after the other again.
    pub(super) fn toggle_overview(&mut self) {
        let Some(case) = self.case.as_mut().filter(|case| case.next() == Next::Verify) else { return };
        case.overview = !case.overview && case.draft.is_none() && !case.detail.documents.is_empty();
        if !case.overview {
            return;
        }
        let case_id = case.detail.row.case_id;
        for document in &case.detail.documents {
            if let (Some(document), ScanState::Loading | ScanState::Missing) = case.scan_of(document) {
                self.effects.push(CounterEffect::LoadScan { case: case_id, document });
            }
        }
    }

    /// Marks every paper that is there and that nobody doubts; what is left is looked at one by one.
    pub(super) fn mark_all(&mut self) {
        let Some(case) = self.case.as_mut().filter(|case| case.overview && case.next() == Next::Verify) else { return };
        let mut documents = case.detail.documents.iter();
        if documents.any(|document| case.scan_of(document).1 == ScanState::Loading) {
            self.tell("Tunggu sampai semua pindaian tampil.");
            return;
        }
        let shown_only =
            |document: &CaseDocument| self.catalogue.document(&document.kind).is_some_and(|kind| !kind.scan);
        let unmarked = case.detail.documents.iter().filter(|document| case.mark(document).is_none());
        let plain = unmarked.filter(|document| case.is_plain(document, shown_only(document)));
        let plain: Vec<_> = plain.map(|document| document.kind.clone()).collect();
        case.marks.extend(plain.into_iter().map(|kind| (kind, Mark::Good)));
        case.overview = false;
        let open = |document: &CaseDocument| {
            case.mark(document).is_none() && (document.document_id.is_some() || shown_only(document))
        };
        match case.detail.documents.iter().position(open) {
            Some(left) => {
                self.select_document(left);
                self.tell("Dokumen yang tersisa diperiksa satu per satu.");
            }
            None => self.load_selected(),
        }
    }
}
