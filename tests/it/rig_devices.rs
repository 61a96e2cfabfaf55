//! The rig's devices, met by the drivers that ship.

use std::time::{Duration, Instant};

use anjungan::rig::{
    Devices, EsclTrouble, Fault, PrinterFault, QrFault, ReaderFault, RigError, RigOptions, ScannerTrouble,
};
use anjungan_hardware::{
    DeviceUrl, ErrorKind, FaultKind, FingerMatch, Health, PrintJob, PrintOutcome, PrinterProfile, QrScanner, Scan,
    ScanRequest, Scope, open_document_scanner, open_ektp_reader, open_qr_scanner, open_slip_printer,
};

const PATIENCE: Duration = Duration::from_secs(20);

fn rig(folder: &tempfile::TempDir) -> Devices {
    Devices::start(folder.path(), RigOptions { printer_port: 0, scan_ms: 0, ..RigOptions::default() }).unwrap()
}

fn url(text: &str) -> DeviceUrl {
    DeviceUrl::parse(text).unwrap()
}

/// Asks again and again: a simulator reads its state file forty times a second.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "{what} is never seen");
    }
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
        (PrinterFault::Overheated, Health::NotResponding),
        (PrinterFault::Offline, Health::NotResponding),
        (PrinterFault::Mute, Health::NotResponding),
        (PrinterFault::Stall, Health::NotResponding),
        (PrinterFault::Echo, Health::Damaged),
        (PrinterFault::PowerOff, Health::NotReachable),
        (PrinterFault::Unplugged, Health::NotReachable),
    ] {
        rig.set_printer_fault(fault, true).unwrap();
        until(fault.key(), || printer.health() == health);
        rig.set_printer_fault(fault, false).unwrap();
        until(fault.key(), || printer.health() == Health::Ready);
    }
}

#[test]
fn paper_that_ends_in_mid_slip_is_out_until_somebody_fills_in() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig(&folder);
    let mut printer = open_slip_printer(&url(&rig.endpoints().printer), PrinterProfile::columns_48()).unwrap();
    rig.set_printer_fault(PrinterFault::PaperOutMidSlip, true).unwrap();
    let long = (1..=20).fold(PrintJob::new(), |job, line| job.text(format!("Baris {line}"))).cut();
    match printer.print(&long) {
        PrintOutcome::Unknown(fault) => assert_eq!(fault.kind, FaultKind::PaperOut, "{}", fault.detail),
        other => panic!("half a slip is neither printed nor unprinted: {other:?}"),
    }
    assert!(rig.has_printer_fault(PrinterFault::PaperOut) && !rig.has_printer_fault(PrinterFault::PaperOutMidSlip));
    rig.set_printer_fault(PrinterFault::PaperOut, false).unwrap();
    until("a new roll", || printer.health() == Health::Ready);
}

#[test]
fn a_printer_on_a_serial_line_goes_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let options = RigOptions { printer_serial: true, scan_ms: 0, ..RigOptions::default() };
    let rig = Devices::start(folder.path(), options).unwrap();
    let address = url(&rig.endpoints().printer);
    assert!(rig.endpoints().printer.starts_with("serial:///"), "{}", rig.endpoints().printer);
    let mut printer = open_slip_printer(&address, PrinterProfile::columns_48()).unwrap();
    assert_eq!(printer.print(&PrintJob::new().text("A-002").cut()), PrintOutcome::Printed);
    rig.unplug_printer(true).unwrap();
    until("the pulled plug", || printer.health() == Health::NotReachable);
    assert!(!folder.path().join("printer-line").exists());
    rig.unplug_printer(false).unwrap();
    until("the plug", || printer.health() == Health::Ready);
    // Without power the line is there and nobody speaks.
    rig.set_printer_fault(PrinterFault::PowerOff, true).unwrap();
    until("the lost power", || printer.health() == Health::NotResponding);
    rig.set_printer_fault(PrinterFault::PowerOff, false).unwrap();
    until("the power", || printer.health() == Health::Ready);
    assert_eq!(printer.print(&PrintJob::new().text("A-003").cut()), PrintOutcome::Printed);
}

#[test]
fn the_qr_scanners_drivers_see_each_fault_and_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig(&folder);
    type Place = (fn(QrFault) -> Fault, fn(&Devices, &str) -> Result<(), RigError>);
    let places: [(&str, Place); 2] = [
        (&rig.endpoints().counter_scanner, (Fault::CounterScanner, Devices::scan_at_counter)),
        (&rig.endpoints().kiosk_scanner, (Fault::KioskScanner, Devices::scan_at_kiosk)),
    ];
    for (endpoint, (fault, scan)) in places {
        let mut scanner = open_qr_scanner(&url(endpoint)).unwrap();
        until("the scanner", || scanner.health() == Health::Ready);
        let good = |scanner: &mut Box<dyn QrScanner>, code: &str| {
            until(code, || {
                // What a fault left on the line may come first.
                let _ = scan(&rig, code);
                let until_then = Duration::from_millis(300);
                matches!(scanner.wait_scan(until_then), Ok(Some(Scan::Code(seen))) if seen == code)
            });
        };
        good(&mut scanner, "ANJ1:satu");
        for (wrong, health) in [
            (QrFault::Unplugged, Health::NotReachable),
            (QrFault::StuckTrigger, Health::Damaged),
            (QrFault::Babbling, Health::Damaged),
        ] {
            rig.set_fault(fault(wrong), true).unwrap();
            until(wrong.key(), || {
                let _ = scanner.wait_scan(Duration::from_millis(50));
                scanner.health() == health
            });
            rig.set_fault(fault(wrong), false).unwrap();
            until(wrong.key(), || scanner.health() == Health::Ready);
            good(&mut scanner, &format!("ANJ1:{}", wrong.key()));
        }
        for wrong in [QrFault::Garbage, QrFault::LosesBytes] {
            let code = format!("ANJ1:KODE-YANG-RUSAK-{}", wrong.key());
            rig.set_fault(fault(wrong), true).unwrap();
            until(wrong.key(), || {
                scan(&rig, &code).unwrap();
                match scanner.wait_scan(Duration::from_millis(300)).unwrap() {
                    Some(Scan::Unreadable) => wrong == QrFault::Garbage,
                    Some(Scan::Code(seen)) => wrong == QrFault::LosesBytes && seen != code,
                    _ => false,
                }
            });
            rig.set_fault(fault(wrong), false).unwrap();
            // Another code: the same one again is ignored for a while.
            good(&mut scanner, &format!("ANJ1:{}", wrong.key()));
        }
    }
}

#[test]
fn the_readers_driver_sees_each_fault_and_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig(&folder);
    let mut reader = open_ektp_reader(&url(&rig.endpoints().reader)).unwrap();
    let set = |fault, on| rig.set_fault(Fault::Reader(fault), on).unwrap();
    let short = Duration::from_secs(2);
    for (fault, kind) in [
        (ReaderFault::Unreadable, ErrorKind::Unreadable),
        (ReaderFault::RemovedMidRead, ErrorKind::Removed),
        (ReaderFault::Mute, ErrorKind::NotResponding),
    ] {
        // Asked for before there is a card: the next one has it.
        set(fault, true);
        rig.place_card("pemohon").unwrap();
        assert_eq!(reader.read(&[Scope::Identity], short).unwrap_err().kind(), kind, "{}", fault.key());
        let still_there = fault != ReaderFault::RemovedMidRead;
        assert_eq!(rig.placed_card().is_some(), still_there, "{}", fault.key());
        set(fault, false);
        rig.place_card("pemohon").unwrap();
        until(fault.key(), || reader.read(&[Scope::Identity], short).is_ok());
    }
    set(ReaderFault::FingerNotMatched, true);
    assert_eq!(reader.finger_match(PATIENCE).unwrap(), FingerMatch::NotMatched);
    set(ReaderFault::NoFinger, true);
    assert_eq!(reader.finger_match(PATIENCE).unwrap_err().kind(), ErrorKind::Timeout);
    set(ReaderFault::NoFinger, false);
    assert_eq!(reader.finger_match(PATIENCE).unwrap(), FingerMatch::Matched);
    set(ReaderFault::Unplugged, true);
    until("the pulled plug", || reader.health() == Health::NotReachable);
    set(ReaderFault::Unplugged, false);
    until("the plug", || reader.health() == Health::Ready);
    assert_eq!(rig.placed_card().as_deref(), Some("pemohon"));
}

#[test]
fn the_document_scanners_driver_sees_each_fault_and_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig(&folder);
    let mut scanner = open_document_scanner(&url(&rig.endpoints().document_scanner)).unwrap();
    let request = ScanRequest { timeout: Duration::from_millis(500), ..ScanRequest::a4("kk_lama") };
    for (fault, kind) in [
        (Fault::Scanner(ScannerTrouble::NoPaper), ErrorKind::MediaAbsent),
        (Fault::Scanner(ScannerTrouble::Jam), ErrorKind::Jammed),
        (Fault::Scanner(ScannerTrouble::DoubleFeed), ErrorKind::DoubleFeed),
        (Fault::Scanner(ScannerTrouble::CoverOpen), ErrorKind::CoverOpen),
        (Fault::Scanner(ScannerTrouble::Busy), ErrorKind::Busy),
        (Fault::Scanner(ScannerTrouble::NotReachable), ErrorKind::NotReachable),
        (Fault::Scanner(ScannerTrouble::Stuck), ErrorKind::Timeout),
        (Fault::Scanner(ScannerTrouble::CutOff), ErrorKind::Garbled),
        (Fault::Scanner(ScannerTrouble::Bomb), ErrorKind::TooLarge),
        (Fault::SlowScanner, ErrorKind::Timeout),
    ] {
        rig.set_fault(fault, true).unwrap();
        assert_eq!(scanner.scan(&request, &mut |_| true).unwrap_err().kind(), kind, "{}", fault.key());
        rig.set_fault(fault, false).unwrap();
        assert!(scanner.scan(&request, &mut |_| true).is_ok(), "{}", fault.key());
    }
}

#[test]
fn the_scanner_on_the_network_gives_pages_and_faults() {
    let folder = tempfile::tempdir().unwrap();
    let rig = rig(&folder);
    let mut scanner = open_document_scanner(&url(&rig.endpoints().escl)).unwrap();
    let request = ScanRequest { timeout: Duration::from_secs(3), ..ScanRequest::a4("kk_lama") };
    assert!(scanner.scan(&request, &mut |_| true).unwrap().bytes.len() > 10_000);
    for (fault, kinds) in [
        (Fault::Escl(EsclTrouble::Jam), &[ErrorKind::Jammed][..]),
        (Fault::Escl(EsclTrouble::DoubleFeed), &[ErrorKind::DoubleFeed, ErrorKind::Jammed]),
        (Fault::Escl(EsclTrouble::CoverOpen), &[ErrorKind::CoverOpen]),
        (Fault::Escl(EsclTrouble::Busy), &[ErrorKind::Busy, ErrorKind::Timeout]),
        (Fault::Escl(EsclTrouble::Mute), &[ErrorKind::NotResponding, ErrorKind::Timeout]),
        (Fault::Escl(EsclTrouble::Dropped), &[ErrorKind::NotReachable, ErrorKind::Garbled]),
        (Fault::Escl(EsclTrouble::EmptyAnswer), &[ErrorKind::Garbled, ErrorKind::Device]),
        (Fault::Escl(EsclTrouble::CutOff), &[ErrorKind::Garbled]),
        (Fault::Escl(EsclTrouble::GarbageXml), &[ErrorKind::Garbled]),
        (Fault::SlowEscl, &[ErrorKind::Timeout, ErrorKind::NotResponding]),
    ] {
        rig.set_fault(fault, true).unwrap();
        let kind = scanner.scan(&request, &mut |_| true).unwrap_err().kind();
        assert!(kinds.contains(&kind), "{}: {kind:?}", fault.key());
        rig.set_fault(fault, false).unwrap();
        until(&fault.key(), || scanner.scan(&request, &mut |_| true).is_ok());
    }
}
