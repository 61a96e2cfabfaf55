//! Numbers without an application: to be helped in person, and to collect a KK that is ready.

use jiff::Timestamp;

use super::{Application, Errand, Flow, KioskEffect, Place, Session};
use crate::domain::priority::Priority;
use crate::domain::stage::Stage;
use crate::domain::ticket::TicketNumber;
use crate::failure::Failure;
use crate::wire::case::SlipStatus;

/// The card of whoever needs no priority.
pub(in crate::kiosk) const NO_PRIORITY: &str = "none";

impl Flow {
    /// A number to be helped in person: for whoever cannot or will not scan, and for whoever lacks a document.
    pub(super) fn walk_in(&mut self, now: Timestamp) {
        let from_list = matches!(self.place, Place::Incomplete(_));
        if self.place != Place::Attract && !from_list {
            return;
        }
        if !self.gives_tickets(now) || self.refuses_numbers() {
            return;
        }
        if !from_list {
            self.door.forget_paper();
            self.session = Session::new(self.catalogue_of(now));
            self.session.started_at = Some(now);
        }
        self.session.purpose = Errand::WalkIn;
        self.go(Place::Priority);
    }

    /// What was said about priority; a number without an application is issued at once.
    pub(super) fn pick_priority(&mut self, key: &str, effects: &mut Vec<KioskEffect>) {
        let priority = match key {
            NO_PRIORITY => None,
            key => match key.parse::<Priority>() {
                Ok(priority) => Some(priority),
                Err(_) => return,
            },
        };
        self.session.priority = priority;
        self.session.priority_asked = true;
        if self.session.purpose == Errand::WalkIn {
            self.keep(Application::WalkIn { priority }, effects);
        } else {
            let next = self.first_scan();
            self.advance(next);
        }
    }

    /// Whether the KK of the slip that was shown waits at the counter.
    pub(in crate::kiosk) fn can_collect(&self) -> bool {
        let waits = |status: &SlipStatus| status.stage == Stage::Received && status.pickup.is_none();
        self.session.status().is_some_and(waits)
    }

    /// One touch: a number to collect the KK.
    pub(super) fn collect(&mut self, effects: &mut Vec<KioskEffect>) {
        if self.place != Place::Status || !self.can_collect() {
            return;
        }
        let Some(status) = self.session.status() else { return };
        let application = Application::Pickup { case_id: status.case_id, digest: status.slip_token.clone() };
        self.session.purpose = Errand::Pickup;
        self.keep(application, effects);
    }

    /// Whoever waits for this KK already keeps the number they have: it is shown, and printed instead.
    pub(super) fn ticket_delivered(
        &mut self,
        number: TicketNumber,
        called_as: TicketNumber,
        effects: &mut Vec<KioskEffect>,
    ) {
        let Some(receipt) = self.session.receipt.as_mut().filter(|receipt| receipt.ticket == number) else { return };
        if self.session.purpose == Errand::Application {
            return;
        }
        self.session.delivered = true;
        if called_as != number {
            receipt.ticket = called_as;
            if let Some(paper) = self.paper() {
                self.door.replace_paper(paper);
            }
            self.print(effects);
        }
    }

    /// Says why no new number is given, if so. A hub that is away cannot refuse: what a kiosk prints then is taken.
    pub(super) fn refuses_numbers(&mut self) -> bool {
        let refused = self.around.no_numbers.filter(|_| self.around.hub_online);
        self.failure = refused.or(self.failure);
        refused.is_some()
    }

    /// Asks the hub for a number as soon as it is known whose: before anybody scans in vain.
    pub(super) fn tend_number(&mut self, effects: &mut Vec<KioskEffect>) {
        let said = !matches!(self.place, Place::Nik(_) | Place::NikConfirm(_)) && self.session.receipt.is_none();
        let Some(nik) = self.session.nik.map(|typed| typed.nik).filter(|_| said) else { return };
        let asked = self.session.number_asked.is_some_and(|(_, asked)| asked == nik);
        if asked || !self.around.hub_online || self.session.correcting.is_some() {
            return;
        }
        let ask = self.order();
        self.session.number_asked = Some((ask, nik));
        self.session.no_number = None;
        effects.push(KioskEffect::AskNumber { ask, nik });
    }

    /// Whoever began before the office closed is served; every other no is said at once, and again before it is printed.
    pub(super) fn number_allowed(&mut self, ask: u64, refused: Option<Failure>) {
        let current = self.session.number_asked.is_some_and(|(asked, _)| asked == ask);
        let refused = refused
            .filter(|failure| matches!(failure, Failure::QueueClosed | Failure::QuotaReached | Failure::TicketLimit));
        if !current || self.session.receipt.is_some() || self.session.keeping.is_some() {
            return;
        }
        self.session.no_number = refused;
        self.failure = refused.or(self.failure);
    }

    pub(super) fn keep(&mut self, application: Application, effects: &mut Vec<KioskEffect>) {
        let order = self.order();
        self.session.keeping = Some(order);
        self.place = Place::Submitting;
        effects.push(KioskEffect::Keep { order, application: Box::new(application) });
    }
}
