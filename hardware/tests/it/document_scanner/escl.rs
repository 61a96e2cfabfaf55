//! The eSCL driver against the simulated network scanner, and sane-airscan as a second client of it.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use anjungan_hardware::document_scanner::{EsclFault, EsclSimulator, EsclState, PageSource, list_sane_with};
use anjungan_hardware::{ColourMode, DocumentScanner, ErrorKind, Health, ScanRequest, open_document_scanner};
use image::{ImageFormat, Rgb, RgbImage};
use tempfile::TempDir;

use super::{collect, picture, request, scan};
use crate::support::{PATIENCE, url};

struct Scanner {
    folder: TempDir,
    simulator: EsclSimulator,
    driver: Box<dyn DocumentScanner>,
}

impl Scanner {
    /// A network scanner with a picture of one page.
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("default.jpg"), picture(ImageFormat::Jpeg, 1)).unwrap();
        let simulator = EsclSimulator::start("127.0.0.1:0", folder.path()).unwrap();
        let driver = open_document_scanner(&url(simulator.url())).unwrap();
        Self { folder, simulator, driver }
    }

    fn set(&self, state: &EsclState) {
        state.save(self.folder.path()).unwrap();
    }

    fn fault(&self, fault: EsclFault) {
        self.set(&EsclState { fault, ..EsclState::default() });
    }
}

fn feeder() -> ScanRequest {
    ScanRequest { source: PageSource::Feeder, ..request(PATIENCE) }
}

#[test]
fn a_page_from_the_glass_and_a_stack_from_the_feeder() {
    let mut scanner = Scanner::start();
    assert!(scanner.driver.simulated());
    assert_eq!(scanner.driver.health(), Health::Ready);
    let page = scan(&mut *scanner.driver, PATIENCE).unwrap();
    assert_eq!(page.bytes, picture(ImageFormat::Jpeg, 1));
    for number in 1..=3 {
        let path = scanner.folder.path().join(format!("default-{number}.jpg"));
        fs::write(path, picture(ImageFormat::Jpeg, number * 10)).unwrap();
    }
    scanner.set(&EsclState { feeder_pages: 3, ..EsclState::default() });
    // With paper in the feeder, the device's own choice is the feeder.
    let (pages, end) = collect(&mut *scanner.driver, &request(PATIENCE));
    assert_eq!(end, Ok(3));
    assert_eq!(pages, [10, 20, 30].map(|shade| picture(ImageFormat::Jpeg, shade)));
    assert_eq!(collect(&mut *scanner.driver, &feeder()).1, Err(ErrorKind::MediaAbsent));
    scanner.set(&EsclState { feeder_pages: 2, ..EsclState::default() });
    let both = ScanRequest { source: PageSource::FeederDuplex, ..request(PATIENCE) };
    assert_eq!(collect(&mut *scanner.driver, &both).1, Ok(4), "two sides of two sheets");
}

#[test]
fn a_fault_in_the_middle_of_a_stack_leaves_the_pages_before_it() {
    let mut scanner = Scanner::start();
    for (fault, kind, health) in [
        (EsclFault::Jam, ErrorKind::Jammed, Health::Jammed),
        (EsclFault::DoubleFeed, ErrorKind::DoubleFeed, Health::Jammed),
        (EsclFault::CoverOpen, ErrorKind::CoverOpen, Health::Misplaced),
        (EsclFault::EmptyAnswer, ErrorKind::Garbled, Health::Ready),
        (EsclFault::CutOff, ErrorKind::Garbled, Health::Ready),
        (EsclFault::Dropped, ErrorKind::NotReachable, Health::Ready),
        (EsclFault::EndlessAnswer, ErrorKind::TooLarge, Health::Ready),
    ] {
        scanner.set(&EsclState { fault, after_pages: 2, feeder_pages: 5, ..EsclState::default() });
        let (pages, end) = collect(&mut *scanner.driver, &feeder());
        assert_eq!((pages.len(), end), (2, Err(kind)), "{fault:?}");
        assert_eq!(scanner.driver.health(), health, "{fault:?}");
        scanner.set(&EsclState { feeder_pages: 1, ..EsclState::default() });
        assert_eq!(collect(&mut *scanner.driver, &feeder()).1, Ok(1), "after {fault:?}");
    }
}

#[test]
fn a_fault_before_the_first_page_is_named() {
    let scanner = Scanner::start();
    for (fault, kind) in [
        (EsclFault::Jam, ErrorKind::Jammed),
        (EsclFault::DoubleFeed, ErrorKind::DoubleFeed),
        (EsclFault::CoverOpen, ErrorKind::CoverOpen),
        (EsclFault::GarbageXml, ErrorKind::Garbled),
    ] {
        scanner.set(&EsclState { fault, feeder_pages: 5, ..EsclState::default() });
        let mut fresh = open_document_scanner(&url(scanner.simulator.url())).unwrap();
        assert_eq!(collect(&mut *fresh, &feeder()), (vec![], Err(kind)), "{fault:?}");
    }
}

#[test]
fn a_busy_scanner_is_waited_for_and_one_that_stays_busy_is_told() {
    let mut scanner = Scanner::start();
    scanner.set(&EsclState { fault: EsclFault::Busy, times: 3, ..EsclState::default() });
    assert!(scan(&mut *scanner.driver, PATIENCE).is_ok());
    scanner.fault(EsclFault::None);
    scan(&mut *scanner.driver, PATIENCE).unwrap();
    scanner.set(&EsclState { fault: EsclFault::Busy, times: u32::MAX, ..EsclState::default() });
    assert_eq!(scan(&mut *scanner.driver, Duration::from_millis(600)), Err(ErrorKind::Timeout));
    // Another client's job holds it.
    scanner.set(&EsclState { feeder_pages: 2, duration_ms: 600_000, ..EsclState::default() });
    let mut other = open_document_scanner(&url(scanner.simulator.url())).unwrap();
    let mut seen = None;
    let error = scanner.driver.scan(&feeder(), &mut |part| {
        if part > 0.0 {
            return false;
        }
        seen = seen.take().or_else(|| (other.status().err()?.kind() == ErrorKind::Busy).then_some(()));
        seen.is_none()
    });
    assert_eq!((error.unwrap_err().kind(), seen), (ErrorKind::Cancelled, Some(())));
    scanner.set(&EsclState { feeder_pages: 2, ..EsclState::default() });
    assert_eq!(collect(&mut *other, &feeder()).1, Ok(2), "a cancelled job does not hold the scanner");
}

#[test]
fn no_other_host_is_ever_asked() {
    let mut scanner = Scanner::start();
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let host = elsewhere.local_addr().unwrap().to_string();
    let state = |fault| EsclState { fault, elsewhere: host.clone(), ..EsclState::default() };
    scanner.set(&state(EsclFault::ForeignLocation));
    assert!(scan(&mut *scanner.driver, PATIENCE).is_ok(), "only the path of a job's address counts");
    scanner.set(&state(EsclFault::Redirect));
    assert_eq!(scan(&mut *scanner.driver, PATIENCE), Err(ErrorKind::Garbled));
    assert_eq!(elsewhere.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "nobody came");
}

#[test]
fn a_mute_or_missing_scanner_is_a_state_in_time() {
    let mut scanner = Scanner::start();
    scanner.fault(EsclFault::Mute);
    let mut ticks = 0;
    let error = scanner.driver.scan(&request(PATIENCE), &mut |_| {
        ticks += 1;
        ticks < 5
    });
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!(scan(&mut *scanner.driver, Duration::from_millis(300)), Err(ErrorKind::Timeout));
    let address = scanner.simulator.address();
    drop(scanner);
    let mut gone = open_document_scanner(&url(format!("escl://{address}"))).unwrap();
    assert!(!gone.simulated());
    assert_eq!(gone.health(), Health::NotReachable);
}

#[test]
fn a_slow_page_shows_its_progress_and_ends_in_time() {
    let mut scanner = Scanner::start();
    scanner.set(&EsclState { duration_ms: 400, ..EsclState::default() });
    let mut seen = Vec::new();
    scanner
        .driver
        .scan(&request(PATIENCE), &mut |part| {
            seen.push(part);
            true
        })
        .unwrap();
    assert!(seen.iter().any(|part| (0.05..0.95).contains(part)) && seen.is_sorted(), "{seen:?}");
    scanner.set(&EsclState { duration_ms: 600_000, ..EsclState::default() });
    assert_eq!(scan(&mut *scanner.driver, Duration::from_millis(300)), Err(ErrorKind::Timeout));
}

#[test]
fn a_service_that_is_no_scanner_is_told_apart() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n<html>Masuk</html>\r\n",
        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n",
        "",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(answer.as_bytes());
        });
        let mut driver = open_document_scanner(&url(format!("escl://{address}"))).unwrap();
        let kind = driver.status().unwrap_err().kind();
        assert!(matches!(kind, ErrorKind::Garbled | ErrorKind::NotReachable), "{answer:?}: {kind:?}");
        server.join().unwrap();
    }
}

/// A SANE configuration in which sane-airscan knows one scanner: ours.
fn airscan(simulator: &EsclSimulator) -> TempDir {
    let config = TempDir::new().unwrap();
    fs::write(config.path().join("dll.conf"), "airscan\n").unwrap();
    let device = format!(
        "[devices]\n\"Simulator\" = http://{}/eSCL/, eSCL\n[options]\ndiscovery = disable\n",
        simulator.address()
    );
    fs::write(config.path().join("airscan.conf"), device).unwrap();
    config
}

fn airscan_device(config: &Path) -> String {
    let found = list_sane_with(Some(config), PATIENCE).unwrap();
    let device = found.iter().find(|device| device.name.starts_with("airscan:"));
    device.expect("sane-airscan is missing; install the Debian package sane-airscan").name.clone()
}

#[test]
fn an_independent_client_reads_our_simulator() {
    let scanner = Scanner::start();
    // A4 at 75 dpi, in broad areas of colour that JPEG leaves alone.
    let source = RgbImage::from_fn(620, 877, |x, y| Rgb([(x / 155 * 60) as u8, (y / 220 * 60) as u8, 90]));
    let mut jpeg = Cursor::new(Vec::new());
    source.write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
    fs::write(scanner.folder.path().join("default.jpg"), jpeg.into_inner()).unwrap();
    let config = airscan(&scanner.simulator);
    let device = airscan_device(config.path());
    let target = config.path().join("page.png");
    let output = Command::new("scanimage")
        .env("SANE_CONFIG_DIR", config.path())
        .args(["-d", &device, "--resolution=75", "--mode=Color", "--format=png", "-o"])
        .arg(&target)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let got = image::open(&target).unwrap().into_rgb8();
    let (width, height) = (got.width().min(620), got.height().min(877));
    assert!(width > 600 && height > 860, "{width} x {height}");
    let mut worst = 0;
    for (x, y, pixel) in got.enumerate_pixels().filter(|(x, y, _)| *x < width && *y < height) {
        let edge = |at: u32, step: u32| at % step < 12 || at % step > step - 12;
        if !edge(x, 155) && !edge(y, 220) {
            let far = pixel.0.iter().zip(source.get_pixel(x, y).0).map(|(a, b)| a.abs_diff(b)).max();
            worst = worst.max(far.unwrap());
        }
    }
    assert!(worst <= 6, "a colour is off by {worst}");
}

#[test]
fn our_sane_driver_takes_a_stack_through_airscan() {
    let scanner = Scanner::start();
    let config = airscan(&scanner.simulator);
    let device = airscan_device(config.path());
    let text = format!("sane:{device}?config={}", config.path().display());
    let mut driver = open_document_scanner(&url(text)).unwrap();
    scanner.set(&EsclState { feeder_pages: 3, ..EsclState::default() });
    let wanted = ScanRequest { dpi: 75, colour: ColourMode::Gray, ..feeder() };
    let (pages, end) = collect(&mut *driver, &wanted);
    assert_eq!((pages.len(), end), (3, Ok(3)));
    scanner.set(&EsclState { fault: EsclFault::Jam, after_pages: 1, feeder_pages: 3, ..EsclState::default() });
    let (pages, end) = collect(&mut *driver, &wanted);
    // That client does not ask for the reason of an empty page; ours does.
    assert_eq!((pages.len(), end), (1, Err(ErrorKind::Device)));
    scanner.set(&EsclState { fault: EsclFault::Jam, feeder_pages: 3, ..EsclState::default() });
    assert_eq!(collect(&mut *driver, &wanted), (vec![], Err(ErrorKind::Device)));
}
