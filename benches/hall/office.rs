//! An office whose hub is a process of its own, with a clock that may be shifted: it can be killed, and it can be midnight.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use anjungan::admin;
use anjungan::clock::{Clock, System, World};
use anjungan::config::Config;
use anjungan::domain::office::Zone;
use anjungan::domain::role::{Role, StationKind};
use jiff::{SignedDuration, Timestamp};

use super::http::Client;

/// First word of the command line of the hub's process.
pub const CHILD: &str = "--hub";

/// The machine's clock and a constant.
struct Shifted(i64);

impl Clock for Shifted {
    fn now(&self) -> Timestamp {
        Timestamp::now() + SignedDuration::from_millis(self.0)
    }
}

fn config(folder: &str, port: u16) -> Config {
    Config::parse(&format!("[hub]\nlisten = \"127.0.0.1:{port}\"\ndata = {folder:?}\n")).unwrap()
}

pub fn run_child(folder: &str, shift_ms: i64, port: u16) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let world = World::new(Arc::new(Shifted(shift_ms)), Arc::new(System));
        let running = anjungan::hub::start(&config(folder, port), world).await.unwrap();
        println!("hub ready on {}", running.addr());
        std::future::pending::<()>().await;
    });
}

pub struct Office {
    folder: tempfile::TempDir,
    shift_ms: i64,
    child: Child,
    pub addr: SocketAddr,
}

impl Office {
    /// Starts a hub at a wall clock that reaches midnight in so many milliseconds; none keeps the machine's clock.
    pub fn open(midnight_in_ms: Option<i64>) -> Self {
        let folder =
            tempfile::tempdir_in(std::env::var("HALL_FOLDER").unwrap_or_else(|_| "target".to_owned())).unwrap();
        let shift_ms = midnight_in_ms.map_or(0, |left| {
            let now = Timestamp::now();
            let tomorrow = Zone::Wib.day(now).tomorrow().unwrap();
            Zone::Wib.begin_of(tomorrow).unwrap().duration_since(now).as_millis() as i64 - left
        });
        let (child, addr) = spawn(&folder, shift_ms, 0);
        Self { folder, shift_ms, child, addr }
    }

    pub fn kill_and_restart(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        (self.child, self.addr) = spawn(&self.folder, self.shift_ms, self.addr.port());
    }

    pub fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub fn now(&self) -> Timestamp {
        Shifted(self.shift_ms).now()
    }

    pub fn shift_ms(&self) -> i64 {
        self.shift_ms
    }

    pub fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("anjungan.db")).unwrap()
    }

    pub fn station(&self, kind: StationKind, name: &str) -> String {
        admin::add_station(&config(&self.folder.path().display().to_string(), 0), kind, name).unwrap().token
    }

    pub fn client(&self, kind: StationKind, name: &str) -> Client {
        Client::new(self.addr, &self.station(kind, name), None)
    }

    /// An officer at a counter of their own.
    pub fn counter(&self, number: usize) -> Client {
        let config = config(&self.folder.path().display().to_string(), 0);
        let base = format!("http://{}", self.addr);
        let session = super::hub::person(&config, &base, &format!("petugas{number}"), Role::PetugasLoket);
        Client::new(self.addr, &self.station(StationKind::Counter, &format!("Loket {number}")), Some(&session.token))
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        self.stop();
    }
}

fn spawn(folder: &tempfile::TempDir, shift_ms: i64, port: u16) -> (Child, SocketAddr) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([CHILD, &folder.path().display().to_string(), &shift_ms.to_string(), &port.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let addr = line.trim().strip_prefix("hub ready on ").expect("a hub that starts").parse().unwrap();
    (child, addr)
}
