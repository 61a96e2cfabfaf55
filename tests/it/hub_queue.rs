//! The hall: calls, races, days, live changes.

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::time::Duration;

use anjungan::domain::role::StationKind;
use anjungan::domain::ticket::{Queue, TicketState};
use anjungan::wire::client::HubClient;
use anjungan::wire::queue::{CallNext, Called, TicketWrite};

use crate::support::hub::TestHub;

fn call(hub: &TestHub) -> CallNext {
    CallNext { request_id: hub.world.request_id(), queue: Queue::Verification }
}

#[test]
fn two_counters_never_call_the_same_ticket() {
    let hub = TestHub::start();
    let team = hub.team();
    let (other, _) = hub.at_counter("Loket 2", "nia.loket");
    for number in 1..=12 {
        hub.deliver(&team.kiosk, number);
    }
    let calls: Vec<Vec<String>> = std::thread::scope(|scope| {
        let callers = [&team.counter, &other];
        let hands = callers.map(|client| {
            scope.spawn(|| {
                let numbers = (0..6).map(|_| {
                    let ticket = client.call_next(&call(&hub)).unwrap().ticket.unwrap();
                    client.hold_ticket(ticket.ticket_id, &TicketWrite::seen(hub.world.request_id(), &ticket)).unwrap();
                    ticket.number.to_string()
                });
                numbers.collect::<Vec<_>>()
            })
        });
        hands.map(|hand| hand.join().unwrap()).to_vec()
    });
    assert_eq!(calls.concat().into_iter().collect::<BTreeSet<_>>().len(), 12);
    for mine in &calls {
        assert!(mine.is_sorted(), "{mine:?}");
    }
    assert_eq!(team.counter.call_next(&call(&hub)).unwrap(), Called { ticket: None });
    assert_eq!(team.counter.hall().unwrap().call_serial, 12);
}

#[test]
fn the_order_is_the_journals_also_when_the_clock_jumps() {
    let hub = TestHub::start();
    let team = hub.team();
    hub.deliver(&team.kiosk, 2);
    hub.clock.advance_ms(-600_000);
    hub.deliver(&team.kiosk, 1);
    let request = call(&hub);
    let first = team.counter.call_next(&request).unwrap();
    assert_eq!(first.ticket.as_ref().unwrap().number.to_string(), "A-002");
    assert_eq!(team.counter.call_next(&request).unwrap(), first, "the same request calls once");
}

#[test]
fn a_ticket_is_recalled_missed_and_belongs_to_its_counter() {
    let hub = TestHub::start();
    let team = hub.team();
    let (other, raw) = hub.at_counter("Loket 2", "nia.loket");
    hub.deliver(&team.kiosk, 1);
    let ticket = team.counter.call_next(&call(&hub)).unwrap().ticket.unwrap();
    let write = || TicketWrite { request_id: hub.world.request_id(), version: None };
    let again = team.counter.recall(ticket.ticket_id, &write()).unwrap().ticket.unwrap();
    assert_eq!(again.call_serial, Some(2));
    let taken = raw.post(&format!("/api/v1/tickets/{}/recall", ticket.ticket_id), &write());
    assert_eq!((taken.status, taken.code().as_str()), (409, "TICKET-TAKEN"));
    let early = team.loket.post(&format!("/api/v1/tickets/{}/no-show", ticket.ticket_id), &write());
    assert_eq!(early.code(), "TICKET-CALL-AGAIN", "three calls first");
    team.counter.recall(ticket.ticket_id, &write()).unwrap();
    let missed = team.counter.no_show(ticket.ticket_id, &write()).unwrap().ticket.unwrap();
    assert_eq!(missed.state, TicketState::NoShow);
    // Who missed the call may come to another counter.
    let late = other.recall(ticket.ticket_id, &write()).unwrap().ticket.unwrap();
    assert_eq!((late.state, late.counter.as_deref()), (TicketState::Called, Some("Loket 2")));
    let unknown = raw.post(&format!("/api/v1/tickets/{}/recall", hub.world.ticket_id()), &write());
    assert_eq!(unknown.code(), "TICKET-UNKNOWN");
}

#[test]
fn yesterdays_tickets_are_not_called_today() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    hub.clock.advance_ms(15 * 3_600_000);
    let session = hub.person("rini.loket", anjungan::domain::role::Role::PetugasLoket);
    let counter = team.counter.with_session(&session);
    assert!(counter.hall().unwrap().waiting.is_empty());
    assert_eq!(counter.call_next(&call(&hub)).unwrap().ticket, None);
    // The case lives on: its slip still opens, and the same number may be issued anew.
    assert!(counter.open_slip(&sample.token.qr_text(None)).unwrap().ticket_id.is_none());
    hub.deliver(&team.kiosk, 1);
    assert_eq!(counter.hall().unwrap().waiting.len(), 1);
}

#[test]
fn each_viewer_sees_its_part_of_the_hall() {
    let hub = TestHub::start();
    let team = hub.team();
    hub.deliver(&team.kiosk, 1);
    let board = HubClient::new(&hub.base(), &hub.station(StationKind::Board, "Papan"));
    let row = |client: &HubClient| client.hall().unwrap().waiting[0].clone();
    assert!(row(&board).case_id.is_none() && row(&board).title.is_none());
    assert!(row(&team.kiosk).case_id.is_none() && row(&team.kiosk).title.is_some());
    assert!(row(&team.counter).case_id.is_some());
}

#[test]
fn changes_are_told_live_and_replayed() {
    let hub = TestHub::start();
    let team = hub.team();
    let follower = team.counter.clone();
    let (sender, heard) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        follower.follow(|change| {
            let stop = change.as_ref().is_some_and(|change| change.event == "ticket_called");
            sender.send(change).unwrap();
            !stop
        })
    });
    let next = || heard.recv_timeout(Duration::from_secs(10)).expect("a beat or a change");
    assert!(next().is_none(), "the stream is open");
    let sample = hub.deliver(&team.kiosk, 1);
    team.counter.call_next(&call(&hub)).unwrap();
    let changes: Vec<_> = (0..3).map(|_| next().expect("a change")).collect();
    let events: Vec<&str> = changes.iter().map(|change| change.event.as_str()).collect();
    assert_eq!(events, ["case_submitted", "scan_stored", "ticket_called"]);
    assert!(changes.iter().all(|change| change.case_id == Some(sample.case_id)));
    thread.join().unwrap().unwrap();

    let replay = ureq::get(format!("{}/api/v1/events", hub.base()))
        .header("authorization", format!("Bearer {}", team.loket.session.clone().unwrap()))
        .header("last-event-id", (changes[0].seq - 1).to_string())
        .call()
        .unwrap();
    use std::io::BufRead as _;
    let lines = std::io::BufReader::new(replay.into_body().into_reader()).lines().map(Result::unwrap);
    let ids: Vec<String> =
        lines.filter_map(|line| line.strip_prefix("id:").map(|id| id.trim().to_owned())).take(3).collect();
    assert_eq!(ids, changes.iter().map(|change| change.seq.to_string()).collect::<Vec<_>>());
}

#[test]
fn a_stream_ends_with_its_session() {
    let hub = TestHub::start();
    let team = hub.team();
    // Kept in use until two seconds before its twelve hours are over.
    for _ in 0..14 {
        hub.clock.advance_ms(50 * 60_000);
        team.kabid.get("/api/v1/cases?stage=proposed").ok();
    }
    hub.clock.advance_ms(20 * 60_000 - 2_000);
    let response = ureq::get(format!("{}/api/v1/events", hub.base()))
        .header("authorization", format!("Bearer {}", team.kabid.session.clone().unwrap()))
        .call()
        .unwrap();
    let (sender, ended) = mpsc::channel();
    std::thread::spawn(move || sender.send(std::io::read_to_string(response.into_body().into_reader())));
    let said = ended.recv_timeout(Duration::from_secs(20)).expect("an end of the stream").expect("in good order");
    assert!(said.contains("beat"), "{said}");
}

#[test]
fn boards_and_kiosks_hear_of_changes_without_the_case() {
    let hub = TestHub::start();
    let team = hub.team();
    let (sender, heard) = mpsc::channel();
    let board = HubClient::new(&hub.base(), &hub.station(StationKind::Board, "Papan"));
    for follower in [board, team.kiosk.clone()] {
        let sender = sender.clone();
        std::thread::spawn(move || {
            follower.follow(|change| {
                let submitted = change.as_ref().is_some_and(|change| change.event == "case_submitted");
                // What the administrator did before the stream was opened is told too.
                if change.is_none() || submitted {
                    sender.send(change).unwrap();
                }
                !submitted
            })
        });
    }
    let next = || heard.recv_timeout(Duration::from_secs(10)).expect("a beat or a change");
    assert!(next().is_none() && next().is_none(), "both streams are open");
    hub.deliver(&team.kiosk, 1);
    for _ in 0..2 {
        assert_eq!(next().expect("a change").case_id, None);
    }
}
