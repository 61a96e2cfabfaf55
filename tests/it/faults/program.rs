//! The program itself: exit codes, one line for the person at the terminal, files of a newer program.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anjungan::clock::World;
use anjungan::config::Config;
use anjungan::kiosk::KioskShell;
use anjungan::kiosk::view::Screen;
use anjungan::station::bridge::no_wake;
use anjungan::station::outbox::{OUTBOX_FILE, Outbox};

use crate::support::office::PATIENCE;

/// What a person at the terminal gets.
struct Outcome {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Outcome {
    /// Failed, and said why in one line.
    #[track_caller]
    fn assert_one_line(&self, words: &[&str]) {
        assert_eq!((self.code, self.out.as_str()), (Some(1), ""), "{}", self.err);
        assert!(self.err.starts_with("anjungan: ") && self.err.trim_end().lines().count() == 1, "{}", self.err);
        for word in words {
            assert!(self.err.contains(word), "{word} is missing: {}", self.err);
        }
    }
}

fn run(arguments: &[&str], config: Option<&Path>) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anjungan"));
    command.args(arguments).env_remove("ANJUNGAN_LOG");
    if let Some(config) = config {
        command.arg("--config").arg(config);
    }
    let output = command.output().expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Outcome { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

fn write(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("anjungan.toml");
    std::fs::write(&path, text).unwrap();
    path
}

fn hub_config(folder: &Path) -> PathBuf {
    write(folder, &format!("[hub]\nlisten = \"127.0.0.1:0\"\ndata = {:?}\n", folder.join("hub")))
}

const ADD_STATION: [&str; 7] = ["admin", "station", "add", "--kind", "counter", "--name", "Loket 1"];

#[test]
fn a_store_of_a_newer_program_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let config = hub_config(folder.path());
    assert_eq!(run(&ADD_STATION, Some(&config)).code, Some(0));
    let file = folder.path().join("hub/anjungan.db");
    rusqlite::Connection::open(&file).unwrap().pragma_update(None, "user_version", 999).unwrap();
    let before = std::fs::read(&file).unwrap();
    for arguments in [&["hub"][..], &["admin", "station", "add", "--kind", "board", "--name", "Papan"]] {
        run(arguments, Some(&config)).assert_one_line(&["schema 999", "install the newer program"]);
    }
    assert_eq!(std::fs::read(&file).unwrap(), before, "what is not understood is not touched");
}

#[test]
fn a_kiosk_with_a_newer_file_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    drop(Outbox::open(folder.path()).unwrap());
    let file = rusqlite::Connection::open(folder.path().join(OUTBOX_FILE)).unwrap();
    file.pragma_update(None, "user_version", 999).unwrap();
    let text = format!(
        "[kiosk]\nname = \"K1\"\nseries = \"A\"\nhub = \"http://127.0.0.1:9\"\ntoken = \"t\"\ndata = {:?}\n",
        folder.path()
    );
    let mut kiosk = KioskShell::open(&Config::parse(&text).unwrap(), World::system(), no_wake()).unwrap();
    let began = Instant::now();
    while kiosk.view().screen != Screen::OutOfService {
        assert!(began.elapsed() < PATIENCE, "a kiosk that cannot keep a case must not begin one");
        kiosk.pump(Duration::from_millis(20));
    }
}

#[test]
fn wrong_usage_is_two_and_help_is_no_failure() {
    for wrong in [
        &[][..],
        &["apa"],
        &["hub", "--apa"],
        &["admin"],
        &["admin", "station", "add", "--name", "Loket 1"],
        &["admin", "station", "add", "--kind", "toaster", "--name", "Loket 1"],
        &["admin", "user", "add", "--name", "budi", "--role", "raja"],
        &["rig", "--printer-port", "70000"],
    ] {
        let outcome = run(wrong, None);
        assert_eq!((outcome.code, outcome.out.as_str()), (Some(2), ""), "{wrong:?}");
        assert!(outcome.err.contains("--help") || outcome.err.contains("Usage:"), "{wrong:?}: {}", outcome.err);
    }
    for asked in [&["--help"][..], &["--version"], &["admin", "user", "add", "--help"]] {
        let outcome = run(asked, None);
        assert_eq!((outcome.code, outcome.err.as_str()), (Some(0), ""), "{asked:?}");
        assert!(outcome.out.contains("anjungan"), "{asked:?}");
    }
}

#[test]
fn a_wrong_configuration_says_what_and_where() {
    let folder = tempfile::tempdir().unwrap();
    for (text, words) in [
        ("[hub]\nlitsen = \"127.0.0.1:0\"\n", &["line 2", "litsen", "did you mean `listen`?"][..]),
        ("[offise]\n", &["line 1", "offise", "did you mean `office`?"]),
        ("[printer]\nurl = \"tcp://127.0.0.1:9100\"\ncolums = 48\n", &["line 3", "did you mean `columns`?"]),
        ("[printer]\nurl = \"tcp://127.0.0.1:9100\"\ncolumns = 40\n", &["columns must be 32 or 48"]),
    ] {
        let config = write(folder.path(), text);
        let outcome = run(&["hub"], Some(&config));
        outcome.assert_one_line(words);
        assert!(outcome.err.contains("anjungan.toml"), "{}", outcome.err);
    }
    run(&["hub"], Some(&folder.path().join("absent.toml"))).assert_one_line(&["cannot read", "absent.toml"]);
    let config = write(folder.path(), "");
    run(&["kiosk-day"], Some(&config)).assert_one_line(&["[kiosk]", "docs/configuration.md"]);

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let data = folder.path().join("hub");
    let config = write(folder.path(), &format!("[hub]\nlisten = \"{address}\"\ndata = {data:?}\n"));
    run(&["hub"], Some(&config)).assert_one_line(&["cannot listen on", &address.to_string(), "in use"]);
}

#[test]
fn the_administrator_gets_one_json_line_or_one_line_of_refusal() {
    let folder = tempfile::tempdir().unwrap();
    let config = hub_config(folder.path());
    let user = ["admin", "user", "add", "--name", "budi.kabid", "--role", "kabid"];
    for (arguments, kind, secret) in [(&ADD_STATION[..], "kind", "token"), (&user[..], "role", "one_time_password")] {
        let outcome = run(&[arguments, &["--json"]].concat(), Some(&config));
        assert_eq!((outcome.code, outcome.err.as_str()), (Some(0), ""));
        assert!(outcome.out.ends_with('\n') && outcome.out.lines().count() == 1, "{}", outcome.out);
        let line: serde_json::Value = serde_json::from_str(&outcome.out).expect("JSON");
        assert_eq!(line.as_object().unwrap().len(), 3, "{line}");
        assert!(line["name"].is_string() && line[kind].is_string());
        assert!(line[secret].as_str().unwrap().len() >= 10, "shown this once");
        run(&[arguments, &["--json"]].concat(), Some(&config)).assert_one_line(&["taken"]);
    }
    let weak = ["admin", "user", "add", "--name", "Budi Santoso", "--role", "kabid", "--json"];
    run(&weak, Some(&config)).assert_one_line(&["a login has"]);
}
