//! How fast tickets are issued, and how soon boards know.

use std::io::{BufRead as _, BufReader};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::time::{Duration, Instant};

use anjungan::clock::World;
use anjungan::domain::office::Zone;
use anjungan::domain::role::StationKind;
use jiff::civil::Date;
use serde_json::json;

use super::http::Client;
use super::office::Office;

pub const KIOSKS: usize = 16;
const ISSUE: Duration = Duration::from_secs(10);
const BOARDS: usize = 50;
const CALLS: usize = 200;

/// The body of a ticket for help.
pub fn ticket(day: Date, kiosk: usize, number: u16, at: jiff::Timestamp) -> String {
    let letter = char::from(b'A' + u8::try_from(kiosk).unwrap());
    format!(r#"{{"day":"{day}","number":"{letter}-{number:03}","purpose":{{"kind":"help"}},"taken_at":"{at}"}}"#)
}

pub fn part(times: &mut [Duration], part: f64) -> Duration {
    times.sort_unstable();
    times.get(((times.len().saturating_sub(1)) as f64 * part).round() as usize).copied().unwrap_or_default()
}

fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

/// Old tickets with their journal, as years of days leave them.
fn fill(office: &Office, old: u32) {
    let mut db = office.database();
    db.busy_timeout(Duration::from_secs(60)).unwrap();
    let tx = db.transaction().unwrap();
    {
        let mut note = tx
            .prepare("INSERT INTO journal (at_ms, office, event, actor_kind, actor, station, detail)
                      VALUES (?1, '3315', 'ticket_taken', 'station', 'K1', 'K1', '{\"ticket\":\"A-001\",\"queue\":\"verification\"}')")
            .unwrap();
        let mut add = tx
            .prepare(
                "INSERT INTO tickets (ticket_id, office, day, queue, series, number, state, since_ms, entered_seq,
                        counter, call_serial, called_at_ms, calls)
                      VALUES (?1, '3315', ?2, 'verification', ?3, ?4, 'done', ?5, ?6, 'Loket 1', ?7, ?5, 1)",
            )
            .unwrap();
        let first: Date = "2020-01-01".parse().unwrap();
        for number in 0..old {
            // 700 a day.
            let day = first.checked_add(jiff::Span::new().days(i64::from(number / 700))).unwrap();
            let at = 1_577_836_800_000_i64 + i64::from(number) * 60_000;
            note.execute([at]).unwrap();
            let seq = tx.last_insert_rowid();
            let id =
                uuid::Uuid::from_u128((u128::from(at as u64) << 80) | 0x7000_8000_0000_0000_0000 | u128::from(number));
            let series = if number % 700 < 350 { "A" } else { "B" };
            add.execute(rusqlite::params![
                id.to_string(),
                day.to_string(),
                series,
                number % 350 + 1,
                at,
                seq,
                number + 1
            ])
            .unwrap();
        }
    }
    tx.commit().unwrap();
}

pub fn issue(old: u32) {
    let office = Office::open(None);
    if old > 0 {
        fill(&office, old);
    }
    let day = Zone::Wib.day(office.now());
    let barrier = Arc::new(Barrier::new(KIOSKS));
    let kiosks: Vec<_> = (0..KIOSKS)
        .map(|kiosk| {
            let (mut client, barrier) = (office.client(StationKind::Kiosk, &format!("K{kiosk}")), Arc::clone(&barrier));
            let addr_now = office.now();
            std::thread::spawn(move || {
                let world = World::system();
                let mut times = Vec::with_capacity(10_000);
                barrier.wait();
                let began = Instant::now();
                for number in 1..=9_999 {
                    if began.elapsed() >= ISSUE {
                        break;
                    }
                    let (path, body) =
                        (format!("/api/v1/tickets/{}", world.ticket_id()), ticket(day, kiosk, number, addr_now));
                    let asked = Instant::now();
                    let reply = client.send("PUT", &path, &body).unwrap();
                    times.push(asked.elapsed());
                    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
                }
                (times, began.elapsed())
            })
        })
        .collect();
    let done: Vec<_> = kiosks.into_iter().map(|kiosk| kiosk.join().unwrap()).collect();
    let longest = done.iter().map(|(_, took)| *took).max().unwrap();
    let mut times: Vec<Duration> = done.into_iter().flat_map(|(times, _)| times).collect();
    println!(
        "issue, {KIOSKS} kiosks, {old} old tickets: {} in {:.1} s, {:.0}/s, median {}, p99 {}, longest {}",
        times.len(),
        longest.as_secs_f64(),
        times.len() as f64 / longest.as_secs_f64(),
        ms(part(&mut times, 0.5)),
        ms(part(&mut times, 0.99)),
        ms(part(&mut times, 1.0))
    );
}

/// The hall as a board gets it, and a call until every one of fifty boards has it.
pub fn boards() {
    let office = Office::open(None);
    let day = Zone::Wib.day(office.now());
    let world = World::system();
    let mut kiosk = office.client(StationKind::Kiosk, "K1");
    for number in 1..=350 {
        let path = format!("/api/v1/tickets/{}", world.ticket_id());
        kiosk.insist("PUT", &path, &ticket(day, 0, number, office.now()));
    }
    let board_token = office.station(StationKind::Board, "Papan");
    let mut board = Client::new(office.addr, &board_token, None);
    let mut times: Vec<Duration> = (0..500)
        .map(|_| {
            let asked = Instant::now();
            let reply = board.send("GET", "/api/v1/queue", "").unwrap();
            assert_eq!(reply.status, 200);
            asked.elapsed()
        })
        .collect();
    println!("board state, 350 waiting: median {}, p99 {}", ms(part(&mut times, 0.5)), ms(part(&mut times, 0.99)));

    let (told, heard) = mpsc::channel::<(u64, Instant)>();
    let (open, opened) = mpsc::channel();
    let done = Arc::new(AtomicBool::new(false));
    for _ in 0..BOARDS {
        let (told, open, done) = (told.clone(), open.clone(), Arc::clone(&done));
        let mut client = Client::new(office.addr, &board_token, None);
        std::thread::spawn(move || {
            let mut lines = BufReader::new(client.follow().unwrap()).lines();
            let mut seen = 0;
            open.send(()).unwrap();
            while let Some(Ok(line)) = lines.next() {
                if done.load(Ordering::Relaxed) {
                    return;
                }
                if !line.contains("ticket_called") {
                    continue;
                }
                let hall = client.insist("GET", "/api/v1/queue", "");
                let hall: serde_json::Value = serde_json::from_slice(&hall.body).unwrap();
                let now = hall["call_serial"].as_u64().unwrap();
                if now > seen {
                    seen = now;
                    let _ = told.send((now, Instant::now()));
                }
            }
        });
    }
    (0..BOARDS).for_each(|_| opened.recv().unwrap());
    std::thread::sleep(Duration::from_millis(500));
    let mut counter = office.counter(1);
    let mut times = Vec::new();
    for _ in 0..CALLS {
        let body = json!({ "request_id": world.request_id(), "queue": "verification" }).to_string();
        let pressed = Instant::now();
        let called = counter.insist("POST", "/api/v1/queue/call", &body);
        assert_eq!(called.status, 200, "{}", String::from_utf8_lossy(&called.body));
        let called: serde_json::Value = serde_json::from_slice(&called.body).unwrap();
        for _ in 0..BOARDS {
            let (_, at) = heard.recv_timeout(Duration::from_secs(10)).expect("every board hears of every call");
            times.push(at.duration_since(pressed));
        }
        let path = format!("/api/v1/tickets/{}/finish", called["ticket"]["ticket_id"].as_str().unwrap());
        counter.insist("POST", &path, &json!({ "request_id": world.request_id() }).to_string());
    }
    done.store(true, Ordering::Relaxed);
    println!(
        "call to board, {BOARDS} boards, {CALLS} calls: median {}, p99 {}, longest {}",
        ms(part(&mut times, 0.5)),
        ms(part(&mut times, 0.99)),
        ms(part(&mut times, 1.0))
    );
}
