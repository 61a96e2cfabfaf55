//! Review, submission, the slip, and the slip of an earlier visit.

use anjungan_hardware::{FaultKind, PrintOutcome};
use jiff::Timestamp;

use super::session::Correcting;
use super::{
    Application, DocumentTaken, Errand, Flow, KioskEffect, ListPhase, Place, Purpose, Receipt, Scope, Session,
    SlipPhase, SlipSeen,
};
use crate::domain::catalogue::{DocumentKey, Missing};
use crate::domain::ids::CaseId;
use crate::domain::slip_token::{SlipReference, SlipRefused};
use crate::domain::stage::Stage;
use crate::domain::ticket::TicketNumber;
use crate::failure::Failure;
use crate::slip::{ListContent, ListEntry, Paper, SlipContent, SlipDocument, TicketContent, TicketFor};
use crate::wire::case::SlipStatus;
use crate::words;

impl Flow {
    pub(super) fn edit(&mut self, key: &str) {
        if self.place != Place::Review {
            return;
        }
        let scans = !self.scan_list().is_empty();
        let place = match key {
            "scans" if scans => Place::Scan(0),
            _ if self.session.correcting.is_some() => return,
            "variant" => Place::Need,
            "applicant" => Place::Applicant,
            "nik" => Place::Nik(Purpose::Applicant),
            "proxy-nik" => Place::Nik(Purpose::Proxy),
            "documents" => Place::Checklist(Scope::Service),
            "phone" => Place::Phone,
            "priority" => Place::Priority,
            _ => return,
        };
        if matches!(place, Place::Checklist(scope) if self.session.requirements(scope).is_empty()) {
            return;
        }
        self.session.editing = true;
        // Not `go`: the review stays in the trail, so that "Kembali" returns to it.
        self.trail.push(Place::Review);
        self.arrive(place);
    }

    pub(super) fn submit(&mut self, effects: &mut Vec<KioskEffect>) {
        if self.place != Place::Review {
            return;
        }
        let gap = self.gap();
        if gap != Place::Review {
            self.go(gap);
            return;
        }
        if self.session.correcting.is_none() && self.session.no_number.is_some() {
            self.failure = self.session.no_number;
            return;
        }
        if let Some(application) = self.application() {
            self.keep(application, effects);
        }
    }

    fn application(&self) -> Option<Application> {
        let session = &self.session;
        let taken = |kind| DocumentTaken { scan: session.pages.get(&kind).copied(), kind };
        if let Some(Correcting { case_id, token, digest, .. }) = &session.correcting {
            let documents = self.scan_list().into_iter().map(taken).collect();
            let (token, digest) = (token.clone(), digest.clone());
            return Some(Application::Correction { case_id: *case_id, token, digest, documents });
        }
        let applicant = session.nik?;
        let scans = self.scan_list();
        let here = session.all_requirements().into_iter().map(|requirement| requirement.document);
        let documents = here
            .filter(|kind| session.has(kind) == Some(true))
            // A page of a document that is no longer asked for or scanned does not travel.
            .map(|kind| if scans.contains(&kind) { taken(kind) } else { DocumentTaken { kind, scan: None } })
            .collect();
        Some(Application::New {
            variant: session.variant.clone()?,
            service_version: session.catalogue.service().version.clone(),
            applicant: applicant.nik,
            applicant_doubtful: applicant.doubtful,
            proxy: session.proxy_nik.filter(|_| session.who == Some(super::Who::Proxy)).map(|typed| typed.nik),
            answers: session.answers_of_variant(),
            documents,
            phone: session.phone.clone(),
            priority: session.priority,
            started_at: session.started_at?,
        })
    }

    pub(super) fn case_kept(&mut self, order: u64, receipt: Receipt, now: Timestamp, effects: &mut Vec<KioskEffect>) {
        effects.push(KioskEffect::WakeCourier);
        if self.session.keeping != Some(order) {
            return;
        }
        self.touched_at = now;
        self.trail.clear();
        self.session.receipt = Some(receipt);
        self.place = Place::Slip;
        let paper = self.paper();
        if let Some(paper) = &paper {
            self.door.keep_paper(paper.clone(), self.comfort.language, now);
        }
        self.print_paper(paper, effects);
    }

    pub(super) fn keep_failed(&mut self, order: u64) {
        if self.session.keeping == Some(order) && self.place == Place::Submitting {
            self.session.keeping = None;
            self.failure = Some(Failure::KioskDiskFault);
            self.place = match self.session.purpose {
                Errand::Application => Place::Review,
                Errand::WalkIn => Place::Priority,
                Errand::Pickup => Place::Status,
            };
        }
    }

    pub(super) fn print(&mut self, effects: &mut Vec<KioskEffect>) {
        self.print_paper(self.paper(), effects);
    }

    fn print_paper(&mut self, paper: Option<Paper>, effects: &mut Vec<KioskEffect>) {
        let Some(content) = paper else { return };
        let order = self.order();
        self.session.print_order = Some(order);
        self.session.slip_phase = SlipPhase::Printing;
        effects.push(KioskEffect::PrintSlip { order, content: Box::new(content), language: self.comfort.language });
    }

    /// What comes out of the printer: a slip with its code, or a number alone.
    pub(super) fn paper(&self) -> Option<Paper> {
        match self.session.purpose {
            Errand::Application => self.slip_content().map(Paper::Slip),
            Errand::WalkIn | Errand::Pickup => {
                let receipt = self.session.receipt.as_ref()?;
                let pickup = self.session.purpose == Errand::Pickup;
                Some(Paper::Number(TicketContent {
                    office: self.setup.office_name.clone(),
                    zone: self.setup.zone,
                    ticket: receipt.ticket,
                    issued_at: receipt.issued_at,
                    purpose: if pickup { TicketFor::Pickup } else { TicketFor::Help },
                    priority: self.session.priority,
                    copy: self.session.may_be_on_paper,
                }))
            }
        }
    }

    /// The list of what is missing, to take home.
    pub(super) fn print_list(&mut self, effects: &mut Vec<KioskEffect>) {
        let Place::Incomplete(scope) = self.place else { return };
        if matches!(self.session.list, ListPhase::Printing | ListPhase::Printed) {
            return;
        }
        let catalogue = &self.session.catalogue;
        let entry = |document: &DocumentKey| {
            let kind = catalogue.document(document);
            ListEntry {
                label: kind.map_or_else(|| document.to_string(), |kind| kind.label.clone()),
                hint: kind.map(|kind| kind.hint.clone()).unwrap_or_default(),
            }
        };
        let entries = self.session.missing(scope).into_iter().flat_map(|missing| match missing {
            Missing::Document(document) => vec![entry(&document)],
            Missing::OneOf { documents, .. } => documents.iter().map(entry).collect(),
        });
        let content = ListContent {
            office: self.setup.office_name.clone(),
            service: self.session.variant().map(|variant| variant.title.clone()).unwrap_or_default(),
            entries: entries.collect(),
            complaints: self.setup.complaints.clone(),
        };
        let order = self.order();
        self.session.list = ListPhase::Printing;
        self.session.list_order = Some(order);
        effects.push(KioskEffect::PrintSlip {
            order,
            content: Box::new(Paper::List(content)),
            language: self.comfort.language,
        });
    }

    fn slip_content(&self) -> Option<SlipContent> {
        let session = &self.session;
        let receipt = session.receipt.as_ref()?;
        let token = receipt.token.clone()?;
        let title = match (session.status(), session.variant()) {
            (Some(status), _) => status.title.clone(),
            (None, Some(variant)) => variant.title.clone(),
            (None, None) => String::new(),
        };
        let short = &session.catalogue.service().short;
        let documents: Vec<_> = match self.application()? {
            Application::New { documents, .. } | Application::Correction { documents, .. } => documents,
            Application::WalkIn { .. } | Application::Pickup { .. } => Vec::new(),
        };
        let label = |kind: &crate::domain::catalogue::DocumentKey| {
            session.catalogue.document(kind).map_or_else(|| kind.to_string(), |known| known.short.clone())
        };
        Some(SlipContent {
            office: self.setup.office_name.clone(),
            zone: self.setup.zone,
            ticket: receipt.ticket,
            issued_at: receipt.issued_at,
            // Two texts of the service file: each has its own translation, both together have none.
            service: format!(
                "{}: {}",
                words::of(self.comfort.language, short),
                words::of(self.comfort.language, &title)
            ),
            token,
            priority: session.priority,
            url_base: self.setup.url_base.clone(),
            nik_last4: session.nik.map(|typed| SlipContent::last4(&typed.nik)),
            documents: documents
                .iter()
                .map(|document| SlipDocument { label: label(&document.kind), scanned: document.scan.is_some() })
                .collect(),
            complaints: self.setup.complaints.clone(),
            copy: session.may_be_on_paper,
        })
    }

    pub(super) fn slip_printed(&mut self, order: u64, outcome: &PrintOutcome) {
        if self.session.list_order == Some(order) {
            let failed = matches!(outcome, PrintOutcome::NotPrinted(_));
            self.session.list = if failed { ListPhase::Failed } else { ListPhase::Printed };
        }
        if self.session.print_order != Some(order) {
            return;
        }
        self.session.slip_phase = match outcome {
            PrintOutcome::Printed => SlipPhase::Printed,
            PrintOutcome::NotPrinted(_) => SlipPhase::NotPrinted,
            // The blade comes last: what is to be read is on paper.
            PrintOutcome::Unknown(fault) if fault.kind == FaultKind::Cutter => SlipPhase::TearOff,
            PrintOutcome::Unknown(_) => SlipPhase::Unknown,
        };
        self.session.may_be_on_paper |= self.session.slip_phase != SlipPhase::NotPrinted;
    }

    pub(super) fn printer_cooling(&mut self, order: u64) {
        if self.session.print_order == Some(order) {
            self.session.slip_phase = SlipPhase::Cooling;
        }
    }

    pub(super) fn reprint(&mut self, effects: &mut Vec<KioskEffect>) {
        let waits = matches!(self.session.slip_phase, SlipPhase::Printing | SlipPhase::Cooling);
        if self.place == Place::Slip && !waits {
            self.print(effects);
        }
    }

    /// New paper, a closed cover: a slip of which nothing came out is printed without being asked.
    pub(super) fn printer_recovered(&mut self, effects: &mut Vec<KioskEffect>) {
        if self.place == Place::Slip && self.session.slip_phase == SlipPhase::NotPrinted {
            self.print(effects);
        }
    }

    pub(super) fn delivered(&mut self, case_id: CaseId, number: TicketNumber) {
        let own = |receipt: &Receipt| receipt.case_id == Some(case_id) && receipt.ticket == number;
        if self.session.receipt.as_ref().is_some_and(own) {
            self.session.delivered = true;
        }
    }

    pub(super) fn slip_seen(&mut self, text: &str, now: Timestamp, effects: &mut Vec<KioskEffect>) {
        if !self.takes_slips() {
            return;
        }
        let token = match SlipReference::read(text, self.setup.url_base.as_deref()) {
            Ok(SlipReference::Token(token)) => token,
            // A code is typed at the counter; as a QR it is none of our slips.
            Ok(SlipReference::Code(_)) | Err(SlipRefused::NotASlip) => {
                return self.slip_refused(Failure::SlipUnknown, now);
            }
            Err(SlipRefused::TooLong | SlipRefused::Unreadable) => {
                return self.slip_refused(Failure::SlipUnreadable, now);
            }
            Err(SlipRefused::OtherOffice) => return self.slip_refused(Failure::SlipOtherOffice, now),
            Err(SlipRefused::Mistyped) => return self.slip_refused(Failure::SlipMistyped, now),
        };
        if !self.around.hub_online {
            return self.slip_refused(Failure::HubUnreachable, now);
        }
        self.touched_at = now;
        self.warned_at = None;
        self.failure = None;
        let ask = self.order();
        self.session = Session::new(self.catalogue_of(now));
        self.session.slip_seen = Some(SlipSeen { token: Some(token.clone()), ask, status: None });
        self.trail.clear();
        self.place = Place::Status;
        let text = token.qr_text(self.setup.url_base.as_deref());
        effects.push(KioskEffect::AskStatus { ask, text });
    }

    /// Where a slip that is held to the scanner is looked up.
    const fn takes_slips(&self) -> bool {
        matches!(self.place, Place::Attract | Place::Status | Place::Code | Place::Closed)
    }

    pub(super) fn slip_refused(&mut self, failure: Failure, now: Timestamp) {
        if self.takes_slips() {
            self.touched_at = now;
            self.failure = Some(failure);
        }
    }

    pub(super) fn status_known(&mut self, ask: u64, result: Result<Box<SlipStatus>, Failure>, now: Timestamp) {
        let Some(seen) = self.session.slip_seen.as_mut().filter(|seen| seen.ask == ask) else { return };
        if self.place != Place::Status {
            return;
        }
        match result {
            Ok(status) => seen.status = Some(status),
            Err(failure) => {
                self.session = Session::new(self.setup.catalogue.clone());
                self.place = Place::Attract;
                self.failure = Some(failure);
                self.settle(now);
            }
        }
    }

    /// The returned documents that can be scanned again here.
    fn correctable(&self) -> Vec<crate::domain::catalogue::DocumentKey> {
        let Some(status) = self.session.status().filter(|status| status.stage == Stage::Returned) else {
            return Vec::new();
        };
        // The slip itself must have been here: a corrected application is printed under its code again.
        if self.session.slip_seen.as_ref().is_none_or(|seen| seen.token.is_none()) {
            return Vec::new();
        }
        let wanted = status.wanted.iter().filter_map(|wanted| wanted.kind.clone());
        wanted.filter(|kind| self.setup.can_scan && self.is_scannable(kind)).collect()
    }

    pub(in crate::kiosk) fn can_correct(&self) -> bool {
        !self.correctable().is_empty()
    }

    pub(super) fn correct(&mut self, now: Timestamp, effects: &mut Vec<KioskEffect>) {
        let kinds = self.correctable();
        if self.place != Place::Status || kinds.is_empty() {
            return;
        }
        let (Some(seen), Some(status)) = (&self.session.slip_seen, self.session.status()) else { return };
        let Some(token) = seen.token.clone() else { return };
        let (case_id, digest) = (status.case_id, status.slip_token.clone());
        self.session.correcting = Some(Correcting { case_id, token, digest, kinds });
        self.session.started_at = Some(now);
        effects.push(KioskEffect::ReadyDevices);
        self.go(Place::Scan(0));
    }
}
