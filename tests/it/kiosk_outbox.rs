//! The way of a case from the kiosk's disk to the hub: lost answers, refusals, a hub that is away.
//!
//! The far end is a few lines of HTTP that answer as told, so that every fault of the line can be played.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anjungan::clock::World;
use anjungan::config::Config;
use anjungan::domain::priority::Priority;
use anjungan::domain::role::StationKind;
use anjungan::domain::stage::Stage;
use anjungan::domain::ticket::Series;
use anjungan::kiosk::KioskShell;
use anjungan::kiosk::flow::Touch;
use anjungan::kiosk::headless::Visitor;
use anjungan::kiosk::view::Screen;
use anjungan::station::bridge::{inbox, no_wake};
use anjungan::station::courier::{Courier, CourierEvent};
use anjungan::station::outbox::{Counts, KeepOrder, KeeperEvent, KeeperWorker, Outbox, Parcel};
use anjungan::wire::case::SubmittedTicket;
use anjungan::wire::client::HubClient;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::hub::TestHub;

const PATIENCE: Duration = Duration::from_secs(30);

/// What the far end does with the next submission.
#[derive(Clone, Copy)]
enum Mood {
    /// Takes it, but its answer is lost on the way.
    LoseAnswer,
    /// Says it is not well.
    Ill,
    /// Refuses this case for good.
    Refuse,
    /// Is of another version and does not understand.
    Outdated,
}

#[derive(Default)]
struct Taken {
    moods: VecDeque<Mood>,
    /// Every submission of a case, by identifier.
    cases: BTreeMap<String, Vec<Value>>,
    scans: BTreeMap<String, Vec<u8>>,
}

/// A far end that takes cases and scans.
#[derive(Clone)]
struct FarEnd {
    base: String,
    taken: Arc<Mutex<Taken>>,
}

impl FarEnd {
    fn start(moods: impl IntoIterator<Item = Mood>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let taken = Arc::new(Mutex::new(Taken { moods: moods.into_iter().collect(), ..Taken::default() }));
        let end = Self { base, taken };
        let serving = end.clone();
        // Ends with the test's process; connections are closed after each answer.
        std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| serving.serve(stream)));
        end
    }

    fn serve(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let (method, path) = {
            let mut words = line.split_whitespace();
            (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned())
        };
        let mut length = 0;
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).unwrap() == 0 || header.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = header.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        if let Some((status, answer)) = self.answer(&method, &path, body) {
            let text = answer.to_string();
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                text.len()
            );
            let _ = stream.write_all(format!("{head}{text}").as_bytes());
        }
    }

    fn answer(&self, method: &str, path: &str, body: Vec<u8>) -> Option<(u16, Value)> {
        let mut taken = self.taken.lock().unwrap();
        let parts: Vec<&str> = path.trim_start_matches("/api/v1/").split('/').collect();
        match (method, &parts[..]) {
            ("PUT", ["cases", case]) => {
                let mood = taken.moods.pop_front();
                if matches!(mood, Some(Mood::Ill)) {
                    return Some((503, problem(503, "HUB-FAULT")));
                }
                if matches!(mood, Some(Mood::Refuse)) {
                    return Some((409, problem(409, "CASE-CONFLICT")));
                }
                if matches!(mood, Some(Mood::Outdated)) {
                    return Some((400, problem(400, "REQUEST-MALFORMED")));
                }
                let submission: Value = serde_json::from_slice(&body).unwrap();
                let documents = submission["documents"].as_array().unwrap().clone();
                taken.cases.entry((*case).to_owned()).or_default().push(submission);
                if matches!(mood, Some(Mood::LoseAnswer)) {
                    return None;
                }
                let wanted: Vec<_> = documents
                    .iter()
                    .filter(|document| !document["scan"].is_null())
                    .filter(|document| !taken.scans.contains_key(document["document_id"].as_str().unwrap()))
                    .map(|document| document["document_id"].clone())
                    .collect();
                Some((200, json!({ "case_id": case, "version": 1, "stage": "submitted", "scans_wanted": wanted })))
            }
            ("PUT", ["cases", _, "documents", document]) => {
                taken.scans.insert((*document).to_owned(), body);
                Some((200, json!({})))
            }
            _ => Some((404, problem(404, "NOT-FOUND"))),
        }
    }

    fn cases(&self) -> BTreeMap<String, Vec<Value>> {
        self.taken.lock().unwrap().cases.clone()
    }
}

fn problem(status: u16, code: &str) -> Value {
    json!({
        "type": format!("urn:anjungan:failure:{code}"), "title": "x", "status": status, "detail": "x", "code": code,
        "action": "x", "who": "technician",
    })
}

/// A page that a scanner may have made.
fn put_page(folder: &std::path::Path, kind: &str) {
    std::fs::create_dir_all(folder).unwrap();
    image::RgbImage::from_pixel(120, 170, image::Rgb([230, 228, 220]))
        .save(folder.join(format!("{kind}.png")))
        .unwrap();
}

fn config(folder: &TempDir, hub: &str) -> Config {
    let scanner = folder.path().join("scanner");
    for kind in ["kk_lama", "sk_hilang_polisi", "sp_sebab_hilang_rusak", "kk_rusak", "default"] {
        put_page(&scanner, kind);
    }
    Config::parse(&format!(
        "[kiosk]\nname = \"K1\"\nseries = \"A\"\nhub = \"{hub}\"\ntoken = \"t\"\ndata = {:?}\n\
         [document_scanner]\nurl = \"sim:{}\"\n",
        folder.path().join("kiosk"),
        scanner.display()
    ))
    .unwrap()
}

fn open(config: &Config) -> KioskShell {
    let mut shell = KioskShell::open(config, World::system(), no_wake()).unwrap();
    shell.set_repeat_guard(Duration::ZERO);
    shell
}

/// Serves one applicant of the service of a lost KK; returns the number.
fn serve(shell: &mut KioskShell, number: u32) -> String {
    let visitor = Visitor::new(number);
    assert!(visitor.walk_to(shell, Screen::Need));
    shell.touch(Touch::PickCard("hilang".to_owned()));
    assert!(visitor.walk_to(shell, Screen::Slip), "stuck on {:?}", shell.view().screen);
    shell.view().ticket
}

fn pump_until(shell: &mut KioskShell, what: &str, done: impl Fn(&mut KioskShell) -> bool) {
    let began = Instant::now();
    while !done(shell) {
        assert!(began.elapsed() < PATIENCE, "{what} never came");
        shell.pump(Duration::from_millis(20));
    }
}

fn counts(folder: &TempDir) -> Counts {
    Outbox::open(&folder.path().join("kiosk")).unwrap().counts().unwrap()
}

#[test]
fn a_case_and_its_scans_arrive_and_are_wiped_here() {
    let (folder, hub) = (TempDir::new().unwrap(), FarEnd::start([]));
    let mut shell = open(&config(&folder, &hub.base));
    assert_eq!(serve(&mut shell, 0), "A-001");
    pump_until(&mut shell, "the delivery", |shell| shell.view().slip_delivered);
    assert_eq!(counts(&folder), Counts { kept: 0, delivered: 1, refused: 0 });
    let cases = hub.cases();
    let submission = &cases.values().next().unwrap()[0];
    assert_eq!(submission["ticket"]["number"], "A-001");
    let taken = hub.taken.lock().unwrap();
    assert_eq!(taken.scans.len(), 2, "both scanned papers");
    for document in submission["documents"].as_array().unwrap().iter().filter(|document| !document["scan"].is_null()) {
        let bytes = &taken.scans[document["document_id"].as_str().unwrap()];
        assert_eq!(document["scan"]["sha256"], anjungan::station::pixels::sha256(bytes).as_str());
    }
}

#[test]
fn a_lost_answer_is_the_same_case_again() {
    let (folder, hub) = (TempDir::new().unwrap(), FarEnd::start([Mood::LoseAnswer, Mood::Ill, Mood::Outdated]));
    let mut shell = open(&config(&folder, &hub.base));
    serve(&mut shell, 0);
    pump_until(&mut shell, "the delivery", |shell| shell.view().slip_delivered);
    let cases = hub.cases();
    assert_eq!(cases.len(), 1, "one case, however often it was sent");
    let sent = cases.values().next().unwrap();
    assert!(sent.len() >= 2 && sent.windows(2).all(|pair| pair[0] == pair[1]), "the same content each time");
}

#[test]
fn a_refused_case_is_kept_aside_and_stops_nobody() {
    let (folder, hub) = (TempDir::new().unwrap(), FarEnd::start([Mood::Refuse]));
    let mut shell = open(&config(&folder, &hub.base));
    serve(&mut shell, 0);
    pump_until(&mut shell, "the refusal", |_| counts(&folder).refused == 1);
    assert!(!shell.view().slip_delivered);
    shell.touch(Touch::Finish);
    assert_eq!(serve(&mut shell, 1), "A-002");
    pump_until(&mut shell, "the delivery", |shell| shell.view().slip_delivered);
    assert_eq!(counts(&folder), Counts { kept: 0, delivered: 1, refused: 1 });
    // Somebody has mended what was wrong; the kiosk is started again.
    drop(shell);
    let mut shell = open(&config(&folder, &hub.base));
    pump_until(&mut shell, "the second try", |_| counts(&folder) == Counts { kept: 0, delivered: 2, refused: 0 });
    assert_eq!(hub.cases().len(), 2);
}

#[test]
fn cases_of_a_dark_day_arrive_after_a_restart() {
    let folder = TempDir::new().unwrap();
    // A port that nobody listens on.
    let away = format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let mut shell = open(&config(&folder, &away));
    for number in 0..3 {
        let ticket = serve(&mut shell, number);
        assert_eq!(ticket, format!("A-{:03}", number + 1));
        assert!(!shell.view().slip_delivered);
        shell.touch(Touch::Finish);
    }
    drop(shell);
    assert_eq!(counts(&folder).kept, 3);

    let hub = FarEnd::start([]);
    let mut shell = open(&config(&folder, &hub.base));
    pump_until(&mut shell, "the deliveries", |_| counts(&folder).delivered == 3);
    let numbers: Vec<Value> = hub.cases().values().map(|sent| sent[0]["ticket"]["number"].clone()).collect();
    assert_eq!(numbers, ["A-001", "A-002", "A-003"], "case identifiers are ordered by time");
    assert_eq!(serve(&mut shell, 7), "A-004");
}

#[test]
fn tickets_of_a_dark_hour_are_delivered_and_called() {
    let hub = TestHub::start();
    let team = hub.team();
    let token = hub.station(StationKind::Kiosk, "K2");
    let sample = hub.deliver(&team.kiosk, 1);
    let version = hub.walk(&team, &sample, Stage::Received);
    assert!(version > 1);
    // The next day, so that nobody has queued the applicant yet.
    hub.clock.advance_ms(24 * 3_600_000);
    let folder = TempDir::new().unwrap();
    let (world, now) = (hub.world.clone(), hub.world.now());
    let ticket =
        |priority| SubmittedTicket { ticket_id: world.ticket_id(), priority, ..hub.sample(1).submission.ticket };
    let pickup = || Parcel::Pickup {
        case_id: sample.case_id,
        slip_token: sample.token.digest(),
        ticket: ticket(None),
        taken_at: now,
    };
    let not_there = hub.deliver(&team.kiosk, 9);
    let refused = Parcel::Pickup {
        case_id: not_there.case_id,
        slip_token: not_there.token.digest(),
        ticket: ticket(None),
        taken_at: now,
    };
    let parcels = [Parcel::WalkIn { ticket: ticket(Some(Priority::Ill)), taken_at: now }, pickup(), pickup(), refused];

    // Kept while nobody delivers: the network is down.
    let (sender, kept) = inbox::<KeeperEvent>(no_wake());
    let series = Series::parse("B").unwrap();
    let keeper = KeeperWorker::start(folder.path().to_owned(), series, sender).unwrap();
    for (order, parcel) in (0..).zip(parcels) {
        keeper.keep(KeepOrder { order, parcel, scans: Vec::new(), token: None, now });
    }
    let mut numbers = Vec::new();
    while numbers.len() < 4 {
        match kept.next(PATIENCE).expect("an answer of the disk") {
            KeeperEvent::Kept { ticket, .. } => numbers.push(ticket.number.to_string()),
            KeeperEvent::Usable(true) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(numbers, ["B-001", "B-002", "B-003", "B-004"]);
    assert!(team.kiosk.hall().unwrap().waiting.iter().all(|row| row.number.series() != series));

    // The network is back.
    let (sender, told) = inbox::<CourierEvent>(no_wake());
    let client = HubClient::new(&hub.base(), &token);
    let _courier = Courier::start(folder.path().to_owned(), client, hub.world.clone(), sender).unwrap();
    let mut delivered = Vec::new();
    let mut code = None;
    while delivered.len() < 3 || code.is_none() {
        match told.next(PATIENCE).expect("a word of the courier") {
            CourierEvent::TicketDelivered { number, called_as, .. } => {
                delivered.push((number.to_string(), called_as.to_string()));
            }
            CourierEvent::TicketRefused { number, code: why, .. } => {
                assert_eq!(number.to_string(), "B-004");
                code = Some(why);
            }
            CourierEvent::Online(true) => {}
            other => panic!("{other:?}"),
        }
    }
    let pair = |number: &str, called_as: &str| (number.to_owned(), called_as.to_owned());
    let expected = [pair("B-001", "B-001"), pair("B-002", "B-002"), pair("B-003", "B-002")];
    assert_eq!(delivered, expected, "whoever asks twice is called by the number they have");
    assert_eq!(code.as_deref(), Some("PICKUP-NOT-READY"));
    let counts = Outbox::open(folder.path()).unwrap().counts().unwrap();
    assert_eq!(counts, Counts { kept: 0, delivered: 3, refused: 1 });
    let waiting = HubClient::new(&hub.base(), &token).hall().unwrap().waiting;
    let numbers: Vec<String> = waiting.iter().map(|row| row.number.to_string()).collect();
    assert_eq!(numbers.iter().filter(|number| number.starts_with('B')).count(), 2, "{numbers:?}");
}
