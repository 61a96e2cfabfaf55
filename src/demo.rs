//! A whole office on one machine: every program as its own process, devices simulated on their real protocols.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;

use serde::{Deserialize, Serialize};

use crate::admin;
use crate::config::Config;
use crate::domain::role::{Role, StationKind};
use crate::rig::Endpoints;
use crate::wire::client::{ClientError, HubClient};
use crate::wire::session::{ChangePassword, SignIn};

/// Password of everybody in the demo. The demo's hub listens on this machine only.
const DEMO_PASSWORD: &str = "grobogan-demo";
/// Where the demo's hub listens unless the port is taken.
const DEMO_PORT: u16 = 8155;
/// Who works in the demo's office.
const PEOPLE: [(&str, Role); 5] = [
    ("petugas", Role::PetugasLoket),
    ("operator", Role::Operator),
    ("kabid", Role::Kabid),
    ("kadis", Role::Kadis),
    ("admin", Role::Admin),
];

/// Why the demo cannot run.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A file or a process.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A program ended before it was ready.
    #[error("{0} did not start; run it alone to see why")]
    NotReady(&'static str),
    /// The hub refused.
    #[error("the hub refused: {0}")]
    Hub(#[from] ClientError),
    /// Users or stations could not be written.
    #[error("setting up the office: {0}")]
    Admin(#[from] admin::AdminError),
    /// The demo's own notes are damaged.
    #[error("{0} is damaged; delete the demo's folder and start again")]
    Notes(PathBuf),
    /// The demo's own configuration is wrong.
    #[error("configuration: {0}")]
    Config(#[from] crate::config::ConfigError),
}

/// What the demo keeps between two runs.
#[derive(Debug, Serialize, Deserialize)]
struct Notes {
    kiosk_token: String,
    counter_token: String,
    board_token: String,
}

/// Child processes that end with the demo.
struct Programs(Vec<(&'static str, Child)>);

impl Drop for Programs {
    fn drop(&mut self) {
        for (_, child) in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Runs the demo until its windows are closed or it is stopped.
///
/// # Errors
/// Says which program did not start.
#[allow(clippy::print_stdout)]
pub fn run(data: &Path) -> Result<(), DemoError> {
    let folder = data.join("demo");
    fs::create_dir_all(&folder).map_err(io(format!("cannot create {}", folder.display())))?;
    let mut programs = Programs(Vec::new());

    let hub_config = write_hub_config(data, &folder)?;
    let (hub, lines) = spawn("hub", &[], Some(&hub_config))?;
    programs.0.push(("hub", hub));
    let ready = first_line("hub", lines)?;
    let address = ready.strip_prefix("hub ready on ").ok_or(DemoError::NotReady("hub"))?.trim().to_owned();

    let notes = enrol(&folder, &hub_config, &address)?;
    let rig_data = data.join("rig");
    let (rig, lines) = spawn("rig", &["--data", &rig_data.to_string_lossy()], None)?;
    programs.0.push(("rig", rig));
    let endpoints: Endpoints =
        serde_json::from_str(&first_line("rig", lines)?).map_err(|_| DemoError::NotReady("rig"))?;

    for (program, config) in write_station_configs(data, &folder, &address, &notes, &endpoints)? {
        let (child, _) = spawn(program, &[], Some(&config))?;
        programs.0.push((program, child));
    }

    println!("The office is open.\n  Pages for operator, kabid and kadis: {address}/masuk\n");
    println!("  Login      Role             Password");
    for (name, role) in PEOPLE {
        println!("  {name:<10} {:<16} {DEMO_PASSWORD}", role.title());
    }
    println!("\n  At the counter sign in as petugas. Place cards and show slips in the rig window.");
    println!("  Everything is kept under {}. Stop with Ctrl-C or close every window.", data.display());
    wait(programs);
    Ok(())
}

fn io(what: String) -> impl FnOnce(std::io::Error) -> DemoError {
    move |source| DemoError::Io { what, source }
}

fn quoted(path: &Path) -> String {
    toml::Value::String(path.to_string_lossy().into_owned()).to_string()
}

fn write(path: PathBuf, text: &str) -> Result<PathBuf, DemoError> {
    fs::write(&path, text).map_err(io(format!("cannot write {}", path.display())))?;
    Ok(path)
}

fn write_hub_config(data: &Path, folder: &Path) -> Result<PathBuf, DemoError> {
    let preferred = SocketAddr::from(([127, 0, 0, 1], DEMO_PORT));
    let port = if TcpListener::bind(preferred).is_ok() { DEMO_PORT } else { 0 };
    let text = format!("[hub]\nlisten = \"127.0.0.1:{port}\"\ndata = {}\n", quoted(&data.join("hub")));
    write(folder.join("hub.toml"), &text)
}

fn write_station_configs(
    data: &Path,
    folder: &Path,
    hub: &str,
    notes: &Notes,
    endpoints: &Endpoints,
) -> Result<[(&'static str, PathBuf); 3], DemoError> {
    let kiosk = format!(
        "[kiosk]\nname = \"K1\"\nseries = \"A\"\nhub = \"{hub}\"\ntoken = \"{}\"\ndata = {}\n\n\
         [printer]\nurl = \"{}\"\ncolumns = 48\n\n[qr_scanner]\nurl = \"{}\"\n\n\
         [document_scanner]\nurl = \"{}\"\ndpi = 150\n\n[speaker]\nurl = \"default:\"\n",
        notes.kiosk_token,
        quoted(&data.join("kiosk")),
        endpoints.printer,
        endpoints.kiosk_scanner,
        endpoints.document_scanner,
    );
    let counter = format!(
        "[counter]\nname = \"Loket 1\"\nhub = \"{hub}\"\ntoken = \"{}\"\n\n\
         [qr_scanner]\nurl = \"{}\"\n\n[ektp_reader]\nurl = \"{}\"\n",
        notes.counter_token, endpoints.counter_scanner, endpoints.reader,
    );
    let board = format!(
        "[board]\nname = \"Papan 1\"\nhub = \"{hub}\"\ntoken = \"{}\"\n\n[speaker]\nurl = \"default:\"\n",
        notes.board_token
    );
    Ok([
        ("kiosk", write(folder.join("kiosk.toml"), &kiosk)?),
        ("counter", write(folder.join("counter.toml"), &counter)?),
        ("board", write(folder.join("board.toml"), &board)?),
    ])
}

/// Enrols stations and people on the first run; later runs find them.
fn enrol(folder: &Path, hub_config: &Path, address: &str) -> Result<Notes, DemoError> {
    let path = folder.join("notes.json");
    if let Ok(text) = fs::read_to_string(&path) {
        return serde_json::from_str(&text).map_err(|_| DemoError::Notes(path));
    }
    let config = Config::load(hub_config)?;
    let station = |kind, name: &str| admin::add_station(&config, kind, name).map(|added| added.token);
    let notes = Notes {
        kiosk_token: station(StationKind::Kiosk, "K1")?,
        counter_token: station(StationKind::Counter, "Loket 1")?,
        board_token: station(StationKind::Board, "Papan 1")?,
    };
    for (name, role) in PEOPLE {
        let added = admin::add_user(&config, name, role)?;
        // The first login of a real person: the one-time password is changed through the API.
        let client = HubClient::new(address, "");
        let first = client.sign_in(&SignIn { name: name.to_owned(), password: added.one_time_password })?;
        client.with_session(&first).change_password(&ChangePassword { new_password: DEMO_PASSWORD.to_owned() })?;
    }
    write(path, &serde_json::to_string(&notes).unwrap_or_default())?;
    Ok(notes)
}

fn spawn(program: &'static str, arguments: &[&str], config: Option<&Path>) -> Result<(Child, ChildStdout), DemoError> {
    let exe = std::env::current_exe().map_err(io("cannot find this program".to_owned()))?;
    let mut command = Command::new(exe);
    command.arg(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
    if let Some(config) = config {
        command.arg("--config").arg(config);
    }
    let mut child = command.spawn().map_err(io(format!("cannot start {program}")))?;
    let stdout = child.stdout.take().ok_or(DemoError::NotReady(program))?;
    Ok((child, stdout))
}

fn first_line(program: &'static str, stdout: ChildStdout) -> Result<String, DemoError> {
    let mut lines = BufReader::new(stdout);
    let mut line = String::new();
    match lines.read_line(&mut line) {
        Ok(read) if read > 0 => {
            // Whatever it prints later must not block it.
            std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
            Ok(line)
        }
        _ => Err(DemoError::NotReady(program)),
    }
}

/// Waits until the last window closed. Ctrl-C reaches every program of the group by itself.
fn wait(mut programs: Programs) {
    let (ended, ends) = mpsc::channel();
    let hub_and_windows = std::mem::take(&mut programs.0);
    let mut windows = 0;
    let mut others = Vec::new();
    for (name, mut child) in hub_and_windows {
        if name == "hub" {
            others.push((name, child));
            continue;
        }
        windows += 1;
        let ended = ended.clone();
        std::thread::spawn(move || {
            let _ = child.wait();
            let _ = ended.send(name);
        });
    }
    programs.0 = others;
    for name in ends.iter().take(windows) {
        tracing::info!(program = name, "window closed");
    }
}
