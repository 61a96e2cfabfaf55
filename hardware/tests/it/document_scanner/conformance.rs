//! What every document scanner does alike, whatever is behind it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use anjungan_hardware::document_scanner::{EsclSimulator, EsclState, PageSource, ScannerState, fuzz};
use anjungan_hardware::{DocumentScanner, ErrorKind, Health, ScanRequest, open_document_scanner};
use image::ImageFormat;
use tempfile::TempDir;

use super::camera::{FORMATS, camera};
use super::sane::{pnm_page, sane, sane_config};
use super::{collect, picture, request};
use crate::support::{PATIENCE, url};

/// One driver under test.
struct Subject {
    driver: Box<dyn DocumentScanner>,
    /// Lays pages where the driver finds them: so many in its feeder, or one.
    load: Box<dyn Fn(u32)>,
    /// The driver's device has a feeder; a stack of so many pages at most.
    feeder: Option<u32>,
    _keep: Vec<Box<dyn std::any::Any>>,
}

fn conforms(mut subject: Subject) {
    let driver = &mut *subject.driver;
    let one = ScanRequest { dpi: 75, ..request(PATIENCE) };
    assert_eq!(driver.health(), Health::Ready);

    // What is too much is refused before the device is touched.
    for (request, kind) in [
        (ScanRequest { max_pages: 201, ..one.clone() }, ErrorKind::TooLarge),
        (ScanRequest { dpi: 1200, ..one.clone() }, ErrorKind::TooLarge),
        (ScanRequest { max_pages: 0, ..one.clone() }, ErrorKind::InvalidRequest),
        (ScanRequest { width_mm: f32::NAN, ..one.clone() }, ErrorKind::InvalidRequest),
    ] {
        assert_eq!(collect(driver, &request), (vec![], Err(kind)));
    }

    // One page, whole, with progress that does not go back.
    (subject.load)(1);
    let mut seen = Vec::new();
    let page = driver.scan(&one, &mut |part| {
        seen.push(part);
        true
    });
    let page = page.unwrap();
    let decoded = image::load_from_memory(&page.bytes).unwrap();
    assert_eq!((decoded.width(), decoded.height()), (page.width_px, page.height_px));
    assert!(!seen.is_empty() && seen.is_sorted() && seen.iter().all(|part| (0.0..=1.0).contains(part)), "{seen:?}");

    // Cancelled, and good again.
    (subject.load)(1);
    assert_eq!(driver.scan(&one, &mut |_| false).unwrap_err().kind(), ErrorKind::Cancelled);
    (subject.load)(1);
    assert_eq!(collect(driver, &one).1, Ok(1));

    let stack = ScanRequest { source: PageSource::Feeder, ..one.clone() };
    let Some(most) = subject.feeder else {
        assert_eq!(collect(driver, &stack), (vec![], Err(ErrorKind::InvalidRequest)));
        return;
    };
    (subject.load)(most);
    let (pages, end) = collect(driver, &stack);
    assert_eq!((pages.len() as u32, end), (most, Ok(most)), "the whole stack");

    // Enough is enough, and it is no fault.
    (subject.load)(most);
    assert_eq!(driver.scan_all(&stack, &mut |_| true, &mut |_| false).unwrap(), 1);

    // A stack higher than asked for is noticed, after what was asked for.
    (subject.load)(most);
    let (pages, end) = collect(driver, &ScanRequest { max_pages: 2, ..stack });
    assert_eq!((pages.len(), end), (2, Err(ErrorKind::TooLarge)));
}

fn nothing() -> Box<dyn Fn(u32)> {
    Box::new(|_| {})
}

#[test]
fn sane_with_the_test_backend() {
    let config = sane_config("test");
    let driver = sane("test:0", config.path(), "");
    conforms(Subject { driver, load: nothing(), feeder: Some(10), _keep: vec![Box::new(config)] });
}

#[test]
fn sane_with_the_pnm_backend() {
    let config = sane_config("pnm");
    let options = pnm_page(config.path());
    let driver = sane("pnm:0", config.path(), &options);
    conforms(Subject { driver, load: nothing(), feeder: None, _keep: vec![Box::new(config)] });
}

#[test]
fn a_network_scanner() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().to_owned();
    fs::write(path.join("default.jpg"), picture(ImageFormat::Jpeg, 1)).unwrap();
    let simulator = EsclSimulator::start("127.0.0.1:0", &path).unwrap();
    let driver = open_document_scanner(&url(simulator.url())).unwrap();
    let load: Box<dyn Fn(u32)> =
        Box::new(move |pages| EsclState { feeder_pages: pages, ..EsclState::default() }.save(&path).unwrap());
    conforms(Subject { driver, load, feeder: Some(7), _keep: vec![Box::new(simulator), Box::new(folder)] });
}

#[test]
fn a_folder() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().to_owned();
    let driver = open_document_scanner(&url(format!("folder://{}?quiet=1", path.display()))).unwrap();
    let load: Box<dyn Fn(u32)> = Box::new(move |pages| {
        for old in fs::read_dir(&path).unwrap() {
            let _ = fs::remove_file(old.unwrap().path());
        }
        for page in 0..pages {
            fs::write(path.join(format!("{page}.png")), picture(ImageFormat::Png, page as u8)).unwrap();
        }
    });
    conforms(Subject { driver, load, feeder: Some(3), _keep: vec![Box::new(folder)] });
}

#[test]
fn the_simulator() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().to_owned();
    fs::write(path.join("default.png"), picture(ImageFormat::Png, 1)).unwrap();
    let driver = open_document_scanner(&url(format!("sim:{}", path.display()))).unwrap();
    let load: Box<dyn Fn(u32)> =
        Box::new(move |pages| ScannerState { feeder_pages: pages, ..ScannerState::default() }.save(&path).unwrap());
    conforms(Subject { driver, load, feeder: Some(7), _keep: vec![Box::new(folder)] });
}

#[test]
fn a_camera() {
    let folder = TempDir::new().unwrap();
    let driver = camera(folder.path(), "cp 'FRAME' \"$to\"");
    conforms(Subject { driver, load: nothing(), feeder: None, _keep: vec![Box::new(folder)] });
}

type Entry = fn(&[u8]);

/// The entries for fuzzing take what real peers say, cut anywhere and with any bytes changed.
#[test]
fn damaged_answers_are_only_errors() {
    let config = sane_config("test");
    let options = Command::new("scanimage").env("SANE_CONFIG_DIR", config.path()).args(["-d", "test:0", "-A"]).output();
    let folder = TempDir::new().unwrap();
    let simulator = EsclSimulator::start("127.0.0.1:0", folder.path()).unwrap();
    let ask = |name: &str| {
        let mut stream = TcpStream::connect(simulator.address()).unwrap();
        write!(stream, "GET /eSCL/{name} HTTP/1.1\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let body = answer.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;
        answer.split_off(body)
    };
    let request =
        b"POST /eSCL/ScanJobs HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n<settings";
    let corpus: [(Entry, Vec<u8>); 8] = [
        (fuzz::scanimage_text, options.unwrap().stdout),
        (fuzz::escl_answer, ask("ScannerCapabilities")),
        (fuzz::escl_answer, ask("ScannerStatus")),
        (fuzz::escl_request, request.to_vec()),
        (fuzz::camera_formats, FORMATS.as_bytes().to_vec()),
        (fuzz::camera_formats, picture(ImageFormat::Jpeg, 1)),
        (fuzz::page, picture(ImageFormat::Png, 1)),
        (fuzz::page, [b"P5\n20 20\n255\n".as_slice(), &[0; 400]].concat()),
    ];
    let mut seed = 0x9e37_79b9_u32;
    let mut chance = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        seed as usize % below.max(1)
    };
    for (entry, sound) in corpus {
        assert!(!sound.is_empty());
        entry(&sound);
        for _ in 0..300 {
            let mut bytes = sound.clone();
            for _ in 0..=chance(8) {
                let at = chance(bytes.len());
                bytes[at] = chance(256) as u8;
            }
            bytes.truncate(chance(sound.len()) + chance(2) * sound.len());
            entry(&bytes);
        }
    }
}
