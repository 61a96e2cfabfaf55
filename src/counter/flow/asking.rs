//! Questions to the hub: one at a time, a lost reply is asked for again under the same name.
//!
//! An officer's decision gets its request identifier once. It keeps it through automatic retries and, when those were
//! in vain, until the officer repeats the same decision; so a decision that reached the hub is never done twice.

use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::finding::Search;
use super::messages::{Ask, CounterEffect, Private, Refusal, Reply, TicketStep};
use super::{CounterFlow, Failing};
use crate::domain::catalogue::DocumentKey;
use crate::domain::hall::DeskState;
use crate::domain::ids::{CaseId, RequestId, TicketId};
use crate::domain::ticket::{Queue, TicketNumber};
use crate::failure::Failure;
use crate::wire::case::{CollectorWire, HandOver, Proof, Return, ReturnReason, ReturnTo, Verify, Write};
use crate::wire::find::{AddNote, FindCases};
use crate::wire::hall::{CallNumber, SetCounter, Transfer};
use crate::wire::queue::{CallNext, TicketWrite};
use crate::wire::session::{ChangePassword, SignIn};

/// How often one decision is sent before the officer is asked.
pub(super) const TRIES_MAX: u32 = 5;
/// Pause before the second try; it doubles with each further one.
const RETRY_PAUSE_MS: u64 = 500;
/// Unanswered decisions that are remembered.
const UNANSWERED_MAX: usize = 16;

/// What an officer decided.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Decision {
    Call(Queue),
    CallNumber { queue: Queue, number: TicketNumber },
    Step { step: TicketStep, ticket: TicketId, version: u32 },
    Transfer { ticket: TicketId, version: u32, queue: Queue, counter: Option<String> },
    SetCounter { version: u32, state: DeskState },
    Note { case: CaseId, text: String },
    Verify { case: CaseId, version: u32, accepted: Vec<DocumentKey> },
    Return { case: CaseId, version: u32, reasons: Vec<ReturnReason>, note: Option<String> },
    Receive { case: CaseId, version: u32 },
    HandOver { case: CaseId, version: u32, collector: CollectorWire, proof: Proof },
}

impl Decision {
    fn ask(&self, request_id: RequestId) -> Ask {
        match self.clone() {
            Self::Call(queue) => Ask::Call(CallNext { request_id, queue }),
            Self::CallNumber { queue, number } => Ask::CallNumber(CallNumber { request_id, queue, number }),
            Self::Step { step, ticket, version } => {
                Ask::Step(step, ticket, TicketWrite::at_version(request_id, version))
            }
            Self::Transfer { ticket, version, queue, counter } => {
                let write = TicketWrite::at_version(request_id, version);
                Ask::Transfer(ticket, Transfer { write, queue, counter })
            }
            Self::SetCounter { version, state } => {
                Ask::SetCounter(SetCounter { request_id, version, counter: None, state, skills: None })
            }
            Self::Note { case, text } => Ask::Note(case, AddNote { request_id, text }),
            Self::Verify { case, version, accepted } => {
                Ask::Verify(case, Verify { write: Write { request_id, version }, accepted })
            }
            Self::Return { case, version, reasons, note } => {
                let write = Write { request_id, version };
                Ask::Return(case, Return { write, to: ReturnTo::Applicant, reasons, note })
            }
            Self::Receive { case, version } => Ask::Receive(case, Write { request_id, version }),
            Self::HandOver { case, version, collector, proof } => {
                Ask::HandOver(case, HandOver { write: Write { request_id, version }, collector, proof })
            }
        }
    }

    pub(super) const fn case(&self) -> Option<CaseId> {
        match self {
            Self::Note { case, .. }
            | Self::Verify { case, .. }
            | Self::Return { case, .. }
            | Self::Receive { case, .. }
            | Self::HandOver { case, .. } => Some(*case),
            Self::Call(_)
            | Self::CallNumber { .. }
            | Self::Step { .. }
            | Self::Transfer { .. }
            | Self::SetCounter { .. } => None,
        }
    }
}

/// A decision and the name under which it was sent.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) decision: Decision,
    pub(super) request_id: RequestId,
}

/// The question that the officer waits for.
#[derive(Debug, Clone)]
pub(super) enum Purpose {
    SignIn,
    ChangePassword,
    Open,
    Find(Search),
    Decision(Named),
}

#[derive(Debug, Clone)]
pub(super) struct Pending {
    number: u64,
    purpose: Purpose,
    tries: u32,
}

/// A question that nobody waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Background {
    Services,
    Refresh(CaseId),
    SignOut,
}

/// Makes request identifiers from a seed, so that the flow draws no chance of its own.
#[derive(Clone)]
pub(super) struct Names {
    seed: [u8; 32],
    made: u64,
}

impl Names {
    pub(super) const fn new(seed: [u8; 32]) -> Self {
        Self { seed, made: 0 }
    }

    fn next(&mut self, now: jiff::Timestamp) -> RequestId {
        self.made += 1;
        let digest = Sha256::new().chain_update(self.seed).chain_update(self.made.to_be_bytes()).finalize();
        let mut random = [0; 10];
        random.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
        RequestId::from_parts(u64::try_from(now.as_millisecond()).unwrap_or(0), &random)
    }
}

impl CounterFlow {
    /// Whether the officer waits for the hub.
    pub(super) const fn is_busy(&self) -> bool {
        self.pending.is_some()
    }

    fn number(&mut self) -> u64 {
        self.asked += 1;
        self.asked
    }

    fn send(&mut self, ask: Ask, wait: Duration) -> u64 {
        let number = self.number();
        self.effects.push(CounterEffect::AskHub { number, wait, ask });
        number
    }

    fn wait_for(&mut self, ask: Ask, purpose: Purpose) {
        let number = self.send(ask, Duration::ZERO);
        self.pending = Some(Pending { number, purpose, tries: 1 });
    }

    pub(super) fn ask_sign_in(&mut self, sign_in: SignIn) {
        self.wait_for(Ask::SignIn(sign_in), Purpose::SignIn);
    }

    pub(super) fn ask_password(&mut self, change: ChangePassword) {
        self.wait_for(Ask::ChangePassword(change), Purpose::ChangePassword);
    }

    pub(super) fn ask_slip(&mut self, text: Private) {
        self.wait_for(Ask::OpenSlip(text), Purpose::Open);
    }

    pub(super) fn ask_find(&mut self, ask: FindCases, search: Search) {
        self.wait_for(Ask::Find(ask), Purpose::Find(search));
    }

    pub(super) fn ask_case(&mut self, case: CaseId) {
        self.wait_for(Ask::OpenCase(case), Purpose::Open);
    }

    pub(super) fn ask_in_background(&mut self, what: Background) {
        let ask = match what {
            Background::Services => Ask::Services,
            Background::Refresh(case) => Ask::OpenCase(case),
            Background::SignOut => Ask::SignOut,
        };
        if self.background.values().any(|asked| *asked == what) {
            return;
        }
        let number = self.send(ask, Duration::ZERO);
        self.background.insert(number, what);
    }

    /// Sends a decision, under its old name if it was sent before and never answered.
    pub(super) fn decide(&mut self, decision: Decision) {
        if self.is_busy() {
            return;
        }
        self.failing = None;
        self.notice = None;
        let known = self.unanswered.iter().find(|named| named.decision == decision).map(|named| named.request_id);
        let request_id = known.unwrap_or_else(|| self.names.next(self.now));
        let named = Named { decision, request_id };
        self.wait_for(named.decision.ask(request_id), Purpose::Decision(named));
    }

    /// Forgets what the officer waits for; a late answer is no longer heard.
    pub(super) fn stop_waiting(&mut self) {
        if let Some(Pending { purpose: Purpose::Decision(named), .. }) = self.pending.take() {
            self.remember(named);
        }
    }

    fn remember(&mut self, named: Named) {
        self.unanswered.retain(|other| other.decision != named.decision);
        if self.unanswered.len() == UNANSWERED_MAX {
            self.unanswered.remove(0);
        }
        self.unanswered.push(named);
    }

    pub(super) fn answered(&mut self, number: u64, answer: Result<Reply, Refusal>) {
        let silent = matches!(&answer, Err(refusal) if refusal.silent);
        if let Some(what) = self.background.remove(&number) {
            self.online = !silent && self.online_after(&answer);
            self.background_answered(what, answer);
            return;
        }
        if self.pending.as_ref().is_none_or(|pending| pending.number != number) {
            return;
        }
        let Some(pending) = self.pending.take() else { return };
        self.online = !silent && self.online_after(&answer);
        match answer {
            Ok(reply) => self.succeeded(pending.purpose, reply),
            Err(refusal) => self.failed(pending, refusal),
        }
    }

    /// A reply proves the hub is there; a refusal without words of the hub proves nothing new.
    const fn online_after(&self, answer: &Result<Reply, Refusal>) -> bool {
        match answer {
            Ok(_) => true,
            Err(refusal) => refusal.problem.status != 0 || self.online,
        }
    }

    fn background_answered(&mut self, what: Background, answer: Result<Reply, Refusal>) {
        match (what, answer) {
            (Background::Services, Ok(Reply::Services(catalogue))) => self.catalogue_arrived(*catalogue),
            (Background::Refresh(case), Ok(Reply::Case(detail))) => self.refreshed(case, *detail),
            (Background::Refresh(_), Err(refusal)) if is(&refusal, Failure::NotSignedIn) => self.session_ended(),
            (Background::SignOut, _) => self.effects.push(CounterEffect::ForgetSession),
            // Nobody waits for it; what is on the screen stays and the next answer brings it up to date.
            _ => {}
        }
    }

    fn succeeded(&mut self, purpose: Purpose, reply: Reply) {
        self.failing = None;
        match (purpose, reply) {
            (Purpose::SignIn | Purpose::ChangePassword, Reply::SignedIn(officer)) => self.signed_in(officer),
            (Purpose::Open, Reply::Case(detail)) => self.opened(*detail),
            (Purpose::Find(search), Reply::Found(found)) => self.found(search, found),
            (Purpose::Decision(named), reply) => {
                self.settle(&named);
                match (&named.decision, reply) {
                    (Decision::Note { case, .. }, Reply::Noted) => self.noted(*case),
                    (Decision::SetCounter { state, .. }, Reply::Decided) => self.desk_decided(*state),
                    (decision, Reply::Called(called)) if decision.case().is_none() => {
                        self.ticket_answered(decision, called);
                    }
                    (_, Reply::Done(state)) => self.case_done(&named.decision, state),
                    _ => self.fail(Failure::HubFault),
                }
            }
            _ => self.fail(Failure::HubFault),
        }
    }

    fn settle(&mut self, named: &Named) {
        self.unanswered.retain(|other| other.request_id != named.request_id);
    }

    fn failed(&mut self, pending: Pending, refusal: Refusal) {
        match pending.purpose {
            Purpose::SignIn | Purpose::ChangePassword => self.login_failed(&refusal),
            Purpose::Open | Purpose::Find(_) if is(&refusal, Failure::NotSignedIn) => self.session_ended(),
            Purpose::Open | Purpose::Find(_) => self.fail_with(refusal.problem),
            Purpose::Decision(named) if refusal.passing => self.retry(named, pending.tries, refusal),
            Purpose::Decision(named) if is(&refusal, Failure::NotSignedIn) => {
                self.remember(named.clone());
                self.decision_failed(&named.decision);
                self.session_ended();
            }
            Purpose::Decision(named) => {
                self.settle(&named);
                self.refused(&named.decision, refusal);
            }
        }
    }

    fn retry(&mut self, named: Named, tries: u32, refusal: Refusal) {
        if tries >= TRIES_MAX {
            self.decision_failed(&named.decision);
            self.remember(named);
            self.fail_with(refusal.problem);
            return;
        }
        let wait = Duration::from_millis(RETRY_PAUSE_MS << (tries - 1));
        let number = self.send(named.decision.ask(named.request_id), wait);
        self.pending = Some(Pending { number, purpose: Purpose::Decision(named), tries: tries + 1 });
        self.tell(format!("Server belum menjawab, dicoba lagi ({} dari {TRIES_MAX}).", tries + 1));
    }

    fn refused(&mut self, decision: &Decision, refusal: Refusal) {
        let failure = refusal.problem.failure();
        self.decision_failed(decision);
        if failure == Some(Failure::HandoverNikMismatch) && matches!(decision, Decision::HandOver { .. }) {
            // The panel says what to do; the hub has journalled the attempt.
            self.mismatch_confirmed(decision);
            return;
        }
        self.fail_with(refusal.problem);
        let stale = matches!(failure, Some(Failure::CaseChanged | Failure::CaseWrongStage));
        if let Some(case) = decision.case().filter(|_| stale) {
            self.ask_in_background(Background::Refresh(case));
        }
    }

    pub(super) fn fail(&mut self, failure: Failure) {
        self.fail_with(crate::wire::problem::Problem::new(failure, 0));
    }

    pub(super) fn fail_with(&mut self, problem: crate::wire::problem::Problem) {
        self.notice = None;
        self.failing = Some(Failing::from(problem));
    }
}

pub(super) fn is(refusal: &Refusal, failure: Failure) -> bool {
    refusal.problem.code == failure.code()
}
