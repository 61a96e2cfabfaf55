//! What every slip printer does, whichever driver it has: one suite, run on each of them.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anjungan_hardware::slip_printer::simulator::{PaperSupply, PrinterSimulator, PrinterState};
use anjungan_hardware::{
    Align, ErrorKind, FallbackPrinter, FaultKind, Health, PrintJob, PrintOutcome, PrinterProfile, SlipPrinter,
    TextSize, open_slip_printer,
};
use tempfile::TempDir;

use crate::slip_printer_usb::{Machine, TM};
use crate::support::{eventually, read_qr, url};

const TEXT: &str = "https://dukcapil.example.go.id/s/7f3kq9m2x8v4c6b1n5z0w3e7r9";

fn quick() -> PrinterProfile {
    PrinterProfile {
        connect_timeout: Duration::from_secs(5),
        answer_timeout: Duration::from_millis(1500),
        job_timeout: Duration::from_secs(5),
        ..PrinterProfile::columns_48()
    }
}

fn slip() -> PrintJob {
    PrintJob::new()
        .styled("Bukti Pengambilan", Align::Center, TextSize::NORMAL, true)
        .styled("A-014", Align::Center, TextSize { width: 4, height: 4 }, true)
        .rule()
        .qr(TEXT, 34.0)
        .text("Layanan   KK Baru (pisah KK) – 1")
        .cut()
}

/// The simulator behind a driver, known by its state folder alone.
struct Folder<'a>(&'a Path);

impl Folder<'_> {
    fn change(&self, change: impl FnOnce(&mut PrinterState)) {
        let path = self.0.join("state.json");
        let mut state: PrinterState = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        change(&mut state);
        let new = self.0.join("state.json.new");
        fs::write(&new, serde_json::to_vec(&state).unwrap()).unwrap();
        fs::rename(new, path).unwrap();
    }

    fn heal(&self) {
        self.change(|state| *state = PrinterState { power_cuts: state.power_cuts, ..PrinterState::default() });
    }

    fn slips(&self) -> usize {
        let names = fs::read_dir(self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with("slip-") && name.ends_with(".png")).count()
    }
}

/// What holds with and without a printer that can fail.
fn basics(printer: &mut dyn SlipPrinter) {
    assert_eq!(printer.health(), Health::Ready);
    assert_eq!(printer.status().unwrap().fault(), None);
    assert_eq!(printer.profile().columns, 48);
    assert!(!printer.look_every().is_zero());
    assert_eq!(printer.slips_left(), None);
    printer.watch().unwrap();
    match printer.recover() {
        Ok(status) => assert_eq!(status.fault(), None, "there is nothing to recover from"),
        Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidRequest),
    }
    assert_eq!(printer.print(&slip()), PrintOutcome::Printed);
    match printer.print(&PrintJob::new().text("before").qr("x".repeat(900), 100.0).cut()) {
        PrintOutcome::NotPrinted(fault) => assert_eq!(fault.kind, FaultKind::BadJob),
        outcome => panic!("{outcome:?}"),
    }
    assert_eq!(printer.health(), Health::Ready, "a bad job is no fault of the printer");
}

/// The whole suite. `open` makes the driver; `folder` is the state folder of the simulator at its other end; `tells`
/// says that the driver hears changes by itself.
fn conformance(open: impl Fn() -> Box<dyn SlipPrinter>, folder: &Path, tells: bool) {
    type Change = fn(&mut PrinterState);
    let folder = Folder(folder);
    let mut printer = open();
    basics(&mut *printer);
    assert_eq!(folder.slips(), 1, "printed means printed, and a bad job leaves nothing");
    assert_eq!(read_qr(&folder.0.join("slip-0001.png")), [TEXT]);

    // Every fault is a word, stops a job before its first byte, and is over when it is over.
    let faults: [(Change, FaultKind); 7] = [
        (|s| s.cover_open = true, FaultKind::CoverOpen),
        (|s| s.paper = PaperSupply::Out, FaultKind::PaperOut),
        (|s| s.cutter_error = true, FaultKind::Cutter),
        (|s| s.jammed = true, FaultKind::Jam),
        (|s| s.broken = true, FaultKind::Broken),
        (|s| s.overheated = true, FaultKind::Overheated),
        (|s| s.offline = true, FaultKind::Offline),
    ];
    for (change, fault) in faults {
        folder.change(change);
        if tells {
            let told = eventually("the fault, told unasked", || {
                printer.watch().unwrap().filter(|status| status.fault() == Some(fault))
            });
            assert_eq!(told.health(), fault.health());
        }
        assert_eq!(printer.health(), fault.health(), "{fault:?}");
        match printer.print(&slip()) {
            PrintOutcome::NotPrinted(seen) => assert_eq!(seen.kind, fault),
            outcome => panic!("{fault:?}: {outcome:?}"),
        }
        folder.heal();
        if tells {
            eventually("the end of the fault", || {
                printer.watch().unwrap().filter(|status| status.health() == Health::Ready)
            });
        }
        assert_eq!(printer.health(), Health::Ready, "{fault:?} is over");
    }
    assert_eq!(folder.slips(), 1, "nothing was sent while a fault was there");

    // Near its end the printer works on, and the slips left are known.
    folder.change(|state| state.paper = PaperSupply::NearEnd);
    assert_eq!(printer.health(), Health::MediaLow);
    let left = printer.slips_left().expect("the sensor fired");
    assert!(left > 0, "three metres are some slips");
    assert_eq!(printer.print(&slip()), PrintOutcome::Printed);
    assert!(printer.slips_left() < Some(left));
    folder.heal();
    assert_eq!(printer.health(), Health::Ready);
    assert_eq!(printer.slips_left(), None);

    // A cutter that blocks in the middle: unknown, told to try again, and then the slip is whole.
    folder.change(|state| state.cutter_error_at_cut = true);
    match printer.print(&slip()) {
        PrintOutcome::Unknown(seen) => assert_eq!(seen.kind, FaultKind::Cutter),
        outcome => panic!("{outcome:?}"),
    }
    assert_eq!(printer.recover().unwrap().health(), Health::Ready);
    eventually("the slip behind the cutter", || (folder.slips() == 3).then_some(()));

    // Paper that ends in the middle: unknown; the next job is not taken for the end of this one.
    folder.change(|state| state.paper_out_after_lines = Some(3));
    match printer.print(&slip()) {
        PrintOutcome::Unknown(seen) => assert_eq!(seen.kind, FaultKind::PaperOut),
        outcome => panic!("{outcome:?}"),
    }
    folder.heal();
    assert_eq!(printer.print(&slip()), PrintOutcome::Printed);
    assert_eq!(folder.slips(), 5);
    assert_eq!(read_qr(&folder.0.join("slip-0005.png")), [TEXT]);

    // A loss of power between two calls is not noticed.
    folder.change(|state| state.power_cuts += 1);
    eventually("the printer after its power cut", || (printer.health() == Health::Ready).then_some(()));
    assert_eq!(printer.print(&slip()), PrintOutcome::Printed);

    // A printer is given back when its driver goes.
    drop(printer);
    assert_eq!(open().print(&slip()), PrintOutcome::Printed);
    assert_eq!(folder.slips(), 7);
}

fn opened(text: &str) -> Box<dyn SlipPrinter> {
    open_slip_printer(&url(text), quick()).unwrap()
}

#[test]
fn over_tcp() {
    let folder = TempDir::new().unwrap();
    let simulator = PrinterSimulator::start_tcp("127.0.0.1:0", folder.path()).unwrap();
    let address = simulator.addr().unwrap();
    conformance(|| opened(&format!("tcp://{address}")), folder.path(), true);
}

#[test]
fn over_tcp_shared_with_others() {
    let folder = TempDir::new().unwrap();
    let simulator = PrinterSimulator::start_tcp("127.0.0.1:0", folder.path()).unwrap();
    let address = simulator.addr().unwrap();
    conformance(|| opened(&format!("tcp://{address}?share=1&qr=raster")), folder.path(), false);
}

#[test]
fn over_a_serial_line() {
    let folder = TempDir::new().unwrap();
    let (port, state) = (folder.path().join("port"), folder.path().join("state"));
    let _simulator = PrinterSimulator::start_pty(&port, &state).unwrap();
    conformance(|| opened(&format!("serial://{}?baud=115200", port.display())), &state, true);
}

#[test]
fn behind_a_device_file() {
    let folder = TempDir::new().unwrap();
    let (port, state) = (folder.path().join("lp0"), folder.path().join("state"));
    let _simulator = PrinterSimulator::start_pty(&port, &state).unwrap();
    conformance(|| opened(&format!("file://{}", port.display())), &state, true);
}

#[test]
fn over_usb() {
    let machine = Machine::new();
    let _simulator = machine.plug("1-2", TM, "lp0");
    conformance(|| machine.open("usb:04b8:0202", quick()), &machine.state(), true);
}

#[test]
fn simulated_in_the_same_process() {
    let folder = TempDir::new().unwrap();
    // Opening makes the folder; the suite opens a second time only when the first is gone.
    conformance(|| opened(&format!("sim:{}", folder.path().display())), folder.path(), true);
}

#[test]
fn as_one_of_two() {
    let folder = TempDir::new().unwrap();
    let simulator = PrinterSimulator::start_tcp("127.0.0.1:0", folder.path()).unwrap();
    let address = simulator.addr().unwrap();
    let open = || {
        let first = opened(&format!("tcp://{address}"));
        Box::new(FallbackPrinter::new(first, None)) as Box<dyn SlipPrinter>
    };
    conformance(open, folder.path(), true);
}

#[test]
fn into_a_plain_file() {
    let folder = TempDir::new().unwrap();
    basics(&mut *opened(&format!("file://{}", folder.path().join("out.bin").display())));
}
