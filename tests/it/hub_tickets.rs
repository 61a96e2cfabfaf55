//! Tickets that come with no new case: help in person, and the collection of a KK. What a kiosk tells of a person.

use anjungan::domain::priority::Priority;
use anjungan::domain::role::StationKind;
use anjungan::domain::stage::Stage;
use anjungan::domain::ticket::{Queue, TicketState};
use anjungan::wire::case::{CaseDetail, ShownPhone, Submission, SubmittedTicket};
use anjungan::wire::client::{ClientError, HubClient};
use anjungan::wire::queue::{CallNext, Hall, TakeTicket, TicketRow, TicketWrite};
use serde_json::{Value, json};

use crate::support::hub::{Sample, Team, TestHub};

// No operator has 0840: nobody's telephone rings.
const PHONE: &str = "084000009001";

fn ticket(hub: &TestHub, number: u16, priority: Option<Priority>) -> SubmittedTicket {
    SubmittedTicket { priority, ..hub.sample(number).submission.ticket }
}

fn help(hub: &TestHub, kiosk: &HubClient, number: u16, priority: Option<Priority>) -> SubmittedTicket {
    let ticket = ticket(hub, number, priority);
    let take = TakeTicket::for_help(&ticket, hub.world.now());
    assert_eq!(kiosk.take_ticket(ticket.ticket_id, &take).unwrap().number, ticket.number);
    ticket
}

fn call(hub: &TestHub, counter: &HubClient, queue: Queue) -> Option<TicketRow> {
    counter.call_next(&CallNext { request_id: hub.world.request_id(), queue }).unwrap().ticket
}

fn write(hub: &TestHub) -> TicketWrite {
    TicketWrite { request_id: hub.world.request_id(), version: None }
}

/// Calls until somebody may be said not to have come, and says so.
fn miss(hub: &TestHub, counter: &HubClient, ticket: anjungan::domain::ids::TicketId) -> TicketRow {
    for _ in 0..2 {
        counter.recall(ticket, &write(hub)).unwrap();
    }
    counter.no_show(ticket, &write(hub)).unwrap().ticket.unwrap()
}

#[track_caller]
fn code<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> String {
    match answer {
        Err(ClientError::Refused(problem)) => problem.code,
        other => panic!("not refused: {other:?}"),
    }
}

/// How often the journal has an event.
fn journalled(hub: &TestHub, event: &str) -> i64 {
    let conn = rusqlite::Connection::open(hub.data().join("anjungan.db")).unwrap();
    conn.query_row("SELECT count(*) FROM journal WHERE event = ?1", [event], |row| row.get(0)).unwrap()
}

#[test]
fn somebody_without_a_case_is_called_recalled_helped_and_gone() {
    let hub = TestHub::start();
    let team = hub.team();
    let ticket = help(&hub, &team.kiosk, 1, Some(Priority::Elderly));
    let row = team.counter.hall().unwrap().waiting[0].clone();
    assert_eq!((row.case_id, row.title.as_deref()), (None, Some("Bantuan petugas")));
    assert_eq!((row.number, row.queue, row.priority), (ticket.number, Queue::Verification, Some(Priority::Elderly)));

    let id = ticket.ticket_id;
    assert_eq!(code(team.counter.finish_ticket(id, &write(&hub))), "TICKET-UNKNOWN", "not called yet");
    assert_eq!(call(&hub, &team.counter, Queue::Verification).unwrap().ticket_id, id);
    assert_eq!(miss(&hub, &team.counter, id).state, TicketState::NoShow);
    assert_eq!(team.counter.recall(id, &write(&hub)).unwrap().ticket.unwrap().state, TicketState::Called);
    let (other, _) = hub.at_counter("Loket 2", "nia.loket");
    assert_eq!(code(other.finish_ticket(id, &write(&hub))), "TICKET-TAKEN");
    let request = write(&hub);
    let done = team.counter.finish_ticket(id, &request).unwrap();
    assert_eq!(done.ticket.as_ref().unwrap().state, TicketState::Done);
    assert_eq!(team.counter.finish_ticket(id, &request).unwrap(), done, "the same press twice");
    let hall = team.counter.hall().unwrap();
    assert!(hall.called.is_empty() && hall.waiting.is_empty());
    assert_eq!(hall.last_calls[0].number, ticket.number, "boards go on showing it");
    assert_eq!((journalled(&hub, "ticket_taken"), journalled(&hub, "ticket_finished")), (1, 1));
}

#[test]
fn a_ticket_with_a_case_ends_with_its_case_only() {
    let hub = TestHub::start();
    let team = hub.team();
    hub.deliver(&team.kiosk, 1);
    let called = call(&hub, &team.counter, Queue::Verification).unwrap();
    assert_eq!(code(team.counter.finish_ticket(called.ticket_id, &write(&hub))), "TICKET-HAS-CASE");
    assert_eq!(team.counter.hall().unwrap().called.len(), 1);
}

#[test]
fn a_ticket_sent_twice_is_one_and_a_number_is_given_once() {
    let hub = TestHub::start();
    let team = hub.team();
    let ticket = ticket(&hub, 1, None);
    let take = TakeTicket::for_help(&ticket, hub.world.now());
    let first = team.kiosk.take_ticket(ticket.ticket_id, &take).unwrap();
    assert_eq!(team.kiosk.take_ticket(ticket.ticket_id, &take).unwrap(), first);
    let changed = TakeTicket { priority: Some(Priority::Ill), ..take.clone() };
    assert_eq!(code(team.kiosk.take_ticket(ticket.ticket_id, &changed)), "REQUEST-REUSED");
    // Two kiosks with the same series letter.
    let stranger = hub.world.ticket_id();
    assert_eq!(code(team.kiosk.take_ticket(stranger, &take)), "TICKET-DUPLICATE");
    assert_eq!(code(team.kiosk.submit(hub.world.case_id(), &hub.sample(1).submission)), "TICKET-DUPLICATE");
    assert_eq!(team.counter.hall().unwrap().waiting.len(), 1);
    assert_eq!(journalled(&hub, "ticket_refused"), 1, "an auditor finds the number that was given twice");
    // Somebody has mended the series: the same ticket goes under its new number.
    let mended = TakeTicket { number: "B-001".parse().unwrap(), ..take };
    assert_eq!(team.kiosk.take_ticket(stranger, &mended).unwrap().number, mended.number);
}

fn pickup(hub: &TestHub, sample: &Sample, number: u16) -> (SubmittedTicket, TakeTicket) {
    let ticket = ticket(hub, number, None);
    let take = TakeTicket::for_pickup(&ticket, sample.case_id, &sample.token.digest(), hub.world.now());
    (ticket, take)
}

/// A case whose KK lies at the counter since yesterday.
fn ready(hub: &TestHub) -> (Team, Sample, u32) {
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    let version = hub.walk(&team, &sample, Stage::Received);
    hub.clock.advance_ms(24 * 3_600_000);
    let session = hub.person("rini.loket", anjungan::domain::role::Role::PetugasLoket);
    let team = Team { counter: team.counter.with_session(&session), ..team };
    (team, sample, version)
}

#[test]
fn the_holder_of_a_slip_queues_for_the_kk_once_a_day_and_gets_it() {
    let hub = TestHub::start();
    let (team, sample, version) = ready(&hub);
    assert_eq!(team.kiosk.slip_status(&sample.token.qr_text(None)).unwrap().pickup, None, "yesterday's is over");
    let (ticket, take) = pickup(&hub, &sample, 5);
    let taken = team.kiosk.take_ticket(ticket.ticket_id, &take).unwrap();
    assert_eq!((taken.number, taken.queue), (ticket.number, Queue::Pickup));
    let (again, twice) = pickup(&hub, &sample, 6);
    assert_eq!(team.kiosk.take_ticket(again.ticket_id, &twice).unwrap(), taken, "the number already given");
    assert_eq!(team.kiosk.slip_status(&sample.token.qr_text(None)).unwrap().pickup, Some(ticket.number));
    let hall = team.counter.hall().unwrap();
    assert_eq!((hall.waiting.len(), hall.ready.as_slice()), (1, [ticket.number].as_slice()));

    let called = call(&hub, &team.counter, Queue::Pickup).unwrap();
    assert_eq!((called.number, called.case_id), (ticket.number, Some(sample.case_id)));
    assert_eq!(code(team.counter.finish_ticket(called.ticket_id, &write(&hub))), "TICKET-HAS-CASE");
    let detail = team.counter.open_slip(&sample.token.qr_text(None)).unwrap();
    assert_eq!(detail.ticket_id, Some(ticket.ticket_id));
    assert_eq!(team.counter.hall().unwrap().called[0].state, TicketState::Serving);
    team.counter.hand_over(sample.case_id, &hub.hand_over_body(&sample, version)).unwrap();
    let hall = team.counter.hall().unwrap();
    assert!(hall.called.is_empty() && hall.ready.is_empty(), "handing over ends the ticket");
    let (late, take) = pickup(&hub, &sample, 7);
    assert_eq!(code(team.kiosk.take_ticket(late.ticket_id, &take)), "PICKUP-NOT-READY", "it is given");
}

#[test]
fn whoever_missed_the_call_waits_again_under_the_same_number() {
    let hub = TestHub::start();
    let (team, sample, _) = ready(&hub);
    let (ticket, take) = pickup(&hub, &sample, 5);
    team.kiosk.take_ticket(ticket.ticket_id, &take).unwrap();
    call(&hub, &team.counter, Queue::Pickup).unwrap();
    miss(&hub, &team.counter, ticket.ticket_id);
    let (again, mut twice) = pickup(&hub, &sample, 6);
    twice.priority = Some(Priority::Toddler);
    assert_eq!(team.kiosk.take_ticket(again.ticket_id, &twice).unwrap().number, ticket.number);
    let waiting = team.counter.hall().unwrap().waiting;
    assert_eq!((waiting.len(), waiting[0].number, waiting[0].counter.as_deref()), (1, ticket.number, None));
    assert_eq!(waiting[0].priority, Some(Priority::Toddler));
    call(&hub, &team.counter, Queue::Pickup).unwrap();
    // The reply was lost and the kiosk asks once more: nobody waits twice.
    assert_eq!(team.kiosk.take_ticket(again.ticket_id, &twice).unwrap().number, ticket.number);
    assert!(team.counter.hall().unwrap().waiting.is_empty());
}

#[test]
fn a_kk_that_is_not_there_or_not_theirs_is_not_queued_for() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    let (ticket, take) = pickup(&hub, &sample, 5);
    assert_eq!(code(team.kiosk.take_ticket(ticket.ticket_id, &take)), "PICKUP-NOT-READY");
    assert_eq!(journalled(&hub, "ticket_refused"), 1);
    hub.walk(&team, &sample, Stage::Received);
    let stolen = TakeTicket::for_pickup(&ticket, sample.case_id, &hub.world.slip_token().digest(), hub.world.now());
    assert_eq!(code(team.kiosk.take_ticket(hub.world.ticket_id(), &stolen)), "SLIP-UNKNOWN");
    let nowhere = TakeTicket::for_pickup(&ticket, hub.world.case_id(), &sample.token.digest(), hub.world.now());
    assert_eq!(code(team.kiosk.take_ticket(hub.world.ticket_id(), &nowhere)), "CASE-UNKNOWN");
    // What was refused may be offered again. Meanwhile the counter has queued the applicant, who is still here.
    assert_eq!(team.kiosk.take_ticket(ticket.ticket_id, &take).unwrap().number, sample.submission.ticket.number);
    assert_eq!(team.counter.hall().unwrap().waiting.len(), 1);
}

#[test]
fn a_case_as_an_older_kiosk_kept_it_is_taken_and_stays_the_same_case() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.sample(1);
    let old = serde_json::to_value(&sample.submission).unwrap();
    assert!(old.get("phone").is_none() && old["ticket"].get("priority").is_none(), "as it was before: {old}");
    let kiosk = hub.at_station(&hub.station(StationKind::Kiosk, "K2"));
    let path = format!("/api/v1/cases/{}", sample.case_id);
    assert_eq!(kiosk.put(&path, &old).ok().status, 201);
    assert_eq!(kiosk.put(&path, &sample.submission).ok().status, 200, "sent again after an update");
    assert_eq!(serde_json::from_value::<Submission>(old).unwrap(), sample.submission);
    let row = team.counter.hall().unwrap().waiting[0].clone();
    assert_eq!(row.priority, None);
    // A hall of an older hub.
    let mut hall = serde_json::to_value(team.counter.hall().unwrap()).unwrap();
    hall.as_object_mut().unwrap().remove("wait_minutes");
    hall["waiting"][0].as_object_mut().unwrap().remove("priority");
    assert_eq!(serde_json::from_value::<Hall>(hall).unwrap().wait_minutes, None);
}

/// A case whose applicant said more than they must.
fn told(hub: &TestHub, kiosk: &HubClient, number: u16) -> Sample {
    let mut sample = hub.sample(number);
    sample.submission.phone = Some(PHONE.parse().unwrap());
    sample.submission.ticket.priority = Some(Priority::Disability);
    kiosk.submit(sample.case_id, &sample.submission).unwrap();
    sample
}

#[test]
fn a_phone_number_is_whole_only_for_the_desks_that_call_people() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = told(&hub, &team.kiosk, 1);
    let path = format!("/api/v1/cases/{}", sample.case_id);
    let whole = Some(ShownPhone::Whole(PHONE.parse().unwrap()));
    assert_eq!(team.counter.open_slip(&sample.token.qr_text(None)).unwrap().phone, whole);
    for (who, shown) in [(&team.loket, true), (&team.operator, true), (&team.kabid, false), (&team.kadis, false)] {
        let reply = who.get(&path).ok();
        let detail: CaseDetail = reply.read();
        assert_eq!(detail.phone == whole, shown, "{:?}", detail.phone);
        assert_eq!(reply.text().contains(PHONE), shown, "nothing of it beside the mask");
        if !shown {
            assert_eq!(detail.phone.unwrap().text(), "0840 •••• ••01");
        }
    }
    let wrong = json!({ "phone": "0291-555" });
    let mut body = serde_json::to_value(hub.sample(2).submission).unwrap();
    body.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
    let kiosk = hub.at_station(&hub.station(StationKind::Kiosk, "K2"));
    let refused = kiosk.put(&format!("/api/v1/cases/{}", hub.world.case_id()), &body);
    assert!(refused.code() == "REQUEST-MALFORMED" && !refused.text().contains("0291"), "{}", refused.text());
}

#[test]
fn why_somebody_should_not_wait_is_for_the_counter_and_no_journal_has_it() {
    let mut hub = TestHub::start();
    let team = hub.team();
    let sample = told(&hub, &team.kiosk, 1);
    help(&hub, &team.kiosk, 2, Some(Priority::Ill));
    let board = HubClient::new(&hub.base(), &hub.station(StationKind::Board, "Papan"));
    let seen = |client: &HubClient| client.hall().unwrap().waiting.iter().map(|row| row.priority).collect::<Vec<_>>();
    assert_eq!(seen(&team.counter), [Some(Priority::Disability), Some(Priority::Ill)]);
    assert_eq!((seen(&team.kiosk), seen(&board)), (vec![None, None], vec![None, None]));
    let named = board.hall().unwrap().waiting.iter().any(|row| row.title.is_some() || row.case_id.is_some());
    assert!(!named, "a board knows numbers only");
    // The second number of the same person carries it on.
    hub.walk(&team, &sample, Stage::Received);
    let waiting = team.counter.hall().unwrap().waiting;
    let pickup = waiting.iter().find(|row| row.queue == Queue::Pickup).unwrap();
    assert_eq!(pickup.priority, Some(Priority::Disability));
    hub.stop();
    let conn = rusqlite::Connection::open(hub.data().join("anjungan.db")).unwrap();
    let mut rows = conn.prepare("SELECT detail FROM journal").unwrap();
    let details: Vec<String> = rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    for secret in ["disability", "\"ill\"", PHONE] {
        assert!(!details.iter().any(|detail| detail.contains(secret)), "the journal says {secret}");
    }
}

#[test]
fn whoever_should_not_wait_is_called_first_but_not_twice_in_a_row_before_others() {
    let hub = TestHub::start();
    let team = hub.team();
    for (number, priority) in
        [(1, None), (2, None), (3, Some(Priority::Elderly)), (4, Some(Priority::Pregnant)), (5, None)]
    {
        help(&hub, &team.kiosk, number, priority);
    }
    let shown: Vec<String> = team.counter.hall().unwrap().waiting.iter().map(|row| row.number.to_string()).collect();
    assert_eq!(shown, ["A-003", "A-001", "A-004", "A-002", "A-005"]);
    let called: Vec<String> = (0..5)
        .map(|_| {
            hub.clock.advance_ms(60_000);
            let ticket = call(&hub, &team.counter, Queue::Verification).unwrap();
            team.counter.finish_ticket(ticket.ticket_id, &write(&hub)).unwrap();
            ticket.number.to_string()
        })
        .collect();
    assert_eq!(called, shown, "the list does not promise another order");
}

#[test]
fn the_hall_tells_how_long_a_newcomer_will_wait_once_it_knows() {
    let hub = TestHub::start();
    let team = hub.team();
    let told = || {
        let hall: Value = team.loket.get("/api/v1/queue").ok().json();
        hall["wait_minutes"].as_u64()
    };
    for number in 1..=9 {
        help(&hub, &team.kiosk, number, None);
    }
    for _ in 0..4 {
        assert_eq!(told(), None, "too little is known");
        hub.clock.advance_ms(4 * 60_000);
        let ticket = call(&hub, &team.counter, Queue::Verification).unwrap();
        team.counter.finish_ticket(ticket.ticket_id, &write(&hub)).unwrap();
    }
    assert_eq!(told(), Some(20), "five are ahead, four minutes each");
    assert_eq!(team.kiosk.hall().unwrap().wait_minutes, Some(20));
    hub.clock.advance_ms(21 * 60_000);
    assert_eq!(told(), None, "nobody is called any more");
}
