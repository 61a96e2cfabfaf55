//! The simulated scanners, driven from outside through their folder.

use std::fs;
use std::path::Path;

use anjungan_hardware::qr_scanner::{ScannerSimulator, ScannerState};
use anjungan_hardware::{ErrorKind, Health, QrScanner, Scan, open_qr_scanner};
use tempfile::TempDir;

use crate::qr_scanner_conformance::code;
use crate::support::{PATIENCE, eventually, url};

fn set(folder: &Path, change: impl FnOnce(&mut ScannerState)) {
    let mut state = ScannerState::load(folder);
    change(&mut state);
    state.save(folder).unwrap();
}

fn show(folder: &Path, code: &str) {
    fs::write(folder.join("scan.txt"), code).unwrap();
}

/// The same faults for a scanner at the end of a line and for the one of a `sim:` URL.
fn follows_its_folder(scanner: &mut dyn QrScanner, folder: &Path) {
    let mut next = |text: &str, seen: Scan| {
        show(folder, text);
        assert_eq!(scanner.wait_scan(PATIENCE).unwrap(), Some(seen), "{text}");
    };
    next("ANJ1:SOUND", code("ANJ1:SOUND"));
    set(folder, |state| (state.prefix, state.suffix) = ("]Q1".into(), "\r\n".into()));
    next("ANJ1:PREFIX", code("ANJ1:PREFIX"));
    set(folder, |state| state.suffix.clear());
    next("ANJ1:SILENCE", code("ANJ1:SILENCE"));
    set(folder, |state| (state.split_after, state.split_ms) = (5, 30));
    next("ANJ1:SPLIT", code("ANJ1:SPLIT"));
    set(folder, |state| {
        *state = ScannerState { garbage: true, ..ScannerState::default() };
    });
    next("ANJ1:GARBAGE", Scan::Unreadable);
    // Every tenth byte is lost; what is left is text, and no check digit holds.
    set(folder, |state| (state.garbage, state.lose_every) = (false, 10));
    next("0123456789ABC", code("012345678ABC"));

    // What an editor leaves half written changes nothing.
    fs::write(folder.join("state.json"), "{\"unplugged\": tr").unwrap();
    next("ANJ1:STILL", code("ANJ1:TILL"));

    ScannerState { unplugged: true, ..ScannerState::default() }.save(folder).unwrap();
    let error = eventually("the unplug", || scanner.wait_scan(PATIENCE).err());
    assert_eq!(error.kind(), ErrorKind::NotReachable);
    assert_eq!(scanner.health(), Health::NotReachable);
    show(folder, "ANJ1:NOBODY");
    eventually("the scan of nobody", || {
        assert_eq!(scanner.health(), Health::NotReachable);
        // The driver of a sim: URL takes the file itself.
        (!folder.join("scan.txt").exists()).then_some(())
    });
    fs::remove_file(folder.join("state.json")).unwrap();
    eventually("the replug", || (scanner.health() == Health::Ready).then_some(()));
    scanner.flush().unwrap();
    show(folder, "ANJ1:BACK");
    assert_eq!(scanner.wait_scan(PATIENCE).unwrap(), Some(code("ANJ1:BACK")));
}

#[test]
fn a_scanner_on_a_line_follows_its_folder() {
    let place = TempDir::new().unwrap();
    let (port, folder) = (place.path().join("scanner"), place.path().join("state"));
    let _simulator = ScannerSimulator::start_in(&port, &folder).unwrap();
    let mut scanner = open_qr_scanner(&url(format!("serial://{}", port.display()))).unwrap();
    scanner.flush().unwrap();
    follows_its_folder(scanner.as_mut(), &folder);
}

#[test]
fn a_scanner_of_a_url_follows_its_folder() {
    let folder = TempDir::new().unwrap();
    let mut scanner = open_qr_scanner(&url(format!("sim:{}", folder.path().display()))).unwrap();
    follows_its_folder(scanner.as_mut(), folder.path());
}

#[test]
fn an_unplugged_simulator_says_so() {
    let place = TempDir::new().unwrap();
    let (port, folder) = (place.path().join("scanner"), place.path().join("state"));
    ScannerState { unplugged: true, ..ScannerState::default() }.save(&folder).unwrap();
    let mut simulator = ScannerSimulator::start_in(&port, &folder).unwrap();
    assert!(!port.exists());
    assert_eq!(simulator.scan("ANJ1:NOBODY").unwrap_err().kind(), ErrorKind::NotReachable);
}
