//! `anjungan doctor` and a printer of A4 pages that shares no code with us: `ippeveprinter` of CUPS.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// Only a failing test ever waits that long.
const PATIENCE: Duration = Duration::from_secs(20);
/// Dots per inch at which ten pixels are a millimetre.
const DPI: &str = "254";
/// A printer that says what lies in its folder: `empty` is a tray without paper, `broken` a page that fails.
const PRINTING: &str = r#"#!/bin/sh
cd "$(dirname "$0")" || exit 1
[ -e empty ] && echo "STATE: +media-empty" >&2
[ ! -e broken ]
"#;

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(command: &mut Command, package: &str) -> Running {
    let silent = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Running(silent.spawn().unwrap_or_else(|error| panic!("{error}: install Debian's {package}")))
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "{what}");
        std::thread::yield_now();
    }
}

/// A running printer with its folder, and the bus without which it does not start.
struct Printer {
    // First, so that the printer ends before the bus.
    _printer: Running,
    _bus: Running,
    folder: TempDir,
    port: u16,
}

impl Printer {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let script = folder.path().join("print.sh");
        fs::write(&script, PRINTING).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(folder.path().join("spool")).unwrap();
        let (bus, address) = start_bus(folder.path());
        loop {
            // Nobody holds the port between our look and its start; if somebody takes it, another one is tried.
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let mut command = Command::new("/usr/sbin/ippeveprinter");
            command.env("DBUS_SYSTEM_BUS_ADDRESS", &address).args(["-r", "off", "-p", &port.to_string(), "-c"]);
            command.arg(&script).arg("-d").arg(folder.path().join("spool"));
            command.args(["-k", "-f", "application/pdf", "-n", "localhost", "Pencetak uji"]);
            let mut printer = start(&mut command, "cups-ipp-utils");
            let mut ended = false;
            until("the printer listens", || {
                ended = printer.0.try_wait().unwrap().is_some();
                ended || TcpStream::connect(("localhost", port)).is_ok()
            });
            if !ended {
                return Self { _printer: printer, _bus: bus, folder, port };
            }
        }
    }

    /// The pages that it took, as PDF.
    fn pages(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.folder.path().join("spool")).unwrap();
        let mut pages: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        pages.retain(|page| page.extension().is_some_and(|end| end == "pdf"));
        pages.sort();
        pages
    }

    fn lay(&self, name: &str) {
        fs::write(self.folder.path().join(name), "").unwrap();
    }

    fn doctor(&self, more: &[&str]) -> Output {
        doctor(self.folder.path(), self.port, more)
    }
}

/// A bus of our own: the printer announces itself nowhere, but asks for the system's bus before it knows that.
fn start_bus(folder: &Path) -> (Running, String) {
    let (socket, settings) = (folder.join("bus"), folder.join("bus.conf"));
    let text = format!(
        "<busconfig><type>session</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>\
         <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/>\
         <allow own=\"*\"/></policy></busconfig>",
        socket.display()
    );
    fs::write(&settings, text).unwrap();
    let mut command = Command::new("dbus-daemon");
    command.arg("--config-file").arg(&settings).args(["--nofork", "--nopidfile"]);
    let bus = start(&mut command, "dbus-daemon");
    until("the bus listens", || socket.exists());
    (bus, format!("unix:path={}", socket.display()))
}

fn doctor(folder: &Path, port: u16, more: &[&str]) -> Output {
    let config = folder.join("anjungan.toml");
    fs::write(&config, format!("[page_printer]\nurl = \"ipp://localhost:{port}/ipp/print\"\n")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_anjungan"));
    command.arg("doctor").args(more).arg("--config").arg(&config).output().unwrap()
}

/// The printer's line of a report for programs, and the exit code.
fn report(output: &Output) -> (Value, Option<i32>) {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let line = lines.find(|line| line["device"] == "page_printer").unwrap_or_else(|| panic!("no such line: {text}"));
    (line, output.status.code())
}

fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Where dark lines lie that go through most of the page: the middle of each, in pixels.
fn lines(length: u32, across: u32, is_dark: impl Fn(u32, u32) -> bool) -> Vec<u32> {
    let is_line = |at: &u32| (0..across).filter(|place| is_dark(*at, *place)).count() > across as usize * 6 / 10;
    let dark: Vec<u32> = (0..length).filter(is_line).collect();
    dark.chunk_by(|one, next| next - one == 1).map(|line| (line[0] + line[line.len() - 1]) / 2).collect()
}

#[test]
fn the_test_page_is_a4_with_its_frame_10_mm_from_the_edge() {
    let printer = Printer::start();
    let printed = printer.doctor(&["page"]);
    assert_eq!(printed.status.code(), Some(0), "{}", words(&printed));
    assert_eq!(printer.pages().len(), 1);
    let picture = printer.folder.path().join("page");
    let mut command = Command::new("pdftoppm");
    let render = command.args(["-r", DPI, "-png", "-singlefile"]).arg(&printer.pages()[0]).arg(&picture).status();
    assert!(render.expect("pdftoppm runs (Debian's poppler-utils)").success());
    let page = image::open(picture.with_extension("png")).unwrap().into_luma8();
    let (wide, high) = page.dimensions();
    assert!(wide.abs_diff(2100) <= 1 && high.abs_diff(2970) <= 1, "{wide} x {high} pixels are not 210 x 297 mm");
    let is_dark = |x, y| page.get_pixel(x, y).0[0] < 128;
    let upright = lines(wide, high, is_dark);
    let level = lines(high, wide, |y, x| is_dark(x, y));
    // Within a tenth of a millimetre.
    for (found, meant) in [(&upright, [100, 2000]), (&level, [100, 2870])] {
        let fits = found.len() == 2 && found.iter().zip(meant).all(|(line, meant)| line.abs_diff(meant) <= 1);
        assert!(fits, "frame at {found:?}, not at {meant:?} tenths of a millimetre");
    }
    let (line, code) = report(&printer.doctor(&["--json"]));
    assert_eq!((line["health"].as_str(), line["fix"].as_str(), code), (Some("ready"), Some(""), Some(0)));
}

#[test]
fn a_tray_without_paper_is_told_with_what_to_do_and_gets_no_page() {
    let printer = Printer::start();
    // This printer looks at its tray when it prints, and never again: filling it in cannot be tried with it.
    printer.lay("empty");
    assert_eq!(printer.doctor(&["page"]).status.code(), Some(0));
    let (line, code) = report(&printer.doctor(&["--json"]));
    assert_eq!((line["health"].as_str(), code), (Some("media_empty"), Some(1)), "{line}");
    assert!(line["fix"].as_str().unwrap().contains("kertas A4"), "{line}");
    let refused = printer.doctor(&["page"]);
    assert_eq!(refused.status.code(), Some(1), "{}", words(&refused));
    assert!(words(&refused).contains("Isi kertas A4."), "{}", words(&refused));
    assert_eq!(printer.pages().len(), 1);
}

#[test]
fn a_page_that_fails_in_the_printer_is_not_called_printed() {
    let printer = Printer::start();
    printer.lay("broken");
    let printed = printer.doctor(&["page"]);
    assert_eq!(printed.status.code(), Some(1), "{}", words(&printed));
    assert!(words(&printed).contains("aborted"), "{}", words(&printed));
}

#[test]
fn a_printer_that_is_off_is_not_reachable() {
    let folder = TempDir::new().unwrap();
    // Where nobody listens: the port of a service that no machine runs any more.
    let port = 9;
    let (line, code) = report(&doctor(folder.path(), port, &["--json"]));
    assert_eq!((line["health"].as_str(), code), (Some("not_reachable"), Some(1)), "{line}");
    assert!(line["fix"].as_str().unwrap().contains("ipp://"), "{line}");
    let printed = doctor(folder.path(), port, &["page"]);
    assert_eq!(printed.status.code(), Some(1), "{}", words(&printed));
}
