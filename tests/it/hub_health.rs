//! What stations say of themselves: faults as pairs in the journal, the live state in the hall, readiness reports.

use std::sync::mpsc;
use std::time::Duration;

use anjungan::domain::device::{DeviceHealth, DeviceKind};
use anjungan::domain::role::{Role, StationKind};
use anjungan::wire::client::{ClientError, HubClient};
use anjungan::wire::health::{
    DeviceFault, DeviceReport, READINESS_LINES_MAX, Readiness, ReadinessLine, StationHealth, StationState, Verdict,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::hub::{MORNING, TestHub};

fn morning() -> Timestamp {
    MORNING.parse().unwrap()
}

fn printer(health: DeviceHealth, slips_left: Option<u32>) -> DeviceReport {
    DeviceReport { device: DeviceKind::Printer, health, since: morning(), slips_left, simulated: true }
}

fn scanner(health: DeviceHealth) -> DeviceReport {
    DeviceReport { device: DeviceKind::DocumentScanner, ..printer(health, None) }
}

fn report(client: &HubClient, devices: Vec<DeviceReport>) {
    client.report_health(&StationHealth { devices }).unwrap();
}

fn fault(ended_after_s: Option<i64>) -> DeviceFault {
    DeviceFault {
        device: DeviceKind::Printer,
        health: DeviceHealth::MediaEmpty,
        began_at: morning(),
        ended_at: ended_after_s.map(|s| morning() + SignedDuration::from_secs(s)),
    }
}

fn code<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> (u16, String) {
    match answer {
        Err(ClientError::Refused(problem)) => (problem.status, problem.code),
        other => panic!("{other:?}"),
    }
}

/// What the journal says of devices and readiness: event, actor, station, details.
fn journal(hub: &TestHub) -> Vec<(String, String, Option<String>, Value)> {
    let conn = rusqlite::Connection::open(hub.data().join("anjungan.db")).unwrap();
    let sql = "SELECT event, actor, station, detail FROM journal
               WHERE office = '3315' AND (event LIKE 'device_%' OR event LIKE 'readiness_%') ORDER BY seq";
    let mut statement = conn.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| {
        let detail: String = row.get(3)?;
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, serde_json::from_str(&detail).unwrap()))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn events(hub: &TestHub) -> Vec<String> {
    journal(hub).into_iter().map(|(event, ..)| event).collect()
}

const PAIR: [&str; 2] = ["device_fault", "device_fault_cleared"];

#[test]
fn a_fault_and_its_clearing_are_one_pair_however_often_they_are_told() {
    let mut hub = TestHub::start();
    let kiosk = hub.kiosk();
    let id = hub.world.fault_id();
    for _ in 0..3 {
        kiosk.report_fault(id, &fault(None)).unwrap();
    }
    assert_eq!(events(&hub), PAIR[..1]);
    for _ in 0..3 {
        kiosk.report_fault(id, &fault(Some(40))).unwrap();
    }
    let rows = journal(&hub);
    assert_eq!(events(&hub), PAIR);
    for (_, actor, station, detail) in &rows {
        assert_eq!((actor.as_str(), station.as_deref()), ("K1", Some("K1")));
        let words = (&detail["fault_id"], &detail["device"], &detail["health"], &detail["began_at"]);
        assert_eq!(words, (&json!(id), &json!("printer"), &json!("media_empty"), &json!(morning())));
    }
    assert_eq!(rows[1].3["ended_at"], json!(fault(Some(40)).ended_at));
    // The outbox of a kiosk that was cut off tells it all again, also to a hub that was started anew.
    hub.restart();
    let token = hub.station(StationKind::Kiosk, "K2");
    let other = HubClient::new(&hub.base(), &token);
    other.report_fault(hub.world.fault_id(), &fault(Some(1))).unwrap();
    assert_eq!(events(&hub).len(), 4);
}

#[test]
fn an_end_without_its_beginning_writes_both_and_the_late_beginning_reopens_nothing() {
    let hub = TestHub::start();
    let kiosk = hub.kiosk();
    let id = hub.world.fault_id();
    kiosk.report_fault(id, &fault(Some(40))).unwrap();
    assert_eq!(events(&hub), PAIR);
    kiosk.report_fault(id, &fault(None)).unwrap();
    kiosk.report_fault(id, &fault(Some(40))).unwrap();
    assert_eq!(events(&hub), PAIR);
    // A clock that was set back meanwhile is the station's matter.
    kiosk.report_fault(hub.world.fault_id(), &fault(Some(-3_600))).unwrap();
    assert_eq!(events(&hub).len(), 4);
}

#[test]
fn one_name_is_one_fault() {
    let hub = TestHub::start();
    let kiosk = hub.kiosk();
    let other = HubClient::new(&hub.base(), &hub.station(StationKind::Kiosk, "K2"));
    let id = hub.world.fault_id();
    kiosk.report_fault(id, &fault(Some(40))).unwrap();
    let reused = (409, "REQUEST-REUSED".to_owned());
    let began_at = morning() + SignedDuration::from_secs(1);
    for changed in [
        DeviceFault { device: DeviceKind::Speaker, ..fault(Some(40)) },
        DeviceFault { health: DeviceHealth::Jammed, ..fault(None) },
        DeviceFault { began_at, ..fault(None) },
        fault(Some(41)),
    ] {
        assert_eq!(code(kiosk.report_fault(id, &changed)), reused);
    }
    assert_eq!(code(other.report_fault(id, &fault(Some(40)))), reused);
    assert_eq!(events(&hub), PAIR);
}

#[test]
fn every_kind_of_station_reports_and_nobody_else() {
    let hub = TestHub::start();
    let id = hub.world.fault_id();
    let body = StationHealth { devices: vec![printer(DeviceHealth::Ready, None)] };
    for (kind, name) in [(StationKind::Kiosk, "K1"), (StationKind::Counter, "Loket 1"), (StationKind::Board, "Papan")] {
        let station = HubClient::new(&hub.base(), &hub.station(kind, name));
        station.report_health(&body).unwrap();
        station.report_fault(hub.world.fault_id(), &fault(None)).unwrap();
        let line = ReadinessLine::new("Printer", Verdict::Ok, None, "");
        station
            .report_readiness(&Readiness { request_id: hub.world.request_id(), at: morning(), lines: vec![line] })
            .unwrap();
    }
    let admin = hub.officer("ani.admin", Role::Admin);
    for who in [&admin, &hub.stranger(), &hub.at_station("x")] {
        for reply in [
            who.put("/api/v1/station/health", &body),
            who.put(&format!("/api/v1/device-faults/{id}"), &fault(None)),
            who.post("/api/v1/station/readiness", &json!({})),
        ] {
            assert_eq!((reply.status, reply.code().as_str()), (401, "STATION-UNKNOWN"));
        }
    }
}

#[test]
fn what_is_beyond_the_limits_is_refused_and_leaves_no_trace() {
    let hub = TestHub::start();
    let token = hub.station(StationKind::Kiosk, "K1");
    let kiosk = hub.at_station(&token);
    let malformed = |reply: crate::support::hub::Reply| {
        assert_eq!((reply.status, reply.code().as_str()), (400, "REQUEST-MALFORMED"), "{}", reply.text());
    };
    let device = json!({ "device": "printer", "health": "ready", "since": MORNING });
    malformed(kiosk.put("/api/v1/station/health", &json!({ "devices": vec![device.clone(); 17] })));
    for (key, value) in [
        ("device", json!("toaster")),
        ("health", json!("fine")),
        ("slips_left", json!(-1)),
        ("slips_left", json!(4_000_000_000_u32)),
        ("since", json!("yesterday")),
    ] {
        let mut wrong = device.clone();
        wrong[key] = value;
        malformed(kiosk.put("/api/v1/station/health", &json!({ "devices": [wrong] })));
    }
    let path = format!("/api/v1/device-faults/{}", hub.world.fault_id());
    malformed(kiosk.put(&path, &json!({ "device": "printer", "health": "jammed" })));
    assert_eq!(kiosk.put("/api/v1/device-faults/1", &fault(None)).status, 404);
    let line = |item: &str, detail: &str| json!({ "item": item, "verdict": "ok", "detail": detail });
    let readiness = |lines: Vec<Value>| {
        kiosk.post(
            "/api/v1/station/readiness",
            &json!({ "request_id": hub.world.request_id(), "at": MORNING, "lines": lines }),
        )
    };
    malformed(readiness(vec![]));
    malformed(readiness(vec![line("Printer", ""); READINESS_LINES_MAX + 1]));
    for wrong in [
        line("", ""),
        line("a\u{1b}[2J", ""),
        line(&"x".repeat(41), ""),
        line("x", &"y".repeat(201)),
        line("x", "a\nb"),
    ] {
        malformed(readiness(vec![wrong]));
    }
    assert!(journal(&hub).is_empty());
    readiness(vec![line("Printer", ""); READINESS_LINES_MAX]).ok();
    kiosk.put("/api/v1/station/health", &json!({ "devices": vec![device; 16] })).ok();
}

#[test]
fn a_readiness_report_is_kept_once_and_names_nobody() {
    let hub = TestHub::start();
    let kiosk = hub.kiosk();
    let lines = vec![
        ReadinessLine::new("Printer", Verdict::Warn, Some(DeviceHealth::MediaLow), "sisa 12 slip"),
        ReadinessLine::new("Pembaca KTP-el", Verdict::Fail, None, "kartu 3315 1301 0190 9001 tertinggal"),
    ];
    let readiness = Readiness { request_id: hub.world.request_id(), at: morning(), lines };
    kiosk.report_readiness(&readiness).unwrap();
    kiosk.report_readiness(&readiness).unwrap();
    let rows = journal(&hub);
    assert_eq!(events(&hub), ["readiness_reported"]);
    assert_eq!((rows[0].1.as_str(), rows[0].2.as_deref()), ("K1", Some("K1")));
    assert_eq!(
        rows[0].3["lines"],
        json!([
            { "item": "Printer", "verdict": "warn", "health": "media_low", "detail": "sisa 12 slip" },
            { "item": "Pembaca KTP-el", "verdict": "fail", "health": null, "detail": "kartu #### #### #### #### tertinggal" },
        ])
    );
    let mut other = readiness;
    other.lines.pop();
    assert_eq!(code(kiosk.report_readiness(&other)), (409, "REQUEST-REUSED".to_owned()));
}

fn stations(client: &HubClient) -> Vec<StationState> {
    client.hall().unwrap().stations
}

#[test]
fn counters_and_officers_see_which_station_needs_staff_and_the_hall_is_the_same_for_others() {
    let hub = TestHub::start();
    let team = hub.team();
    let board = HubClient::new(&hub.base(), &hub.station(StationKind::Board, "Papan"));
    assert!(stations(&team.counter).is_empty(), "nobody has reported yet");
    report(&team.kiosk, vec![printer(DeviceHealth::Ready, Some(300)), scanner(DeviceHealth::MediaAbsent)]);
    assert!(stations(&team.counter).is_empty(), "an empty glass is nobody's task");
    hub.clock.advance_ms(1_000);
    let devices = vec![printer(DeviceHealth::MediaLow, Some(12)), scanner(DeviceHealth::Jammed)];
    report(&team.kiosk, devices.clone());
    let seen_at = morning() + SignedDuration::from_secs(1);
    let expected = StationState { name: "K1".to_owned(), kind: StationKind::Kiosk, seen_at, silent: false, devices };
    assert_eq!(stations(&team.counter), std::slice::from_ref(&expected));
    let officer: Vec<StationState> =
        serde_json::from_value(team.kabid.get("/api/v1/queue").ok().json()["stations"].clone()).unwrap();
    assert_eq!(officer, [expected]);
    assert!(stations(&team.kiosk).is_empty() && stations(&board).is_empty());
    report(&team.kiosk, vec![printer(DeviceHealth::Ready, Some(400)), scanner(DeviceHealth::Ready)]);
    assert!(stations(&team.counter).is_empty(), "paper is there again");
}

#[test]
fn a_kiosk_without_a_report_is_silent_and_a_counter_is_only_empty() {
    let hub = TestHub::start();
    let team = hub.team();
    let (other, _) = hub.at_counter("Loket 2", "nia.loket");
    report(&team.kiosk, vec![printer(DeviceHealth::Ready, None)]);
    report(&other, vec![printer(DeviceHealth::Jammed, None)]);
    let named = |client: &HubClient| {
        let found = stations(client);
        found.into_iter().map(|station| (station.name, station.silent)).collect::<Vec<_>>()
    };
    assert_eq!(named(&team.counter), [("Loket 2".to_owned(), false)]);
    hub.clock.advance_ms(90_000);
    assert_eq!(named(&team.counter), [("Loket 2".to_owned(), false)], "ninety seconds are not yet silence");
    hub.clock.advance_ms(1_000);
    assert_eq!(named(&team.counter), [("K1".to_owned(), true)]);
    assert_eq!(stations(&team.counter)[0].seen_at, morning());
    report(&team.kiosk, vec![printer(DeviceHealth::Ready, None)]);
    assert!(named(&team.counter).is_empty());
}

#[test]
fn while_the_hub_was_away_silence_means_nothing_and_a_station_taken_away_is_forgotten() {
    let mut hub = TestHub::start();
    let team = hub.team();
    report(&team.kiosk, vec![printer(DeviceHealth::MediaEmpty, None)]);
    hub.stop();
    hub.clock.advance_ms(600_000);
    hub.restart();
    let token = team.loket.clone();
    let at_hub = |hub: &TestHub| crate::support::hub::Caller { base: hub.base(), ..token.clone() };
    let seen = |hub: &TestHub| {
        let hall = at_hub(hub).get("/api/v1/queue").ok().json();
        serde_json::from_value::<Vec<StationState>>(hall["stations"].clone()).unwrap()
    };
    // Before the kiosk could speak: as it was last, not silent.
    assert_eq!(seen(&hub).iter().map(|station| station.silent).collect::<Vec<_>>(), [false]);
    hub.clock.advance_ms(91_000);
    assert_eq!(seen(&hub).iter().map(|station| station.silent).collect::<Vec<_>>(), [true]);
    hub.stop();
    hub.clock.advance_ms(8 * 24 * 3_600_000);
    hub.restart();
    let session = hub.person("rini.loket", Role::PetugasLoket);
    let counter = HubClient::new(&hub.base(), team.loket.station.as_deref().unwrap()).with_session(&session);
    hub.clock.advance_ms(91_000);
    assert!(stations(&counter).is_empty(), "a week without a word: it has been taken away");
}

#[test]
fn a_change_of_health_is_told_live_and_the_same_state_again_is_not() {
    let hub = TestHub::start();
    let team = hub.team();
    let (sender, heard) = mpsc::channel();
    let (follower, board) =
        (team.counter.clone(), HubClient::new(&hub.base(), &hub.station(StationKind::Board, "Papan")));
    for (who, client) in [("counter", follower), ("board", board)] {
        let sender = sender.clone();
        std::thread::spawn(move || {
            client.follow(|change| {
                let event = change.map(|change| change.event);
                let stop = event.as_deref() == Some(PAIR[0]);
                // What the administrator did before the stream was opened is told too.
                if event.as_deref().is_none_or(|event| event == "station_health" || event == PAIR[0]) {
                    sender.send((who, event)).unwrap();
                }
                !stop
            })
        });
    }
    let next = || heard.recv_timeout(Duration::from_secs(10)).expect("a beat or a change");
    assert!(next().1.is_none() && next().1.is_none(), "both streams are open");
    let low = vec![printer(DeviceHealth::MediaLow, Some(12))];
    report(&team.kiosk, low.clone());
    assert_eq!(next(), ("counter", Some("station_health".to_owned())));
    report(&team.kiosk, low.clone());
    report(&team.kiosk, vec![printer(DeviceHealth::MediaEmpty, Some(0))]);
    assert_eq!(next(), ("counter", Some("station_health".to_owned())));
    hub.clock.advance_ms(91_000);
    report(&team.kiosk, vec![printer(DeviceHealth::MediaEmpty, Some(0))]);
    assert_eq!(next(), ("counter", Some("station_health".to_owned())), "it was silent and is back");
    team.kiosk.report_fault(hub.world.fault_id(), &fault(None)).unwrap();
    let mut last = [next(), next()];
    last.sort();
    assert_eq!(
        last.map(|(who, event)| (who, event.unwrap())),
        [("board", PAIR[0].to_owned()), ("counter", PAIR[0].to_owned())]
    );
}

#[test]
fn an_answer_of_an_older_hub_still_reads() {
    let hub = TestHub::start();
    let team = hub.team();
    let mut hall = team.kabid.get("/api/v1/queue").ok().json();
    hall.as_object_mut().unwrap().remove("stations");
    let hall: anjungan::wire::queue::Hall = serde_json::from_value(hall).unwrap();
    assert!(hall.stations.is_empty());
}
