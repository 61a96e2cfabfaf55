//! `kill -9` of hub and kiosk at 100 random points of a scripted day.
//!
//! A kiosk issues cases as fast as it can, an officer calls and verifies them; both keep a list of what was
//! acknowledged. At the end every acknowledged thing must be there, once.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anjungan::clock::World;
use anjungan::domain::ids::CaseId;
use anjungan::domain::stage::Stage;
use anjungan::domain::ticket::Queue;
use anjungan::wire::case::{Verify, Write};
use anjungan::wire::client::{ClientError, HubClient};
use anjungan::wire::queue::{CallNext, TicketRow, TicketWrite};
use anjungan::wire::session::{ChangePassword, SignIn};

const KILLS: u32 = 100;
/// The same points in every run: a failure can be looked at again.
const SEED: u64 = 0x3315_0009;
/// Nothing here may take longer than this; a hang is a failure, not a slow test.
const PATIENCE: Duration = Duration::from_secs(60);

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn anjungan(arguments: &[&str], config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anjungan"));
    command.args(arguments).arg("--config").arg(config).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

fn admin(arguments: &[&str], config: &Path) -> serde_json::Value {
    let output = anjungan(arguments, config).output().unwrap();
    assert!(output.status.success(), "{arguments:?} failed");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A program and the lines it prints.
struct Program {
    child: Child,
    lines: Receiver<String>,
}

impl Program {
    fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    /// SIGKILL, and whatever it had acknowledged before.
    fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let (_, none) = mpsc::channel();
        std::mem::replace(&mut self.lines, none).iter().collect()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // A failed assertion must not leave a hub behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start_hub(config: &Path) -> Program {
    let hub = Program::start(&mut anjungan(&["hub"], config));
    let ready = hub.lines.recv_timeout(PATIENCE).expect("the hub says when it is ready");
    assert!(ready.starts_with("hub ready on http://"), "{ready}");
    hub
}

struct Office {
    hub_config: PathBuf,
    kiosk_config: PathBuf,
    officer: HubClient,
}

fn open_office(folder: &Path) -> (Office, Program) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let hub_config = folder.join("hub.toml");
    let data = folder.join("hub");
    std::fs::write(&hub_config, format!("[hub]\nlisten = \"127.0.0.1:{port}\"\ndata = {data:?}\n")).unwrap();
    let hub = start_hub(&hub_config);
    let base = format!("http://127.0.0.1:{port}");
    let kiosk = admin(&["admin", "station", "add", "--kind", "kiosk", "--name", "K9", "--json"], &hub_config);
    let counter = admin(&["admin", "station", "add", "--kind", "counter", "--name", "Loket 9", "--json"], &hub_config);
    let user = admin(&["admin", "user", "add", "--name", "petugas9", "--role", "petugas_loket", "--json"], &hub_config);
    let kiosk_config = folder.join("kiosk.toml");
    let data = folder.join("kiosk");
    // One small page for every document: scans are at stake too, and the day stays busy.
    let pages = folder.join("pages");
    std::fs::create_dir(&pages).unwrap();
    image::RgbImage::from_pixel(620, 877, image::Rgb([250, 248, 240])).save(pages.join("default.jpg")).unwrap();
    std::fs::write(
        &kiosk_config,
        format!(
            "[kiosk]\nname = \"K9\"\nseries = \"K\"\nhub = \"{base}\"\ntoken = {}\ndata = {data:?}\n\
             [document_scanner]\nurl = \"sim:{}\"\ncheck = false\n",
            kiosk["token"],
            pages.display()
        ),
    )
    .unwrap();
    let station = HubClient::new(&base, counter["token"].as_str().unwrap());
    let password = user["one_time_password"].as_str().unwrap().to_owned();
    let first = station.sign_in(&SignIn { name: "petugas9".to_owned(), password }).unwrap();
    let change = ChangePassword { new_password: "uji-ketahanan-9".to_owned() };
    let session = station.with_session(&first).change_password(&change).unwrap();
    (Office { hub_config, kiosk_config, officer: station.with_session(&session) }, hub)
}

/// Asks again while the hub is down, as stations do.
fn insist<T>(mut ask: impl FnMut() -> Result<T, ClientError>) -> Result<T, ClientError> {
    let limit = Instant::now() + PATIENCE;
    loop {
        match ask() {
            Err(error) if error.is_passing() && Instant::now() < limit => std::thread::yield_now(),
            other => return other,
        }
    }
}

#[derive(Default)]
struct Acknowledged {
    called: Vec<TicketRow>,
    verified: BTreeSet<CaseId>,
}

/// Calls and verifies until told to stop; the same request again after a lost reply.
fn work(officer: &HubClient, world: &World, done: &AtomicBool, acknowledged: &Mutex<Acknowledged>) {
    while !done.load(Ordering::SeqCst) {
        let call = CallNext { request_id: world.request_id(), queue: Queue::Verification };
        let Some(ticket) = insist(|| officer.call_next(&call)).unwrap().ticket else { continue };
        acknowledged.lock().unwrap().called.push(ticket.clone());
        let case_id = ticket.case_id.expect("a verification ticket has a case");
        let detail = insist(|| officer.case(case_id)).unwrap();
        let accepted = detail.documents.iter().map(|document| document.kind.clone()).collect();
        let write = Write { request_id: world.request_id(), version: detail.row.version };
        let verify = Verify { write, accepted };
        match insist(|| officer.verify(case_id, &verify)) {
            Ok(state) => {
                assert_eq!(state.stage, Stage::Verified);
                acknowledged.lock().unwrap().verified.insert(case_id);
            }
            // A scan arrived between look and press: the version moved on. The officer looks again; here, not.
            Err(ClientError::Refused(problem)) if problem.code == "CASE-CHANGED" => {
                let write = TicketWrite { request_id: world.request_id(), version: None };
                insist(|| officer.hold_ticket(ticket.ticket_id, &write)).unwrap();
            }
            Err(error) => panic!("{error}"),
        }
    }
}

fn note(lines: Vec<String>, cases: &mut BTreeMap<CaseId, String>) {
    for line in lines {
        let mut words = line.split_whitespace();
        if words.next() == Some("case") {
            let case = words.next().unwrap().parse().unwrap();
            let ticket = words.next().unwrap().to_owned();
            assert_eq!(cases.insert(case, ticket), None, "one case was acknowledged twice");
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost_and_no_number_is_given_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (office, mut hub) = open_office(folder.path());
    let world = World::system();
    let mut random = Random(SEED);
    let done = Arc::new(AtomicBool::new(false));
    let acknowledged = Arc::new(Mutex::new(Acknowledged::default()));
    let officer = {
        let (client, world, done, acknowledged) =
            (office.officer.clone(), world.clone(), Arc::clone(&done), Arc::clone(&acknowledged));
        std::thread::spawn(move || work(&client, &world, &done, &acknowledged))
    };

    let day = |config: &Path| Program::start(&mut anjungan(&["kiosk-day", "--cases", "100000"], config));
    let mut cases = BTreeMap::new();
    let mut kiosk = day(&office.kiosk_config);
    for _ in 0..KILLS {
        // Some lives are too short for one case, others see many: the point is random in time and in work.
        let lines = random.below(6);
        let mut seen = Vec::new();
        for _ in 0..lines {
            seen.push(kiosk.lines.recv_timeout(PATIENCE).expect("the kiosk goes on issuing cases"));
        }
        std::thread::sleep(Duration::from_micros(random.below(30_000)));
        note(seen, &mut cases);
        if random.below(2) == 0 {
            note(kiosk.kill(), &mut cases);
            kiosk = day(&office.kiosk_config);
        } else {
            hub.kill();
            hub = start_hub(&office.hub_config);
        }
    }
    note(kiosk.kill(), &mut cases);

    // A last life without a new case only delivers.
    let last = Program::start(&mut anjungan(&["kiosk-day", "--cases", "0"], &office.kiosk_config));
    for (case, ticket) in &cases {
        // They arrive one after the other, and how many are left is chance: each has its own time.
        let limit = Instant::now() + PATIENCE;
        let detail = loop {
            match office.officer.case(*case) {
                Ok(detail) => break detail,
                Err(error) => assert!(Instant::now() < limit, "acknowledged {ticket} never arrived: {error}"),
            }
        };
        assert_eq!(detail.row.ticket.to_string(), *ticket);
    }
    done.store(true, Ordering::SeqCst);
    officer.join().unwrap();
    last.kill();

    let numbers: BTreeSet<&String> = cases.values().collect();
    assert_eq!(numbers.len(), cases.len(), "a number was given twice");
    let acknowledged = acknowledged.lock().unwrap();
    let called: BTreeSet<_> = acknowledged.called.iter().map(|ticket| ticket.ticket_id).collect();
    assert_eq!(called.len(), acknowledged.called.len(), "a ticket was called twice");
    for case in &acknowledged.verified {
        assert_eq!(office.officer.case(*case).unwrap().row.stage, Stage::Verified);
    }
    println!("{KILLS} kills, {} cases, {} calls, {} verified", cases.len(), called.len(), acknowledged.verified.len());
    assert!(cases.len() > 50 && !acknowledged.verified.is_empty(), "the day was too quiet to prove anything");
    hub.kill();
}
