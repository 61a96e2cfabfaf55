//! The document scanner drivers: folder, simulator, and SANE with its own test backends.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anjungan_hardware::document_scanner::{ScannerFault, ScannerState};
use anjungan_hardware::{
    ColourMode, DocumentScanner, ErrorKind, Health, Page, PageFormat, ScanRequest, open_document_scanner,
};
use image::{GrayImage, ImageFormat, Luma};
use tempfile::TempDir;

use crate::support::{PATIENCE, eventually, url};

fn picture(format: ImageFormat, shade: u8) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    GrayImage::from_fn(120, 160, |x, y| Luma([shade ^ (x * y) as u8])).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn request(timeout: Duration) -> ScanRequest {
    ScanRequest { timeout, ..ScanRequest::a4("kk_lama") }
}

fn scan(scanner: &mut dyn DocumentScanner, timeout: Duration) -> Result<Page, ErrorKind> {
    scanner.scan(&request(timeout), &mut |_| true).map_err(|error| error.kind())
}

fn folder_scanner(folder: &Path) -> Box<dyn DocumentScanner> {
    open_document_scanner(&url(format!("folder://{}", folder.display()))).unwrap()
}

#[test]
fn a_file_is_taken_only_when_it_is_whole() {
    let folder = TempDir::new().unwrap();
    let mut scanner = folder_scanner(folder.path());
    let bytes = picture(ImageFormat::Jpeg, 1);
    let path = folder.path().join("scan 1.JPG");
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(scan(&mut *scanner, Duration::from_millis(600)), Err(ErrorKind::Timeout));
    assert!(path.exists());
    fs::write(&path, &bytes).unwrap();
    let page = scan(&mut *scanner, PATIENCE).unwrap();
    assert_eq!((page.bytes, page.width_px, page.height_px, page.format), (bytes, 120, 160, PageFormat::Jpeg));
    assert!(!path.exists() && !folder.path().join("taken").exists(), "a taken page leaves no copy");
}

#[test]
fn a_file_that_comes_during_the_wait_is_taken() {
    let folder = TempDir::new().unwrap();
    let mut scanner = folder_scanner(folder.path());
    let (sender, receiver) = mpsc::channel();
    let waiting = thread::spawn(move || {
        scanner.scan(&request(PATIENCE), &mut |_| {
            let _ = sender.send(());
            true
        })
    });
    receiver.recv_timeout(PATIENCE).unwrap();
    let temporary = folder.path().join("part.tmp");
    fs::write(&temporary, picture(ImageFormat::Png, 2)).unwrap();
    fs::rename(temporary, folder.path().join("page.png")).unwrap();
    assert_eq!(waiting.join().unwrap().unwrap().format, PageFormat::Png);
}

#[test]
fn the_oldest_file_comes_first_and_names_may_repeat() {
    let folder = TempDir::new().unwrap();
    let mut scanner = open_document_scanner(&url(format!("folder://{}?keep=1", folder.path().display()))).unwrap();
    let write = |name: &str, shade, age| {
        let path = folder.path().join(name);
        fs::write(&path, picture(ImageFormat::Png, shade)).unwrap();
        let time = std::time::SystemTime::now() - Duration::from_secs(age);
        fs::File::open(&path).unwrap().set_modified(time).unwrap();
    };
    write("b.png", 2, 10);
    write("a.png", 1, 5);
    assert_eq!(scan(&mut *scanner, PATIENCE).unwrap().bytes, picture(ImageFormat::Png, 2));
    assert_eq!(scan(&mut *scanner, PATIENCE).unwrap().bytes, picture(ImageFormat::Png, 1));
    write("a.png", 3, 1);
    assert_eq!(scan(&mut *scanner, PATIENCE).unwrap().bytes, picture(ImageFormat::Png, 3));
    assert!(folder.path().join("taken/1-a.png").exists());
}

#[test]
fn pages_of_an_earlier_applicant_are_put_aside() {
    let folder = TempDir::new().unwrap();
    let mut scanner = folder_scanner(folder.path());
    fs::write(folder.path().join("left.png"), picture(ImageFormat::Png, 1)).unwrap();
    scanner.flush().unwrap();
    assert!(folder.path().join("stale/left.png").exists());
    assert_eq!(scan(&mut *scanner, Duration::from_millis(400)), Err(ErrorKind::Timeout));
}

#[test]
fn a_page_beyond_the_limit_is_refused_and_does_not_block_the_next() {
    let folder = TempDir::new().unwrap();
    let mut scanner = folder_scanner(folder.path());
    let large = fs::File::create(folder.path().join("large.png")).unwrap();
    large.set_len(21 << 20).unwrap();
    assert_eq!(scan(&mut *scanner, PATIENCE), Err(ErrorKind::TooLarge));
    assert!(folder.path().join("refused/large.png").exists());
    fs::write(folder.path().join("good.png"), picture(ImageFormat::Png, 1)).unwrap();
    assert!(scan(&mut *scanner, PATIENCE).is_ok());
}

#[test]
fn waiting_for_a_file_can_be_cancelled_and_a_missing_folder_is_a_state() {
    let folder = TempDir::new().unwrap();
    let mut scanner = folder_scanner(folder.path());
    assert_eq!(scanner.health(), Health::Ready);
    let error = scanner.scan(&request(PATIENCE), &mut |_| false).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(folder_scanner(&folder.path().join("gone")).health(), Health::NotReachable);
}

#[test]
fn the_simulator_picks_the_picture_by_the_document() {
    let folder = TempDir::new().unwrap();
    let mut scanner = open_document_scanner(&url(format!("sim:{}", folder.path().display()))).unwrap();
    assert!(scanner.simulated());
    assert_eq!(scan(&mut *scanner, PATIENCE), Err(ErrorKind::MediaAbsent));
    fs::write(folder.path().join("default.png"), picture(ImageFormat::Png, 1)).unwrap();
    fs::write(folder.path().join("kk_lama.jpg"), picture(ImageFormat::Jpeg, 2)).unwrap();
    assert_eq!(scan(&mut *scanner, PATIENCE).unwrap().format, PageFormat::Jpeg);
    for other in ["akta", "../kk_lama", ""] {
        let page = scanner.scan(&ScanRequest::a4(other), &mut |_| true).unwrap();
        assert_eq!(page.format, PageFormat::Png, "{other:?}");
    }
}

#[test]
fn the_simulator_has_faults_time_and_progress() {
    let folder = TempDir::new().unwrap();
    let mut scanner = open_document_scanner(&url(format!("sim:{}", folder.path().display()))).unwrap();
    fs::write(folder.path().join("default.png"), picture(ImageFormat::Png, 1)).unwrap();
    for (fault, kind, health) in [
        (ScannerFault::Jam, ErrorKind::Jammed, Health::Jammed),
        (ScannerFault::NoPaper, ErrorKind::MediaAbsent, Health::MediaAbsent),
        (ScannerFault::CoverOpen, ErrorKind::CoverOpen, Health::Misplaced),
    ] {
        ScannerState { fault, ..ScannerState::default() }.save(folder.path()).unwrap();
        assert_eq!(scanner.health(), health);
        assert_eq!(scan(&mut *scanner, PATIENCE), Err(kind));
    }
    ScannerState { fault: ScannerFault::None, duration_ms: 200, ..ScannerState::default() }
        .save(folder.path())
        .unwrap();
    let mut seen = Vec::new();
    scanner
        .scan(&request(PATIENCE), &mut |done| {
            seen.push(done);
            true
        })
        .unwrap();
    assert!(seen.len() > 2 && seen.is_sorted() && seen.last() == Some(&1.0), "{seen:?}");

    // A jam in the middle of a page.
    ScannerState { fault: ScannerFault::None, duration_ms: 600_000, ..ScannerState::default() }
        .save(folder.path())
        .unwrap();
    let error = scanner.scan(&request(PATIENCE), &mut |_| {
        ScannerState { fault: ScannerFault::Jam, duration_ms: 600_000, ..ScannerState::default() }
            .save(folder.path())
            .unwrap();
        true
    });
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Jammed);
    ScannerState { fault: ScannerFault::None, duration_ms: 600_000, ..ScannerState::default() }
        .save(folder.path())
        .unwrap();
    assert_eq!(scan(&mut *scanner, Duration::from_millis(200)), Err(ErrorKind::Timeout));
}

/// A SANE configuration with one backend; the tests need the Debian package sane-utils.
fn sane_config(backend: &str) -> TempDir {
    let installed = Command::new("scanimage").arg("--version").output();
    installed.expect("scanimage is missing; install the Debian package sane-utils");
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("dll.conf"), format!("{backend}\n")).unwrap();
    let conf = "number_of_devices 1\nmode Color\nhand_scanner false\nthree_pass false\nthree_pass_order RGB\n\
        resolution_min 1.0\nresolution_max 1200.0\nresolution_quant 1.0\nresolution 50.0\ndepth 8\n\
        scan_source Flatbed\ntest_picture Grid\ninvert_endianess false\nread_limit false\nread_limit_size 1\n\
        read_delay false\nread_delay_duration 1000\nread_status_code Default\nppl_loss 0\n\
        fuzzy_parameters false\nnon_blocking false\nselect_fd false\nenable_test_options false\n\
        geometry_min 0.0\ngeometry_max 300.0\ngeometry_quant 1.0\ntl_x 0.0\ntl_y 0.0\nbr_x 210.0\nbr_y 297.0\n";
    fs::write(folder.path().join("test.conf"), conf).unwrap();
    folder
}

fn sane(device: &str, config: &Path, options: &str) -> Box<dyn DocumentScanner> {
    open_document_scanner(&url(format!("sane:{device}?config={}{options}", config.display()))).unwrap()
}

#[test]
fn a_page_through_sane() {
    let config = sane_config("test");
    let mut scanner = sane("test:0", config.path(), "");
    assert_eq!(scanner.health(), Health::Ready);
    for (format, colour) in [(PageFormat::Png, ColourMode::Gray), (PageFormat::Jpeg, ColourMode::Colour)] {
        let wanted = ScanRequest { dpi: 150, format, colour, ..request(PATIENCE) };
        let page = scanner.scan(&wanted, &mut |_| true).unwrap();
        assert_eq!((page.format, page.dpi), (format, 150));
        let (width, height) = (page.width_px.abs_diff(1240), page.height_px.abs_diff(1754));
        assert!(width <= 2 && height <= 2, "{page:?}");
        let decoded = image::load_from_memory(&page.bytes).unwrap();
        assert_eq!(decoded.color().has_color(), colour == ColourMode::Colour);
    }
}

#[test]
fn sane_faults_have_their_kinds() {
    let config = sane_config("test");
    for (status, kind) in [
        ("SANE_STATUS_DEVICE_BUSY", ErrorKind::Busy),
        ("SANE_STATUS_JAMMED", ErrorKind::Jammed),
        ("SANE_STATUS_NO_DOCS", ErrorKind::MediaAbsent),
        ("SANE_STATUS_COVER_OPEN", ErrorKind::CoverOpen),
        ("SANE_STATUS_IO_ERROR", ErrorKind::Device),
        ("SANE_STATUS_ACCESS_DENIED", ErrorKind::Denied),
        ("SANE_STATUS_EOF", ErrorKind::Garbled),
    ] {
        let mut scanner = sane("test:0", config.path(), &format!("&opt.read-return-value={status}"));
        for format in [PageFormat::Jpeg, PageFormat::Png] {
            let error = scanner.scan(&ScanRequest { format, ..request(PATIENCE) }, &mut |_| true).unwrap_err();
            assert_eq!(error.kind(), kind, "{status} {format:?} {error}");
        }
    }
    let mut missing = sane("test:9", config.path(), "");
    assert_eq!(missing.health(), Health::NotReachable);
    assert_eq!(scan(&mut *missing, PATIENCE), Err(ErrorKind::NotReachable));
}

#[test]
fn a_slow_sane_scan_ends_when_it_is_told_to() {
    let config = sane_config("test");
    let slow = "&opt.read-delay=yes&opt.read-delay-duration=200000";
    let mut scanner = sane("test:0", config.path(), slow);
    // Cancelled once the scan itself has begun.
    let mut ticks = 0;
    let error = scanner.scan(&request(PATIENCE), &mut |_| {
        ticks += 1;
        ticks < 4
    });
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!(scan(&mut *scanner, Duration::from_millis(700)), Err(ErrorKind::Timeout));
    let config_text = config.path().to_string_lossy().into_owned();
    eventually("the end of every scanimage of this test", || (!scanimage_runs(&config_text)).then_some(()));
}

/// Whether a scanimage with this configuration folder in its environment is still there.
fn scanimage_runs(config: &str) -> bool {
    fs::read_dir("/proc").unwrap().flatten().any(|entry| {
        let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
        let name = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
        name.trim() == "scanimage" && String::from_utf8_lossy(&environment).contains(config)
    })
}

#[test]
fn a_given_page_comes_through_the_pnm_backend() {
    let config = sane_config("pnm");
    let page = config.path().join("page.pgm");
    let source = GrayImage::from_fn(200, 300, |x, y| Luma([(x ^ y) as u8]));
    // The backend wants each part of the header on a line of its own.
    fs::write(&page, [b"P5\n200 300\n255\n", source.as_raw().as_slice()].concat()).unwrap();
    let file = format!("&opt.filename={}", page.display());
    let mut scanner = sane("pnm:0", config.path(), &format!("{file}&opt.grayify=yes"));
    let wanted = ScanRequest { format: PageFormat::Png, ..request(PATIENCE) };
    let got = scanner.scan(&wanted, &mut |_| true).unwrap();
    let got = image::load_from_memory(&got.bytes).unwrap().into_luma8();
    assert_eq!(got, source);
    let mut jammed = sane("pnm:0", config.path(), &format!("{file}&opt.status=no&opt.status-jammed=yes"));
    assert_eq!(scan(&mut *jammed, PATIENCE), Err(ErrorKind::Jammed));
}
