//! Plugs, names, locks and rights of a serial QR scanner, and one that cannot stop.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::thread;
use std::time::Duration;

use anjungan_hardware::qr_scanner::{ScannerSimulator, ScannerState};
use anjungan_hardware::{ErrorKind, Health, QrScanner, Scan, open_qr_scanner};
use rustix::process::getuid;
use rustix::thread::set_thread_uid;
use tempfile::TempDir;

use crate::qr_scanner_conformance::code;
use crate::support::{PATIENCE, eventually, url};

fn open(port: &Path) -> Box<dyn QrScanner> {
    open_qr_scanner(&url(format!("serial://{}", port.display()))).unwrap()
}

/// Points a name at a device, as udev does: the old link is replaced at once.
fn point(name: &Path, device: &Path) {
    let new = name.with_extension("new");
    symlink(device, &new).unwrap();
    fs::rename(new, name).unwrap();
}

#[test]
fn a_stable_name_is_followed_to_another_device_after_a_replug() {
    let folder = TempDir::new().unwrap();
    let name = folder.path().join("by-id-usb-Scanner-if00");
    let (first, second) = (folder.path().join("ttyACM0"), folder.path().join("ttyACM1"));
    let mut scanner = open(&name);
    // Not there yet when the kiosk starts.
    assert_eq!(scanner.health(), Health::NotReachable);
    let mut simulator = ScannerSimulator::start(&first).unwrap();
    point(&name, &first);
    scanner.flush().unwrap();
    simulator.scan("ANJ1:ONE").unwrap();
    assert_eq!(scanner.wait_scan(PATIENCE).unwrap(), Some(code("ANJ1:ONE")));
    // In the middle of a code the plug is pulled; the name dangles, then goes.
    simulator.raw(b"ANJ1:HA").unwrap();
    assert_eq!(scanner.health(), Health::Ready);
    drop(simulator);
    let error = eventually("the unplug", || scanner.wait_scan(PATIENCE).err());
    assert_eq!(error.kind(), ErrorKind::NotReachable);
    assert_eq!(scanner.wait_scan(PATIENCE).unwrap_err().kind(), ErrorKind::NotReachable);
    assert_eq!(scanner.health(), Health::NotReachable);
    fs::remove_file(&name).unwrap();
    assert_eq!(scanner.wait_scan(PATIENCE).unwrap_err().kind(), ErrorKind::NotReachable);
    assert_eq!(scanner.health(), Health::NotReachable);
    // It comes back with another number under the same name.
    let mut simulator = ScannerSimulator::start(&second).unwrap();
    point(&name, &second);
    assert_eq!(scanner.health(), Health::Ready);
    simulator.scan("ANJ1:TWO").unwrap();
    assert_eq!(scanner.wait_scan(PATIENCE).unwrap(), Some(code("ANJ1:TWO")));
}

#[test]
fn a_name_that_moves_without_a_hangup_is_followed_too() {
    let folder = TempDir::new().unwrap();
    let name = folder.path().join("by-id-usb-Scanner-if00");
    let (first, second) = (folder.path().join("ttyACM0"), folder.path().join("ttyACM1"));
    let old = ScannerSimulator::start(&first).unwrap();
    point(&name, &first);
    let mut scanner = open(&name);
    assert_eq!(scanner.health(), Health::Ready);
    // The old device stays open and silent for ever.
    let mut simulator = ScannerSimulator::start(&second).unwrap();
    let waiting = thread::spawn(move || {
        let scan = scanner.wait_scan(PATIENCE);
        (scan, scanner)
    });
    point(&name, &second);
    let mut sent = 0;
    eventually("a scan from the new device", || {
        // What is scanned before the driver has followed belongs to nobody.
        sent += 1;
        simulator.scan(&format!("ANJ1:TRY{sent}")).unwrap();
        waiting.is_finished().then_some(())
    });
    let (scan, _scanner) = waiting.join().unwrap();
    assert!(matches!(scan, Ok(Some(Scan::Code(text))) if text.starts_with("ANJ1:TRY")));
    drop(old);
}

#[test]
fn a_port_that_is_kept_from_us_is_denied_and_not_busy() {
    let folder = TempDir::new().unwrap();
    let port = folder.path().join("scanner");
    let _simulator = ScannerSimulator::start(&port).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&port, fs::Permissions::from_mode(0o000)).unwrap();
    let mut scanner = open(&port);
    // Root may open everything, so this thread, and only this thread, becomes somebody else.
    let stranger = thread::spawn(move || {
        if getuid().is_root() {
            set_thread_uid(rustix::fs::Uid::from_raw(65_534)).unwrap();
        }
        (scanner.wait_scan(PATIENCE).unwrap_err(), scanner.health())
    });
    let (error, health) = stranger.join().unwrap();
    assert_eq!((error.kind(), health), (ErrorKind::Denied, Health::NotReachable), "{error}");
}

#[test]
fn what_is_no_serial_port_is_not_reachable() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "no tty").unwrap();
    for path in [folder.path(), &file, Path::new("/dev/null")] {
        let mut scanner = open(path);
        assert_eq!(scanner.flush().unwrap_err().kind(), ErrorKind::NotReachable, "{}", path.display());
        assert_eq!(scanner.health(), Health::NotReachable);
    }
}

#[test]
fn a_line_that_babbles_is_a_state_and_holds_nobody_up() {
    let folder = TempDir::new().unwrap();
    let (port, state_dir) = (folder.path().join("scanner"), folder.path().join("state"));
    let mut simulator = ScannerSimulator::start_in(&port, &state_dir).unwrap();
    let mut scanner = open(&port);
    assert_eq!(scanner.health(), Health::Ready);
    ScannerState { babbling: true, ..ScannerState::default() }.save(&state_dir).unwrap();
    eventually("the fault", || {
        // Each call comes back though bytes come all the time.
        assert_eq!(scanner.wait_scan(Duration::from_millis(100)).unwrap(), None);
        (scanner.health() == Health::Damaged).then_some(())
    });
    ScannerState::default().save(&state_dir).unwrap();
    eventually("the end of the fault", || {
        let scan = scanner.wait_scan(Duration::from_millis(20)).unwrap();
        assert!(matches!(scan, None | Some(Scan::TooLong)));
        (scanner.health() == Health::Ready).then_some(())
    });
    simulator.scan("ANJ1:AFTER").unwrap();
    let next = eventually("a code", || scanner.wait_scan(PATIENCE).unwrap().filter(|scan| *scan != Scan::TooLong));
    assert_eq!(next, code("ANJ1:AFTER"));
}

#[test]
fn a_stuck_trigger_is_one_scan_and_then_a_state() {
    let folder = TempDir::new().unwrap();
    let (port, state_dir) = (folder.path().join("scanner"), folder.path().join("state"));
    let _simulator = ScannerSimulator::start_in(&port, &state_dir).unwrap();
    let mut scanner = open(&port);
    scanner.flush().unwrap();
    ScannerState { stuck_trigger: true, ..ScannerState::default() }.save(&state_dir).unwrap();
    fs::write(state_dir.join("scan.txt"), "ANJ1:STUCK\n").unwrap();
    assert_eq!(scanner.wait_scan(PATIENCE).unwrap(), Some(code("ANJ1:STUCK")));
    eventually("the fault", || {
        assert_eq!(scanner.wait_scan(Duration::from_millis(200)).unwrap(), None);
        (scanner.health() == Health::Damaged).then_some(())
    });
    // Somebody else's code is still heard.
    fs::write(state_dir.join("scan.txt"), "ANJ1:OTHER\n").unwrap();
    assert_eq!(scanner.wait_scan(PATIENCE).unwrap(), Some(code("ANJ1:OTHER")));
    ScannerState::default().save(&state_dir).unwrap();
    eventually("the end of the fault", || {
        scanner.wait_scan(Duration::from_millis(100)).unwrap();
        (scanner.health() == Health::Ready).then_some(())
    });
}
