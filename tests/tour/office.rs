//! A whole office in one process: real hub over HTTP, real programs, simulated devices on their real protocols.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anjungan::admin;
use anjungan::board::BoardProgram;
use anjungan::clock::{Clock as _, System, Virtual, World};
use anjungan::config::Config;
use anjungan::counter::CounterProgram;
use anjungan::domain::role::{Role, StationKind};
use anjungan::hub::RunningHub;
use anjungan::kiosk::KioskProgram;
use anjungan::rig::{Devices, RigOptions, Slip};
use anjungan::wire::client::HubClient;
use anjungan::wire::session::{ChangePassword, SignIn};

use crate::browser::{Browser, Driver, View};
use crate::gestures::Gestures;
use crate::hands::{Album, Program, open_window};

/// Password of everybody in the tour.
pub const PASSWORD: &str = "tur-grobogan-2026";

macro_rules! program {
    ($program:ty, $window:ty) => {
        impl Program for $program {
            type Window = $window;
            fn window(&self) -> &Self::Window {
                <$program>::window(self)
            }
            fn pump(&mut self, max_wait: Duration) -> bool {
                <$program>::pump(self, max_wait)
            }
        }
    };
}

program!(KioskProgram, anjungan_ui::KioskWindow);
program!(CounterProgram, anjungan_ui::CounterWindow);
program!(BoardProgram, anjungan_ui::BoardWindow);

/// PIN of the staff's door of the kiosk.
pub const STAFF_PIN: &str = "2580";
/// When the tour begins: a Monday, 08.31 WIB.
const BEGINS: &str = "2026-11-23T01:31:00Z";

/// Everything that runs.
pub struct Office {
    pub kiosk: KioskProgram,
    pub counter: CounterProgram,
    pub board: BoardProgram,
    pub devices: Devices,
    pub operator: Browser,
    pub kabid: Browser,
    pub kadis: Browser,
    pub visitor: Browser,
    pub album: Album,
    /// What lies on the glass of the scanner, by document.
    pub pages: PathBuf,
    pub base: String,
    pub clock: Arc<Virtual>,
    /// What the officer at the counter has done since the last report.
    pub gestures: Gestures,
    pub runtime: tokio::runtime::Runtime,
    _hub: RunningHub,
    _driver: Driver,
}

/// The files with which the kernel offers the light of a panel.
fn panel_light(folder: &Path) -> PathBuf {
    let class = folder.join("backlight");
    let panel = class.join("panel");
    std::fs::create_dir_all(&panel).expect("a folder for the panel");
    for (file, text) in [("type", "firmware"), ("max_brightness", "100"), ("brightness", "80")] {
        std::fs::write(panel.join(file), text).expect("a file of the panel");
    }
    class
}

impl Office {
    /// Opens the office on a Monday morning.
    pub fn open(folder: &Path, album: Album) -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let clock = Arc::new(Virtual::starting_at(BEGINS.parse().expect("a time")));
        crate::hands::CLOCK.set(clock.clone()).unwrap_or_else(|_| panic!("one tour a process"));
        let world = World::new(clock.clone(), Arc::new(System));
        let hub_data = folder.join("hub");
        let config = parse(&format!("[hub]\nlisten = \"127.0.0.1:0\"\ndata = {hub_data:?}\n"));
        let hub = runtime.block_on(anjungan::hub::start(&config, world.clone())).expect("the hub starts");
        let base = format!("http://{}", hub.addr());
        let token = |kind, name| admin::add_station(&config, kind, name).expect("a station").token;
        let tokens = [
            token(StationKind::Kiosk, "K1"),
            token(StationKind::Counter, "Loket 1"),
            token(StationKind::Board, "Papan 1"),
        ];
        for (name, role) in [
            ("petugas", Role::PetugasLoket),
            ("operator", Role::Operator),
            ("kabid", Role::Kabid),
            ("kadis", Role::Kadis),
        ] {
            add_person(&config, &base, name, role);
        }
        let devices =
            Devices::start(&folder.join("rig"), RigOptions { printer_port: 0, scan_ms: 400, ..RigOptions::default() })
                .expect("the devices start");
        let urls = devices.endpoints();
        let nothing = || Arc::new(|| ()) as Arc<dyn Fn() + Send + Sync>;
        let kiosk = parse(&format!(
            "[kiosk]\nname = \"K1\"\nseries = \"A\"\nhub = \"{base}\"\ntoken = \"{}\"\ndata = {:?}\n\
             staff_pin = \"{STAFF_PIN}\"\nbacklight = {:?}\n[hours]\n[printer]\nurl = \"{}\"\n[qr_scanner]\nurl = \"{}\"\n\
             [document_scanner]\nurl = \"{}\"\ndpi = 150\n[speaker]\nurl = \"none:\"\n",
            tokens[0],
            folder.join("kiosk"),
            panel_light(folder),
            urls.printer,
            urls.kiosk_scanner,
            urls.document_scanner
        ));
        let counter = parse(&format!(
            "[counter]\nname = \"Loket 1\"\nhub = \"{base}\"\ntoken = \"{}\"\n\
             [qr_scanner]\nurl = \"{}\"\n[ektp_reader]\nurl = \"{}\"\n",
            tokens[1], urls.counter_scanner, urls.reader
        ));
        let board = parse(&format!("[board]\nname = \"Papan 1\"\nhub = \"{base}\"\ntoken = \"{}\"\n", tokens[2]));
        let kiosk = KioskProgram::open(&kiosk, world.clone(), nothing()).expect("the kiosk opens");
        let counter = CounterProgram::open(&counter, world.clone(), nothing()).expect("the counter opens");
        let board = BoardProgram::open(&board, world, nothing()).expect("the board opens");
        open_window(kiosk.window(), 1080, 1920);
        open_window(counter.window(), 1366, 768);
        open_window(board.window(), 1920, 1080);
        let driver = Driver::start();
        let open = |view| runtime.block_on(driver.open(view));
        let (operator, kabid) = (open(View::Desk), open(View::Phone));
        let (kadis, visitor) = (open(View::Phone), open(View::Phone));
        Self {
            kiosk,
            counter,
            board,
            devices,
            operator,
            kabid,
            kadis,
            visitor,
            album,
            pages: folder.join("rig/scanner"),
            base,
            clock,
            gestures: Gestures::default(),
            runtime,
            _hub: hub,
            _driver: driver,
        }
    }

    /// Keeps a picture of what was printed.
    pub fn keep_paper(&self, slip: &Slip, name: &str) -> PathBuf {
        let path = self.album.folder().join(format!("{name}.png"));
        std::fs::copy(&slip.picture, &path).expect("the picture of the paper can be copied");
        path
    }

    /// Lets the day go on to an hour counted from its beginning.
    pub fn pass_until(&self, hours: i64) {
        let begun: jiff::Timestamp = BEGINS.parse().expect("a time");
        let passed = self.clock.now().duration_since(begun).as_secs();
        self.pass((hours * 3600 - passed).max(0));
    }

    /// Lets people take their time, on the office's clock.
    pub fn pass(&self, seconds: i64) {
        self.clock.advance_ms(seconds * 1000);
    }
}

fn parse(text: &str) -> Config {
    Config::parse(text).expect("the tour's own configuration")
}

fn add_person(config: &Config, base: &str, name: &str, role: Role) {
    let added = admin::add_user(config, name, role).expect("a user");
    let client = HubClient::new(base, "");
    let first = client
        .sign_in(&SignIn { name: name.to_owned(), password: added.one_time_password })
        .expect("the one-time password opens");
    client
        .with_session(&first)
        .change_password(&ChangePassword { new_password: PASSWORD.to_owned() })
        .expect("the password can be changed");
}
