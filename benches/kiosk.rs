//! What the kiosk costs: start to first frame, memory, processor at rest, touch to next screen. Run by `make bench`.
//!
//! Measured from outside, as a person would see it: a display without a screen (Xvfb), its pixels read through the X
//! protocol, touches sent through XTEST. An empty Slint window, and the kiosk's first
//! screen as a page in Chromium's kiosk mode, are measured in the same run. The time from the last touch to the printer's first byte is in `benches/submit.rs`.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod stage;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use stage::{ALLOCATOR, Display, Office, cpu_time, percentile, pss_kib};

const STARTS: usize = 20;
const TOUCHES: usize = 100;
/// How long the processor is watched while nobody touches.
const REST: Duration = Duration::from_secs(20);

fn main() {
    let display = Display::open(1080, 1920);
    let office = Office::open();
    let config = office.kiosk_config("kiosk", office.address(), "");
    println!("| program | start to first frame, median (p95) of {STARTS} | memory (PSS) | processor at rest |");
    println!("|---|---|---|---|");
    let mut kiosk = || kiosk(&display, &config);
    row(&display, "anjungan kiosk", &mut kiosk);
    row(&display, "empty Slint window", &mut || spawn(&display, &stage::built("examples/empty_window"), &[]));
    if Path::new("/usr/bin/chromium").exists() {
        let page = start_page();
        row(&display, "the first screen as a page, Chromium in kiosk mode", &mut || chromium(&display, page.path()));
    }
    touches(&display, &config);
}

fn kiosk(display: &Display, config: &Path) -> Child {
    spawn(display, &stage::built("anjungan"), &["kiosk", "--config", &config.to_string_lossy()])
}

fn spawn(display: &Display, program: &Path, arguments: &[&str]) -> Child {
    Command::new(program)
        .args(arguments)
        .env("DISPLAY", display.name())
        .envs(ALLOCATOR)
        .env_remove("WAYLAND_DISPLAY")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|e| panic!("{}: {e}", program.display()))
}

/// The kiosk's first screen as a page: the same words, letters, picture and buttons.
fn start_page() -> tempfile::NamedTempFile {
    let page = tempfile::Builder::new().suffix(".html").tempfile().unwrap();
    let assets = concat!("file://", env!("CARGO_MANIFEST_DIR"), "/assets");
    std::fs::write(page.path(), include_str!("stage/start_page.html").replace("ASSETS", assets)).unwrap();
    page
}

fn chromium(display: &Display, page: &Path) -> Child {
    let profile = tempfile::tempdir().unwrap().keep();
    let profile = format!("--user-data-dir={}", profile.display());
    let page = format!("--app=file://{}", page.display());
    let arguments = [
        "--kiosk",
        "--no-sandbox",
        "--no-first-run",
        "--disable-gpu",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-default-apps",
        &profile,
        &page,
    ];
    spawn(display, Path::new("/usr/bin/chromium"), &arguments)
}

fn row(display: &Display, name: &str, start: &mut dyn FnMut() -> Child) {
    let mut times = Vec::new();
    let mut memory = Vec::new();
    let mut rest = 0.0;
    for start_number in 1..=STARTS {
        let bare = display.wait_until_bare();
        let began = Instant::now();
        let mut child = start();
        let shown = display.wait_for_change(&bare, Duration::from_secs(20));
        times.push(shown.duration_since(began));
        // Memory once it has settled: nothing changes on screen any more and the workers have opened their devices.
        std::thread::sleep(Duration::from_millis(1500));
        memory.push(pss_kib(child.id()));
        if start_number == STARTS {
            let before = cpu_time(child.id());
            std::thread::sleep(REST);
            rest = (cpu_time(child.id()) - before).as_secs_f64() / REST.as_secs_f64() * 100.0;
        }
        let _ = child.kill();
        let _ = child.wait();
    }
    memory.sort_unstable();
    println!(
        "| {name} | {:.0} ms ({:.0} ms) | {:.1} MB | {rest:.2} % |",
        percentile(&mut times, 0.5).as_secs_f64() * 1e3,
        percentile(&mut times, 0.95).as_secs_f64() * 1e3,
        memory[memory.len() / 2] as f64 / 1024.0
    );
}

fn touches(display: &Display, config: &Path) {
    let bare = display.wait_until_bare();
    let mut child = kiosk(display, config);
    display.wait_for_change(&bare, Duration::from_secs(20));
    display.wait_until_still();
    // The attract screen is one large button; the bottom bar's left button leads back to it.
    let mut times = Vec::new();
    for _ in 0..TOUCHES {
        let before = display.picture();
        let began = display.click(540, 900);
        times.push(display.wait_for_change(&before, Duration::from_secs(5)).duration_since(began));
        display.wait_until_still();
        display.click(170, 1830);
        display.wait_until_still();
    }
    println!(
        "\ntouch to pixels, attract to notice: median {:.1} ms, p99 {:.1} ms of {TOUCHES}",
        percentile(&mut times, 0.5).as_secs_f64() * 1e3,
        percentile(&mut times, 0.99).as_secs_f64() * 1e3
    );
    let _ = child.kill();
    let _ = child.wait();
}
