//! The rig's devices, met by the drivers that ship.

use std::time::Duration;

use anjungan::rig::{Devices, EsclTrouble, Fault, PrinterFault, RigOptions, ScannerTrouble};
use anjungan_hardware::{
    DeviceUrl, ErrorKind, Health, PrintJob, PrinterProfile, Scan, ScanRequest, Scope, open_document_scanner,
    open_ektp_reader, open_qr_scanner, open_slip_printer,
};

const PATIENCE: Duration = Duration::from_secs(20);

fn rig(folder: &tempfile::TempDir) -> Devices {
    Devices::start(folder.path(), RigOptions { printer_port: 0, scan_ms: 0, ..RigOptions::default() }).unwrap()
}

fn url(text: &str) -> DeviceUrl {
    DeviceUrl::parse(text).unwrap()
}

#[test]
fn a_printed_slip_shows_its_ticket_and_its_qr() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig(&folder);
    let mut printer = open_slip_printer(&url(&rig.endpoints().printer), PrinterProfile::columns_48()).unwrap();
    let job = PrintJob::new().text("Nomor antrean").text("A-001").qr("ANJ1:abc", 30.0).cut();
    printer.print(&job);
    let slip = rig.wait_for_slip(1, PATIENCE).expect("a slip");
    assert_eq!((slip.ticket.as_str(), slip.qr.as_str()), ("A-001", "ANJ1:abc"));
    assert!(slip.lines.contains(&"Nomor antrean".to_owned()) && slip.picture.is_file());
    // What came out can be shown to both scanners.
    for (endpoint, at_counter) in [(&rig.endpoints().counter_scanner, true), (&rig.endpoints().kiosk_scanner, false)] {
        let mut scanner = open_qr_scanner(&url(endpoint)).unwrap();
        assert_eq!(scanner.wait_scan(Duration::from_millis(1)).unwrap(), None);
        if at_counter {
            rig.scan_at_counter(&slip.qr).unwrap()
        } else {
            rig.scan_at_kiosk(&slip.qr).unwrap()
        }
        assert_eq!(scanner.wait_scan(PATIENCE).unwrap(), Some(Scan::Code("ANJ1:abc".to_owned())));
    }
}

#[test]
fn a_taken_port_is_no_obstacle() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let printer_port = taken.local_addr().unwrap().port();
    let options = RigOptions { printer_port, scan_ms: 0, ..RigOptions::default() };
    let first = Devices::start(one.path(), options).unwrap();
    let second = Devices::start(two.path(), options).unwrap();
    assert_ne!(first.endpoints().printer, second.endpoints().printer);
    assert!(!first.endpoints().printer.contains(&format!(":{printer_port}?")));
}

#[test]
fn cards_are_laid_down_and_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig(&folder);
    let mut reader = open_ektp_reader(&url(&rig.endpoints().reader)).unwrap();
    rig.place_card("pemohon").unwrap();
    assert_eq!(rig.placed_card().as_deref(), Some("pemohon"));
    reader.wait_card(PATIENCE).unwrap();
    assert_eq!(reader.read(&[Scope::Identity], PATIENCE).unwrap().nik, "3315130101909001");
    rig.place_card("rusak").unwrap();
    assert_eq!(reader.read(&[Scope::Identity], PATIENCE).unwrap_err().kind(), ErrorKind::Unreadable);
    rig.remove_card();
    assert!(!reader.status().unwrap().card_present);
    assert!(rig.place_card("tidak ada").is_err());
}

#[test]
fn faults_reach_the_drivers() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig(&folder);
    let mut scanner = open_document_scanner(&url(&rig.endpoints().document_scanner)).unwrap();
    let page = scanner.scan(&ScanRequest::a4("sk_hilang_polisi"), &mut |_| true).unwrap();
    assert!(page.bytes.len() > 10_000);
    rig.set_scanner_trouble(ScannerTrouble::Jam).unwrap();
    let error = scanner.scan(&ScanRequest::a4("kk_lama"), &mut |_| true).unwrap_err();
    assert_eq!((error.kind(), rig.scanner_trouble()), (ErrorKind::Jammed, ScannerTrouble::Jam));
    for fault in PrinterFault::ALL {
        rig.set_printer_fault(fault, true).unwrap();
        assert!(rig.has_printer_fault(fault), "{}", fault.key());
        rig.set_printer_fault(fault, false).unwrap();
        assert!(!rig.has_printer_fault(fault), "{}", fault.key());
    }
}

#[test]
fn every_fault_can_be_switched_on_and_off_also_by_an_editor() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig(&folder);
    for fault in Fault::all() {
        rig.set_fault(fault, true).unwrap();
        assert!(rig.has_fault(fault), "{}", fault.key());
        rig.clear_faults().unwrap();
        assert!(!rig.has_fault(fault), "{}", fault.key());
    }
    std::fs::write(folder.path().join("printer/state.json"), "{ \"cover_open\": true }").unwrap();
    assert!(rig.has_fault(Fault::Printer(PrinterFault::CoverOpen)));
}

#[test]
fn the_printers_driver_sees_each_fault_and_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig(&folder);
    let mut printer = open_slip_printer(&url(&rig.endpoints().printer), PrinterProfile::columns_48()).unwrap();
    for (fault, health) in [
        (PrinterFault::NearEnd, Health::MediaLow),
        (PrinterFault::PaperOut, Health::MediaEmpty),
        (PrinterFault::CoverOpen, Health::Misplaced),
        (PrinterFault::Cutter, Health::Jammed),
        (PrinterFault::Jam, Health::Jammed),
        (PrinterFault::Broken, Health::Damaged),
        (PrinterFault::Garbage, Health::Damaged),
        (PrinterFault::Mute, Health::NotResponding),
    ] {
        rig.set_printer_fault(fault, true).unwrap();
        assert_eq!(printer.health(), health, "{}", fault.key());
        rig.set_printer_fault(fault, false).unwrap();
        let began = std::time::Instant::now();
        while printer.health() != Health::Ready {
            assert!(began.elapsed() < PATIENCE, "{} does not end", fault.key());
        }
    }
}

#[test]
fn the_scanner_on_the_network_gives_pages_and_faults() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig(&folder);
    let mut scanner = open_document_scanner(&url(&rig.endpoints().escl)).unwrap();
    assert!(scanner.scan(&ScanRequest::a4("kk_lama"), &mut |_| true).unwrap().bytes.len() > 10_000);
    rig.set_fault(Fault::Escl(EsclTrouble::Jam), true).unwrap();
    assert_eq!(scanner.scan(&ScanRequest::a4("kk_lama"), &mut |_| true).unwrap_err().kind(), ErrorKind::Jammed);
}
