//! `kill -9` between any two steps: of the hub on the way of a case, of the kiosk in the middle of a session.
//!
//! `kill9.rs` kills at random moments; here every step is met.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use anjungan::admin;
use anjungan::clock::{System, Virtual, World};
use anjungan::config::Config;
use anjungan::domain::role::{Role, StationKind};
use anjungan::kiosk::KioskShell;
use anjungan::kiosk::flow::Touch;
use anjungan::kiosk::headless::Visitor;
use anjungan::kiosk::view::{ScanPhaseView, Screen};
use anjungan::station::bridge::no_wake;
use anjungan::station::outbox::{Counts, Outbox};
use anjungan::wire::case::CaseRow;
use serde_json::{Value, json};

use crate::support::hub::{Caller, MORNING, TestHub, person, sample};
use crate::support::office::{PATIENCE, journal_text};

/// A program and the lines it prints. Whatever happens to the test, the program ends with it.
struct Program {
    child: Child,
    lines: Receiver<String>,
}

impl Program {
    fn start(command: &mut Command) -> Self {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        let out = BufReader::new(child.stdout.take().expect("its words"));
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { child, lines }
    }

    /// Waits for the line that begins so, and returns the rest of it.
    #[track_caller]
    fn hear(&self, beginning: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("it never said {beginning}"));
            if let Some(rest) = line.strip_prefix(beginning) {
                return rest.to_owned();
            }
        }
    }
}

impl Drop for Program {
    /// SIGKILL.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The hub as a process of its own, always at the same address.
struct Hub {
    config: PathBuf,
    base: String,
    data: PathBuf,
    program: Option<Program>,
}

impl Hub {
    fn start(folder: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (config, data) = (folder.join("hub.toml"), folder.join("hub"));
        std::fs::write(&config, format!("[hub]\nlisten = \"127.0.0.1:{port}\"\ndata = {data:?}\n")).unwrap();
        let mut hub = Self { config, base: format!("http://127.0.0.1:{port}"), data, program: None };
        hub.kill_and_restart();
        hub
    }

    fn kill_and_restart(&mut self) {
        drop(self.program.take());
        let mut command = Command::new(env!("CARGO_BIN_EXE_anjungan"));
        let program = Program::start(command.arg("hub").arg("--config").arg(&self.config));
        assert_eq!(program.hear("hub ready on "), self.base);
        self.program = Some(program);
    }

    /// Somebody with a proof, over a connection that has not met an earlier hub.
    fn caller(&self, station: Option<&str>, session: Option<&str>) -> Caller {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build();
        let (station, session) = (station.map(str::to_owned), session.map(str::to_owned));
        Caller { agent: agent.into(), base: self.base.clone(), station, session }
    }
}

/// A request, who sends it, and the events that stand in the case's journal because of it.
struct Step {
    method: &'static str,
    path: String,
    kind: &'static str,
    body: Vec<u8>,
    station: Option<String>,
    session: Option<String>,
    events: &'static [&'static str],
    stage: &'static str,
}

#[test]
fn the_hub_dies_after_every_step() {
    let folder = tempfile::tempdir().unwrap();
    let mut hub = Hub::start(folder.path());
    let config = Config::load(&hub.config).unwrap();
    let station = |kind, name: &str| admin::add_station(&config, kind, name).unwrap().token;
    let (kiosk, counter) = (station(StationKind::Kiosk, "K1"), station(StationKind::Counter, "Loket 1"));
    let session = |name: &str, role| Some(person(&config, &hub.base, name, role).token);
    let loket = session("lia.loket", Role::PetugasLoket);
    let operator = session("oki.operator", Role::Operator);
    let (kabid, kadis) = (session("budi.kabid", Role::Kabid), session("dewi.kadis", Role::Kadis));
    let world = World::system();
    let case = sample(&world, &config, 1);
    let nik = case.submission.applicant.as_str().to_owned();
    let (id, document) = (case.case_id, case.submission.documents[0].document_id);

    let mut version = 0;
    let mut verb = |verb: &str, more: Value| {
        version += 1;
        let mut body = json!({ "request_id": world.request_id(), "version": version });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        (format!("/api/v1/cases/{id}/{verb}"), serde_json::to_vec(&body).unwrap())
    };
    let submission = serde_json::to_vec(&case.submission).unwrap();
    let call = json!({ "request_id": world.request_id(), "queue": "verification" });
    let step = |(path, body), session: &Option<String>, events, stage| Step {
        method: "POST",
        path,
        kind: "application/json",
        body,
        station: (*session == loket).then(|| counter.clone()),
        session: session.clone(),
        events,
        stage,
    };
    let from_kiosk = |path, kind, body, events| Step {
        method: "PUT",
        path,
        kind,
        body,
        station: Some(kiosk.clone()),
        session: None,
        events,
        stage: "submitted",
    };
    let proof = json!({ "collector": "applicant", "proof": { "kind": "card", "nik": nik, "origin": "chip" } });
    let steps = [
        from_kiosk(format!("/api/v1/cases/{id}"), "application/json", submission, &["case_submitted"]),
        from_kiosk(format!("/api/v1/cases/{id}/documents/{document}"), "image/png", case.picture, &["scan_stored"]),
        step(
            ("/api/v1/queue/call".to_owned(), serde_json::to_vec(&call).unwrap()),
            &loket,
            &["ticket_called"],
            "submitted",
        ),
        step(
            verb("verify", json!({ "accepted": ["sk_hilang_polisi", "ktp_el"] })),
            &loket,
            &["case_verified"],
            "verified",
        ),
        step(verb("propose", json!({ "siak_number": "3315/KK/2026/0042" })), &operator, &["case_proposed"], "proposed"),
        step(verb("endorse", json!({})), &kabid, &["case_endorsed"], "endorsed"),
        step(verb("sign", json!({ "outcome": "signed" })), &kadis, &["case_signed"], "signed"),
        step(verb("mark-printed", json!({})), &operator, &["kk_printed"], "printed"),
        step(verb("receive", json!({})), &loket, &["kk_received", "ticket_queued"], "received"),
        step(verb("hand-over", proof), &loket, &["kk_handed_over"], "handed_over"),
    ];

    let mut expected = Vec::new();
    for step in steps {
        let send = |hub: &Hub| {
            let who = hub.caller(step.station.as_deref(), step.session.as_deref());
            who.send(step.method, &step.path, step.kind, &step.body).ok().json()
        };
        let first = send(&hub);
        hub.kill_and_restart();
        let look = |hub: &Hub, path: &str| hub.caller(None, operator.as_deref()).get(path).ok().json();
        let stage = |hub: &Hub| look(hub, &format!("/api/v1/cases/{id}"))["stage"].clone();
        assert_eq!(stage(&hub), step.stage, "{} was acknowledged", step.path);
        // The answer might have been lost: the same request again, to the next life of the hub.
        assert_eq!(send(&hub), first, "{}", step.path);
        assert_eq!(stage(&hub), step.stage);
        expected.extend_from_slice(step.events);
        let journal = look(&hub, &format!("/api/v1/journal?case={id}"));
        let mut events: Vec<&str> =
            journal.as_array().unwrap().iter().map(|row| row["event"].as_str().unwrap()).collect();
        // The case files itself, whenever its turn comes.
        events.retain(|event| *event != "case_archived");
        assert_eq!(events, expected, "after {}", step.path);
    }
    let detail = hub.caller(None, operator.as_deref()).get(&format!("/api/v1/cases/{id}")).ok().json();
    assert_eq!(detail["register_number"], 1);
    assert!(detail["trail"].as_array().unwrap().iter().all(|step| step["at"].is_string()), "{}", detail["trail"]);
    assert!(!journal_text(&hub.data).contains(&nik));
}

/// Names the screen on which a kiosk waits to be killed.
const STOP: &str = "ANJUNGAN_TEST_STOP";
/// Names its configuration.
const CONFIG: &str = "ANJUNGAN_TEST_CONFIG";

/// Runs only in a process that the test below starts: walks to a stop, says so, and waits to be killed there.
#[test]
fn a_kiosk_that_waits_to_be_killed() {
    let (Ok(stop), Ok(config)) = (std::env::var(STOP), std::env::var(CONFIG)) else { return };
    let config = Config::load(Path::new(&config)).unwrap();
    let clock = Arc::new(Virtual::starting_at(MORNING.parse().unwrap()));
    let mut kiosk = KioskShell::open(&config, World::new(clock, Arc::new(System)), no_wake()).unwrap();
    kiosk.set_repeat_guard(Duration::ZERO);
    let visitor = Visitor::new(0);
    let walk = |kiosk: &mut KioskShell, goal| {
        if !matches!(goal, Screen::Notice | Screen::Need) {
            assert!(visitor.walk_to(kiosk, Screen::Need));
            kiosk.touch(Touch::PickCard("hilang".to_owned()));
        }
        assert!(visitor.walk_to(kiosk, goal));
    };
    let mut said = String::new();
    match stop.as_str() {
        "notice" => walk(&mut kiosk, Screen::Notice),
        "need" => walk(&mut kiosk, Screen::Need),
        "checklist" => walk(&mut kiosk, Screen::Checklist),
        "applicant" => walk(&mut kiosk, Screen::Applicant),
        "nik" => {
            walk(&mut kiosk, Screen::Nik);
            visitor.nik.chars().for_each(|digit| kiosk.touch(Touch::Digit(digit)));
        }
        "scan" | "preview" => {
            walk(&mut kiosk, Screen::Scan);
            kiosk.touch(Touch::Scan);
            while stop == "preview" && kiosk.view().scan_phase != ScanPhaseView::Preview {
                kiosk.pump(Duration::from_millis(20));
            }
        }
        "review" => walk(&mut kiosk, Screen::Review),
        // Killed while the disk works, at a moment that nobody chooses.
        "submitting" => {
            walk(&mut kiosk, Screen::Review);
            kiosk.touch(Touch::Submit);
        }
        "slip" => {
            walk(&mut kiosk, Screen::Slip);
            let receipt = kiosk.receipt().unwrap();
            said = format!("{} {}", receipt.case_id.unwrap(), receipt.ticket);
        }
        "idle" => {
            while Outbox::open(&config.kiosk.as_ref().unwrap().data).unwrap().counts().unwrap().kept > 0 {
                kiosk.pump(Duration::from_millis(20));
            }
        }
        other => panic!("no stop: {other}"),
    }
    // The harness has begun a line of its own.
    println!("\nat {stop} {said}");
    std::io::stdout().flush().unwrap();
    // Until SIGKILL, or the end of whoever started this.
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

#[test]
fn the_kiosk_dies_on_every_screen() {
    let folder = tempfile::tempdir().unwrap();
    let hub = TestHub::start();
    let (scanner, data) = (folder.path().join("scanner"), folder.path().join("kiosk"));
    std::fs::create_dir_all(&scanner).unwrap();
    let page = image::RgbImage::from_pixel(62, 87, image::Rgb([240, 238, 230]));
    page.save(scanner.join("default.png")).unwrap();
    let token = hub.station(StationKind::Kiosk, "K1");
    let configure = |name: &str, hub: &str| {
        let path = folder.path().join(name);
        let text = format!(
            "[kiosk]\nname = \"K1\"\nseries = \"A\"\nhub = \"{hub}\"\ntoken = \"{token}\"\ndata = {data:?}\n\
             [document_scanner]\nurl = \"sim:{}\"\ncheck = false\n",
            scanner.display()
        );
        std::fs::write(&path, text).unwrap();
        path
    };
    // A port that nobody listens on.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (dark, bright) = (configure("dark.toml", &format!("http://{nobody}")), configure("bright.toml", &hub.base()));
    let live = |config: &Path, stop: &str| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "faults::killed::a_kiosk_that_waits_to_be_killed", "--nocapture"]);
        let kiosk = Program::start(command.env(STOP, stop).env(CONFIG, config));
        kiosk.hear(&format!("at {stop}")).trim().to_owned()
    };
    let counts = || Outbox::open(&data).unwrap().counts().unwrap();
    let total = |counts: Counts| counts.kept + counts.delivered;

    let mut acknowledged = Vec::new();
    let sessions =
        ["notice", "need", "checklist", "applicant", "nik", "scan", "preview", "review", "submitting", "slip"];
    let again = ["review", "submitting", "slip", "submitting", "submitting", "slip"];
    for stop in sessions.into_iter().chain(again) {
        let before = total(counts());
        let said = live(&dark, stop);
        let after = total(counts());
        match stop {
            "slip" => {
                assert_eq!(after, before + 1, "an acknowledged case is kept");
                acknowledged.push(said);
            }
            "submitting" => assert!(after == before || after == before + 1),
            _ => assert_eq!(after, before, "half a session on {stop} left a case behind"),
        }
    }
    // Now the hub is there, and the kiosk dies while it delivers.
    for _ in 0..3 {
        acknowledged.push(live(&bright, "slip"));
    }
    live(&bright, "idle");
    let Counts { kept, delivered, refused } = counts();
    assert_eq!((kept, refused), (0, 0));

    let operator = hub.officer("oki.operator", Role::Operator);
    let rows: Vec<CaseRow> = operator.get("/api/v1/cases?stage=submitted").ok().read();
    assert_eq!(u64::try_from(rows.len()).unwrap(), u64::from(delivered), "every kept case is at the hub, once");
    let arrived: BTreeSet<String> = rows.iter().map(|row| format!("{} {}", row.case_id, row.ticket)).collect();
    for case in &acknowledged {
        assert!(arrived.contains(case), "{case} was promised and never arrived");
    }
    let numbers: BTreeSet<String> = rows.iter().map(|row| row.ticket.to_string()).collect();
    let gapless: BTreeSet<String> = (1..=rows.len()).map(|number| format!("A-{number:03}")).collect();
    assert_eq!(numbers, gapless, "no number was given twice, and none was burnt by half a session");
    let began = Instant::now();
    for row in &rows {
        let journal = operator.get(&format!("/api/v1/journal?case={}", row.case_id)).ok().json();
        let events: Vec<&str> = journal.as_array().unwrap().iter().map(|row| row["event"].as_str().unwrap()).collect();
        assert_eq!(events, ["case_submitted", "scan_stored", "scan_stored"]);
        assert!(began.elapsed() < PATIENCE);
    }
}
