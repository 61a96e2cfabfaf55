//! From the last touch to the printer: how long an applicant waits until the paper moves. Run by `make bench`.
//!
//! The real shell, outbox (one synced commit) and driver over TCP, into the simulated printer through a relay that
//! notes when the first byte of the job passes. Status questions before the job are not counted as the job.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

#[path = "stage/relay.rs"]
mod relay;

use std::sync::mpsc;
use std::time::{Duration, Instant};

use anjungan::clock::World;
use anjungan::config::Config;
use anjungan::kiosk::KioskShell;
use anjungan::kiosk::flow::Touch;
use anjungan::kiosk::headless::Visitor;
use anjungan::kiosk::view::Screen;
use anjungan::rig::{Devices, RigOptions};
use anjungan::station::bridge::no_wake;

const SLIPS: u32 = 50;
const PATIENCE: Duration = Duration::from_secs(20);

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let devices =
        Devices::start(&folder.path().join("rig"), RigOptions { printer_port: 0, scan_ms: 0, ..RigOptions::default() })
            .unwrap();
    let (jobs, job_began) = mpsc::channel();
    let relay = relay::relay(devices.printer().addr().unwrap(), move || {
        let _ = jobs.send(Instant::now());
    });
    let text = format!(
        "[kiosk]\nname = \"K1\"\nseries = \"A\"\nhub = \"http://127.0.0.1:9\"\ntoken = \"none\"\ndata = {:?}\n\
         [printer]\nurl = \"tcp://{relay}\"\n[document_scanner]\nurl = \"{}\"\ndpi = 150\n",
        folder.path().join("kiosk"),
        devices.endpoints().document_scanner
    );
    let mut kiosk = KioskShell::open(&Config::parse(&text).unwrap(), World::system(), no_wake()).unwrap();
    kiosk.set_repeat_guard(Duration::ZERO);
    let mut times = Vec::new();
    for number in 0..SLIPS {
        let visitor = Visitor::new(number);
        assert!(visitor.walk_to(&mut kiosk, Screen::Review), "the scripted applicant reaches the review");
        while job_began.try_recv().is_ok() {}
        let began = Instant::now();
        kiosk.touch(Touch::Submit);
        let limit = began + PATIENCE;
        let at = loop {
            kiosk.pump(Duration::from_millis(1));
            if let Ok(at) = job_began.try_recv() {
                break at;
            }
            assert!(Instant::now() < limit, "no byte of slip {number} reached the printer");
        };
        times.push(at - began);
        devices.wait_for_slip(usize::try_from(number).unwrap() + 1, PATIENCE).expect("the slip comes out");
        assert!(visitor.walk_to(&mut kiosk, Screen::Slip));
        kiosk.touch(Touch::Finish);
    }
    times.sort_unstable();
    println!(
        "submit to the job's first byte at the printer: median {:.1} ms, p95 {:.1} ms, worst {:.1} ms of {SLIPS}",
        times[times.len() / 2].as_secs_f64() * 1e3,
        times[times.len() * 95 / 100].as_secs_f64() * 1e3,
        times[times.len() - 1].as_secs_f64() * 1e3
    );
}
