//! The desk as its officer meets it: events in, view and effects out.

mod desk;
mod finding;
mod giving;
mod hall_sheet;
mod overview;
mod random;

use jiff::Timestamp;

use super::messages::{Ask, CounterEffect, CounterEvent, Officer, Private, Refusal, Reply, TicketStep};
use super::{CounterFacts, CounterFlow};
use crate::counter::view::{CaseMode, CounterScreen, CounterView, DocumentMood};
use crate::domain::ids::{CaseId, DocumentId, RequestId, TicketId};
use crate::domain::nik::Nik;
use crate::domain::office::Zone;
use crate::domain::role::Role;
use crate::domain::stage::Stage;
use crate::domain::ticket::{Queue, TicketState};
use crate::failure::Failure;
use crate::wire::case::{CaseDetail, CaseDocument, CaseRow, CaseState, NeedWire, Verdict};
use crate::wire::problem::Problem;
use crate::wire::queue::{Hall, TicketRow};
use crate::wire::session::SignIn;

const APPLICANT: &str = "3315130101909001";
const STRANGER: &str = "3315134101909002";
const PROXY: &str = "3315017112859003";

fn start() -> Timestamp {
    "2026-11-23T01:42:00Z".parse().expect("a timestamp")
}

fn nik(text: &str) -> Nik {
    Nik::parse(text).expect("16 digits")
}

fn case_id(number: u128) -> CaseId {
    CaseId::new(uuid::Uuid::from_u128(number))
}

fn ticket_id(number: u128) -> TicketId {
    TicketId::new(uuid::Uuid::from_u128(number))
}

fn document_id(number: u128) -> DocumentId {
    DocumentId::new(uuid::Uuid::from_u128(number))
}

fn document(number: u128, kind: &str, need: NeedWire, scanned: bool) -> CaseDocument {
    CaseDocument {
        document_id: (number > 0).then(|| document_id(number)),
        kind: kind.parse().expect("a key"),
        title: kind.to_owned(),
        need,
        has_scan: scanned,
        scan_arrived: scanned,
        seen: None,
        verdict: Verdict::Open,
        reason: None,
    }
}

/// A lost KK: two scans, the KTP-el to be shown, two of which one is enough, one that is only usual.
fn detail(stage: Stage, version: u32) -> CaseDetail {
    let group = || NeedWire::OneOf("dasar".to_owned());
    CaseDetail {
        row: CaseRow {
            case_id: case_id(7),
            version,
            stage,
            ticket: "A-002".parse().expect("a ticket"),
            day: "2026-11-23".parse().expect("a date"),
            variant: "kk.hilang".parse().expect("a key"),
            title: "KK hilang".to_owned(),
            since: start(),
            signature_deferred: false,
            sent_back: false,
        },
        applicant: nik(APPLICANT),
        applicant_doubtful: false,
        no_kk: None,
        proxy: None,
        phone: None,
        documents: vec![
            document(1, "sk_hilang_polisi", NeedWire::Mandatory, true),
            document(2, "ktp_el", NeedWire::Mandatory, false),
            document(3, "buku_nikah", group(), true),
            document(0, "akta_cerai", group(), false),
            document(0, "kk_lama", NeedWire::Practice, false),
        ],
        trail: Vec::new(),
        siak_number: None,
        register_number: None,
        return_reasons: Vec::new(),
        return_note: None,
        notes: Vec::new(),
        ticket_id: None,
    }
}

fn row(number: &str, id: u128, queue: Queue, counter: Option<&str>, serial: Option<u64>) -> TicketRow {
    TicketRow {
        ticket_id: ticket_id(id),
        number: number.parse().expect("a ticket"),
        queue,
        state: if counter.is_some() { TicketState::Called } else { TicketState::Waiting },
        case_id: Some(case_id(id)),
        title: Some("KK hilang".to_owned()),
        priority: None,
        since: start(),
        counter: counter.map(ToOwned::to_owned),
        call_serial: serial,
        version: 1,
        calls: 0,
        wait_minutes: None,
        aimed_at: None,
    }
}

fn hall(serial: u64, waiting: Vec<TicketRow>, called: Vec<TicketRow>) -> CounterEvent {
    let day = "2026-11-23".parse().expect("a date");
    CounterEvent::HallChanged(Box::new(Hall {
        day,
        call_serial: serial,
        waiting,
        last_calls: called.clone(),
        called,
        ready: Vec::new(),
        printed: vec![detail(Stage::Printed, 6).row],
        stations: Vec::new(),
        wait_minutes: None,
        floor: crate::wire::hall::Floor::default(),
        at: start(),
    }))
}

fn refusal(failure: Failure) -> Refusal {
    let status = if failure == Failure::HubUnreachable { 0 } else { 409 };
    let passing = failure == Failure::HubUnreachable;
    Refusal { problem: Problem::new(failure, status), passing, silent: passing }
}

/// A desk and the hub's side of it, played by hand.
struct Desk {
    flow: CounterFlow,
    now: Timestamp,
    asks: Vec<(u64, Ask)>,
    others: Vec<CounterEffect>,
}

impl Desk {
    fn new() -> Self {
        let facts = CounterFacts {
            office: "Kantor".to_owned(),
            counter: "Loket 1".to_owned(),
            zone: Zone::Wib,
            has_reader: true,
        };
        let flow = CounterFlow::new(facts, [7; 32], start());
        Self { flow, now: start(), asks: Vec::new(), others: Vec::new() }
    }

    fn signed_in() -> Self {
        let mut desk = Self::new();
        desk.log_in("petugas1", Role::PetugasLoket, false);
        assert_eq!(desk.view().screen, CounterScreen::Desk);
        desk
    }

    /// A signed-in desk with a case opened by its slip.
    fn with(detail: CaseDetail) -> Self {
        let mut desk = Self::signed_in();
        desk.open(detail);
        desk
    }

    fn log_in(&mut self, name: &str, role: Role, must_change_password: bool) {
        self.give(CounterEvent::LogInAsked(SignIn { name: name.to_owned(), password: "rahasia-sekali".to_owned() }));
        let officer = Officer { name: name.to_owned(), role, must_change_password };
        self.answer(Ok(Reply::SignedIn(officer)));
    }

    fn open(&mut self, detail: CaseDetail) {
        self.give(CounterEvent::SlipScanned(Private("ANJ1:0123456789".to_owned())));
        assert!(matches!(self.last_ask(), Ask::OpenSlip(_)));
        self.answer(Ok(Reply::Case(Box::new(detail))));
    }

    fn give(&mut self, event: CounterEvent) {
        for effect in self.flow.step(event, self.now) {
            match effect {
                CounterEffect::AskHub { number, ask, .. } => self.asks.push((number, ask)),
                other => self.others.push(other),
            }
        }
    }

    fn last_ask(&self) -> &Ask {
        &self.asks.last().expect("something was asked").1
    }

    /// Answers the last question.
    fn answer(&mut self, answer: Result<Reply, Refusal>) {
        let (number, _) = *self.asks.last().as_ref().expect("something was asked");
        let number = *number;
        self.give(CounterEvent::HubAnswered { number, answer });
    }

    fn done(&mut self, stage: Stage, version: u32) {
        let state = CaseState { case_id: case_id(7), version, stage, register_number: None };
        self.answer(Ok(Reply::Done(state)));
    }

    fn refuse(&mut self, failure: Failure) {
        self.answer(Err(refusal(failure)));
    }

    fn view(&self) -> CounterView {
        self.flow.view()
    }

    fn failure(&self) -> String {
        self.view().failure.code
    }

    fn mode(&self) -> CaseMode {
        self.view().mode
    }

    fn request_id(&self) -> RequestId {
        request_id(self.last_ask()).expect("a write")
    }
}

fn request_id(ask: &Ask) -> Option<RequestId> {
    match ask {
        Ask::Call(call) => Some(call.request_id),
        Ask::Step(_, _, write) => Some(write.request_id),
        Ask::CallNumber(call) => Some(call.request_id),
        Ask::Transfer(_, transfer) => Some(transfer.write.request_id),
        Ask::SetCounter(set) => Some(set.request_id),
        Ask::Note(_, note) => Some(note.request_id),
        Ask::Verify(_, body) => Some(body.write.request_id),
        Ask::Return(_, body) => Some(body.write.request_id),
        Ask::Receive(_, write) => Some(write.request_id),
        Ask::HandOver(_, body) => Some(body.write.request_id),
        _ => None,
    }
}
