//! What goes wrong in a hall: two at one ticket, double taps, stale windows, clocks, midnight, restarts, dead counters.

use anjungan::domain::role::{Role, StationKind};
use anjungan::domain::stage::Stage;
use anjungan::domain::ticket::{Queue, TicketState};
use anjungan::wire::client::HubClient;
use anjungan::wire::queue::{CallNext, TicketWrite};

use super::hub_hall::{call, code, numbers, seen, take};
use crate::support::hub::{PASSWORD, TestHub};

const HOUR_MS: i64 = 3_600_000;

/// Every ticket's number with its state, from the store.
fn states(hub: &TestHub) -> Vec<(i64, String)> {
    let conn = rusqlite::Connection::open(hub.data().join("anjungan.db")).unwrap();
    let mut rows = conn.prepare("SELECT number, state FROM tickets ORDER BY day, number").unwrap();
    let found = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    found.map(Result::unwrap).collect()
}

/// Signs somebody in again whose session ended with a jump of the clock.
fn signed_in(client: &HubClient, name: &str) -> HubClient {
    let sign_in = anjungan::wire::session::SignIn { name: name.to_owned(), password: PASSWORD.to_owned() };
    client.with_session(&client.sign_in(&sign_in).unwrap())
}

fn journalled(hub: &TestHub, event: &str) -> i64 {
    let conn = rusqlite::Connection::open(hub.data().join("anjungan.db")).unwrap();
    conn.query_row("SELECT count(*) FROM journal WHERE event = ?1", [event], |row| row.get(0)).unwrap()
}

#[test]
fn of_two_windows_with_one_ticket_one_wins_and_the_other_is_told() {
    let hub = TestHub::start();
    let team = hub.team();
    let (other, _) = hub.at_counter("Loket 2", "nia.loket");
    take(&hub, &team.kiosk, 1, None);
    let ticket = call(&hub, &team.counter).unwrap();
    let answers: Vec<Result<_, _>> = std::thread::scope(|scope| {
        let hands = [(&team.counter, "hold"), (&team.counter, "finish")].map(|(client, verb)| {
            let (write, id) = (seen(&hub, &ticket), ticket.ticket_id);
            scope.spawn(move || match verb {
                "hold" => client.hold_ticket(id, &write),
                _ => client.finish_ticket(id, &write),
            })
        });
        hands.into_iter().map(|hand| hand.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    let lost = answers.into_iter().find(Result::is_err).unwrap();
    assert_eq!(code(lost), "TICKET-CHANGED");
    assert_eq!(code(other.recall(ticket.ticket_id, &seen(&hub, &ticket))), "TICKET-CHANGED");
    let blind = TicketWrite { request_id: hub.world.request_id(), version: None };
    let now = states(&hub)[0].1.clone();
    assert_eq!(code(other.serve_ticket(ticket.ticket_id, &blind)), "TICKET-UNKNOWN", "it is {now}");
}

#[test]
fn a_double_tap_and_a_lost_reply_are_one_call_also_across_a_restart() {
    let mut hub = TestHub::start();
    let team = hub.team();
    for number in 1..=3 {
        take(&hub, &team.kiosk, number, None);
    }
    let tap = CallNext { request_id: hub.world.request_id(), queue: Queue::Verification };
    let first = team.counter.call_next(&tap).unwrap();
    assert_eq!(team.counter.call_next(&tap).unwrap(), first);
    let second = CallNext { request_id: hub.world.request_id(), queue: Queue::Verification };
    assert_eq!(code(team.counter.call_next(&second)), "OFFICER-BUSY", "a second press with another name");
    let ticket = first.ticket.clone().unwrap();
    let recall = seen(&hub, &ticket);
    let again = team.counter.recall(ticket.ticket_id, &recall).unwrap();

    // The hub dies in the middle of the call; the counter asks again for what it never heard.
    let token = team.loket.station.clone().unwrap();
    hub.restart();
    let counter = signed_in(&HubClient::new(&hub.base(), &token), "lia.loket");
    assert_eq!(counter.call_next(&tap).unwrap(), first, "the answer of before");
    assert_eq!(counter.recall(ticket.ticket_id, &recall).unwrap(), again);
    let hall = counter.hall().unwrap();
    assert_eq!((hall.called.len(), hall.waiting.len(), hall.call_serial), (1, 2, 2));
    assert_eq!((hall.called[0].number, hall.called[0].calls), (ticket.number, 2), "still at this counter");
    assert_eq!((journalled(&hub, "ticket_called"), journalled(&hub, "ticket_recalled")), (1, 1));
}

#[test]
fn an_officer_has_one_ticket_at_whatever_counter() {
    let hub = TestHub::start();
    let team = hub.team();
    for number in 1..=3 {
        take(&hub, &team.kiosk, number, None);
    }
    let elsewhere = HubClient::new(&hub.base(), &hub.station(StationKind::Counter, "Loket 2"));
    let elsewhere = signed_in(&elsewhere, "lia.loket");
    let mine = call(&hub, &team.counter).unwrap();
    let next = || CallNext { request_id: hub.world.request_id(), queue: Queue::Verification };
    assert_eq!(code(elsewhere.call_next(&next())), "OFFICER-BUSY");
    // A colleague who takes over the counter finds the ticket there and brings it to its end first.
    let nia = hub.person("nia.loket", Role::PetugasLoket);
    let colleague = team.counter.with_session(&nia);
    assert_eq!(code(colleague.call_next(&next())), "OFFICER-BUSY");
    colleague.finish_ticket(mine.ticket_id, &seen(&hub, &mine)).unwrap();
    assert_eq!(call(&hub, &elsewhere).unwrap().number.to_string(), "A-002");
    assert_eq!(call(&hub, &colleague).unwrap().number.to_string(), "A-003");
}

#[test]
fn a_counter_that_dies_gives_its_ticket_back_and_its_holder_goes_first() {
    let hub = TestHub::start();
    let team = hub.team();
    let (other, _) = hub.at_counter("Loket 2", "nia.loket");
    for number in 1..=4 {
        take(&hub, &team.kiosk, number, None);
    }
    let lost = call(&hub, &team.counter).unwrap();
    let finish = |ticket: &anjungan::wire::queue::TicketRow| {
        other.finish_ticket(ticket.ticket_id, &seen(&hub, ticket)).unwrap();
    };
    hub.clock.advance_ms(16 * 60_000);
    let ticket = call(&hub, &other).unwrap();
    assert_eq!(ticket.number.to_string(), "A-002", "silent for too long, but asked once more");
    finish(&ticket);
    hub.clock.advance_ms(61_000);
    let ticket = call(&hub, &other).unwrap();
    assert_eq!((ticket.ticket_id, ticket.calls), (lost.ticket_id, 1), "before A-003");
    assert_eq!(journalled(&hub, "ticket_returned"), 1);
    // The first counter comes back to life with its old window.
    assert_eq!(code(team.counter.finish_ticket(lost.ticket_id, &seen(&hub, &lost))), "TICKET-CHANGED");
    finish(&ticket);
    assert_eq!(call(&hub, &other).unwrap().number.to_string(), "A-003");
}

#[test]
fn a_counter_that_reports_keeps_its_ticket_however_long_it_takes_and_however_the_clock_jumps() {
    let hub = TestHub::start();
    let team = hub.team();
    let (other, _) = hub.at_counter("Loket 2", "nia.loket");
    for number in 1..=2 {
        take(&hub, &team.kiosk, number, None);
    }
    let ticket = call(&hub, &team.counter).unwrap();
    let alive = || {
        let health = anjungan::wire::health::StationHealth { devices: Vec::new() };
        team.counter.report_health(&health).unwrap();
    };
    let look = || {
        let next = CallNext { request_id: hub.world.request_id(), queue: Queue::Pickup };
        assert_eq!(signed_in(&other, "nia.loket").call_next(&next).unwrap().ticket, None);
    };
    for jump in [20 * 60_000, 5 * HOUR_MS, -7 * HOUR_MS, 3 * HOUR_MS] {
        hub.clock.advance_ms(jump);
        look();
        alive();
        hub.clock.advance_ms(61_000);
        look();
    }
    assert_eq!(journalled(&hub, "ticket_returned"), 0);
    let hall = team.kiosk.hall().unwrap();
    assert_eq!((numbers(&hall.called), numbers(&hall.waiting)), (vec!["A-001".into()], vec!["A-002".into()]));
    let now = hall.called[0].clone();
    signed_in(&team.counter, "lia.loket").finish_ticket(ticket.ticket_id, &seen(&hub, &now)).unwrap();
}

#[test]
fn at_midnight_what_waits_ends_in_the_history_and_a_service_goes_on() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    let waits = hub.deliver(&team.kiosk, 2);
    for number in 3..=4 {
        take(&hub, &team.kiosk, number, None);
    }
    let served = call(&hub, &team.counter).unwrap();
    team.counter.serve_ticket(served.ticket_id, &seen(&hub, &served)).unwrap();
    // 09.00 and fifteen hours: one second past midnight.
    hub.clock.advance_ms(15 * HOUR_MS + 1_000);
    let session = hub.person("rini.loket", Role::PetugasLoket);
    let counter = team.counter.with_session(&session);
    let (other, _) = hub.at_counter("Loket 2", "nia.loket");
    assert_eq!(call(&hub, &other), None, "a new day begins empty");
    let ended = ["serving", "expired", "expired", "expired"].map(str::to_owned);
    assert_eq!(states(&hub).into_iter().map(|(_, state)| state).collect::<Vec<_>>(), ended);
    assert_eq!(journalled(&hub, "day_closed"), 1);
    assert_eq!(numbers(&counter.hall().unwrap().called), ["A-001"], "it is still at the counter");
    // The step of the case ends the ticket of yesterday.
    let state = counter.verify(sample.case_id, &hub.verify_body(counter.case(sample.case_id).unwrap().row.version));
    assert_eq!(state.unwrap().stage, Stage::Verified);
    assert!(counter.hall().unwrap().called.is_empty());
    // Nobody's case is lost: its slip opens, and its holder takes a number of today.
    assert_eq!(counter.open_slip(&waits.token.qr_text(None)).unwrap().row.stage, Stage::Submitted);
    take(&hub, &team.kiosk, 1, None);
    assert_eq!(call(&hub, &other).unwrap().number.to_string(), "A-001");
}

#[test]
fn a_clock_that_ran_a_day_ahead_loses_nobody_their_place() {
    let hub = TestHub::start();
    let team = hub.team();
    for number in [3, 1, 2] {
        take(&hub, &team.kiosk, number, None);
    }
    let (other, _) = hub.at_counter("Loket 2", "nia.loket");
    let called = call(&hub, &other).unwrap();
    hub.clock.advance_ms(24 * HOUR_MS);
    assert_eq!(call(&hub, &signed_in(&team.counter, "lia.loket")), None);
    assert!(states(&hub).iter().all(|(_, state)| state == "expired"));
    hub.clock.advance_ms(-24 * HOUR_MS);
    let counter = signed_in(&team.counter, "lia.loket");
    assert_eq!(call(&hub, &counter).unwrap().number, called.number, "who had been called is called anew");
    assert_eq!(numbers(&team.kiosk.hall().unwrap().waiting), ["A-001", "A-002"]);
    assert_eq!(journalled(&hub, "day_reopened"), 1);
    assert!(states(&hub).iter().all(|(_, state)| state != TicketState::Expired.key()));
}
