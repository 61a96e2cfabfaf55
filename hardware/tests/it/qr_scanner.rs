//! The scanner driver on a pseudo-terminal.

use std::fs;
use std::time::Duration;

use anjungan_hardware::qr_scanner::{MAX_CODE_BYTES, ScannerSimulator};
use anjungan_hardware::{ErrorKind, Health, QrScanner, Scan, open_qr_scanner};
use tempfile::TempDir;

use crate::support::{PATIENCE, eventually, url};

struct Bench {
    folder: TempDir,
    simulator: ScannerSimulator,
    scanner: Box<dyn QrScanner>,
}

impl Bench {
    /// A scanner plugged in and opened, so that nothing it sends counts as old.
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let port = folder.path().join("scanner");
        let simulator = ScannerSimulator::start(&port).unwrap();
        let mut scanner = open_qr_scanner(&url(format!("serial://{}", port.display()))).unwrap();
        scanner.flush().unwrap();
        Self { folder, simulator, scanner }
    }

    fn next(&mut self) -> Scan {
        self.scanner.wait_scan(PATIENCE).unwrap().expect("a scan")
    }

    fn nothing_more(&mut self) {
        assert_eq!(self.scanner.wait_scan(Duration::from_millis(300)).unwrap(), None);
    }
}

fn code(text: &str) -> Scan {
    Scan::Code(text.into())
}

#[test]
fn every_suffix_works() {
    for suffix in ["\r", "\n", "\r\n", "\t", ""] {
        let mut bench = Bench::new();
        bench.simulator.set_suffix(suffix);
        bench.simulator.scan("ANJ1:7F3KQ9M2").unwrap();
        assert_eq!(bench.next(), code("ANJ1:7F3KQ9M2"), "{suffix:?}");
        bench.nothing_more();
    }
}

#[test]
fn a_code_in_bursts_is_one_code() {
    let mut bench = Bench::new();
    for part in ["]Q1", "ANJ1:", "AB", "CD", "\r", "\n"] {
        bench.simulator.raw(part.as_bytes()).unwrap();
    }
    assert_eq!(bench.next(), code("ANJ1:ABCD"));
    bench.nothing_more();
}

#[test]
fn a_large_code_passes_and_a_larger_one_is_named() {
    let mut bench = Bench::new();
    let large = "x".repeat(MAX_CODE_BYTES);
    bench.simulator.scan(&large).unwrap();
    assert_eq!(bench.next(), code(&large));
    bench.simulator.scan(&"y".repeat(MAX_CODE_BYTES + 1)).unwrap();
    assert_eq!(bench.next(), Scan::TooLong);
    bench.simulator.scan("after").unwrap();
    assert_eq!(bench.next(), code("after"));
}

#[test]
fn control_characters_are_refused() {
    let mut bench = Bench::new();
    bench.simulator.raw(b"A\x1b[2J'; DROP TABLE\x00\r").unwrap();
    assert_eq!(bench.next(), Scan::Unreadable);
    bench.simulator.raw(b"\x02]C0OK\x03\r").unwrap();
    assert_eq!(bench.next(), code("OK"));
}

#[test]
fn a_held_trigger_counts_once_and_a_new_session_counts_anew() {
    let mut bench = Bench::new();
    for _ in 0..50 {
        bench.simulator.scan("SAME").unwrap();
    }
    bench.simulator.scan("OTHER").unwrap();
    assert_eq!(bench.next(), code("SAME"));
    assert_eq!(bench.next(), code("OTHER"));
    bench.scanner.flush().unwrap();
    bench.simulator.scan("OTHER").unwrap();
    assert_eq!(bench.next(), code("OTHER"));
}

#[test]
fn what_was_scanned_before_belongs_to_nobody() {
    let folder = TempDir::new().unwrap();
    let port = folder.path().join("scanner");
    let mut simulator = ScannerSimulator::start(&port).unwrap();
    simulator.scan("EARLY").unwrap();
    let mut scanner = open_qr_scanner(&url(format!("serial://{}", port.display()))).unwrap();
    scanner.flush().unwrap();
    simulator.scan("MINE").unwrap();
    assert_eq!(scanner.wait_scan(PATIENCE).unwrap(), Some(code("MINE")));
}

#[test]
fn unplugged_and_plugged_in_again() {
    let mut bench = Bench::new();
    bench.simulator.raw(b"HALF").unwrap();
    assert_eq!(bench.scanner.health(), Health::Ready);
    let port = bench.folder.path().join("scanner");
    // The plug is pulled; the error comes at once and not after the timeout.
    let Bench { folder: _folder, simulator, mut scanner } = bench;
    drop(simulator);
    let error = eventually("the unplug", || scanner.wait_scan(PATIENCE).err());
    assert_eq!(error.kind(), ErrorKind::NotReachable);
    assert_eq!(scanner.health(), Health::NotReachable);
    assert_eq!(scanner.wait_scan(PATIENCE).unwrap_err().kind(), ErrorKind::NotReachable);
    // Another device under the same name.
    let mut simulator = ScannerSimulator::start(&port).unwrap();
    scanner.flush().unwrap();
    simulator.scan("WHOLE").unwrap();
    assert_eq!(scanner.wait_scan(PATIENCE).unwrap(), Some(code("WHOLE")));
}

#[test]
fn a_second_program_is_told_that_the_port_is_taken() {
    let bench = Bench::new();
    let port = bench.folder.path().join("scanner");
    let mut second = open_qr_scanner(&url(format!("serial://{}", port.display()))).unwrap();
    assert_eq!(second.flush().unwrap_err().kind(), ErrorKind::Busy);
    assert_eq!(second.wait_scan(PATIENCE).unwrap_err().kind(), ErrorKind::Busy);
    assert_eq!(second.health(), Health::NotResponding);
    // As soon as the first lets go, the second has it.
    let Bench { folder: _folder, mut simulator, scanner } = bench;
    drop(scanner);
    second.flush().unwrap();
    simulator.scan("MINE").unwrap();
    assert_eq!(second.wait_scan(PATIENCE).unwrap(), Some(code("MINE")));
}

#[test]
fn a_simulated_scanner_reads_a_file() {
    let folder = TempDir::new().unwrap();
    let mut scanner = open_qr_scanner(&url(format!("sim:{}", folder.path().display()))).unwrap();
    assert!(scanner.simulated());
    assert_eq!(scanner.wait_scan(Duration::ZERO).unwrap(), None);
    let inbox = folder.path().join("scan.txt");
    fs::write(&inbox, "ANJ1:ONE\nANJ1:TWO").unwrap();
    assert_eq!(scanner.wait_scan(PATIENCE).unwrap(), Some(code("ANJ1:ONE")));
    assert_eq!(scanner.wait_scan(PATIENCE).unwrap(), Some(code("ANJ1:TWO")));
    assert!(!inbox.exists());
}

#[test]
fn other_schemes_are_refused() {
    let error = open_qr_scanner(&url("tcp://somewhere:9100")).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::UnsupportedScheme);
    assert!(error.to_string().contains("serial:///"), "{error}");
}
