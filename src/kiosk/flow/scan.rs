//! Scanning: one document after the other, each seen before it counts.

use anjungan_hardware::ErrorKind;

use super::{Flow, KioskEffect, KioskEvent, Place, ScanState, SeenDoubt};
use crate::domain::catalogue::DocumentKey;
use crate::failure::Failure;

impl Flow {
    /// The documents to scan, in order: those that are here and are not only shown.
    pub(in crate::kiosk) fn scan_list(&self) -> Vec<DocumentKey> {
        if !self.setup.can_scan {
            return Vec::new();
        }
        if let Some(correcting) = &self.session.correcting {
            return correcting.kinds.clone();
        }
        let requirements = self.session.all_requirements().into_iter().map(|requirement| requirement.document);
        requirements
            .filter(|document| self.session.has(document) == Some(true) && self.is_scannable(document))
            .collect()
    }

    /// How many of the documents to scan have a page.
    pub(in crate::kiosk) fn scanned_count(&self) -> usize {
        self.scan_list().iter().filter(|kind| self.session.pages.contains_key(*kind)).count()
    }

    /// How many of the documents asked for are here.
    pub(in crate::kiosk) fn documents_here(&self) -> usize {
        let all = self.session.all_requirements();
        all.iter().filter(|requirement| self.session.has(&requirement.document) == Some(true)).count()
    }

    pub(super) fn is_scannable(&self, document: &DocumentKey) -> bool {
        self.session.catalogue.document(document).is_some_and(|kind| kind.scan)
    }

    /// The first document to scan, or the review when there is none.
    pub(super) fn first_scan(&self) -> Place {
        if self.scan_list().is_empty() { Place::Review } else { Place::Scan(0) }
    }

    pub(super) fn arrive_at_scan(&mut self, at: usize) {
        let page = self.scan_list().get(at).and_then(|kind| self.session.pages.get(kind)).copied();
        self.session.scan = page.map_or(ScanState::Guide, |order| ScanState::Preview { order });
    }

    /// What the person should know about a page; none while nobody has looked, or nothing is wrong.
    pub(in crate::kiosk) fn doubt_about(&self, order: u64) -> Option<SeenDoubt> {
        self.session.judged.get(&order)?.iter().copied().find(|seen| seen.doubt.is_for_citizen())
    }

    /// Whether somebody looked at a page and has nothing to say about it.
    pub(in crate::kiosk) fn is_found_good(&self, order: u64) -> bool {
        self.session.judged.contains_key(&order) && self.doubt_about(order).is_none()
    }

    /// The document that is asked for now.
    pub(in crate::kiosk) fn kind_on_the_glass(&self) -> Option<DocumentKey> {
        let Place::Scan(at) = self.place else { return None };
        self.scan_list().get(at).cloned()
    }

    /// Starts a scan, or starts it again.
    pub(super) fn scan(&mut self, effects: &mut Vec<KioskEffect>) {
        let Place::Scan(at) = self.place else { return };
        let Some(kind) = self.scan_list().get(at).cloned() else { return };
        if matches!(self.session.scan, ScanState::Scanning { .. }) {
            return;
        }
        self.forget_shown_page(&kind, effects);
        self.session.skipped.remove(&kind);
        let order = self.order();
        self.session.scan = ScanState::Scanning { order, part: 0.0 };
        effects.push(KioskEffect::StartScan { order, kind });
    }

    fn forget_shown_page(&mut self, kind: &DocumentKey, effects: &mut Vec<KioskEffect>) {
        let accepted = self.session.pages.remove(kind);
        let shown = match self.session.scan {
            ScanState::Preview { order } => Some(order),
            _ => None,
        };
        if let Some(order) = accepted.or(shown) {
            self.session.judged.remove(&order);
            effects.push(KioskEffect::ForgetPage { order });
        }
    }

    pub(super) fn cancel_scan(&mut self, effects: &mut Vec<KioskEffect>) {
        if let ScanState::Scanning { order, .. } = self.session.scan {
            effects.push(KioskEffect::CancelScan { order });
            self.session.scan = ScanState::Guide;
        }
    }

    /// Leaves the scan screen: a running scan ends, a page that was only shown is forgotten.
    pub(super) fn leave_scan(&mut self, effects: &mut Vec<KioskEffect>) {
        let Place::Scan(at) = self.place else { return };
        self.cancel_scan(effects);
        if let ScanState::Preview { order } = self.session.scan {
            let accepted = self.scan_list().get(at).and_then(|kind| self.session.pages.get(kind)) == Some(&order);
            if !accepted {
                self.session.judged.remove(&order);
                effects.push(KioskEffect::ForgetPage { order });
            }
        }
        self.session.scan = ScanState::Guide;
    }

    pub(super) fn scan_event(&mut self, event: &KioskEvent) {
        let ScanState::Scanning { order: wanted, part: told } = self.session.scan else { return };
        match event {
            KioskEvent::ScanProgressed { order, part } if *order == wanted => {
                // Progress never runs backwards, whatever a driver says.
                let part = if part.is_finite() { part.clamp(told, 1.0) } else { told };
                self.session.scan = ScanState::Scanning { order: wanted, part };
            }
            KioskEvent::PageScanned { order } if *order == wanted => {
                self.session.scan = ScanState::Preview { order: wanted };
            }
            KioskEvent::ScanFailed { order, kind } if *order == wanted => {
                self.session.scan = match kind {
                    ErrorKind::Cancelled => ScanState::Guide,
                    ErrorKind::Garbled | ErrorKind::TooLarge => ScanState::Failed(Failure::ScanRejected),
                    _ => ScanState::Failed(Failure::ScannerNotReady),
                };
            }
            _ => {}
        }
    }

    pub(super) fn accept_scan(&mut self) {
        let (Place::Scan(at), ScanState::Preview { order }) = (self.place, self.session.scan) else { return };
        let Some(kind) = self.scan_list().get(at).cloned() else { return };
        self.session.pages.insert(kind, order);
        self.scan_done(at);
    }

    /// Goes on: with a page that is shown, or without one when the scanner cannot.
    pub(super) fn scan_next(&mut self, at: usize) {
        match self.session.scan {
            ScanState::Preview { .. } => self.accept_scan(),
            ScanState::Failed(_) | ScanState::Guide => {
                if let Some(kind) = self.scan_list().get(at).cloned() {
                    self.session.skipped.insert(kind);
                    self.scan_done(at);
                }
            }
            ScanState::Scanning { .. } => {}
        }
    }

    fn scan_done(&mut self, at: usize) {
        if at + 1 < self.scan_list().len() {
            self.go(Place::Scan(at + 1));
        } else {
            let next = self.gap();
            self.go(next);
        }
    }
}
