//! The slip printer against programs that share no code with us: python-escpos as encoder and as reader of the
//! status, Python's own code pages, zbarimg and zxing-cpp on the paper, socat between driver and printer.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use anjungan_hardware::slip_printer::simulator::{PaperSupply, PrinterSimulator, PrinterState, render};
use anjungan_hardware::{CodePage, Health, PrintJob, PrintOutcome, PrinterProfile, QrMode, open_slip_printer};
use image::GrayImage;
use tempfile::TempDir;

use crate::support::{PATIENCE, eventually, read_qr, url};

const TEXT: &str = "https://dukcapil.example.go.id/s/7f3kq9m2x8v4c6b1n5z0w3e7r9";

/// Runs a peer of `tests/peers` and gives what it writes.
fn peer(script: &str, arguments: &[&str]) -> Vec<u8> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python: PathBuf = here.join("../target/peers/bin/python");
    let output = Command::new(&python).arg(here.join("tests/peers").join(script)).args(arguments).output().expect(
        "the Python peers are missing; run `make target/peers/done` (it needs the Debian package python3-venv)",
    );
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn words(script: &str, arguments: &[&str]) -> String {
    String::from_utf8(peer(script, arguments)).unwrap().trim().to_owned()
}

fn start() -> (TempDir, PrinterSimulator) {
    let folder = TempDir::new().unwrap();
    let simulator = PrinterSimulator::start_tcp("127.0.0.1:0", folder.path()).unwrap();
    (folder, simulator)
}

fn saved(folder: &TempDir, png: &[u8]) -> PathBuf {
    let path = folder.path().join("rendered.png");
    fs::write(&path, png).unwrap();
    path
}

#[test]
fn python_escpos_reads_every_state_of_the_simulator() {
    type Change = fn(&mut PrinterState);
    let table: [(Change, &str); 7] = [
        (|_| {}, "online 2"),
        (|s| s.offline = true, "offline 2"),
        (|s| s.cover_open = true, "offline 2"),
        (|s| s.paper = PaperSupply::Out, "offline 0"),
        (|s| s.paper = PaperSupply::NearEnd, "online 1"),
        (|s| s.cutter_error = true, "offline 2"),
        (|s| s.jammed = true, "offline 2"),
    ];
    let (_folder, simulator) = start();
    let address = simulator.addr().unwrap();
    for (change, expected) in table {
        simulator.update_state(|state| *state = PrinterState::default()).unwrap();
        simulator.update_state(change).unwrap();
        let said = words("escpos_status.py", &[&address.ip().to_string(), &address.port().to_string()]);
        assert_eq!(said, expected, "{:?}", simulator.state());
    }
}

#[test]
fn the_codes_of_python_escpos_are_read_from_our_paper() {
    let folder = TempDir::new().unwrap();
    for case in ["native", "bitImageRaster", "graphics", "bitImageColumn"] {
        let bytes = peer("escpos_bytes.py", &[case, TEXT]);
        for columns in [32, 48] {
            let slips = render(&bytes, columns);
            assert_eq!(slips.len(), 1, "{case}");
            let picture = saved(&folder, &slips[0]);
            assert_eq!(read_qr(&picture), [TEXT], "{case} on {columns} columns");
        }
    }
}

#[test]
fn our_codes_are_read_by_two_decoders_on_both_widths() {
    for qr in ["native", "raster"] {
        for columns in [32, 48] {
            let (_folder, simulator) = start();
            simulator.update_state(|state| state.columns = columns).unwrap();
            let address = format!("tcp://{}?qr={qr}", simulator.addr().unwrap());
            let mut printer = open_slip_printer(&url(address), PrinterProfile::for_columns(columns).unwrap()).unwrap();
            let mode = if qr == "native" { QrMode::Native } else { QrMode::Raster };
            assert_eq!(printer.profile().qr, mode);
            let job = PrintJob::new().text("Bukti Pengambilan").qr(TEXT, 30.0).text("A-014").cut();
            assert_eq!(printer.print(&job), PrintOutcome::Printed);
            let picture = simulator.slip_picture(1);
            assert_eq!(read_qr(&picture), [TEXT], "zbarimg, {qr}, {columns}");
            assert_eq!(words("zxing_decode.py", &[picture.to_str().unwrap()]), TEXT, "zxing-cpp, {qr}, {columns}");
        }
    }
}

#[test]
fn the_simulator_says_who_it_is_and_forgets_what_it_is_told_to() {
    let (_folder, simulator) = start();
    let mut host = TcpStream::connect(simulator.addr().unwrap()).unwrap();
    host.set_read_timeout(Some(PATIENCE)).unwrap();
    host.write_all(&[0x1d, b'I', 1, 0x1d, b'I', 66]).unwrap();
    let mut answer = [0; 11];
    host.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"\x20_ANJUNGAN\0");
    // A slip stuck in the machine; DLE ENQ 2 frees the paper and throws the slip away.
    simulator.update_state(|state| state.jam_after_lines = Some(1)).unwrap();
    host.write_all(b"\x1b@first\nstuck\nwaiting\n\x1dV\x00").unwrap();
    eventually("the jam", || simulator.state().jammed.then_some(()));
    host.write_all(&[0x10, 5, 2]).unwrap();
    eventually("the end of the jam", || (!simulator.state().jammed).then_some(()));
    host.write_all(b"\x1b@next\n\x1dV\x00").unwrap();
    simulator.wait_for_slip(1, PATIENCE).unwrap();
    assert_eq!(simulator.slip_record(1).unwrap().lines, ["next"]);
}

/// Columns and rows that have ink, first and last of each, within some rows of a picture.
fn ink(picture: &GrayImage, rows: std::ops::Range<u32>) -> (u32, u32, u32, u32) {
    let dark = picture.enumerate_pixels().filter(|(_, y, pixel)| rows.contains(y) && pixel.0[0] < 128);
    dark.fold((u32::MAX, 0, u32::MAX, 0), |(left, right, top, bottom), (x, y, _)| {
        (left.min(x), right.max(x), top.min(y), bottom.max(y))
    })
}

#[test]
fn sizes_and_places_of_python_escpos_stand_where_they_should() {
    let bytes = peer("escpos_bytes.py", &["sizes", ""]);
    let slips = render(&bytes, 48);
    let picture = image::load_from_memory(&slips[0]).unwrap().into_luma8();
    // Margins of 32 dots; lines of 30, 72 and 48.
    let (normal, tall, double) = (ink(&picture, 32..62), ink(&picture, 62..134), ink(&picture, 134..182));
    let (height, width) = (|of: (u32, u32, u32, u32)| of.3 - of.2 + 1, |of: (u32, u32, u32, u32)| of.1 - of.0 + 1);
    assert!(normal.0 < 32 + 12, "left: {normal:?}");
    assert!((tall.0 + tall.1).abs_diff(640) <= 4, "centre: {tall:?}");
    assert!(double.1 >= 640 - 32 - 12, "right: {double:?}");
    assert!(height(tall).abs_diff(3 * height(normal)) <= 3, "{normal:?} {tall:?}");
    assert!(height(double).abs_diff(2 * height(normal)) <= 2, "{normal:?} {double:?}");
    assert!(width(tall).abs_diff(2 * width(normal)) <= 2, "{normal:?} {tall:?}");
}

#[test]
fn the_text_of_python_escpos_is_read_in_every_code_page() {
    let lines = ["Ünsür é ñ ß", "Ángel Ø õ", "Łódź Č", "5 € Ø", "“Café” – 5 €"];
    let bytes = peer("escpos_bytes.py", &["text", &lines.join("|")]);
    let (_folder, simulator) = start();
    TcpStream::connect(simulator.addr().unwrap()).unwrap().write_all(&bytes).unwrap();
    simulator.wait_for_slip(1, PATIENCE).unwrap();
    assert_eq!(simulator.slip_record(1).unwrap().lines, lines);
}

#[test]
fn our_code_pages_are_those_of_python() {
    for (page, name) in [
        (CodePage::Pc437, "cp437"),
        (CodePage::Pc850, "cp850"),
        (CodePage::Pc852, "cp852"),
        (CodePage::Pc858, "cp858"),
        (CodePage::Wpc1252, "cp1252"),
    ] {
        let ours: Vec<String> = (0x80..=u8::MAX).map(|byte| format!("{:x}", u32::from(page.decode(byte)))).collect();
        assert_eq!(words("code_page.py", &[name]).lines().collect::<Vec<_>>(), ours, "{name}");
    }
}

/// A running program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn driver_and_printer_meet_over_a_cable_made_by_socat() {
    let folder = TempDir::new().unwrap();
    let (ours, theirs) = (folder.path().join("ours"), folder.path().join("theirs"));
    let end = |path: &Path| format!("pty,raw,echo=0,link={}", path.display());
    let _cable = Running(
        Command::new("socat")
            .args([end(&ours), end(&theirs)])
            .spawn()
            .expect("socat is missing; install the Debian package socat"),
    );
    eventually("both ends of the cable", || (ours.exists() && theirs.exists()).then_some(()));
    let simulator = PrinterSimulator::start_device(&theirs, folder.path().join("state")).unwrap();
    let address = format!("serial://{}?baud=115200", ours.display());
    let mut printer = open_slip_printer(&url(address), PrinterProfile::columns_48()).unwrap();
    assert_eq!(printer.health(), Health::Ready);
    assert_eq!(printer.print(&PrintJob::new().text("A-014").qr(TEXT, 30.0).cut()), PrintOutcome::Printed);
    assert_eq!(read_qr(&simulator.slip_picture(1)), [TEXT]);
    simulator.update_state(|state| state.cover_open = true).unwrap();
    // Told unasked, through the cable.
    let told = eventually("the open cover", || printer.watch().unwrap().filter(|status| status.cover_open));
    assert_eq!(told.health(), Health::Misplaced);
}
