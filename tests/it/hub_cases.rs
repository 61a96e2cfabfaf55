//! The life of a case over real HTTP.

use anjungan::domain::role::Role;
use anjungan::domain::stage::Stage;
use anjungan::domain::ticket::Queue;
use anjungan::wire::case::{
    CaseDetail, CollectorWire, Correction, HandOver, Proof, Return, ReturnReason, ReturnTo, SubmittedDocument,
    SubmittedTicket, Verdict, Verify,
};
use anjungan::wire::queue::CallNext;
use serde_json::json;

use crate::support::hub::{TestHub, scan_facts};

fn returned(hub: &TestHub, version: u32, reason: &str, document: Option<&str>) -> Return {
    Return {
        write: hub.write(version),
        to: ReturnTo::Applicant,
        reasons: vec![ReturnReason {
            document: document.map(|kind| kind.parse().unwrap()),
            reason: reason.parse().unwrap(),
        }],
        note: None,
    }
}

#[test]
fn a_case_walks_all_eight_steps() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    let opened = team.counter.open_slip(&sample.token.qr_text(None)).unwrap();
    assert_eq!(opened.row.stage, Stage::Submitted);
    assert_eq!(opened.applicant, sample.submission.applicant);
    assert!(opened.documents[0].scan_arrived && !opened.documents[1].has_scan);
    assert_eq!(opened.ticket_id, Some(sample.submission.ticket.ticket_id));

    let version = hub.walk(&team, &sample, Stage::Received);
    let call = CallNext { request_id: hub.world.request_id(), queue: Queue::Pickup };
    let called = team.counter.call_next(&call).unwrap().ticket.expect("the applicant queues for the KK");
    assert_eq!(called.number, sample.submission.ticket.number);
    assert_eq!(team.counter.hall().unwrap().ready, [called.number]);

    hub.clock.advance_ms(60_000);
    let state = team.counter.hand_over(sample.case_id, &hub.hand_over_body(&sample, version)).unwrap();
    assert_eq!((state.stage, state.register_number), (Stage::HandedOver, Some(1)));
    let detail = team.counter.case(sample.case_id).unwrap();
    let seconds: Vec<_> = detail.trail.iter().map(|step| step.seconds).collect();
    assert_eq!(seconds, [45, 60, 60, 60, 60, 60, 60, 60].map(Some));
    assert_eq!(detail.trail[0].by.as_deref(), Some("K1"));
    assert_eq!(detail.trail[7].by.as_deref(), Some("lia.loket"));
    let brought = detail.documents.iter().filter(|document| document.document_id.is_some());
    assert_eq!(brought.map(|document| document.verdict).collect::<Vec<_>>(), [Verdict::Accepted; 2]);
    let hall = team.counter.hall().unwrap();
    assert!(hall.waiting.is_empty() && hall.called.is_empty() && hall.ready.is_empty());
}

#[test]
fn a_used_slip_opens_nothing() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    hub.walk(&team, &sample, Stage::HandedOver);
    for text in [sample.token.qr_text(None), sample.token.manual_code().to_string()] {
        let reply = team.loket.post("/api/v1/slips/open", &json!({ "text": text }));
        assert_eq!((reply.status, reply.code().as_str()), (410, "SLIP-USED"));
        assert_eq!(reply.json()["fact"], "sudah dilayani 23 November 2026 09.07");
        assert!(!reply.text().contains("3315130101"));
    }
    let status = team.kiosk.slip_status(&sample.token.qr_text(None)).unwrap();
    assert_eq!(status.stage, Stage::HandedOver);
}

#[test]
fn what_is_no_slip_is_refused_by_its_reason() {
    let hub = TestHub::start_with("[slip]\nurl_base = 'https://kk.example.test'\n");
    let team = hub.team();
    let unknown = hub.world.slip_token();
    let cases = [
        ("9".repeat(4096), 422, "SLIP-UNREADABLE"),
        ("ANJ1:\u{7}\u{1b}[2J".to_owned(), 422, "SLIP-UNREADABLE"),
        ("' OR 1=1 --".to_owned(), 404, "SLIP-UNKNOWN"),
        ("https://example.test/promo".to_owned(), 404, "SLIP-UNKNOWN"),
        (unknown.qr_text(Some("https://kk.lain.test")), 422, "SLIP-OTHER-OFFICE"),
        (unknown.qr_text(Some("https://kk.example.test")), 404, "SLIP-UNKNOWN"),
        ("ABCD-EFGH-JK0".to_owned(), 422, "SLIP-MISTYPED"),
    ];
    for (text, status, code) in cases {
        let reply = team.loket.post("/api/v1/slips/open", &json!({ "text": text }));
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{text:.40}");
    }
}

#[test]
fn the_same_submission_is_one_case_and_another_under_its_name_is_refused() {
    let hub = TestHub::start();
    let token = hub.station(anjungan::domain::role::StationKind::Kiosk, "K1");
    let kiosk = hub.at_station(&token);
    let sample = hub.sample(1);
    let path = format!("/api/v1/cases/{}", sample.case_id);
    let first = kiosk.put(&path, &sample.submission);
    let again = kiosk.put(&path, &sample.submission);
    assert_eq!((first.status, again.status), (201, 200));
    assert_eq!(first.json(), again.json());
    assert_eq!(first.json()["scans_wanted"].as_array().unwrap().len(), 1);

    let mut other = sample.submission.clone();
    other.applicant_doubtful = true;
    assert_eq!(kiosk.put(&path, &other).code(), "CASE-CONFLICT");

    let mut double = hub.sample(2);
    double.submission.ticket.number = sample.submission.ticket.number;
    let path = format!("/api/v1/cases/{}", double.case_id);
    for _ in 0..3 {
        let reply = kiosk.put(&path, &double.submission);
        assert_eq!((reply.status, reply.code().as_str()), (409, "TICKET-DUPLICATE"));
    }
    let admin = hub.officer("ani.admin", Role::Admin);
    let journal = admin.get(&format!("/api/v1/journal?case={}", double.case_id)).ok().json();
    let events: Vec<_> = journal.as_array().unwrap().iter().map(|row| row["event"].clone()).collect();
    assert_eq!(events, ["submission_refused"], "written down once, not at every try");
}

#[test]
fn a_submission_must_fit_the_catalogue() {
    let hub = TestHub::start();
    let token = hub.station(anjungan::domain::role::StationKind::Kiosk, "K1");
    let kiosk = hub.at_station(&token);
    let refused = |number: u16, key: &str, value: serde_json::Value| {
        let sample = hub.sample(number);
        let mut body = serde_json::to_value(&sample.submission).unwrap();
        body[key] = value;
        kiosk.put(&format!("/api/v1/cases/{}", sample.case_id), &body).code()
    };
    assert_eq!(refused(1, "variant", json!("kk.tidak_ada")), "CASE-INVALID");
    assert_eq!(refused(2, "office", json!("3374")), "CASE-INVALID");
    assert_eq!(refused(3, "answers", json!({ "apa_saja": true })), "CASE-INVALID");
    assert_eq!(refused(4, "applicant", json!("123")), "REQUEST-MALFORMED");
    assert_eq!(refused(5, "surprise", json!(1)), "REQUEST-MALFORMED");
    let document = json!([{ "document_id": hub.world.document_id(), "kind": "tidak_ada" }]);
    assert_eq!(refused(6, "documents", document), "CASE-INVALID");
    let mut scan = serde_json::to_value(scan_facts(b"x")).unwrap();
    scan["bytes"] = json!(21 * 1024 * 1024);
    let document = json!([{ "document_id": hub.world.document_id(), "kind": "ktp_el", "scan": scan }]);
    assert_eq!(refused(7, "documents", document), "SCAN-REJECTED");
}

#[test]
fn only_the_announced_picture_is_taken() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.sample(1);
    let document = team.kiosk.submit(sample.case_id, &sample.submission).unwrap().scans_wanted[0];
    let path = format!("/api/v1/cases/{}/documents/{document}", sample.case_id);
    let token = hub.station(anjungan::domain::role::StationKind::Kiosk, "K2");
    let kiosk = hub.at_station(&token);

    assert_eq!(team.loket.get(&path).code(), "SCAN-MISSING");
    let mut bent = sample.picture.clone();
    *bent.last_mut().unwrap() ^= 1;
    assert_eq!(kiosk.send("PUT", &path, "image/png", &bent).code(), "SCAN-MISMATCH");
    assert_eq!(kiosk.send("PUT", &path, "image/png", &sample.picture[..20]).code(), "SCAN-MISMATCH");
    assert_eq!(kiosk.send("PUT", &path, "image/png", &[&sample.picture[..], b"x"].concat()).code(), "SCAN-MISMATCH");
    assert_eq!(kiosk.send("PUT", &path, "image/jpeg", &sample.picture).code(), "SCAN-REJECTED");
    assert_eq!(kiosk.send("PUT", &path, "image/png", &vec![0; sample.picture.len()]).code(), "SCAN-REJECTED");
    assert_eq!(team.loket.get(&path).code(), "SCAN-MISSING");

    kiosk.send("PUT", &path, "image/png", &sample.picture).ok();
    kiosk.send("PUT", &path, "image/png", &sample.picture).ok();
    let reply = team.loket.get(&path).ok();
    assert_eq!((reply.kind.as_str(), &reply.body), ("image/png", &sample.picture));
    assert!(team.kiosk.submit(sample.case_id, &sample.submission).unwrap().scans_wanted.is_empty());

    // The file is lost on disk: the officer is told, and the kiosk is asked for it again.
    let digest = scan_facts(&sample.picture).sha256;
    let file = hub.data().join("scans").join(&digest.as_str()[..2]).join(digest.as_str());
    std::fs::remove_file(file).unwrap();
    assert_eq!(team.loket.get(&path).code(), "SCAN-MISSING");
    assert_eq!(team.kiosk.submit(sample.case_id, &sample.submission).unwrap().scans_wanted, [document]);
    team.kiosk.put_scan(sample.case_id, document, "image/png", &sample.picture).unwrap();
    team.loket.get(&path).ok();
}

#[test]
fn a_case_is_verified_only_when_complete() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    let body = Verify { write: hub.write(1), accepted: vec!["ktp_el".parse().unwrap()] };
    let reply = team.loket.post(&format!("/api/v1/cases/{}/verify", sample.case_id), &body);
    assert_eq!((reply.status, reply.code().as_str()), (422, "CASE-INCOMPLETE"));
    assert!(reply.json()["fact"].as_str().unwrap().to_lowercase().contains("hilang"), "{}", reply.text());
    team.counter.verify(sample.case_id, &hub.verify_body(1)).unwrap();
}

#[test]
fn two_officers_verify_and_one_wins() {
    let hub = TestHub::start();
    let team = hub.team();
    let (_, other) = hub.at_counter("Loket 2", "nia.loket");
    for number in 1..=8 {
        let sample = hub.deliver(&team.kiosk, number);
        let path = format!("/api/v1/cases/{}/verify", sample.case_id);
        let bodies = [hub.verify_body(1), hub.verify_body(1)];
        let (a, b) = std::thread::scope(|scope| {
            let a = scope.spawn(|| team.loket.post(&path, &bodies[0]));
            let b = scope.spawn(|| other.post(&path, &bodies[1]));
            (a.join().unwrap(), b.join().unwrap())
        });
        let (won, lost) = if a.status == 200 { (a, b) } else { (b, a) };
        assert_eq!(won.json()["version"], 2);
        assert_eq!((lost.status, lost.code().as_str()), (409, "CASE-CHANGED"));
    }
}

#[test]
fn a_request_twice_is_done_once_and_its_name_serves_one_content() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    let body = hub.verify_body(1);
    let path = format!("/api/v1/cases/{}/verify", sample.case_id);
    let first = team.loket.post(&path, &body).ok();
    let again = team.loket.post(&path, &body).ok();
    assert_eq!(first.json(), again.json());
    let other = Verify { accepted: Vec::new(), ..body };
    assert_eq!(team.loket.post(&path, &other).code(), "REQUEST-REUSED");
    let old = team.operator.verb(sample.case_id, "propose", hub.write(1), json!({ "siak_number": "SIAK-1" }));
    assert_eq!((old.status, old.code().as_str()), (409, "CASE-CHANGED"));
    let wrong = team.kadis.verb(sample.case_id, "sign", hub.write(2), json!({ "outcome": "signed" }));
    assert_eq!((wrong.status, wrong.code().as_str()), (409, "CASE-WRONG-STAGE"));
    let siak = team.operator.verb(sample.case_id, "propose", hub.write(2), json!({ "siak_number": "a b" }));
    assert_eq!(siak.code(), "SIAK-NUMBER-INVALID");
}

#[test]
fn a_returned_case_is_corrected_at_the_kiosk_under_the_same_slip() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    let back = returned(&hub, 1, "tidak_terbaca", Some("sk_hilang_polisi"));
    assert_eq!(team.counter.return_case(sample.case_id, &back).unwrap().stage, Stage::Returned);
    let status = team.kiosk.slip_status(&sample.token.manual_code().to_string()).unwrap();
    assert_eq!(status.wanted.len(), 1);
    assert!(status.wanted[0].what_to_do.contains("dipindai ulang"));

    let again = hub.sample(2);
    let correction = Correction {
        slip_token: status.slip_token,
        documents: vec![SubmittedDocument {
            document_id: hub.world.document_id(),
            kind: "sk_hilang_polisi".parse().unwrap(),
            scan: Some(scan_facts(&again.picture)),
        }],
        ticket: SubmittedTicket { ticket_id: hub.world.ticket_id(), ..again.submission.ticket.clone() },
        corrected_at: hub.world.now(),
    };
    let stolen = Correction { slip_token: hub.world.slip_token().digest(), ..correction.clone() };
    assert!(team.kiosk.correct(sample.case_id, hub.world.request_id(), &stolen).is_err());
    let request = hub.world.request_id();
    let first = team.kiosk.correct(sample.case_id, request, &correction).unwrap();
    assert_eq!(team.kiosk.correct(sample.case_id, request, &correction).unwrap(), first);
    assert_eq!((first.stage, first.version, first.scans_wanted.len()), (Stage::Submitted, 3, 1));

    let waiting = team.counter.hall().unwrap().waiting;
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].number, again.submission.ticket.number);
    let detail = team.counter.open_slip(&sample.token.qr_text(None)).unwrap();
    let brought = detail.documents.iter().filter(|document| document.document_id.is_some()).count();
    assert_eq!(brought, 2, "the rejected scan is replaced");
    assert_eq!(detail.documents[0].verdict, Verdict::Open);
    team.counter.verify(sample.case_id, &hub.verify_body(3)).unwrap();
}

#[test]
fn a_case_goes_back_to_the_operator_and_a_signature_waits() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    let version = hub.walk(&team, &sample, Stage::Endorsed);
    let id = sample.case_id;
    let deferred = team.kadis.verb(id, "sign", hub.write(version), json!({ "outcome": "deferred" })).ok();
    assert_eq!(deferred.json()["stage"], "endorsed");
    let row = team.kadis.get("/api/v1/cases?stage=endorsed").ok().json()[0].clone();
    assert_eq!(row["signature_deferred"], true);

    let reasons = json!([{ "reason": "salah_input" }]);
    let more = json!({ "to": "operator", "reasons": reasons, "note": "Nama anak kedua salah eja" });
    let back = team.kadis.verb(id, "return", hub.write(version + 1), more).ok();
    assert_eq!(back.json()["stage"], "verified");
    let detail: CaseDetail = team.operator.get(&format!("/api/v1/cases/{id}")).ok().read();
    assert_eq!(detail.return_note.as_deref(), Some("Nama anak kedua salah eja"));
    assert!(!detail.row.signature_deferred);
    assert!(detail.trail[2].at.is_none(), "steps 3 and 4 count anew");
    let journal = team.kabid.get(&format!("/api/v1/journal?case={id}")).ok().text();
    assert!(journal.contains("signature_deferred") && journal.contains("case_sent_back"));

    let more = json!({ "to": "applicant", "reasons": [{ "reason": "lainnya" }], "note": "NIK 3315130101909001" });
    let refused = team.operator.verb(id, "return", hub.write(version + 2), more);
    assert_eq!(refused.code(), "RETURN-NOTE-INVALID", "no number of identity in a note");
    let rows = team.operator.get("/api/v1/cases?stage=verified").ok().json();
    assert_eq!(rows[0]["sent_back"], true, "the operator's list marks what came back");
    let none = json!({ "to": "applicant", "reasons": [] });
    let refused = team.operator.verb(id, "return", hub.write(version + 2), none);
    assert_eq!((refused.status, refused.code().as_str()), (422, "RETURN-REASON-MISSING"));
}

#[test]
fn nobody_checks_their_own_work_and_no_role_does_anothers() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    let version = hub.walk(&team, &sample, Stage::Proposed);
    let id = sample.case_id;
    for other in [&team.operator, &team.kadis, &team.loket] {
        let reply = other.verb(id, "endorse", hub.write(version), json!({}));
        assert_eq!((reply.status, reply.code().as_str()), (403, "NOT-ALLOWED"));
    }
    // The operator is promoted to Kabid between two steps.
    let path = hub.data().join("anjungan.db");
    let conn = rusqlite::Connection::open(path).unwrap();
    conn.execute("UPDATE users SET role = 'kabid' WHERE name = 'oki.operator'", []).unwrap();
    let reply = team.operator.verb(id, "endorse", hub.write(version), json!({}));
    assert_eq!((reply.status, reply.code().as_str()), (403, "CASE-FOUR-EYES"));
}

#[test]
fn a_wrong_card_stops_the_handover_and_is_written_down_without_a_number() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    let version = hub.walk(&team, &sample, Stage::Received);
    let path = format!("/api/v1/cases/{}/hand-over", sample.case_id);
    let stranger = "3315130101909999".parse().unwrap();
    let body = |collector, proof| HandOver { write: hub.write(version), collector, proof };
    let card = |nik| Proof::Card { nik, origin: "typed".to_owned() };

    let wrong = body(CollectorWire::Applicant, card(stranger));
    for _ in 0..2 {
        let reply = team.loket.post(&path, &wrong);
        assert_eq!((reply.status, reply.code().as_str()), (422, "HANDOVER-NIK-MISMATCH"));
    }
    let proxy = team.loket.post(&path, &body(CollectorWire::Proxy, card(sample.submission.applicant)));
    assert_eq!(proxy.code(), "HANDOVER-NO-PROXY");
    let short = Proof::Visual { reason: "ok".to_owned(), nik: sample.submission.applicant };
    assert_eq!(team.loket.post(&path, &body(CollectorWire::Applicant, short)).code(), "HANDOVER-PROOF-INVALID");

    let conn = rusqlite::Connection::open(hub.data().join("anjungan.db")).unwrap();
    let (count, detail): (i64, String) = conn
        .query_row("SELECT count(*), max(detail) FROM journal WHERE event = 'handover_refused'", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(count, 1, "the same request twice is one refusal");
    assert!(detail.contains("\"proof\":\"card\""), "{detail}");
    let leaks: i64 =
        conn.query_row("SELECT count(*) FROM journal WHERE detail LIKE '%33151301%'", [], |row| row.get(0)).unwrap();
    assert_eq!(leaks, 0, "no NIK in the journal");

    let seen = Proof::Visual { reason: "Chip rusak, foto cocok".to_owned(), nik: sample.submission.applicant };
    team.counter.hand_over(sample.case_id, &body(CollectorWire::Applicant, seen)).unwrap();
}

#[test]
fn a_large_scan_sent_twice_is_answered_twice() {
    let hub = TestHub::start();
    let kiosk = hub.at_station(&hub.station(anjungan::domain::role::StationKind::Kiosk, "K1"));
    let mut sample = hub.sample(1);
    let mut picture = sample.picture.clone();
    picture.resize(12 * 1024 * 1024, 7);
    sample.submission.documents[0].scan = Some(scan_facts(&picture));
    kiosk.put(&format!("/api/v1/cases/{}", sample.case_id), &sample.submission).ok();
    let document = sample.submission.documents[0].document_id;
    let path = format!("/api/v1/cases/{}/documents/{document}", sample.case_id);
    // Nobody reads the second one, yet its sender must hear the answer instead of a broken line.
    for _ in 0..3 {
        kiosk.send("PUT", &path, "image/png", &picture).ok();
    }
}

#[test]
fn a_kiosk_whose_clock_is_mad_stops_no_desk() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    let kiosk = hub.at_station(&hub.station(anjungan::domain::role::StationKind::Kiosk, "K2"));
    for day in ["-000044-03-15", "0001-01-01", "9999-12-31"] {
        let mut odd = hub.sample(2);
        odd.submission.ticket.day = day.parse().unwrap();
        odd.submission.started_at = jiff::Timestamp::MIN;
        odd.submission.submitted_at = jiff::Timestamp::MAX;
        let reply = kiosk.put(&format!("/api/v1/cases/{}", odd.case_id), &odd.submission);
        assert_eq!(reply.status, 201, "{day}: {}", reply.text());
        team.loket.get(&format!("/api/v1/cases/{}", odd.case_id)).ok();
        hub.stranger().get(&format!("/s/{}", odd.token.text())).ok();
        let list = team.loket.get("/api/v1/cases?stage=submitted").ok();
        assert!(list.text().contains(&sample.case_id.to_string()), "{day}");
    }
}
