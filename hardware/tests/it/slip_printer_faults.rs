//! What a slip printer and its wire can do wrong, and what must come of it. The byte-level rows of the fault table.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anjungan_hardware::slip_printer::simulator::{PaperSupply, PrinterSimulator};
use anjungan_hardware::{
    Align, ErrorKind, FaultKind, Health, PrintJob, PrintOutcome, PrinterProfile, SlipPrinter, TextSize,
    open_slip_printer,
};
use tempfile::TempDir;

use crate::support::{PATIENCE, eventually, read_qr, url};

pub fn quick() -> PrinterProfile {
    PrinterProfile {
        connect_timeout: Duration::from_secs(5),
        answer_timeout: Duration::from_secs(1),
        job_timeout: Duration::from_millis(1500),
        ..PrinterProfile::columns_48()
    }
}

pub fn start() -> (TempDir, PrinterSimulator) {
    let folder = TempDir::new().unwrap();
    let simulator = PrinterSimulator::start_tcp("127.0.0.1:0", folder.path()).unwrap();
    (folder, simulator)
}

fn driver(simulator: &PrinterSimulator, options: &str) -> Box<dyn SlipPrinter> {
    open(&format!("tcp://{}{options}", simulator.addr().unwrap()))
}

fn open(text: &str) -> Box<dyn SlipPrinter> {
    open_slip_printer(&url(text), quick()).unwrap()
}

pub fn slip() -> PrintJob {
    PrintJob::new()
        .styled("A-014", Align::Center, TextSize::DOUBLE, true)
        .qr("ANJ1:7F3KQ9M2X8V4", 30.0)
        .text("GRATIS")
        .cut()
}

pub fn unknown(outcome: PrintOutcome) -> FaultKind {
    match outcome {
        PrintOutcome::Unknown(fault) => fault.kind,
        outcome => panic!("{outcome:?}"),
    }
}

pub fn not_printed(outcome: PrintOutcome) -> FaultKind {
    match outcome {
        PrintOutcome::NotPrinted(fault) => fault.kind,
        outcome => panic!("{outcome:?}"),
    }
}

/// A peer that serves one connection after the other with `serve`.
fn peer(mut serve: impl FnMut(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            serve(stream.unwrap());
        }
    });
    format!("tcp://{address}")
}

fn expect(stream: &mut TcpStream, bytes: &[u8]) {
    let mut seen = vec![0; bytes.len()];
    stream.read_exact(&mut seen).unwrap();
    assert_eq!(seen, bytes);
}

/// Answers the four questions of a healthy printer.
fn healthy(stream: &mut TcpStream) {
    for n in 1..=4 {
        expect(stream, &[0x10, 4, n]);
        stream.write_all(&[if n == 1 { 0x16 } else { 0x12 }]).unwrap();
    }
}

/// Reads until the question in turn at the end of a job.
fn job(stream: &mut TcpStream) {
    let mut seen = Vec::new();
    let mut byte = [0];
    while !seen.ends_with(&[0x1d, 0x72, 0x01]) {
        stream.read_exact(&mut byte).unwrap();
        seen.push(byte[0]);
    }
}

#[test]
fn automatic_status_is_never_taken_for_an_answer() {
    let address = peer(|mut stream| {
        // In front of an answer, in the middle of one exchange, and cut in two by an answer.
        expect(&mut stream, &[0x10, 4, 1]);
        stream.write_all(&[0x14, 0, 0, 0x0f, 0x16]).unwrap();
        expect(&mut stream, &[0x10, 4, 2]);
        stream.write_all(&[0x34, 0, 0x12]).unwrap();
        expect(&mut stream, &[0x10, 4, 3]);
        stream.write_all(&[0x03, 0x0f, 0x12]).unwrap();
        expect(&mut stream, &[0x10, 4, 4]);
        stream.write_all(&[0x12]).unwrap();
        // Nothing more is sent by the driver than the wish to be told.
        expect(&mut stream, &[0x1d, 0x61, 0xff]);
        stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        let mut byte = [0];
        assert!(stream.read(&mut byte).is_err(), "watching is silent: {byte:02x?}");
        stream.write_all(&[0x14, 0x04]).unwrap();
        stream.write_all(&[0, 0x0f]).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        assert_eq!(stream.read(&mut byte).unwrap(), 0, "{byte:02x?}");
    });
    let mut printer = open(&address);
    assert_eq!(printer.status().unwrap().raw, [0x16, 0x12, 0x12, 0x12]);
    // The newest of what it told during the questions.
    let told = printer.watch().unwrap().unwrap();
    assert!(told.cover_open);
    assert_eq!(told.health(), Health::Misplaced);
    let told = eventually("the jam", || printer.watch().unwrap());
    assert_eq!(told.health(), Health::Jammed);
    assert_eq!(printer.watch().unwrap(), None);
}

#[test]
fn the_rest_of_a_broken_automatic_status_confirms_no_job() {
    let address = peer(|mut stream| {
        healthy(&mut stream);
        job(&mut stream);
        // The first byte of the packet was lost; the others look like answers to GS r. The real one comes late.
        stream.write_all(&[0, 0, 0x0f, 0]).unwrap();
        let mut rest = [0; 256];
        while matches!(stream.read(&mut rest), Ok(1..)) {}
    });
    assert_eq!(unknown(open(&address).print(&slip())), FaultKind::Garbled);
}

#[test]
fn one_answer_too_many_confirms_no_job() {
    let address = peer(|mut stream| {
        healthy(&mut stream);
        job(&mut stream);
        stream.write_all(&[0]).unwrap();
        expect(&mut stream, &[0x10, 4, 1]);
        // The second answer in turn, to a question asked once.
        stream.write_all(&[0, 0x16]).unwrap();
        let mut rest = [0; 256];
        while matches!(stream.read(&mut rest), Ok(1..)) {}
    });
    assert_eq!(unknown(open(&address).print(&slip())), FaultKind::Garbled);
}

#[test]
fn the_late_end_of_one_job_does_not_confirm_the_next() {
    let folder = TempDir::new().unwrap();
    let port = folder.path().join("port");
    let simulator = PrinterSimulator::start_pty(&port, folder.path().join("state")).unwrap();
    let mut printer = open(&format!("serial://{}", port.display()));
    simulator.update_state(|state| state.paper_out_after_lines = Some(1)).unwrap();
    assert_eq!(unknown(printer.print(&slip())), FaultKind::PaperOut);
    simulator.update_state(|state| state.paper = PaperSupply::Ok).unwrap();
    // The first job ends now, and says so on the same wire.
    assert_eq!(printer.print(&slip()), PrintOutcome::Printed);
    assert_eq!(simulator.slips(), 2);
    // A printer that was switched off forgot what it owed.
    simulator.update_state(|state| state.paper_out_after_lines = Some(1)).unwrap();
    assert_eq!(unknown(printer.print(&slip())), FaultKind::PaperOut);
    simulator.update_state(|state| (state.paper, state.power_cuts) = (PaperSupply::Ok, 1)).unwrap();
    eventually("a slip after the power cut", || (printer.print(&slip()) == PrintOutcome::Printed).then_some(()));
    assert_eq!(simulator.slips(), 3, "what was in the machine is lost, and nothing is printed twice");
}

#[test]
fn a_printer_without_automatic_status_is_asked_as_before() {
    let (_folder, simulator) = start();
    simulator.update_state(|state| state.no_automatic_status = true).unwrap();
    let mut printer = driver(&simulator, "");
    assert_eq!(printer.print(&slip()), PrintOutcome::Printed);
    simulator.update_state(|state| state.cover_open = true).unwrap();
    assert_eq!(printer.health(), Health::Misplaced);
    assert_eq!(printer.watch().unwrap(), None);
}

#[test]
fn a_shared_printer_is_free_between_two_calls() {
    let (sender, receiver) = mpsc::channel();
    let address = peer(move |mut stream| {
        healthy(&mut stream);
        let mut byte = [0];
        sender.send(stream.read(&mut byte).unwrap()).unwrap();
    });
    let mut printer = open(&format!("{address}?share=1"));
    for _ in 0..2 {
        assert_eq!(printer.health(), Health::Ready);
        assert_eq!(receiver.recv_timeout(PATIENCE).unwrap(), 0, "the driver hangs up and sends nothing more");
        assert_eq!(printer.watch().unwrap(), None);
    }
}

#[test]
fn a_kept_connection_that_died_is_made_again_in_the_same_call() {
    let (sender, receiver) = mpsc::channel();
    let mut first = true;
    let address = peer(move |mut stream| {
        healthy(&mut stream);
        if std::mem::take(&mut first) {
            drop(stream);
            sender.send(()).unwrap();
            return;
        }
        let mut rest = [0; 256];
        while matches!(stream.read(&mut rest), Ok(1..)) {}
    });
    let mut printer = open(&address);
    assert_eq!(printer.health(), Health::Ready);
    receiver.recv_timeout(PATIENCE).unwrap();
    assert_eq!(printer.health(), Health::Ready);
    // Watching sees it, too, and leaves the new connection to the next question.
    let address = peer(|mut stream| healthy(&mut stream));
    let mut printer = open(&address);
    assert_eq!(printer.health(), Health::Ready);
    let error = eventually("the end of the connection", || printer.watch().err());
    assert_eq!(error.kind(), ErrorKind::NotReachable);
    assert_eq!(printer.watch().unwrap(), None);
    assert_eq!(printer.health(), Health::Ready);
}

#[test]
fn power_lost_in_the_middle_is_unknown_and_leaves_nothing_behind() {
    let (_folder, simulator) = start();
    simulator.update_state(|state| (state.roll_mm, state.latency_us_per_byte) = (Some(50_000), 5000)).unwrap();
    let mut printer = driver(&simulator, "");
    let printing = thread::spawn(move || (printer.print(&slip()), printer));
    eventually("the first line on paper", || (simulator.state().roll_mm != Some(50_000)).then_some(()));
    simulator.update_state(|state| state.power_cuts += 1).unwrap();
    let (outcome, mut printer) = printing.join().unwrap();
    assert_eq!(unknown(outcome), FaultKind::NotReachable);
    simulator.update_state(|state| state.latency_us_per_byte = 0).unwrap();
    eventually("the printer with power", || (printer.print(&slip()) == PrintOutcome::Printed).then_some(()));
    assert_eq!(simulator.slips(), 1);
    let lines = simulator.slip_record(1).unwrap().lines;
    assert_eq!(lines, ["A-014", "GRATIS"], "nothing of the slip that was lost");
}

#[test]
fn a_printer_without_power_is_not_reachable_and_comes_back() {
    let (_folder, simulator) = start();
    simulator.update_state(|state| (state.power_off, state.broken) = (true, true)).unwrap();
    let mut printer = driver(&simulator, "");
    assert_eq!(printer.health(), Health::NotReachable);
    not_printed(printer.print(&slip()));
    simulator.update_state(|state| state.power_off = false).unwrap();
    eventually("a printer that the power cycle mended", || (printer.health() == Health::Ready).then_some(()));
}

#[test]
fn recovery_is_for_the_cutter_and_jams_only() {
    let (_folder, simulator) = start();
    let mut printer = driver(&simulator, "");
    simulator.update_state(|state| state.jam_after_lines = Some(1)).unwrap();
    assert_eq!(unknown(printer.print(&slip())), FaultKind::Jam);
    assert_eq!(printer.health(), Health::Jammed);
    assert_eq!(printer.recover().unwrap().health(), Health::Ready);
    assert_eq!(read_qr(&simulator.wait_for_slip(1, PATIENCE).unwrap()), ["ANJ1:7F3KQ9M2X8V4"]);

    // One try; what stays is told as it is.
    simulator.update_state(|state| (state.cutter_error, state.recovery_fails) = (true, true)).unwrap();
    assert_eq!(printer.recover().unwrap().fault(), Some(FaultKind::Cutter));
    // Against what only a power cycle or a person mends, nothing is sent.
    simulator.update_state(|state| (state.broken, state.recovery_fails) = (true, false)).unwrap();
    assert_eq!(printer.recover().unwrap_err().kind(), ErrorKind::InvalidRequest);
    assert!(simulator.state().cutter_error);
    simulator
        .update_state(|state| (state.broken, state.cutter_error, state.cover_open) = (false, false, true))
        .unwrap();
    assert_eq!(printer.recover().unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[test]
fn the_recovery_command_is_sent_once() {
    let (sender, receiver) = mpsc::channel();
    let address = peer(move |mut stream| {
        let (mut seen, mut byte) = (Vec::new(), [0]);
        while matches!(stream.read(&mut byte), Ok(1)) {
            seen.push(byte[0]);
            let recovered = seen.windows(3).filter(|part| *part == [0x10, 5, 1]).count();
            match seen.as_slice() {
                [.., 0x10, 4, 1] => stream.write_all(&[if recovered > 0 { 0x16 } else { 0x1e }]).unwrap(),
                [.., 0x10, 4, 3] => stream.write_all(&[if recovered > 0 { 0x12 } else { 0x1a }]).unwrap(),
                [.., 0x10, 4, 2 | 4] => stream.write_all(&[0x12]).unwrap(),
                _ => {}
            }
        }
        sender.send(seen).unwrap();
    });
    let mut printer = open(&address);
    assert_eq!(printer.recover().unwrap().fault(), None);
    drop(printer);
    let seen = receiver.recv_timeout(PATIENCE).unwrap();
    assert_eq!(seen.windows(2).filter(|part| *part == [0x10, 5]).count(), 1);
}

#[test]
fn a_roll_is_counted_to_its_end() {
    let (_folder, simulator) = start();
    let mut printer = driver(&simulator, "?near_end_mm=300");
    simulator.update_state(|state| (state.roll_mm, state.near_end_at_mm) = (Some(370), 300)).unwrap();
    assert_eq!(printer.health(), Health::Ready);
    assert_eq!(printer.slips_left(), None);
    let mut counts = Vec::new();
    let mut slips = 0;
    while printer.print(&slip()) == PrintOutcome::Printed && slips < 20 {
        slips += 1;
        counts.extend(printer.slips_left());
    }
    assert!(counts.len() >= 3, "{counts:?}");
    assert!(counts.is_sorted_by(|a, b| a >= b), "{counts:?}");
    // The estimate at the first warning is about what came out after it.
    assert!((counts.len() as u32 - 1).abs_diff(counts[0]) <= 1, "{counts:?}");
    assert_eq!(printer.health(), Health::MediaEmpty);
    assert_eq!(printer.slips_left(), Some(0));
    simulator.update_state(|state| state.roll_mm = Some(50_000)).unwrap();
    assert_eq!(printer.health(), Health::Ready);
    assert_eq!(printer.slips_left(), None);
}

#[test]
fn a_printer_that_answers_nothing_in_turn_can_be_confirmed_by_its_status() {
    let (_folder, simulator) = start();
    simulator.update_state(|state| state.no_queued_status = true).unwrap();
    assert_eq!(unknown(driver(&simulator, "").print(&slip())), FaultKind::NotResponding);
    let mut printer = driver(&simulator, "?confirm=status");
    let before = simulator.wait_for_slip(1, PATIENCE).map(|_| simulator.slips()).unwrap();
    assert_eq!(printer.print(&slip()), PrintOutcome::Printed);
    assert!(simulator.wait_for_slip(before + 1, PATIENCE).is_some());
    simulator.update_state(|state| state.paper_out_after_lines = Some(1)).unwrap();
    assert_eq!(unknown(printer.print(&slip())), FaultKind::PaperOut);
    simulator.update_state(|state| (state.paper, state.mute_after_answers) = (PaperSupply::Ok, Some(4))).unwrap();
    assert_eq!(unknown(printer.print(&slip())), FaultKind::NotResponding);
}

#[test]
fn a_peer_that_accepts_and_never_reads_ends_in_unknown() {
    let (_release, held) = mpsc::channel::<()>();
    let address = peer(move |mut stream| {
        healthy(&mut stream);
        // The connection stays open; a small job disappears in the buffers of the system.
        let _ = held.recv_timeout(PATIENCE);
    });
    let (sender, receiver) = mpsc::channel();
    let mut printer = open(&address);
    thread::spawn(move || sender.send(printer.print(&slip())));
    let outcome = receiver.recv_timeout(PATIENCE).expect("the call comes back by itself");
    assert_eq!(unknown(outcome), FaultKind::NotResponding);
}

#[test]
fn a_printer_that_stalls_gets_no_job_and_comes_back() {
    let (_folder, simulator) = start();
    let mut printer = driver(&simulator, "");
    assert_eq!(printer.health(), Health::Ready);
    simulator.update_state(|state| state.stall = true).unwrap();
    // The simulator may be in the middle of a read.
    eventually("the stall", || (printer.health() == Health::NotResponding).then_some(()));
    assert_eq!(not_printed(printer.print(&slip())), FaultKind::NotResponding);
    simulator.update_state(|state| state.stall = false).unwrap();
    eventually("the end of the stall", || (printer.print(&slip()) == PrintOutcome::Printed).then_some(()));
}

#[test]
fn noise_echo_and_a_stuck_line_are_no_printer() {
    let (_folder, simulator) = start();
    let mut printer = driver(&simulator, "");
    assert_eq!(printer.health(), Health::Ready);
    simulator.update_state(|state| state.echo = true).unwrap();
    eventually("the echo", || (printer.health() == Health::Damaged).then_some(()));
    assert_eq!(not_printed(printer.print(&slip())), FaultKind::Garbled);
    for noise in [0xff, 0x00, 0x10, 0x55] {
        let address = peer(move |mut stream| while stream.write_all(&[noise; 4096]).is_ok() {});
        let mut printer = open(&address);
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || sender.send((printer.status().unwrap_err().kind(), printer.print(&slip()))));
        let (error, outcome) = receiver.recv_timeout(PATIENCE).expect("the calls come back by themselves");
        assert!(matches!(error, ErrorKind::Garbled | ErrorKind::NotResponding), "{noise:02x}: {error:?}");
        not_printed(outcome);
    }
}

#[test]
fn a_line_that_loses_answers_never_makes_a_slip_out_of_nothing() {
    for every in 2..=9 {
        let (_folder, simulator) = start();
        let mut printer = driver(&simulator, "");
        simulator.update_state(|state| state.lose_answers_every = every).unwrap();
        let outcome = printer.print(&slip());
        match outcome {
            PrintOutcome::Printed => assert_eq!(simulator.slips(), 1, "every {every}"),
            PrintOutcome::NotPrinted(_) => assert_eq!(simulator.slips(), 0, "every {every}"),
            PrintOutcome::Unknown(_) => {}
        }
        simulator.update_state(|state| state.cover_open = true).unwrap();
        assert!(!printer.health().is_usable(), "every {every}: an open cover is never overlooked");
    }
}

#[test]
fn a_line_that_loses_bytes_on_the_way_there_ends_in_time() {
    for every in [7, 50, 211] {
        let (_folder, simulator) = start();
        let mut printer = driver(&simulator, "");
        simulator.update_state(|state| state.lose_received_every = every).unwrap();
        let _ = printer.print(&slip());
        simulator.update_state(|state| state.lose_received_every = 0).unwrap();
        // Whatever the noise opened, it has an end: a sound line prints again.
        eventually("a whole slip", || (printer.print(&slip()) == PrintOutcome::Printed).then_some(()));
    }
}

#[test]
fn a_printer_without_a_cutter_feeds_to_the_bar() {
    let (_folder, simulator) = start();
    simulator.update_state(|state| state.torn_after_ms = Some(30)).unwrap();
    let mut printer = driver(&simulator, "?cutter=tear");
    assert_eq!(printer.print(&slip()), PrintOutcome::Printed);
    let picture = simulator.wait_for_slip(1, PATIENCE).unwrap();
    assert_eq!(read_qr(&picture), ["ANJ1:7F3KQ9M2X8V4"]);
    // The last line is beyond the bar: 20 mm of blank paper under it, and the margin of the picture.
    let slip = image::open(&picture).unwrap().into_luma8();
    let last = slip.enumerate_pixels().filter(|(.., pixel)| pixel.0[0] < 128).map(|(_, y, _)| y).max().unwrap();
    assert!(slip.height() - last >= 160 + 32, "{} {last}", slip.height());
}

#[test]
fn names_from_anywhere_are_spelt_right() {
    let (_folder, simulator) = start();
    let lines = ["Café “Ibu” – 5 €", "Łódź", "Ünsür ß ½", "α ∞"];
    let job = lines.iter().fold(PrintJob::new(), |job, line| job.text(*line)).cut();
    assert_eq!(driver(&simulator, "").print(&job), PrintOutcome::Printed);
    assert_eq!(simulator.slip_record(1).unwrap().lines, lines);
    // A page that is set is kept to.
    assert_eq!(driver(&simulator, "?codepage=pc858").print(&job), PrintOutcome::Printed);
    assert_eq!(simulator.slip_record(2).unwrap().lines, ["Café \"Ibu\" - 5 €", "?ód?", "Ünsür ß ½", "? ?"]);
}
