//! Kiosks and counters at once, across midnight and a `kill -9`: nothing double, nothing lost.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anjungan::clock::World;
use anjungan::domain::office::Zone;
use anjungan::domain::role::StationKind;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::office::Office;
use super::speed::{KIOSKS, ticket};

const COUNTERS: usize = 8;

pub fn run(length: Duration) {
    // Killed at the middle; midnight at three quarters.
    let mut office = Office::open(Some(i64::try_from(length.as_millis()).unwrap() * 3 / 4));
    let shift = SignedDuration::from_millis(office.shift_ms());
    let done = Arc::new(AtomicBool::new(false));
    // Everybody is enrolled before anybody works: enrolment is another process, which finds no gap in this crowd.
    let stations: Vec<_> = (0..KIOSKS).map(|kiosk| office.client(StationKind::Kiosk, &format!("K{kiosk}"))).collect();
    let desks: Vec<_> = (1..=COUNTERS).map(|counter| office.counter(counter)).collect();
    let kiosks: Vec<_> = stations
        .into_iter()
        .enumerate()
        .map(|(kiosk, mut client)| {
            let done = Arc::clone(&done);
            std::thread::spawn(move || {
                let world = World::system();
                let (mut day, mut number, mut taken) = (Zone::Wib.day(Timestamp::now() + shift), 0, Vec::new());
                while !done.load(Ordering::Relaxed) {
                    let now = Timestamp::now() + shift;
                    if Zone::Wib.day(now) != day {
                        (day, number) = (Zone::Wib.day(now), 0);
                    }
                    number += 1;
                    if number > 9_999 {
                        std::thread::sleep(Duration::from_millis(5));
                        continue;
                    }
                    let id = world.ticket_id().to_string();
                    let reply =
                        client.insist("PUT", &format!("/api/v1/tickets/{id}"), &ticket(day, kiosk, number, now));
                    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
                    taken.push((id, format!("{day} {kiosk} {number}")));
                }
                taken
            })
        })
        .collect();
    let counters: Vec<_> = desks
        .into_iter()
        .map(|mut client| {
            let done = Arc::clone(&done);
            std::thread::spawn(move || {
                let world = World::system();
                let mut called = Vec::new();
                while !done.load(Ordering::Relaxed) {
                    let body = json!({ "request_id": world.request_id(), "queue": "verification" }).to_string();
                    let reply = client.insist("POST", "/api/v1/queue/call", &body);
                    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
                    let reply: Value = serde_json::from_slice(&reply.body).unwrap();
                    let Some(id) = reply["ticket"]["ticket_id"].as_str() else {
                        std::thread::sleep(Duration::from_millis(2));
                        continue;
                    };
                    called.push(id.to_owned());
                    let body = json!({ "request_id": world.request_id() }).to_string();
                    let reply = client.insist("POST", &format!("/api/v1/tickets/{id}/finish"), &body);
                    // Called in the last moment of a day and finished in the next: it has ended with its day.
                    assert!(matches!(reply.status, 200 | 404), "{}", String::from_utf8_lossy(&reply.body));
                }
                called
            })
        })
        .collect();
    let began = Instant::now();
    std::thread::sleep(length / 2);
    let killed = Instant::now();
    office.kill_and_restart();
    let away = killed.elapsed();
    std::thread::sleep(length.saturating_sub(began.elapsed()));
    done.store(true, Ordering::Relaxed);
    let taken: Vec<(String, String)> = kiosks.into_iter().flat_map(|kiosk| kiosk.join().unwrap()).collect();
    let called: Vec<String> = counters.into_iter().flat_map(|counter| counter.join().unwrap()).collect();
    let took = began.elapsed();
    office.stop();
    judge(&office, &taken, &called, took, away);
}

fn judge(office: &Office, taken: &[(String, String)], called: &[String], took: Duration, away: Duration) {
    let db = office.database();
    let ids = |sql: &str| -> Vec<String> {
        let mut rows = db.prepare(sql).unwrap();
        rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let count = |sql: &str| -> i64 { db.query_row(sql, [], |row| row.get(0)).unwrap() };
    let kept: BTreeSet<String> = ids("SELECT ticket_id FROM tickets").into_iter().collect();
    let ever_called: BTreeSet<String> =
        ids("SELECT ticket_id FROM tickets WHERE call_serial IS NOT NULL").into_iter().collect();
    let numbers: BTreeSet<&String> = taken.iter().map(|(_, number)| number).collect();
    let lost = taken.iter().filter(|(id, _)| !kept.contains(id)).count()
        + called.iter().filter(|id| !ever_called.contains(*id)).count();
    let twice = called.len() - called.iter().collect::<BTreeSet<_>>().len();
    let journal_calls = count("SELECT count(*) FROM journal WHERE event = 'ticket_called'");
    let double_calls = twice as i64 + (journal_calls - i64::try_from(ever_called.len()).unwrap()).abs();
    let duplicates = taken.len() - numbers.len();
    let days = count("SELECT count(DISTINCT day) FROM tickets");
    let left_open = count(
        "SELECT count(*) FROM tickets WHERE day < (SELECT max(day) FROM tickets) AND state IN ('waiting', 'called', 'held')",
    );
    println!(
        "soak, {KIOSKS} kiosks and {COUNTERS} counters, {:.0} s, {days} days, one kill -9 (away {:.2} s): \
         {} tickets taken, {} called; {duplicates} duplicate numbers, {double_calls} double calls, {lost} lost, \
         {left_open} left open in the day before",
        took.as_secs_f64(),
        away.as_secs_f64(),
        taken.len(),
        called.len()
    );
    assert_eq!((duplicates, double_calls, lost, left_open, days), (0, 0, 0, 0, 2));
}
