//! Fair calling: what counters do with tickets, what supervisors decide, what a kiosk asks before it prints.

use anjungan::domain::hall::{DeskState, Skills};
use anjungan::domain::priority::Priority;
use anjungan::domain::role::StationKind;
use anjungan::domain::stage::Stage;
use anjungan::domain::ticket::{Queue, TicketState};
use anjungan::wire::client::{ClientError, HubClient};
use anjungan::wire::hall::{Announce, AskTicket, CallNumber, MoveOfficer, SetCounter, SetQueue, Transfer};
use anjungan::wire::queue::{CallNext, TakeTicket, TicketRow, TicketWrite};
use serde_json::json;

use crate::support::hub::TestHub;

pub fn take(hub: &TestHub, kiosk: &HubClient, number: u16, priority: Option<Priority>) -> TicketRow {
    let ticket = anjungan::wire::case::SubmittedTicket { priority, ..hub.sample(number).submission.ticket };
    kiosk.take_ticket(ticket.ticket_id, &TakeTicket::for_help(&ticket, hub.world.now())).unwrap();
    let hall = kiosk.hall().unwrap();
    hall.waiting.into_iter().find(|row| row.ticket_id == ticket.ticket_id).expect("it waits")
}

pub fn call(hub: &TestHub, counter: &HubClient) -> Option<TicketRow> {
    let call = CallNext { request_id: hub.world.request_id(), queue: Queue::Verification };
    counter.call_next(&call).unwrap().ticket
}

pub fn seen(hub: &TestHub, ticket: &TicketRow) -> TicketWrite {
    TicketWrite::seen(hub.world.request_id(), ticket)
}

#[track_caller]
pub fn code<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> String {
    match answer {
        Err(ClientError::Refused(problem)) => problem.code,
        other => panic!("not refused: {other:?}"),
    }
}

pub fn numbers(rows: &[TicketRow]) -> Vec<String> {
    rows.iter().map(|row| row.number.to_string()).collect()
}

fn counter_state(hub: &TestHub, counter: &str, version: u32, state: DeskState) -> SetCounter {
    SetCounter { request_id: hub.world.request_id(), version, counter: Some(counter.to_owned()), state, skills: None }
}

#[test]
fn a_ticket_is_laid_aside_called_by_number_and_served() {
    let hub = TestHub::start();
    let team = hub.team();
    for number in 1..=3 {
        take(&hub, &team.kiosk, number, None);
    }
    let first = call(&hub, &team.counter).unwrap();
    let serving = team.counter.serve_ticket(first.ticket_id, &seen(&hub, &first)).unwrap().ticket.unwrap();
    assert_eq!(serving.state, TicketState::Serving);
    team.counter.hold_ticket(first.ticket_id, &seen(&hub, &serving)).unwrap();
    let hall = team.counter.hall().unwrap();
    assert_eq!(
        (numbers(&hall.floor.held), numbers(&hall.waiting)),
        (vec!["A-001".into()], vec!["A-002".into(), "A-003".into()])
    );
    let board = HubClient::new(&hub.base(), &hub.station(StationKind::Board, "Papan"));
    assert!(board.hall().unwrap().floor.held.is_empty(), "nothing for boards");

    let second = call(&hub, &team.counter).unwrap();
    assert_eq!(second.number.to_string(), "A-002");
    let number = |number: &str| CallNumber {
        request_id: hub.world.request_id(),
        queue: Queue::Verification,
        number: number.parse().unwrap(),
    };
    assert_eq!(code(team.counter.call_number(&number("A-001"))), "OFFICER-BUSY", "one at a time");
    team.counter.finish_ticket(second.ticket_id, &seen(&hub, &second)).unwrap();
    let again = team.counter.call_number(&number("A-001")).unwrap().ticket.unwrap();
    assert_eq!((again.ticket_id, again.state), (first.ticket_id, TicketState::Called));
    assert_eq!(code(team.counter.call_number(&number("A-009"))), "OFFICER-BUSY");
    team.counter.finish_ticket(again.ticket_id, &seen(&hub, &again)).unwrap();
    assert_eq!(code(team.counter.call_number(&number("A-009"))), "TICKET-UNKNOWN");
    assert_eq!(code(team.counter.call_number(&number("A-001"))), "TICKET-UNKNOWN", "it is over");
}

#[test]
fn whoever_steps_aside_waits_behind_everybody_and_whoever_missed_the_call_may_wait_again() {
    let hub = TestHub::start();
    let team = hub.team();
    for number in 1..=3 {
        take(&hub, &team.kiosk, number, None);
    }
    let first = call(&hub, &team.counter).unwrap();
    team.counter.skip_ticket(first.ticket_id, &seen(&hub, &first)).unwrap();
    assert_eq!(numbers(&team.counter.hall().unwrap().waiting), ["A-002", "A-003", "A-001"]);

    let mut second = call(&hub, &team.counter).unwrap();
    for calls in 2..=3 {
        assert_eq!(code(team.counter.no_show(second.ticket_id, &seen(&hub, &second))), "TICKET-CALL-AGAIN");
        second = team.counter.recall(second.ticket_id, &seen(&hub, &second)).unwrap().ticket.unwrap();
        assert_eq!(second.calls, calls);
    }
    let missed = team.counter.no_show(second.ticket_id, &seen(&hub, &second)).unwrap().ticket.unwrap();
    assert_eq!(numbers(&team.counter.hall().unwrap().floor.missed), ["A-002"]);
    let back = team.counter.restore_ticket(missed.ticket_id, &seen(&hub, &missed)).unwrap().ticket.unwrap();
    assert_eq!((back.state, back.calls), (TicketState::Waiting, 0), "it is to be called three times again");
    assert_eq!(numbers(&team.counter.hall().unwrap().waiting), ["A-003", "A-001", "A-002"]);
}

#[test]
fn a_transferred_ticket_goes_first_in_turns_and_only_to_the_counter_it_was_sent_to() {
    let hub = TestHub::start();
    let team = hub.team();
    let (other, _) = hub.at_counter("Loket 2", "nia.loket");
    for number in 1..=4 {
        take(&hub, &team.kiosk, number, None);
    }
    let ticket = call(&hub, &team.counter).unwrap();
    let to = |queue, counter: Option<&str>| Transfer {
        write: seen(&hub, &ticket),
        queue,
        counter: counter.map(str::to_owned),
    };
    let transfer = |to: &Transfer| team.counter.transfer_ticket(ticket.ticket_id, to);
    assert_eq!(code(transfer(&to(Queue::Pickup, None))), "TRANSFER-REFUSED", "nobody collects without a case");
    assert_eq!(code(transfer(&to(Queue::Verification, None))), "TRANSFER-REFUSED", "that goes nowhere");
    for nowhere in ["Loket 9", "Loket 1", "K1"] {
        assert_eq!(code(transfer(&to(Queue::Verification, Some(nowhere)))), "TRANSFER-REFUSED");
    }
    transfer(&to(Queue::Verification, Some("Loket 2"))).unwrap();
    let mine = call(&hub, &team.counter).unwrap();
    assert_eq!(mine.number.to_string(), "A-002", "this counter does not get it");
    let theirs = call(&hub, &other).unwrap();
    assert_eq!(theirs.ticket_id, ticket.ticket_id, "the other does, before A-003");
}

#[test]
fn a_counter_calls_only_while_it_is_open_and_only_what_it_serves() {
    let hub = TestHub::start();
    let team = hub.team();
    take(&hub, &team.kiosk, 1, None);
    let own = |version, state| SetCounter { counter: None, ..counter_state(&hub, "", version, state) };
    let next = |queue| team.counter.call_next(&CallNext { request_id: hub.world.request_id(), queue });
    let version = team.counter.set_counter(&own(0, DeskState::Break)).unwrap().version;
    assert_eq!(code(next(Queue::Verification)), "COUNTER-NOT-OPEN");
    assert_eq!(code(team.counter.set_counter(&own(0, DeskState::Open))), "HALL-CHANGED", "a stale window");
    let version = team.counter.set_counter(&own(version, DeskState::Open)).unwrap().version;

    let skills = Skills::try_from(vec![Queue::Pickup]).unwrap();
    let set = SetCounter { skills: Some(skills), ..counter_state(&hub, "Loket 1", version, DeskState::Open) };
    assert_eq!(code(team.counter.set_counter(&set)), "NOT-ALLOWED", "what a counter serves is not its own affair");
    let version = team.kabid.post("/api/v1/hall/counters", &set).ok().json()["version"].as_u64().unwrap();
    assert_eq!(code(next(Queue::Verification)), "COUNTER-SKILL");
    assert_eq!(next(Queue::Pickup).unwrap().ticket, None);
    let version = u32::try_from(version).unwrap();
    let back =
        SetCounter { skills: Some(Skills::default()), ..counter_state(&hub, "Loket 1", version, DeskState::Open) };
    // The officer sat down there in between: what was seen is not what is.
    let stale = team.kabid.post("/api/v1/hall/counters", &back);
    let version = team.counter.hall().unwrap().floor.counters[0].version;
    assert_eq!(stale.status == 409, version != back.version);
    let back = SetCounter { request_id: hub.world.request_id(), version, ..back };
    team.kabid.post("/api/v1/hall/counters", &back).ok();
    let ticket = next(Queue::Verification).unwrap().ticket.unwrap();
    let version = team.counter.hall().unwrap().floor.counters[0].version;
    assert_eq!(code(team.counter.set_counter(&own(version, DeskState::Closed))), "OFFICER-BUSY");
    let state = team.counter.hall().unwrap().floor.counters[0].clone();
    assert_eq!((state.ticket, state.officer.as_deref()), (Some(ticket.number), Some("lia.loket")));
    let unknown = counter_state(&hub, "Loket 9", 0, DeskState::Open);
    assert_eq!(team.kadis.post("/api/v1/hall/counters", &unknown).code(), "HALL-UNKNOWN");
    assert_eq!(team.operator.post("/api/v1/hall/counters", &back).status, 403);
}

#[test]
fn an_officer_who_was_moved_calls_there_and_nowhere_else() {
    let hub = TestHub::start();
    let team = hub.team();
    hub.station(StationKind::Counter, "Loket 2");
    take(&hub, &team.kiosk, 1, None);
    let to = |officer: &str, counter: Option<&str>| MoveOfficer {
        request_id: hub.world.request_id(),
        officer: officer.to_owned(),
        counter: counter.map(str::to_owned),
    };
    for wrong in [to("lia.loket", Some("Loket 9")), to("oki.operator", Some("Loket 2")), to("nobody", None)] {
        assert_eq!(team.kabid.post("/api/v1/hall/posts", &wrong).code(), "HALL-UNKNOWN");
    }
    team.kabid.post("/api/v1/hall/posts", &to("lia.loket", Some("Loket 2"))).ok();
    let next = CallNext { request_id: hub.world.request_id(), queue: Queue::Verification };
    assert_eq!(code(team.counter.call_next(&next)), "OFFICER-POSTED");
    team.kabid.post("/api/v1/hall/posts", &to("lia.loket", None)).ok();
    assert!(call(&hub, &team.counter).is_some());
}

#[test]
fn a_notice_reaches_the_boards_and_carries_no_number_of_a_person() {
    let hub = TestHub::start();
    let team = hub.team();
    let board = HubClient::new(&hub.base(), &hub.station(StationKind::Board, "Papan"));
    let say = |version, text: Option<&str>| Announce {
        request_id: hub.world.request_id(),
        version,
        text: text.map(str::to_owned),
    };
    let post = |body: &Announce| team.kadis.post("/api/v1/hall/notice", body);
    post(&say(0, Some("Pelayanan berakhir pukul 15.00"))).ok();
    let floor = board.hall().unwrap().floor;
    assert_eq!((floor.notice.as_deref(), floor.notice_version), (Some("Pelayanan berakhir pukul 15.00"), 1));
    assert!(floor.counters.iter().all(|counter| counter.officer.is_none()), "no name on a board");
    for wrong in ["NIK 3315130101909001 silakan ke loket", "", "dua\nbaris", &"x".repeat(161)] {
        assert_eq!(post(&say(1, Some(wrong))).code(), "NOTICE-INVALID");
    }
    assert_eq!(post(&say(0, None)).code(), "HALL-CHANGED");
    post(&say(1, None)).ok();
    assert_eq!(board.hall().unwrap().floor.notice, None);
}

#[test]
fn a_kiosk_is_told_why_it_gives_no_number_and_paper_is_taken_all_the_same() {
    let hub = TestHub::start_with(
        "[queue]\nverification_quota = 3\ntickets_per_nik = 2\n[hours]\nmonday = \"08.00-15.00\"\n",
    );
    let team = hub.team();
    let nik = hub.sample(1).submission.applicant;
    let ask = || team.kiosk.ask_ticket(&AskTicket { queue: Queue::Verification, nik: Some(nik) });
    assert_eq!(ask().unwrap().left, Some(3));
    // The same person twice, as two cases.
    for number in [1, 2] {
        let mut sample = hub.sample(number);
        sample.submission.applicant = nik;
        team.kiosk.submit(sample.case_id, &sample.submission).unwrap();
    }
    assert_eq!(code(ask()), "TICKET-LIMIT");
    let stranger = AskTicket { queue: Queue::Verification, nik: None };
    assert_eq!(team.kiosk.ask_ticket(&stranger).unwrap().left, Some(1));
    let set = SetQueue { request_id: hub.world.request_id(), version: 0, queue: Queue::Verification, open: false };
    team.kabid.post("/api/v1/hall/queues", &set).ok();
    assert_eq!(code(team.kiosk.ask_ticket(&stranger)), "QUEUE-CLOSED");
    assert!(call(&hub, &team.counter).is_some(), "whoever waits is called");
    let again = SetQueue { request_id: hub.world.request_id(), open: true, ..set };
    assert_eq!(team.kabid.post("/api/v1/hall/queues", &again).code(), "HALL-CHANGED");
    team.kabid.post("/api/v1/hall/queues", &SetQueue { version: 1, ..again }).ok();
    // A kiosk that was cut off printed two more: they wait like everybody.
    take(&hub, &team.kiosk, 3, None);
    assert_eq!(code(team.kiosk.ask_ticket(&stranger)), "QUOTA-REACHED");
    take(&hub, &team.kiosk, 4, None);
    assert_eq!(team.kiosk.hall().unwrap().floor.queues[0].left, Some(0));
    hub.clock.advance_ms(6 * 3_600_000);
    assert_eq!(code(team.kiosk.ask_ticket(&stranger)), "OFFICE-CLOSED");

    let conn = rusqlite::Connection::open(hub.data().join("anjungan.db")).unwrap();
    let digests: i64 =
        conn.query_row("SELECT count(*) FROM ticket_holders WHERE digest LIKE '%3315%'", [], |row| row.get(0)).unwrap();
    let digest: String = conn.query_row("SELECT digest FROM ticket_holders LIMIT 1", [], |row| row.get(0)).unwrap();
    assert!(digest.len() == 64 && digests < 2 && !digest.contains(nik.as_str()), "a digest, not a NIK");
}

#[test]
fn each_waiting_ticket_knows_how_long_it_will_wait() {
    let hub = TestHub::start();
    let team = hub.team();
    for number in 1..=9 {
        take(&hub, &team.kiosk, number, None);
    }
    for _ in 0..4 {
        hub.clock.advance_ms(4 * 60_000);
        let ticket = call(&hub, &team.counter).unwrap();
        team.counter.finish_ticket(ticket.ticket_id, &seen(&hub, &ticket)).unwrap();
    }
    let waits: Vec<_> = team.kiosk.hall().unwrap().waiting.iter().map(|row| row.wait_minutes).collect();
    assert_eq!(waits, [0, 4, 8, 12, 16].map(Some));
}

#[test]
fn a_ticket_with_a_case_goes_to_the_other_queue_once() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    let ticket = call(&hub, &team.counter).unwrap();
    let body = json!({ "write": seen(&hub, &ticket), "queue": "pickup" });
    team.loket.post(&format!("/api/v1/tickets/{}/transfer", ticket.ticket_id), &body).ok();
    let row = team.counter.hall().unwrap().waiting[0].clone();
    assert_eq!((row.ticket_id, row.queue), (ticket.ticket_id, Queue::Pickup));
    hub.walk(&team, &sample, Stage::Verified);
    assert_eq!(team.counter.hall().unwrap().waiting.len(), 1, "a case that goes on leaves the pickup queue alone");
}
