//! A whole hub in this process: its own folder, port 0, a clock that moves when told, and people to act.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;

use anjungan::admin;
use anjungan::clock::{System, Virtual, World};
use anjungan::config::Config;
use anjungan::domain::ids::CaseId;
use anjungan::domain::office::OfficeCode;
use anjungan::domain::role::{Role, StationKind};
use anjungan::domain::slip_token::{SlipDigest, SlipToken};
use anjungan::domain::stage::Stage;
use anjungan::hub::RunningHub;
use anjungan::wire::case::{
    CaseState, CollectorWire, HandOver, Proof, ScanFacts, SlipDigests, Submission, SubmittedDocument, SubmittedTicket,
    Verify, Write,
};
use anjungan::wire::client::HubClient;
use anjungan::wire::problem::Problem;
use anjungan::wire::session::{ChangePassword, Session, SignIn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The password every test person chooses.
pub const PASSWORD: &str = "sandi-uji-panjang";
/// When every test day begins: 09.00 WIB.
pub const MORNING: &str = "2026-11-23T02:00:00Z";

/// A hub under test.
pub struct TestHub {
    runtime: tokio::runtime::Runtime,
    running: Option<RunningHub>,
    config: Config,
    dir: tempfile::TempDir,
    pub clock: Arc<Virtual>,
    pub world: World,
}

/// A case as a kiosk would have it.
#[derive(Clone)]
pub struct Sample {
    pub case_id: CaseId,
    pub token: SlipToken,
    pub submission: Submission,
    pub picture: Vec<u8>,
}

/// One person of each role with a station to work at.
pub struct Team {
    pub kiosk: HubClient,
    pub loket: Caller,
    pub counter: HubClient,
    pub operator: Caller,
    pub kabid: Caller,
    pub kadis: Caller,
}

/// Speaks raw HTTP: also what `HubClient` would never send.
#[derive(Clone)]
pub struct Caller {
    pub agent: ureq::Agent,
    pub base: String,
    pub station: Option<String>,
    pub session: Option<String>,
}

/// An answer as it came.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub kind: String,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub fn read<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The code of a refusal, which must be a whole problem document.
    pub fn code(&self) -> String {
        assert_eq!(self.kind, "application/problem+json", "{} {}", self.status, self.text());
        let problem: Problem = self.read();
        assert_eq!(problem.status, self.status);
        problem.code
    }

    #[track_caller]
    pub fn ok(self) -> Self {
        assert!(self.status < 300, "{} {}", self.status, self.text());
        self
    }
}

impl Caller {
    pub fn send(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> Reply {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        if let Some(station) = &self.station {
            request = request.header("x-anjungan-station", station);
        }
        if let Some(session) = &self.session {
            request = request.header("authorization", format!("Bearer {session}"));
        }
        let request = request.body(body.to_vec()).expect("a request");
        let mut response = self.agent.run(request).unwrap_or_else(|e| panic!("{method} {path}: {e}"));
        let kind = response.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
        let body = response.body_mut().with_config().limit(64 << 20).read_to_vec().expect("a body");
        Reply { status: response.status().as_u16(), kind, body }
    }

    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, "", &[])
    }

    pub fn post(&self, path: &str, body: &impl Serialize) -> Reply {
        self.send("POST", path, "application/json", &serde_json::to_vec(body).expect("JSON"))
    }

    pub fn put(&self, path: &str, body: &impl Serialize) -> Reply {
        self.send("PUT", path, "application/json", &serde_json::to_vec(body).expect("JSON"))
    }

    /// Does a verb of a case with more fields.
    pub fn verb(&self, case: CaseId, verb: &str, write: Write, more: Value) -> Reply {
        let mut body = serde_json::to_value(write).expect("JSON");
        if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
            body.extend(more);
        }
        self.post(&format!("/api/v1/cases/{case}/{verb}"), &body)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A picture whose bytes differ by number.
fn picture(number: u16) -> Vec<u8> {
    let shade = number.to_be_bytes();
    let image = image::RgbImage::from_pixel(16, 16, image::Rgb([shade[0], shade[1], 200]));
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).expect("a picture in memory");
    bytes.into_inner()
}

pub fn scan_facts(bytes: &[u8]) -> ScanFacts {
    ScanFacts {
        sha256: SlipDigest::try_from(hex(&Sha256::digest(bytes))).expect("a digest"),
        bytes: bytes.len() as u64,
        media_type: "image/png".to_owned(),
        width_px: 16,
        height_px: 16,
        dpi: 200,
        seen: None,
    }
}

/// Adds a person to any hub, signs them in and lets them choose a password.
pub fn person(config: &Config, base: &str, name: &str, role: Role) -> Session {
    let added = admin::add_user(config, name, role).expect("a new person");
    let client = HubClient::new(base, "");
    let first = client
        .sign_in(&SignIn { name: name.to_owned(), password: added.one_time_password })
        .expect("the one-time password");
    assert!(first.must_change_password);
    let change = ChangePassword { new_password: PASSWORD.to_owned() };
    client.with_session(&first).change_password(&change).expect("a new password")
}

/// A case for a lost KK. The NIK is invented: no real serial is above 9000.
pub fn sample(world: &World, config: &Config, number: u16) -> Sample {
    let token = world.slip_token();
    let picture = picture(number);
    let document = |kind: &str, scan| SubmittedDocument {
        document_id: world.document_id(),
        kind: kind.parse().expect("a kind"),
        scan,
    };
    let now = world.now();
    let submission = Submission {
        office: OfficeCode::parse("3315").expect("a code"),
        variant: "kk.hilang".parse().expect("a variant"),
        service_version: "2022-01-04".to_owned(),
        applicant: format!("331513010190{}", 9000 + number).parse().expect("a NIK"),
        applicant_doubtful: false,
        no_kk: None,
        proxy: None,
        phone: None,
        answers: BTreeMap::new(),
        documents: vec![document("sk_hilang_polisi", Some(scan_facts(&picture))), document("ktp_el", None)],
        ticket: SubmittedTicket {
            ticket_id: world.ticket_id(),
            day: config.office.timezone.day(now),
            number: format!("A-{number:03}").parse().expect("a number"),
            priority: None,
        },
        slip: SlipDigests { token: token.digest(), code: token.manual_code().digest() },
        submitted_at: now,
        started_at: now - jiff::SignedDuration::from_secs(45),
    };
    Sample { case_id: world.case_id(), token, submission, picture }
}

impl TestHub {
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// Starts with further lines of configuration.
    pub fn start_with(more: &str) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let data = dir.path().join("hub");
        let text = format!("[hub]\nlisten = \"127.0.0.1:0\"\ndata = {:?}\n{more}", data.display().to_string());
        let config = Config::parse(&text).expect("a configuration");
        let clock = Arc::new(Virtual::starting_at(MORNING.parse().expect("a time")));
        let world = World::new(clock.clone(), Arc::new(System));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let mut hub = Self { runtime, running: None, config, dir, clock, world };
        hub.boot();
        hub
    }

    fn boot(&mut self) {
        let running = self.runtime.block_on(anjungan::hub::start(&self.config, self.world.clone()));
        self.running = Some(running.expect("a hub that starts"));
    }

    /// Ends the hub and starts it again over the same folder.
    pub fn restart(&mut self) {
        self.stop();
        self.boot();
    }

    pub fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.stop()).expect("an end in good order");
        }
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The hub's folder.
    pub fn data(&self) -> std::path::PathBuf {
        self.dir.path().join("hub")
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.running.as_ref().expect("a running hub").addr())
    }

    /// Enrols a station and returns its token.
    pub fn station(&self, kind: StationKind, name: &str) -> String {
        admin::add_station(&self.config, kind, name).expect("a new station").token
    }

    pub fn kiosk(&self) -> HubClient {
        HubClient::new(&self.base(), &self.station(StationKind::Kiosk, "K1"))
    }

    /// Somebody without any proof.
    pub fn stranger(&self) -> Caller {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(std::time::Duration::from_secs(30)))
            .build();
        Caller { agent: config.into(), base: self.base(), station: None, session: None }
    }

    pub fn at_station(&self, token: &str) -> Caller {
        Caller { station: Some(token.to_owned()), ..self.stranger() }
    }

    /// Adds a person, signs them in and lets them choose a password.
    pub fn person(&self, name: &str, role: Role) -> Session {
        person(&self.config, &self.base(), name, role)
    }

    /// A person away from any station.
    pub fn officer(&self, name: &str, role: Role) -> Caller {
        Caller { session: Some(self.person(name, role).token), ..self.stranger() }
    }

    /// A Petugas Loket at a new counter.
    pub fn at_counter(&self, counter: &str, name: &str) -> (HubClient, Caller) {
        let token = self.station(StationKind::Counter, counter);
        let session = self.person(name, Role::PetugasLoket);
        let client = HubClient::new(&self.base(), &token).with_session(&session);
        (client, Caller { session: Some(session.token), ..self.at_station(&token) })
    }

    pub fn team(&self) -> Team {
        let (counter, loket) = self.at_counter("Loket 1", "lia.loket");
        Team {
            kiosk: self.kiosk(),
            loket,
            counter,
            operator: self.officer("oki.operator", Role::Operator),
            kabid: self.officer("budi.kabid", Role::Kabid),
            kadis: self.officer("dewi.kadis", Role::Kadis),
        }
    }

    /// A case for a lost KK.
    pub fn sample(&self, number: u16) -> Sample {
        sample(&self.world, &self.config, number)
    }

    pub fn write(&self, version: u32) -> Write {
        Write { request_id: self.world.request_id(), version }
    }

    /// Delivers a case with its scan.
    pub fn deliver(&self, kiosk: &HubClient, number: u16) -> Sample {
        let sample = self.sample(number);
        let submitted = kiosk.submit(sample.case_id, &sample.submission).expect("a case");
        for document in submitted.scans_wanted {
            kiosk.put_scan(sample.case_id, document, "image/png", &sample.picture).expect("a scan");
        }
        sample
    }

    /// Carries a delivered case to a stage; 60 virtual seconds a step. Returns its version.
    pub fn walk(&self, team: &Team, sample: &Sample, to: Stage) -> u32 {
        let id = sample.case_id;
        let mut version = 1;
        for stage in Stage::PATH.into_iter().skip(1) {
            if Stage::PATH.iter().position(|s| *s == stage) > Stage::PATH.iter().position(|s| *s == to) {
                break;
            }
            self.clock.advance_ms(60_000);
            let write = self.write(version);
            let state: CaseState = match stage {
                Stage::Verified => team.counter.verify(id, &self.verify_body(version)).expect("verified"),
                Stage::Proposed => {
                    team.operator.verb(id, "propose", write, json!({ "siak_number": "3315/KK/2026/0042" })).ok().read()
                }
                Stage::Endorsed => team.kabid.verb(id, "endorse", write, json!({})).ok().read(),
                Stage::Signed => team.kadis.verb(id, "sign", write, json!({ "outcome": "signed" })).ok().read(),
                Stage::Printed => team.operator.verb(id, "mark-printed", write, json!({})).ok().read(),
                Stage::Received => team.counter.receive(id, &write).expect("received"),
                _ => team.counter.hand_over(id, &self.hand_over_body(sample, version)).expect("handed over"),
            };
            assert_eq!(state.stage, stage);
            version = state.version;
        }
        version
    }

    pub fn verify_body(&self, version: u32) -> Verify {
        let kinds = ["sk_hilang_polisi", "ktp_el"];
        Verify { write: self.write(version), accepted: kinds.map(|kind| kind.parse().expect("a kind")).to_vec() }
    }

    pub fn hand_over_body(&self, sample: &Sample, version: u32) -> HandOver {
        HandOver {
            write: self.write(version),
            collector: CollectorWire::Applicant,
            proof: Proof::Card { nik: sample.submission.applicant, origin: "simulated".to_owned() },
        }
    }
}

impl Drop for TestHub {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            let _ = self.runtime.block_on(running.stop());
        }
    }
}
