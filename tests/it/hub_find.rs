//! Finding the case of somebody who stands at a counter without a slip: by ticket, NIK, No KK, archive number.

use anjungan::archivist;
use anjungan::domain::nik::Nik;
use anjungan::domain::no_kk::NoKk;
use anjungan::domain::role::{Role, StationKind};
use anjungan::domain::stage::Stage;
use anjungan::wire::client::HubClient;
use anjungan::wire::find::{FindCases, FoundCases};
use anjungan::wire::session::SignIn;
use serde_json::json;

use crate::hub_archive::{filed, finished, journal};
use crate::hub_hall::code;
use crate::support::hub::{PASSWORD, TestHub};

fn ticket(number: &str) -> FindCases {
    FindCases::Ticket { number: number.parse().unwrap(), day: None }
}

fn by_nik(text: &str) -> FindCases {
    FindCases::Nik { nik: text.parse().unwrap() }
}

/// The tickets of what was found, in order.
fn numbers(found: &FoundCases) -> Vec<String> {
    found.cases.iter().map(|row| row.ticket.to_string()).collect()
}

#[test]
fn a_case_is_found_by_its_ticket_of_today_or_of_another_day() {
    let hub = TestHub::start();
    let token = hub.station(StationKind::Counter, "Loket 9");
    hub.person("nia.loket", Role::PetugasLoket);
    let sign_in = SignIn { name: "nia.loket".to_owned(), password: PASSWORD.to_owned() };
    let at_counter = || {
        let client = HubClient::new(&hub.base(), &token);
        client.with_session(&client.sign_in(&sign_in).unwrap())
    };
    let kiosk = hub.kiosk();
    let first = hub.deliver(&kiosk, 7);
    let day = first.submission.ticket.day;
    assert_eq!(at_counter().find_cases(&ticket("A-007")).unwrap().cases[0].case_id, first.case_id);
    hub.clock.advance_ms(24 * 3_600_000);
    let second = hub.deliver(&kiosk, 7);
    let counter = at_counter();
    assert_eq!(counter.find_cases(&ticket("A-007")).unwrap().cases[0].case_id, second.case_id, "today's");
    let yesterdays = FindCases::Ticket { number: "A-007".parse().unwrap(), day: Some(day) };
    let found = counter.find_cases(&yesterdays).unwrap();
    assert_eq!((found.cases.len(), found.cases[0].case_id, found.more), (1, first.case_id, false));
    assert!(counter.find_cases(&ticket("A-008")).unwrap().cases.is_empty());
    // Somebody who only asked for help has a number and no case.
    crate::hub_hall::take(&hub, &kiosk, 8, None);
    assert!(counter.find_cases(&ticket("A-008")).unwrap().cases.is_empty());
}

#[test]
fn a_nik_finds_the_cases_of_an_applicant_and_of_a_proxy_the_newest_first() {
    let hub = TestHub::start();
    let team = hub.team();
    let nik: Nik = "3315130101909777".parse().unwrap();
    let no_kk: NoKk = "3315131203189001".parse().unwrap();
    for number in 1..=4 {
        let mut sample = hub.sample(number);
        match number {
            1 => sample.submission.applicant = nik,
            2 => sample.submission.proxy = Some(nik),
            3 => sample.submission.no_kk = Some(no_kk),
            _ => {}
        }
        team.kiosk.submit(sample.case_id, &sample.submission).unwrap();
        hub.clock.advance_ms(60_000);
    }
    let find = |find: &FindCases| team.counter.find_cases(find).unwrap();
    assert_eq!(numbers(&find(&by_nik(nik.as_str()))), ["A-002", "A-001"]);
    assert_eq!(numbers(&find(&FindCases::NoKk { no_kk })), ["A-003"]);
    assert_eq!(numbers(&find(&by_nik("3315130101909004"))), ["A-004"], "the applicant of the sample");
    assert!(find(&by_nik("3315130101909778")).cases.is_empty());
    // What is typed into one field: sixteen digits are both.
    let typed = FindCases::typed("3315 1312 0318 9001").unwrap();
    let found: Vec<_> = typed.iter().flat_map(|one| numbers(&find(one))).collect();
    assert_eq!(found, ["A-003"]);

    let searched = journal(&hub, "cases_searched");
    assert_eq!(searched.len(), 6);
    assert_eq!(searched[0], json!({ "by": "nik", "found": 2, "more": false }).to_string());
    assert!(searched.iter().all(|detail| !detail.contains("3315")), "by what, not for what: {searched:?}");
    let conn = rusqlite::Connection::open(hub.data().join("anjungan.db")).unwrap();
    let who: (String, String) = conn
        .query_row("SELECT actor, station FROM journal WHERE event = 'cases_searched' LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(who, ("lia.loket".to_owned(), "Loket 1".to_owned()));
}

#[test]
fn twenty_are_shown_and_that_there_are_more_is_said() {
    let hub = TestHub::start();
    let team = hub.team();
    let nik: Nik = "3315130101909777".parse().unwrap();
    let submit = |number| {
        let mut sample = hub.sample(number);
        sample.submission.applicant = nik;
        team.kiosk.submit(sample.case_id, &sample.submission).unwrap();
        hub.clock.advance_ms(1_000);
    };
    (1..=20).for_each(submit);
    let found = team.counter.find_cases(&by_nik(nik.as_str())).unwrap();
    assert_eq!((found.cases.len(), found.more), (20, false));
    submit(21);
    let found = team.counter.find_cases(&by_nik(nik.as_str())).unwrap();
    assert_eq!((found.cases.len(), found.more, numbers(&found)[0].as_str()), (20, true, "A-021"));
}

#[test]
fn a_filed_case_is_found_and_a_destroyed_one_by_no_number_of_a_person() {
    let hub = TestHub::start_with("[archive]\nretention_years = 1\n");
    let team = hub.team();
    let sample = finished(&hub, &team, 1);
    let number = filed(&team, &sample).row.number;
    let (nik, no_kk) = (sample.submission.applicant, sample.submission.no_kk.unwrap());
    let searches = [FindCases::Archive { number }, FindCases::Nik { nik }, FindCases::NoKk { no_kk }];
    for search in &searches {
        let found = team.counter.find_cases(search).unwrap();
        assert_eq!((found.cases[0].case_id, found.cases[0].stage), (sample.case_id, Stage::HandedOver), "{search:?}");
    }
    let none = FindCases::Archive { number: "2026-000999".parse().unwrap() };
    assert!(team.counter.find_cases(&none).unwrap().cases.is_empty());

    hub.clock.advance_ms(366 * 24 * 3_600_000);
    archivist::retain(hub.config(), &hub.world, true).unwrap();
    let (counter, _) = hub.at_counter("Loket 2", "nia.loket");
    let found = searches.map(|search| counter.find_cases(&search).unwrap().cases.len());
    assert_eq!(found, [1, 0, 0], "by its archive number only");
}

#[test]
fn a_number_that_is_none_is_refused_without_being_repeated() {
    let hub = TestHub::start();
    let team = hub.team();
    for wrong in [
        json!({ "by": "nik", "nik": "331513010190901" }),
        json!({ "by": "nik", "nik": "1111111111111111" }),
        json!({ "by": "name", "name": "Siti Contoh" }),
        json!({ "by": "ticket", "number": "A7" }),
        json!({ "by": "ticket", "number": "A-007", "nik": "3315130101909001" }),
        json!({}),
    ] {
        let reply = team.loket.post("/api/v1/cases/find", &wrong);
        assert_eq!((reply.status, reply.code().as_str()), (400, "REQUEST-MALFORMED"), "{wrong}");
        assert!(!reply.text().contains("3315") && !reply.text().contains("Siti"), "{}", reply.text());
    }
    assert!(journal(&hub, "cases_searched").is_empty(), "nothing was searched");
}

#[test]
fn an_officer_does_not_leaf_through_the_numbers_of_a_town() {
    let hub = TestHub::start();
    let team = hub.team();
    let numbers = (9_001..).map(|serial| by_nik(&format!("331513010190{serial}")));
    let refused = numbers.take(500).find_map(|search| team.counter.find_cases(&search).err());
    assert_eq!(code::<()>(Err(refused.expect("an end"))), "SEARCH-TOO-OFTEN");
    let (other, _) = hub.at_counter("Loket 2", "nia.loket");
    other.find_cases(&ticket("A-001")).unwrap();
    assert!(journal(&hub, "cases_searched").len() >= 21, "each search is a line");
}
