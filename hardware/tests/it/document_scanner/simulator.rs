//! The simulated scanner of a `sim:` URL.

use std::fs;
use std::time::Duration;

use anjungan_hardware::document_scanner::{PageSource, ScannerFault, ScannerState};
use anjungan_hardware::{ErrorKind, Health, PageFormat, ScanRequest, open_document_scanner};
use image::ImageFormat;
use tempfile::TempDir;

use super::{collect, picture, request, scan};
use crate::support::{PATIENCE, url};

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

#[test]
fn the_simulator_has_every_fault_of_a_stack() {
    let folder = TempDir::new().unwrap();
    let mut scanner = open_document_scanner(&url(format!("sim:{}", folder.path().display()))).unwrap();
    for number in 1..=3 {
        let path = folder.path().join(format!("kk_lama-{number}.png"));
        fs::write(path, picture(ImageFormat::Png, number)).unwrap();
    }
    let stack = ScanRequest { source: PageSource::Feeder, ..request(PATIENCE) };
    let (pages, end) = collect(&mut *scanner, &stack);
    assert_eq!((pages, end), ([1, 2, 3].map(|number| picture(ImageFormat::Png, number)).to_vec(), Ok(3)));
    for (fault, kind, health) in [
        (ScannerFault::Jam, ErrorKind::Jammed, Health::Jammed),
        (ScannerFault::DoubleFeed, ErrorKind::DoubleFeed, Health::Jammed),
        (ScannerFault::NoPaper, ErrorKind::MediaAbsent, Health::MediaAbsent),
        (ScannerFault::CoverOpen, ErrorKind::CoverOpen, Health::Misplaced),
        (ScannerFault::Busy, ErrorKind::Busy, Health::NotResponding),
        (ScannerFault::NotReachable, ErrorKind::NotReachable, Health::NotReachable),
        (ScannerFault::CutOff, ErrorKind::Garbled, Health::Ready),
        (ScannerFault::Bomb, ErrorKind::TooLarge, Health::Ready),
    ] {
        ScannerState { fault, after_pages: 2, feeder_pages: 5, ..ScannerState::default() }.save(folder.path()).unwrap();
        let (pages, end) = collect(&mut *scanner, &stack);
        assert_eq!((pages.len(), end), (2, Err(kind)), "{fault:?}");
        ScannerState { fault, ..ScannerState::default() }.save(folder.path()).unwrap();
        assert_eq!((scan(&mut *scanner, PATIENCE), scanner.health()), (Err(kind), health), "{fault:?}");
    }
    ScannerState { fault: ScannerFault::EndlessFeed, ..ScannerState::default() }.save(folder.path()).unwrap();
    let (pages, end) = collect(&mut *scanner, &stack);
    assert_eq!((pages.len(), end), (20, Err(ErrorKind::TooLarge)), "an endless feeder ends at the limit");
    ScannerState { fault: ScannerFault::Stuck, ..ScannerState::default() }.save(folder.path()).unwrap();
    assert_eq!(scan(&mut *scanner, Duration::from_millis(200)), Err(ErrorKind::Timeout));
}
