//! SANE through the real scanimage, with SANE's own test backends.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anjungan_hardware::document_scanner::{PageSource, list_sane_with};
use anjungan_hardware::{
    ColourMode, DocumentScanner, ErrorKind, Health, PageFormat, ScanRequest, open_document_scanner,
};
use image::{GrayImage, Luma};
use tempfile::TempDir;

use super::{collect, request, scan};
use crate::support::{PATIENCE, eventually, url};

/// A SANE configuration with one backend; the tests need the Debian package sane-utils.
pub(super) fn sane_config(backend: &str) -> TempDir {
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

pub(super) fn sane(device: &str, config: &Path, options: &str) -> Box<dyn DocumentScanner> {
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

/// The options for a page of the pnm backend that lies beside its configuration.
pub(super) fn pnm_page(config: &Path) -> String {
    let page = config.join("page.pgm");
    fs::write(&page, [b"P5\n200 300\n255\n".as_slice(), &[128; 60_000]].concat()).unwrap();
    format!("&opt.filename={}&opt.grayify=yes", page.display())
}

fn stack() -> ScanRequest {
    ScanRequest { dpi: 75, source: PageSource::Feeder, ..request(PATIENCE) }
}

#[test]
fn a_feeder_of_ten_pages_comes_to_its_end() {
    let config = sane_config("test");
    let mut scanner = sane("test:0", config.path(), "");
    for format in [PageFormat::Jpeg, PageFormat::Png] {
        let (pages, end) = collect(&mut *scanner, &ScanRequest { format, ..stack() });
        assert_eq!((pages.len(), end), (10, Ok(10)));
        assert!(pages.iter().all(|page| image::load_from_memory(page).is_ok()));
    }
    // One page of it, and one page of the glass though the feeder is what the device is set to.
    let mut set = sane("test:0", config.path(), "&opt.source=Automatic Document Feeder");
    assert!(set.scan(&stack(), &mut |_| true).is_ok());
    assert_eq!(collect(&mut *set, &ScanRequest { source: PageSource::Default, ..stack() }).1, Ok(10));
    assert_eq!(collect(&mut *set, &ScanRequest { source: PageSource::Flatbed, ..stack() }).1, Ok(1));
    let both = ScanRequest { source: PageSource::FeederDuplex, ..stack() };
    assert_eq!(collect(&mut *set, &both).1, Err(ErrorKind::InvalidRequest), "this device has no duplex");
}

#[test]
fn every_status_of_sane_ends_a_stack_with_its_kind() {
    let config = sane_config("test");
    for (status, kind) in [
        ("UNSUPPORTED", ErrorKind::InvalidRequest),
        ("CANCELLED", ErrorKind::Cancelled),
        ("DEVICE_BUSY", ErrorKind::Busy),
        ("INVAL", ErrorKind::InvalidRequest),
        ("EOF", ErrorKind::Garbled),
        ("JAMMED", ErrorKind::Jammed),
        ("NO_DOCS", ErrorKind::MediaAbsent),
        ("COVER_OPEN", ErrorKind::CoverOpen),
        ("IO_ERROR", ErrorKind::Device),
        ("NO_MEM", ErrorKind::Device),
        ("ACCESS_DENIED", ErrorKind::Denied),
    ] {
        let options = format!("&opt.read-return-value=SANE_STATUS_{status}");
        let mut scanner = sane("test:0", config.path(), &options);
        for wanted in [stack(), ScanRequest { source: PageSource::Flatbed, ..stack() }] {
            assert_eq!(collect(&mut *scanner, &wanted), (vec![], Err(kind)), "{status} {:?}", wanted.source);
        }
    }
}

#[test]
fn a_page_without_a_known_height_and_one_in_three_passes_are_scanned() {
    let config = sane_config("test");
    for (options, colour) in [("&opt.hand-scanner=yes", ColourMode::Gray), ("&opt.three-pass=yes", ColourMode::Colour)]
    {
        let mut scanner = sane("test:0", config.path(), options);
        // At 300 dpi the raw page is larger than any encoded one may be.
        for (format, dpi) in [(PageFormat::Png, 75), (PageFormat::Jpeg, 300)] {
            let wanted = ScanRequest { dpi, format, colour, ..request(PATIENCE) };
            let page = scanner.scan(&wanted, &mut |_| true).unwrap();
            assert_eq!(page.format, format, "{options}");
            assert!(image::load_from_memory(&page.bytes).is_ok(), "{options}");
        }
    }
}

#[test]
fn the_page_is_cut_to_the_glass_and_the_resolution_to_what_there_is() {
    // The stock configuration of the backend: a glass of 200 mm, on which no A4 page has room.
    let config = sane_config("test");
    let conf = fs::read_to_string(config.path().join("test.conf")).unwrap();
    let small = conf
        .replace("geometry_max 300.0", "geometry_max 200.0")
        .replace("resolution_max 1200.0", "resolution_max 150.0");
    fs::write(
        config.path().join("test.conf"),
        small.replace("br_x 210.0", "br_x 80.0").replace("br_y 297.0", "br_y 100.0"),
    )
    .unwrap();
    let mut scanner = sane("test:0", config.path(), "");
    let page = scanner.scan(&ScanRequest { dpi: 300, ..request(PATIENCE) }, &mut |_| true).unwrap();
    assert_eq!(page.dpi, 150);
    let side = 1181_u32; // 200 mm at 150 dpi
    assert!(page.width_px.abs_diff(side) <= 2 && page.height_px.abs_diff(side) <= 2, "{page:?}");
}

#[test]
fn a_large_colour_page_of_600_dpi_fits() {
    let config = sane_config("test");
    let mut scanner = sane("test:0", config.path(), "");
    let page = scanner.scan(&ScanRequest { dpi: 600, ..request(PATIENCE) }, &mut |_| true).unwrap();
    assert!(page.width_px.abs_diff(4960) <= 2 && page.height_px.abs_diff(7016) <= 2, "{page:?}");
}

#[test]
fn a_page_beyond_the_limit_is_refused() {
    let config = sane_config("pnm");
    let mut seed = 1_u32;
    let noise = (0..25_000_000).map(|_| {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        seed as u8
    });
    let page = config.path().join("noise.pgm");
    fs::write(&page, b"P5\n5000 5000\n255\n".iter().copied().chain(noise).collect::<Vec<u8>>()).unwrap();
    let mut scanner = sane("pnm:0", config.path(), &format!("&opt.filename={}&opt.grayify=yes", page.display()));
    // As PNG it has 25 MB.
    let wanted = ScanRequest { format: PageFormat::Png, ..request(PATIENCE) };
    assert_eq!(scanner.scan(&wanted, &mut |_| true).unwrap_err().kind(), ErrorKind::TooLarge);
}

#[test]
fn a_cancelled_stack_keeps_what_was_whole_and_leaves_no_file() {
    let config = sane_config("test");
    let slow = "&opt.read-delay=yes&opt.read-delay-duration=100000";
    let mut scanner = sane("test:0", config.path(), slow);
    let enough = std::cell::Cell::new(false);
    let mut count = 0;
    let end = scanner.scan_all(&stack(), &mut |_| !enough.get(), &mut |_| {
        count += 1;
        enough.set(true);
        true
    });
    assert_eq!((count, end.unwrap_err().kind()), (1, ErrorKind::Cancelled));
    let ours = format!("anjungan-scan-{}-", std::process::id());
    let config_text = config.path().to_string_lossy().into_owned();
    eventually("the end of scanimage", || (!scanimage_runs(&config_text)).then_some(()));
    // Other tests of this process scan at the same time: only what no scanimage writes any more counts.
    eventually("an empty temporary folder", || {
        let left = fs::read_dir(std::env::temp_dir()).unwrap().flatten();
        let mut left = left.filter(|entry| entry.file_name().to_string_lossy().starts_with(&ours));
        left.all(|entry| in_use(&entry.path())).then_some(())
    });
}

/// Whether a scanimage or a camera's stand-in still has this folder in its command line.
fn in_use(folder: &Path) -> bool {
    let name = folder.display().to_string();
    fs::read_dir("/proc").unwrap().flatten().any(|entry| {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(&name)
    })
}

#[test]
fn scanners_are_found() {
    let config = sane_config("test");
    let found = list_sane_with(Some(config.path()), PATIENCE).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].name.as_str(), found[0].kind.as_str()), ("test:0", "virtual device"));
    let none = sane_config("pnm");
    fs::write(none.path().join("dll.conf"), "").unwrap();
    assert_eq!(list_sane_with(Some(none.path()), PATIENCE).unwrap(), vec![]);
}
