//! KK that lie at the counter: how long, who was reminded, who is to be; over the API and on the page.

use anjungan::domain::role::Role;
use anjungan::domain::stage::Stage;
use anjungan::domain::unclaimed::ReminderWay;
use anjungan::wire::client::HubClient;
use anjungan::wire::session::SignIn;
use anjungan::wire::unclaimed::{Remind, Unclaimed};

use crate::hub_archive::journal;
use crate::hub_hall::code;
use crate::hub_pages::{Browser, Page};
use crate::support::hub::{Caller, PASSWORD, Sample, Team, TestHub};

const DAY_MS: i64 = 24 * 3_600_000;

/// The same people on a later day: their sessions have ended.
fn days_later(hub: &TestHub, team: &Team, days: i64) -> Team {
    hub.clock.advance_ms(days * DAY_MS);
    let session = |name: &str, station: &str| {
        let client = HubClient::new(&hub.base(), station);
        let session = client.sign_in(&SignIn { name: name.to_owned(), password: PASSWORD.to_owned() }).unwrap();
        (client.with_session(&session), session.token)
    };
    let again = |caller: &Caller, name: &str| Caller { session: Some(session(name, "").1), ..caller.clone() };
    let (counter, token) = session("lia.loket", team.loket.station.as_deref().unwrap());
    Team {
        kiosk: team.kiosk.clone(),
        loket: Caller { session: Some(token), ..team.loket.clone() },
        counter,
        operator: again(&team.operator, "oki.operator"),
        kabid: again(&team.kabid, "budi.kabid"),
        kadis: again(&team.kadis, "dewi.kadis"),
    }
}

/// A KK that has come to the counter; the applicant of an odd number left a telephone number.
fn received(hub: &TestHub, team: &Team, number: u16) -> (Sample, u32) {
    let mut sample = hub.sample(number);
    sample.submission.phone = (number % 2 == 1).then(|| "084000009001".parse().unwrap());
    let submitted = team.kiosk.submit(sample.case_id, &sample.submission).unwrap();
    for document in submitted.scans_wanted {
        team.kiosk.put_scan(sample.case_id, document, "image/png", &sample.picture).unwrap();
    }
    let version = hub.walk(team, &sample, Stage::Received);
    (sample, version)
}

fn remind(hub: &TestHub, way: ReminderWay) -> Remind {
    Remind { request_id: hub.world.request_id(), way }
}

/// Ticket, days, due and reminders of each row.
fn rows(list: &Unclaimed) -> Vec<(String, u32, bool, u32)> {
    list.rows.iter().map(|row| (row.ticket.to_string(), row.days, row.due, row.reminders)).collect()
}

#[test]
fn who_is_to_be_reminded_comes_first_and_whoever_was_waits_for_the_next_day() {
    let hub = TestHub::start();
    let team = hub.team();
    let (first, version) = received(&hub, &team, 1);
    let team = days_later(&hub, &team, 4);
    let (second, _) = received(&hub, &team, 2);
    let row = |number: &str, days, due, reminders| (number.to_owned(), days, due, reminders);
    let list = team.counter.unclaimed(0).unwrap();
    assert_eq!(rows(&list), [row("A-001", 4, true, 0), row("A-002", 0, false, 0)]);
    assert_eq!(list.rows.iter().map(|row| row.has_phone).collect::<Vec<_>>(), [true, false]);
    assert!(!team.loket.get("/api/v1/unclaimed").ok().text().contains("0840"), "the number is on the case only");

    let phoned = remind(&hub, ReminderWay::Phone);
    let reminded = team.counter.remind(first.case_id, &phoned).unwrap();
    assert_eq!(reminded.reminders, 1);
    assert_eq!(team.counter.remind(first.case_id, &phoned).unwrap(), reminded, "sent twice, it is one reminder");
    assert_eq!(rows(&team.counter.unclaimed(0).unwrap())[0], row("A-001", 4, false, 1));

    let team = days_later(&hub, &team, 2);
    assert!(team.counter.unclaimed(0).unwrap().rows.iter().all(|row| !row.due), "six days and two");
    let team = days_later(&hub, &team, 1);
    team.counter.remind(first.case_id, &remind(&hub, ReminderWay::Message)).unwrap();
    let list = team.counter.unclaimed(0).unwrap();
    assert_eq!(rows(&list), [row("A-002", 3, true, 0), row("A-001", 7, false, 2)], "due, then old");
    assert_eq!(list.rows[1].last_reminder, Some(hub.world.now()));
    for (days, total) in [(3, 2), (7, 1), (14, 0), (30, 0)] {
        let list = team.counter.unclaimed(days).unwrap();
        assert_eq!((list.total, list.rows.len()), (total, total as usize), "{days} days");
    }

    let team = days_later(&hub, &team, 7);
    assert_eq!(rows(&team.counter.unclaimed(14).unwrap()), [row("A-001", 14, true, 2)]);
    team.counter.hand_over(first.case_id, &hub.hand_over_body(&first, version)).unwrap();
    assert_eq!(rows(&team.counter.unclaimed(0).unwrap()), [row("A-002", 10, true, 0)]);
    let late = team.counter.remind(first.case_id, &remind(&hub, ReminderWay::Other));
    assert_eq!(code(late), "CASE-WRONG-STAGE", "it is in its owner's hands");
    let told = journal(&hub, "applicant_reminded");
    assert_eq!(told.len(), 2);
    assert!(told[0].contains("\"way\":\"telepon\"") && told[1].contains("\"way\":\"pesan\""), "{told:?}");
    assert_eq!(team.counter.case(second.case_id).unwrap().row.stage, Stage::Received);
}

#[test]
fn only_who_works_on_cases_reminds_and_only_counters_ask_for_the_list() {
    let hub = TestHub::start();
    let team = hub.team();
    let (sample, version) = received(&hub, &team, 1);
    let path = format!("/api/v1/cases/{}/reminders", sample.case_id);
    let admin = hub.officer("ani.admin", Role::Admin);
    assert_eq!(admin.post(&path, &remind(&hub, ReminderWay::Phone)).code(), "NOT-ALLOWED");
    for who in [&team.operator, &team.kabid, &team.kadis, &team.loket] {
        who.post(&path, &remind(&hub, ReminderWay::Phone)).ok();
    }
    assert_eq!(team.operator.get("/api/v1/unclaimed").code(), "STATION-UNKNOWN");
    assert_eq!(team.loket.get("/api/v1/unclaimed?days=x").code(), "REQUEST-MALFORMED");
    let wrong = serde_json::json!({ "request_id": hub.world.request_id(), "way": "sms" });
    assert_eq!(team.loket.post(&path, &wrong).code(), "REQUEST-MALFORMED");
    let nowhere = hub.sample(2).case_id;
    assert_eq!(code(team.counter.remind(nowhere, &remind(&hub, ReminderWay::Phone))), "CASE-UNKNOWN");
    // Somebody works on the case meanwhile: a reminder takes no version away.
    team.counter.hand_over(sample.case_id, &hub.hand_over_body(&sample, version)).unwrap();
}

#[test]
fn the_page_lists_what_lies_there_and_notes_a_reminder() {
    let hub = TestHub::start();
    let team = hub.team();
    let (first, _) = received(&hub, &team, 1);
    let team = days_later(&hub, &team, 8);
    received(&hub, &team, 2);
    let mut browser = Browser { hub: &hub, cookie: None };
    browser.enter("budi.kabid");
    assert!(browser.get("/meja").text.contains("href=\"/belum-diambil\""), "a way there from the desk");
    let page = browser.get("/belum-diambil");
    assert_eq!(page.status, 200, "{}", page.text);
    for words in ["KK hilang", "8 hari", "23 November 2026", "Perlu diingatkan", "Ada nomor HP", "Tanpa nomor HP"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(!page.text.contains("0840"), "the number is on the case only");
    assert!(page.text.find("A-001").unwrap() < page.text.find("A-002").unwrap());
    let longer = browser.get("/belum-diambil?days=7&page=0");
    assert!(longer.text.contains("A-001") && !longer.text.contains("A-002"), "{}", longer.text);
    assert!(browser.get("/belum-diambil?days=14").text.contains("14 hari atau lebih di loket."));

    let fields = |page: &Page| ["form_token", "request_id"].map(|field| page.hidden(field));
    let [token, request] = fields(&longer);
    let path = format!("/belum-diambil/{}", first.case_id);
    let form = [("form_token", &*token), ("request_id", &*request), ("days", "7"), ("page", "0"), ("way", "telepon")];
    // Sent twice, as after an impatient second press: noted once, and no scolding.
    for _ in 0..2 {
        let done = browser.post(&path, &form);
        assert_eq!(
            (done.status, done.location.as_str()),
            (303, "/belum-diambil?days=7&page=0&done=1"),
            "{}",
            done.text
        );
    }
    let page = browser.get("/belum-diambil?days=7&page=0&done=1");
    for words in ["Pengingat sudah dicatat.", "Diingatkan 1 kali, terakhir 1 Des"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(!page.text.contains("Perlu diingatkan"), "{}", page.text);
    assert_eq!(journal(&hub, "applicant_reminded").len(), 1);
    assert_eq!(browser.post(&path, &form[1..]).status, 403, "a form from elsewhere");
    let [_, other] = fields(&page);
    let nowhere = format!("/belum-diambil/{}", hub.sample(9).case_id);
    let form = [("form_token", &*token), ("request_id", &*other), ("days", "7"), ("page", "0"), ("way", "pesan")];
    let refused = browser.post(&nowhere, &form);
    assert!(refused.status == 404 && refused.text.contains("CASE-UNKNOWN"), "{}", refused.text);

    hub.officer("ani.admin", Role::Admin);
    let mut admin = Browser { hub: &hub, cookie: None };
    admin.enter("ani.admin");
    assert_eq!(admin.get("/belum-diambil").status, 403);
}
