//! What every document scanner does alike, whatever is behind it.

use std::fs;
use std::path::Path;

use anjungan_hardware::document_scanner::{EsclSimulator, EsclState, PageSource, ScannerState};
use anjungan_hardware::{DocumentScanner, ErrorKind, Health, ScanRequest, open_document_scanner};
use image::ImageFormat;
use tempfile::TempDir;

use super::camera::camera;
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

/// The fuzz entries take anything, among it what real peers say.
#[test]
fn the_entries_for_fuzzing_take_anything() {
    use anjungan_hardware::document_scanner::fuzz;
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/document_scanner");
    let mut inputs: Vec<Vec<u8>> =
        vec![vec![], vec![0; 4096], picture(ImageFormat::Jpeg, 1), picture(ImageFormat::Png, 1)];
    inputs.extend(["escl/xml.rs", "sane/options.rs", "camera.rs"].map(|name| fs::read(corpus.join(name)).unwrap()));
    for input in inputs {
        for cut in (0..=input.len()).step_by(input.len() / 50 + 1) {
            for entry in [fuzz::escl_answer, fuzz::escl_request, fuzz::scanimage_text, fuzz::camera_formats, fuzz::page]
            {
                entry(&input[..cut]);
            }
        }
    }
}
