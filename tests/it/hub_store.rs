//! What survives: restarts, a second process, a newer file, secrets at rest.

use anjungan::clock::World;
use anjungan::domain::role::{Role, StationKind};
use anjungan::domain::stage::Stage;
use anjungan::hub::HubError;
use anjungan::store::OpenError;

use crate::support::hub::TestHub;

#[test]
fn a_restart_keeps_everything() {
    let mut hub = TestHub::start();
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    let version = hub.walk(&team, &sample, Stage::Received);
    let path = format!("/api/v1/cases/{}", sample.case_id);
    let before = team.loket.get(&path).ok().json();
    hub.restart();
    let loket = crate::support::hub::Caller { base: hub.base(), ..team.loket.clone() };
    assert_eq!(loket.get(&path).ok().json(), before, "the session too");
    assert_eq!(loket.get("/api/v1/queue").ok().json()["waiting"].as_array().unwrap().len(), 1);
    let body = hub.hand_over_body(&sample, version);
    let first = loket.post(&format!("{path}/hand-over"), &body).ok();
    hub.restart();
    let loket = crate::support::hub::Caller { base: hub.base(), ..loket };
    let again = loket.post(&format!("{path}/hand-over"), &body).ok();
    assert_eq!(first.json(), again.json(), "the reply was lost, the answer is not");
}

#[test]
fn a_newer_schema_is_refused() {
    let mut hub = TestHub::start();
    hub.stop();
    let conn = rusqlite::Connection::open(hub.data().join("anjungan.db")).unwrap();
    conn.pragma_update(None, "user_version", 999).unwrap();
    drop(conn);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let refused = runtime.block_on(anjungan::hub::start(hub.config(), World::system()));
    let error = refused.map(|_| ()).expect_err("a newer schema");
    assert!(matches!(error, HubError::Store(OpenError::Newer { found: 999, .. })), "{error:?}");
}

#[test]
fn secrets_are_not_in_the_file() {
    let mut hub = TestHub::start();
    let token = hub.station(StationKind::Kiosk, "K9");
    let session = hub.person("budi", Role::Kabid);
    let kiosk = hub.kiosk();
    let sample = hub.deliver(&kiosk, 1);
    hub.stop();
    let mut bytes = Vec::new();
    for name in ["anjungan.db", "anjungan.db-wal"] {
        bytes.extend(std::fs::read(hub.data().join(name)).unwrap_or_default());
    }
    let code = sample.token.manual_code().to_string();
    for secret in [token, session.token, crate::support::hub::PASSWORD.to_owned(), sample.token.text(), code] {
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "a secret stands in the file");
    }
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(hub.data()).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "only the hub's own user may enter its folder");
    let mode = std::fs::metadata(hub.data().join("anjungan.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "nor read its file, where the folder was made open to all");
}

#[test]
fn many_kiosks_at_once_lose_and_double_nothing() {
    let hub = TestHub::start();
    let team = hub.team();
    let samples: Vec<_> = (1..=40).map(|number| hub.sample(number)).collect();
    std::thread::scope(|scope| {
        for half in samples.chunks(10) {
            // Each case is sent twice at the same time, as after a lost reply.
            for _ in 0..2 {
                let kiosk = &team.kiosk;
                scope.spawn(move || {
                    for sample in half {
                        kiosk.submit(sample.case_id, &sample.submission).unwrap();
                    }
                });
            }
        }
    });
    let hall = team.counter.hall().unwrap();
    assert_eq!(hall.waiting.len(), 40);
    let conn = rusqlite::Connection::open(hub.data().join("anjungan.db")).unwrap();
    let events: i64 =
        conn.query_row("SELECT count(*) FROM journal WHERE event = 'case_submitted'", [], |row| row.get(0)).unwrap();
    assert_eq!(events, 40);
}

#[test]
fn a_refused_and_a_panicking_job_leave_no_trace_and_take_no_neighbour_along() {
    use anjungan::domain::office::OfficeCode;
    use anjungan::journal::EventKind;
    use anjungan::store::{Actor, NewEntry, Store, StoreError, Tx};

    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("hub"), &OfficeCode::parse("3315").unwrap()).unwrap();
    let note = |tx: &Tx<'_>| {
        let (event, at, actor) = (EventKind::SignedIn, jiff::Timestamp::UNIX_EPOCH, Actor::System);
        let entry = NewEntry { event, at, actor, station: None, case_id: None, detail: serde_json::json!({}) };
        tx.note(&entry).map(|entry| entry.seq())
    };
    std::thread::scope(|scope| {
        for number in 0..30 {
            let store = store.clone();
            scope.spawn(move || {
                let result: Result<u64, StoreError> = store.write_blocking(move |tx| {
                    let seq = note(tx)?;
                    match number % 3 {
                        0 => Ok(seq),
                        1 => Err(StoreError::Garbled { column: "refused on purpose" }),
                        _ => panic!("a panic on purpose"),
                    }
                });
                assert_eq!(result.is_ok(), number % 3 == 0, "{result:?}");
            });
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let kept = runtime.block_on(store.read::<_, StoreError, _>(|view| view.journal_after(0, 100))).unwrap();
    assert_eq!(kept.len(), 10);
    assert_eq!(*store.follow().borrow(), kept.last().unwrap().seq);
}

#[test]
fn old_answers_and_ended_sessions_are_forgotten_and_nothing_else() {
    let mut hub = TestHub::start();
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    hub.walk(&team, &sample, Stage::Received);
    let count = |hub: &TestHub, table: &str| -> i64 {
        let conn = rusqlite::Connection::open(hub.data().join("anjungan.db")).unwrap();
        conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    };
    let (answers, journal) = (count(&hub, "requests"), count(&hub, "journal"));
    assert!(answers > 0 && count(&hub, "sessions") > 0);
    hub.clock.advance_ms(29 * 24 * 3_600_000);
    hub.restart();
    assert_eq!((count(&hub, "requests"), count(&hub, "sessions")), (answers, 0));
    hub.clock.advance_ms(2 * 24 * 3_600_000);
    hub.restart();
    // One line more: the day is over for the ticket that waited.
    assert_eq!((count(&hub, "requests"), count(&hub, "journal")), (0, journal + 1));
    // The case is still the same case to its kiosk.
    let kiosk = anjungan::wire::client::HubClient::new(&hub.base(), &hub.station(StationKind::Kiosk, "K2"));
    assert_eq!(kiosk.submit(sample.case_id, &sample.submission).unwrap().stage, Stage::Received);
}
