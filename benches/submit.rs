//! From the last touch to the printer: how long an applicant waits until the paper moves. Run by `make bench`.
//!
//! The real shell, outbox (one synced commit) and driver over TCP, into the simulated printer through a relay that
//! notes when the first byte of the job passes. Status questions before the job are not counted as the job.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Sender};
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
    let devices = Devices::start(&folder.path().join("rig"), RigOptions { printer_port: 0, scan_ms: 0, ..RigOptions::default() }).unwrap();
    let (jobs, job_began) = mpsc::channel();
    let relay = relay(devices.printer().addr().unwrap(), jobs);
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

/// Passes bytes on to the printer and back; tells when a connection first carries more than status questions.
fn relay(printer: SocketAddr, jobs: Sender<Instant>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for kiosk in listener.incoming().map_while(Result::ok) {
            let Ok(printer) = TcpStream::connect(printer) else { return };
            kiosk.set_nodelay(true).unwrap();
            printer.set_nodelay(true).unwrap();
            let back = (printer.try_clone().unwrap(), kiosk.try_clone().unwrap());
            std::thread::spawn(move || pass(back.0, back.1, |_| {}));
            let jobs = jobs.clone();
            let mut told = false;
            std::thread::spawn(move || {
                pass(kiosk, printer, move |bytes| {
                    if !told && !only_questions(bytes) {
                        told = true;
                        let _ = jobs.send(Instant::now());
                    }
                });
            });
        }
    });
    address
}

fn pass(mut from: TcpStream, mut to: TcpStream, mut seen: impl FnMut(&[u8])) {
    let mut bytes = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        seen(&bytes[..length]);
        if to.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}

/// `DLE EOT n` and nothing else.
fn only_questions(bytes: &[u8]) -> bool {
    bytes.len().is_multiple_of(3) && bytes.chunks(3).all(|question| question[..2] == [0x10, 0x04])
}
