//! Notes that stick to a case: who writes them, what they may say, where they end.

use anjungan::archivist;
use anjungan::domain::ids::CaseId;
use anjungan::domain::role::Role;
use anjungan::domain::stage::Stage;
use anjungan::wire::case::CaseDetail;
use anjungan::wire::find::AddNote;
use serde_json::json;

use crate::hub_archive::{filed, finished, journal};
use crate::hub_hall::code;
use crate::hub_pages::Browser;
use crate::support::hub::TestHub;

fn note(hub: &TestHub, text: &str) -> AddNote {
    AddNote { request_id: hub.world.request_id(), text: text.to_owned() }
}

fn path(case: CaseId) -> String {
    format!("/api/v1/cases/{case}/notes")
}

#[test]
fn a_note_is_seen_by_every_desk_and_disturbs_no_step() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    let version = hub.walk(&team, &sample, Stage::Verified);
    let id = sample.case_id;
    let first = note(&hub, "  Pemohon kembali hari Kamis. ");
    let noted = team.counter.add_note(id, &first).unwrap();
    assert_eq!((noted.by.as_str(), noted.notes), ("lia.loket", 1));
    assert_eq!(team.counter.add_note(id, &first).unwrap(), noted, "sent twice, it is one note");
    hub.clock.advance_ms(60_000);
    for who in [&team.operator, &team.kabid, &team.kadis] {
        who.post(&path(id), &note(&hub, "Sudah dibaca.")).ok();
    }
    let detail: CaseDetail = team.operator.get(&format!("/api/v1/cases/{id}")).ok().read();
    let lines: Vec<_> = detail.notes.iter().map(|note| (note.by.as_str(), note.text.as_str())).collect();
    assert_eq!(lines[0], ("lia.loket", "Pemohon kembali hari Kamis."));
    assert_eq!(lines[1..], ["oki.operator", "budi.kabid", "dewi.kadis"].map(|by| (by, "Sudah dibaca.")));
    assert!(detail.notes.is_sorted_by_key(|note| note.at) && detail.notes[0].at < detail.notes[1].at);
    assert_eq!(detail.row.version, version, "whoever has the case open goes on");
    team.operator.verb(id, "propose", hub.write(version), json!({ "siak_number": "3315/KK/2026/0042" })).ok();

    assert_eq!(journal(&hub, "case_noted").len(), 4);
    let conn = rusqlite::Connection::open(hub.data().join("anjungan.db")).unwrap();
    for sql in [
        "SELECT count(*) FROM journal WHERE detail LIKE '%Kamis%'",
        "SELECT count(*) FROM requests WHERE response LIKE '%Kamis%'",
    ] {
        assert_eq!(conn.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap(), 0, "{sql}");
    }
}

#[test]
fn a_note_names_nobody_and_twenty_are_enough() {
    let hub = TestHub::start();
    let team = hub.team();
    let id = hub.deliver(&team.kiosk, 1).case_id;
    for wrong in ["", "   ", "NIK 3315130101909001", "HP 0840 0000 9001", "dua\nbaris", &"x".repeat(201)] {
        assert_eq!(code(team.counter.add_note(id, &note(&hub, wrong))), "CASE-NOTE-INVALID", "{wrong}");
    }
    let nowhere = hub.sample(2).case_id;
    assert_eq!(code(team.counter.add_note(nowhere, &note(&hub, "Siapa?"))), "CASE-UNKNOWN");
    let admin = hub.officer("ani.admin", Role::Admin);
    assert_eq!(admin.post(&path(id), &note(&hub, "Saya juga.")).code(), "NOT-ALLOWED");
    let mut reused = note(&hub, &"x".repeat(200));
    team.counter.add_note(id, &reused).unwrap();
    reused.text = "lain".to_owned();
    assert_eq!(code(team.counter.add_note(id, &reused)), "REQUEST-REUSED");
    for number in 2..=20 {
        assert_eq!(team.counter.add_note(id, &note(&hub, "Catatan.")).unwrap().notes, number);
    }
    assert_eq!(code(team.counter.add_note(id, &note(&hub, "Satu lagi."))), "CASE-NOTES-FULL");
    assert_eq!(team.counter.case(id).unwrap().notes.len(), 20);
}

#[test]
fn a_note_is_added_on_the_page_of_the_case() {
    let hub = TestHub::start();
    let team = hub.team();
    let id = hub.deliver(&team.kiosk, 1).case_id;
    let mut browser = Browser { hub: &hub, cookie: None };
    browser.enter("budi.kabid");
    let page = browser.get(&format!("/meja/{id}"));
    let [token, request] = ["form_token", "request_id"].map(|field| page.hidden(field));
    let form = |text: &'static str| {
        [("form_token", token.clone()), ("request_id", request.clone()), ("text", text.to_owned())]
    };
    let post = |browser: &mut Browser<'_>, text| {
        let form = form(text);
        let form: Vec<(&str, &str)> = form.iter().map(|(key, value)| (*key, value.as_str())).collect();
        browser.post(&format!("/meja/{id}/note"), &form)
    };
    let wrong = post(&mut browser, "Telepon 0840 0000 9001");
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("CASE-NOTE-INVALID"), "{}", wrong.text);
    for _ in 0..2 {
        let done = post(&mut browser, "Mohon dicek\r\n<b>alamatnya</b>.");
        assert_eq!((done.status, done.location), (303, format!("/meja/{id}#catatan")), "{}", done.text);
    }
    let page = browser.get(&format!("/meja/{id}"));
    assert_eq!(page.text.matches("Mohon dicek &lt;b&gt;alamatnya&lt;/b&gt;.").count(), 1, "{}", page.text);
    assert!(page.text.contains("budi.kabid, 09.00 WIB"), "{}", page.text);
    let unsigned = browser.post(&format!("/meja/{id}/note"), &[("request_id", &request), ("text", "x")]);
    assert_eq!(unsigned.status, 403, "a form from elsewhere");
}

#[test]
fn notes_go_when_the_archived_case_is_destroyed() {
    let hub = TestHub::start_with("[archive]\nretention_years = 1\n");
    let team = hub.team();
    let sample = finished(&hub, &team, 1);
    filed(&team, &sample);
    let id = sample.case_id;
    team.counter.add_note(id, &note(&hub, "Pemohon puas.")).unwrap();
    let other = hub.deliver(&team.kiosk, 2).case_id;
    team.counter.add_note(other, &note(&hub, "Masih berjalan.")).unwrap();

    hub.clock.advance_ms(366 * 24 * 3_600_000);
    assert_eq!(archivist::retain(hub.config(), &hub.world, true).unwrap().due.len(), 1);
    let (counter, _) = hub.at_counter("Loket 2", "nia.loket");
    assert!(counter.case(id).unwrap().notes.is_empty());
    assert_eq!(counter.case(other).unwrap().notes.len(), 1, "the others stay");
    assert_eq!(code(counter.add_note(id, &note(&hub, "Masih ada?"))), "ARCHIVE-DESTROYED");
}
