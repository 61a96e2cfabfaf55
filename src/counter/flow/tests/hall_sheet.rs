//! Calling a number, setting one aside, sending one elsewhere, and a break.

use super::*;
use crate::domain::hall::{DeskState, Skills};
use crate::wire::hall::{CounterState, Floor};
use crate::wire::queue::Called;

fn counter(name: &str, state: DeskState, version: u32) -> CounterState {
    let skills = Skills::default();
    CounterState { name: name.to_owned(), state, skills, officer: None, ticket: None, since: start(), version }
}

fn floor() -> Floor {
    let missed = TicketRow { state: TicketState::NoShow, version: 6, ..row("B-004", 9, Queue::Pickup, None, Some(2)) };
    Floor {
        counters: vec![
            counter("Loket 1", DeskState::Open, 4),
            counter("Loket 2", DeskState::Open, 1),
            counter("Loket 3", DeskState::Break, 2),
        ],
        held: vec![TicketRow {
            state: TicketState::Held,
            version: 3,
            ..row("A-001", 8, Queue::Verification, None, Some(1))
        }],
        missed: vec![missed],
        calls_before_no_show: 3,
        ..Floor::default()
    }
}

/// The hall with somebody called here for the `calls`th time.
fn with_called(serial: u64, calls: u32, state: TicketState) -> CounterEvent {
    let mine = row("A-003", 3, Queue::Verification, Some("Loket 1"), Some(serial));
    let CounterEvent::HallChanged(mut now) = hall(
        serial,
        vec![row("A-007", 7, Queue::Verification, None, None)],
        vec![TicketRow { calls, state, version: 5, ..mine }],
    ) else {
        unreachable!("that is what it makes")
    };
    now.floor = floor();
    CounterEvent::HallChanged(now)
}

fn at_desk(calls: u32) -> Desk {
    let mut desk = Desk::signed_in();
    desk.give(with_called(4, calls, TicketState::Called));
    desk
}

#[test]
fn nobody_is_said_not_to_have_come_before_enough_calls() {
    let mut desk = at_desk(1);
    assert_eq!((desk.view().called_calls.as_str(), desk.view().can_no_show), ("Panggilan ke-1 dari 3", false));
    desk.give(CounterEvent::RecallAsked);
    let Ask::Step(TicketStep::Recall, ticket, write) = *desk.last_ask() else { panic!("{:?}", desk.last_ask()) };
    assert_eq!((ticket, write.version), (ticket_id(3), Some(5)), "the ticket as the officer sees it");
    let again = TicketRow { calls: 3, version: 6, ..row("A-003", 3, Queue::Verification, Some("Loket 1"), Some(5)) };
    desk.answer(Ok(Reply::Called(Called { ticket: Some(again) })));
    assert_eq!((desk.view().called_calls.as_str(), desk.view().can_no_show), ("Panggilan ke-3 dari 3", true));
    desk.give(with_called(6, 1, TicketState::Serving));
    assert_eq!((desk.view().called_calls.as_str(), desk.view().can_no_show), ("", true), "they came, and went away");
}

#[test]
fn a_number_is_held_skipped_or_sent_elsewhere() {
    for (event, step, words) in [
        (CounterEvent::HoldAsked, TicketStep::Hold, "A-003 ditahan"),
        (CounterEvent::SkipAsked, TicketStep::Skip, "A-003 dilewati"),
    ] {
        let mut desk = at_desk(1);
        desk.give(event);
        assert!(matches!(desk.last_ask(), Ask::Step(asked, ticket, _) if *asked == step && *ticket == ticket_id(3)));
        desk.answer(Ok(Reply::Called(Called { ticket: None })));
        assert_eq!(desk.view().called_ticket, "");
        assert!(desk.view().notice.starts_with(words), "{}", desk.view().notice);
    }
    let mut desk = at_desk(1);
    let places = desk.view().places;
    let titles: Vec<&str> = places.iter().map(|place| place.title.as_str()).collect();
    assert_eq!(titles, ["Ke antrean Pengambilan KK", "Ke Loket 2"], "not to a counter on its break, nor to itself");
    desk.give(CounterEvent::TransferAsked("c:Loket 3".to_owned()));
    assert!(!desk.view().busy, "not a place that is offered");
    desk.give(CounterEvent::TransferAsked(places[1].key.clone()));
    let Ask::Transfer(ticket, transfer) = desk.last_ask() else { panic!("{:?}", desk.last_ask()) };
    assert_eq!((*ticket, transfer.queue), (ticket_id(3), Queue::Verification));
    assert_eq!((transfer.counter.as_deref(), transfer.write.version), (Some("Loket 2"), Some(5)));
    desk.answer(Ok(Reply::Called(Called { ticket: None })));
    assert!(desk.view().notice.contains("dipindahkan ke Loket 2"), "{}", desk.view().notice);
}

#[test]
fn whoever_was_set_aside_is_called_or_waits_again() {
    let mut desk = at_desk(1);
    desk.give(CounterEvent::HallToggled);
    let view = desk.view();
    assert!(view.hall_open);
    let aside: Vec<_> = view.aside.iter().map(|line| (line.ticket.as_str(), line.state.as_str())).collect();
    assert_eq!(aside, [("A-001", "Ditahan"), ("B-004", "Tidak hadir")]);
    desk.give(CounterEvent::AsideRestored(view.aside[0].key.clone()));
    let Ask::Step(TicketStep::Restore, ticket, write) = *desk.last_ask() else { panic!("{:?}", desk.last_ask()) };
    assert_eq!((ticket, write.version), (ticket_id(8), Some(3)));
    let waits = row("A-001", 8, Queue::Verification, None, None);
    desk.answer(Ok(Reply::Called(Called { ticket: Some(waits) })));
    assert!(desk.view().notice.contains("A-001 masuk antrean lagi"));
    assert_eq!(desk.view().called_ticket, "A-003", "whoever is here stays");
    desk.give(CounterEvent::AsideCalled(view.aside[1].key.clone()));
    let Ask::CallNumber(call) = desk.last_ask() else { panic!("{:?}", desk.last_ask()) };
    assert_eq!((call.number.to_string().as_str(), call.queue), ("B-004", Queue::Pickup));
    desk.answer(Ok(Reply::Called(Called { ticket: Some(row("B-004", 9, Queue::Pickup, Some("Loket 1"), Some(7))) })));
    let view = desk.view();
    assert_eq!((view.called_ticket.as_str(), view.hall_open), ("B-004", false), "the sheet has done its work");
}

#[test]
fn a_typed_number_is_called_and_nonsense_is_said() {
    let mut desk = at_desk(1);
    desk.give(CounterEvent::NumberTyped("  ".to_owned()));
    desk.give(CounterEvent::NumberTyped("loket".to_owned()));
    assert_eq!((desk.failure().as_str(), desk.view().busy), ("TICKET-UNKNOWN", false));
    desk.give(CounterEvent::NumberTyped("b4".to_owned()));
    assert!(matches!(desk.last_ask(), Ask::CallNumber(call) if call.queue == Queue::Pickup), "the queue it is in");
    desk.refuse(Failure::TicketTaken);
    assert_eq!(desk.failure(), "TICKET-TAKEN");
    desk.give(CounterEvent::NumberTyped("C-012".to_owned()));
    assert!(matches!(desk.last_ask(), Ask::CallNumber(call) if call.number.to_string() == "C-012"));
}

#[test]
fn a_counter_takes_a_break_and_comes_back() {
    let mut desk = at_desk(1);
    assert_eq!(desk.view().desk_state, DeskState::Open);
    desk.give(CounterEvent::BreakToggled);
    let Ask::SetCounter(set) = desk.last_ask() else { panic!("{:?}", desk.last_ask()) };
    assert_eq!((set.state, set.version, &set.counter), (DeskState::Break, 4, &None));
    desk.answer(Ok(Reply::Decided));
    assert_eq!(desk.view().desk_state, DeskState::Break);
    assert!(desk.view().notice.contains("Loket 1 istirahat"));
    desk.give(CounterEvent::BreakToggled);
    assert!(matches!(desk.last_ask(), Ask::SetCounter(set) if set.state == DeskState::Open));
    desk.refuse(Failure::TicketChanged);
    assert_eq!(desk.view().desk_state, DeskState::Break, "the hub did not agree");
}
