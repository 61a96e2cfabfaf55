//! The printer driver against the printer simulator and against peers that misbehave.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anjungan_hardware::slip_printer::simulator::{PaperSupply, PrinterSimulator, PrinterState};
use anjungan_hardware::{
    Align, ErrorKind, FaultKind, Health, Paper, PrintJob, PrintOutcome, PrinterProfile, QrMode, Raster, SlipPrinter,
    TextSize, open_slip_printer,
};
use tempfile::TempDir;

use crate::support::{PATIENCE, eventually, read_qr, url};

const TOKEN: &str = "https://dukcapil.example.go.id/s/7f3kq9m2x8v4c6b1n5z0w3e7r9";

fn quick(profile: PrinterProfile) -> PrinterProfile {
    PrinterProfile {
        connect_timeout: Duration::from_secs(5),
        answer_timeout: Duration::from_secs(1),
        job_timeout: Duration::from_millis(1500),
        ..profile
    }
}

fn start() -> (TempDir, PrinterSimulator) {
    let folder = TempDir::new().unwrap();
    let simulator = PrinterSimulator::start_tcp("127.0.0.1:0", folder.path()).unwrap();
    (folder, simulator)
}

fn driver(simulator: &PrinterSimulator) -> Box<dyn SlipPrinter> {
    open(&format!("tcp://{}", simulator.addr().unwrap()), quick(PrinterProfile::columns_48()))
}

fn open(text: &str, profile: PrinterProfile) -> Box<dyn SlipPrinter> {
    open_slip_printer(&url(text), profile).unwrap()
}

fn slip() -> PrintJob {
    PrintJob::new()
        .styled("DISPENDUKCAPIL KABUPATEN GROBOGAN", Align::Center, TextSize::NORMAL, true)
        .styled("Bukti Pengambilan", Align::Center, TextSize::NORMAL, false)
        .feed(1)
        .styled("A-014", Align::Center, TextSize { width: 4, height: 4 }, true)
        .rule()
        .qr(TOKEN, 34.0)
        .styled("7F3K Q9M2 X8V4", Align::Center, TextSize::DOUBLE, false)
        .rule()
        .text("Layanan   KK Baru (pisah KK)")
        .text("Tanggal   24-11-2026 09.12 WIB")
        .text("Berkas    KK lama, KTP-el, Buku nikah")
        .feed(1)
        .styled("GRATIS, tanpa biaya apa pun", Align::Center, TextSize::NORMAL, true)
        .feed(2)
        .cut()
}

#[test]
fn a_slip_comes_out_with_a_code_that_reads() {
    for qr in [QrMode::Native, QrMode::Raster] {
        for (columns, width) in [(48, 640), (32, 448)] {
            let (_folder, simulator) = start();
            simulator.update_state(|state| state.columns = columns).unwrap();
            let profile = PrinterProfile { qr, ..PrinterProfile::for_columns(columns).unwrap() };
            let mut printer = open(&format!("tcp://{}", simulator.addr().unwrap()), quick(profile));
            assert_eq!(printer.print(&slip()), PrintOutcome::Printed);
            // Printed means printed: the picture is there when the call returns.
            assert_eq!(simulator.slips(), 1);
            let picture = simulator.wait_for_slip(1, PATIENCE).unwrap();
            assert_eq!(read_qr(&picture), [TOKEN], "{qr:?} {columns}");
            assert_eq!(image::image_dimensions(&picture).unwrap().0, width);
            let latest = picture.with_file_name("latest.png");
            assert_eq!(fs::read(latest).unwrap(), fs::read(&picture).unwrap());
        }
    }
}

#[test]
fn the_same_driver_works_over_a_serial_line() {
    let folder = TempDir::new().unwrap();
    let port = folder.path().join("port");
    let simulator = PrinterSimulator::start_pty(&port, folder.path().join("state")).unwrap();
    let mut printer = open(&format!("serial://{}?baud=115200", port.display()), quick(PrinterProfile::columns_48()));
    assert_eq!(printer.health(), Health::Ready);
    assert_eq!(printer.print(&slip()), PrintOutcome::Printed);
    let picture = simulator.wait_for_slip(1, PATIENCE).unwrap();
    assert_eq!(read_qr(&picture), [TOKEN]);
    drop(simulator);
    assert_eq!(printer.status().unwrap_err().kind(), ErrorKind::NotReachable);
}

#[test]
fn a_character_device_is_a_printer_too() {
    let folder = TempDir::new().unwrap();
    let port = folder.path().join("lp0");
    let simulator = PrinterSimulator::start_pty(&port, folder.path().join("state")).unwrap();
    let mut printer = open(&format!("file://{}", port.display()), quick(PrinterProfile::columns_48()));
    assert!(!printer.simulated());
    assert_eq!(printer.print(&slip()), PrintOutcome::Printed);
    assert_eq!(read_qr(&simulator.wait_for_slip(1, PATIENCE).unwrap()), [TOKEN]);
}

#[test]
fn a_simulated_printer_needs_nothing_but_a_folder() {
    let folder = TempDir::new().unwrap();
    let mut printer = open(&format!("sim:{}", folder.path().display()), quick(PrinterProfile::columns_32()));
    assert!(printer.simulated());
    assert_eq!(printer.print(&slip()), PrintOutcome::Printed);
    assert_eq!(read_qr(&folder.path().join("slip-0001.png")), [TOKEN]);
    // A restarted printer goes on counting.
    drop(printer);
    let mut printer = open(&format!("sim:{}", folder.path().display()), quick(PrinterProfile::columns_32()));
    assert_eq!(printer.print(&slip()), PrintOutcome::Printed);
    assert!(folder.path().join("slip-0002.png").exists());
}

#[test]
fn a_plain_file_gets_the_bytes() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("out.bin");
    let mut printer = open(&format!("file://{}", path.display()), PrinterProfile::columns_48());
    assert!(printer.simulated());
    assert_eq!(printer.print(&PrintJob::new().text("Halo").cut()), PrintOutcome::Printed);
    let bytes = fs::read(&path).unwrap();
    assert!(bytes.starts_with(&[0x1b, 0x40]) && bytes.ends_with(&[0x1d, 0x56, 0x41, 0x00]));
}

type Change = fn(&mut PrinterState);

#[test]
fn the_table_of_states_over_the_wire() {
    let table: [(Change, [u8; 4], Option<FaultKind>, Health); 9] = [
        (|_| {}, [0x16, 0x12, 0x12, 0x12], None, Health::Ready),
        (|s| s.offline = true, [0x1e, 0x12, 0x12, 0x12], Some(FaultKind::Offline), Health::NotResponding),
        (|s| s.cover_open = true, [0x1e, 0x16, 0x12, 0x12], Some(FaultKind::CoverOpen), Health::Misplaced),
        (|s| s.paper = PaperSupply::Out, [0x1e, 0x32, 0x12, 0x72], Some(FaultKind::PaperOut), Health::MediaEmpty),
        (|s| s.paper = PaperSupply::NearEnd, [0x16, 0x12, 0x12, 0x1e], None, Health::MediaLow),
        (|s| s.cutter_error = true, [0x1e, 0x52, 0x1a, 0x12], Some(FaultKind::Cutter), Health::Jammed),
        (|s| s.jammed = true, [0x1e, 0x52, 0x16, 0x12], Some(FaultKind::Jam), Health::Jammed),
        (|s| s.broken = true, [0x1e, 0x52, 0x32, 0x12], Some(FaultKind::Broken), Health::Damaged),
        (|s| s.overheated = true, [0x1e, 0x52, 0x52, 0x12], Some(FaultKind::Overheated), Health::NotResponding),
    ];
    let (_folder, simulator) = start();
    let mut printer = driver(&simulator);
    let mut slips = 0;
    for (change, raw, fault, health) in table {
        simulator.update_state(|state| *state = PrinterState::default()).unwrap();
        simulator.update_state(change).unwrap();
        let status = printer.status().unwrap();
        assert_eq!((status.raw, status.fault(), status.health()), (raw, fault, health));
        match (printer.print(&slip()), fault) {
            (PrintOutcome::Printed, None) => slips += 1,
            (PrintOutcome::NotPrinted(seen), Some(fault)) => assert_eq!(seen.kind, fault),
            (outcome, _) => panic!("{raw:02x?}: {outcome:?}"),
        }
        // Nothing was sent while a fault was there, so nothing comes out later.
        assert_eq!(simulator.slips(), slips);
    }
    assert_eq!(printer.status().unwrap().paper, Paper::Ok);
}

#[test]
fn the_state_file_can_be_edited_by_anybody() {
    let (folder, simulator) = start();
    let mut printer = driver(&simulator);
    let file = folder.path().join("state.json");
    fs::write(&file, r#"{ "cover_open": true }"#).unwrap();
    assert_eq!(printer.health(), Health::Misplaced);
    // Half-written: what was last understood stays in force.
    fs::write(&file, r#"{ "cover_open": fal"#).unwrap();
    assert_eq!(printer.health(), Health::Misplaced);
    fs::remove_file(&file).unwrap();
    assert_eq!(printer.health(), Health::Ready);
}

#[test]
fn paper_out_in_the_middle_is_unknown_and_the_rest_comes_after_the_refill() {
    let (_folder, simulator) = start();
    simulator.update_state(|state| state.paper_out_after_lines = Some(5)).unwrap();
    let mut printer = driver(&simulator);
    match printer.print(&slip()) {
        PrintOutcome::Unknown(fault) => assert_eq!(fault.kind, FaultKind::PaperOut),
        outcome => panic!("{outcome:?}"),
    }
    assert_eq!(simulator.slips(), 0);
    assert_eq!(printer.health(), Health::MediaEmpty);
    simulator.update_state(|state| state.paper = PaperSupply::Ok).unwrap();
    assert_eq!(read_qr(&simulator.wait_for_slip(1, PATIENCE).unwrap()), [TOKEN]);
}

#[test]
fn a_slow_printer_is_waited_for() {
    let (_folder, simulator) = start();
    simulator.update_state(|state| state.latency_us_per_byte = 1000).unwrap();
    let mut printer = driver(&simulator);
    assert_eq!(printer.print(&slip()), PrintOutcome::Printed);
    assert_eq!(simulator.slips(), 1);
}

#[test]
fn a_printer_that_falls_silent_after_the_job_is_unknown() {
    let (_folder, simulator) = start();
    simulator.update_state(|state| state.mute_after_answers = Some(4)).unwrap();
    match driver(&simulator).print(&slip()) {
        PrintOutcome::Unknown(fault) => assert_eq!(fault.kind, FaultKind::NotResponding),
        outcome => panic!("{outcome:?}"),
    }
    // The paper is there all the same, which is why it is not called "not printed".
    assert!(simulator.wait_for_slip(1, PATIENCE).is_some());
}

#[test]
fn a_mute_printer_gets_no_job() {
    let (_folder, simulator) = start();
    simulator.update_state(|state| state.mute = true).unwrap();
    let mut printer = driver(&simulator);
    assert_eq!(printer.status().unwrap_err().kind(), ErrorKind::NotResponding);
    match printer.print(&slip()) {
        PrintOutcome::NotPrinted(fault) => assert_eq!(fault.kind, FaultKind::NotResponding),
        outcome => panic!("{outcome:?}"),
    }
    assert_eq!(printer.health(), Health::NotResponding);
}

#[test]
fn garbage_is_never_taken_for_ready() {
    let (_folder, simulator) = start();
    simulator.update_state(|state| state.garbage = true).unwrap();
    let mut printer = driver(&simulator);
    assert_eq!(printer.status().unwrap_err().kind(), ErrorKind::Garbled);
    match printer.print(&slip()) {
        PrintOutcome::NotPrinted(fault) => assert_eq!(fault.kind, FaultKind::Garbled),
        outcome => panic!("{outcome:?}"),
    }
    assert_eq!(printer.health(), Health::Damaged);
}

#[test]
fn an_echo_is_not_a_printer() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut buffer = [0; 64];
            while let Ok(count @ 1..) = stream.read(&mut buffer) {
                let _ = stream.write_all(&buffer[..count]);
            }
        }
    });
    let mut printer = open(&format!("tcp://{address}"), quick(PrinterProfile::columns_48()));
    assert_eq!(printer.status().unwrap_err().kind(), ErrorKind::Garbled);
}

/// A peer that answers the first status as a healthy printer does, then does `then` with the connection.
fn healthy_then(then: impl FnOnce(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        for answer in [0x16, 0x12, 0x12, 0x12] {
            let mut request = [0; 3];
            stream.read_exact(&mut request).unwrap();
            stream.write_all(&[answer]).unwrap();
        }
        then(stream);
    });
    format!("tcp://{address}")
}

#[test]
fn a_status_request_is_exactly_three_bytes() {
    let (sender, receiver) = mpsc::channel();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut seen = Vec::new();
        let mut buffer = [0; 64];
        while let Ok(count @ 1..) = stream.read(&mut buffer) {
            seen.extend_from_slice(&buffer[..count]);
            let _ = stream.write_all(&[0x12]);
        }
        sender.send(seen).unwrap();
    });
    open(&format!("tcp://{address}"), quick(PrinterProfile::columns_48())).status().unwrap();
    let seen = receiver.recv_timeout(PATIENCE).unwrap();
    // And then, because it answered like a printer, it is asked to tell its changes by itself.
    assert_eq!(seen, [0x10, 4, 1, 0x10, 4, 2, 0x10, 4, 3, 0x10, 4, 4, 0x1d, 0x61, 0xff]);
}

#[test]
fn a_connection_that_breaks_during_the_job_is_unknown() {
    let address = healthy_then(|mut stream| {
        let mut some = [0; 16];
        stream.read_exact(&mut some).unwrap();
    });
    match open(&address, quick(PrinterProfile::columns_48())).print(&slip()) {
        PrintOutcome::Unknown(fault) => assert_eq!(fault.kind, FaultKind::NotReachable),
        outcome => panic!("{outcome:?}"),
    }
}

#[test]
fn a_printer_that_takes_no_bytes_is_unknown() {
    let (release, held) = mpsc::channel::<()>();
    let address = healthy_then(move |stream| {
        // The connection stays open and nobody reads it.
        let _ = held.recv_timeout(PATIENCE);
        drop(stream);
    });
    // More than any socket buffer of a default system holds.
    let picture = Raster::new(576, vec![0x55; 72 * 60_000]).unwrap();
    let job = (0..4).fold(PrintJob::new(), |job, _| job.raster(picture.clone()));
    match open(&address, quick(PrinterProfile::columns_48())).print(&job) {
        PrintOutcome::Unknown(fault) => assert_eq!(fault.kind, FaultKind::NotResponding),
        outcome => panic!("{outcome:?}"),
    }
    drop(release);
}

#[test]
fn nobody_there_means_not_printed() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut printer = open(&format!("tcp://127.0.0.1:{port}"), quick(PrinterProfile::columns_48()));
    match printer.print(&slip()) {
        PrintOutcome::NotPrinted(fault) => assert_eq!(fault.kind, FaultKind::NotReachable),
        outcome => panic!("{outcome:?}"),
    }
    assert_eq!(printer.health(), Health::NotReachable);
}

#[test]
fn a_job_that_cannot_be_printed_is_not_sent() {
    let (_folder, simulator) = start();
    match driver(&simulator).print(&PrintJob::new().text("before").qr("x".repeat(900), 100.0).cut()) {
        PrintOutcome::NotPrinted(fault) => assert_eq!(fault.kind, FaultKind::BadJob),
        outcome => panic!("{outcome:?}"),
    }
    assert_eq!(simulator.slips(), 0);
}

#[test]
fn hostile_text_stays_text() {
    let (_folder, simulator) = start();
    let job = PrintJob::new().text("\u{1d}V\u{0}\u{1d}V\u{0}\u{1b}@\u{10}\u{4}\u{1} 漢字 é").cut();
    assert_eq!(driver(&simulator).print(&job), PrintOutcome::Printed);
    assert_eq!(simulator.slips(), 1);
}

#[test]
fn many_clients_and_random_bytes_do_not_stop_the_simulator() {
    let (_folder, simulator) = start();
    let address = simulator.addr().unwrap();
    let mut seed = 7_u32;
    for _ in 0..8 {
        let mut stream = TcpStream::connect(address).unwrap();
        let noise: Vec<u8> = (0..4000)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                seed.to_be_bytes()[0]
            })
            .collect();
        let _ = stream.write_all(&noise);
    }
    // The paper may be full of noise, and its end is one cut away.
    let mut printer = driver(&simulator);
    eventually("a printer that has worked off the noise", || match printer.print(&slip()) {
        PrintOutcome::Printed => Some(()),
        _ => None,
    });
}

#[test]
fn the_profile_knows_its_paper() {
    assert_eq!(PrinterProfile::columns_48().dots(), 576);
    assert_eq!(PrinterProfile::columns_32().dots(), 384);
    assert_eq!(PrinterProfile::for_columns(40), None);
    assert_eq!(PrinterProfile::columns_48().mm_to_dots(25.4), 203);
}
