//! A scanner that saves files.

use std::fs;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anjungan_hardware::document_scanner::PageSource;
use anjungan_hardware::{DocumentScanner, ErrorKind, Health, PageFormat, ScanRequest, open_document_scanner};
use image::ImageFormat;
use tempfile::TempDir;

use super::{collect, picture, request, scan};
use crate::support::{PATIENCE, url};

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
fn files_that_are_no_pages_are_refused_with_a_reason_or_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut scanner = open_document_scanner(&url(format!("folder://{}?settle=0", folder.path().display()))).unwrap();
    for (name, bytes) in [("scan.pdf", b"%PDF-1.7".as_slice()), ("scan.TIF", b"II*\0")] {
        fs::write(path(name), bytes).unwrap();
        let error = scanner.scan(&request(PATIENCE), &mut |_| true).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.to_string().contains("JPEG or PNG"), "{error}");
        assert!(!path(name).exists() && folder.path().join("refused").join(name).exists());
    }
    for (name, bytes) in [("empty.jpg", b"".as_slice()), ("text.png", b"no picture")] {
        fs::write(path(name), bytes).unwrap();
        assert_eq!(scan(&mut *scanner, PATIENCE), Err(ErrorKind::Garbled), "{name}");
    }
    // A link, a pipe, a folder and a note are no pages of a scanner.
    let secret = TempDir::new().unwrap();
    fs::write(secret.path().join("page.png"), picture(ImageFormat::Png, 9)).unwrap();
    std::os::unix::fs::symlink(secret.path().join("page.png"), path("link.png")).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, path("pipe.png"), rustix::fs::Mode::RWXU).unwrap();
    fs::create_dir(path("folder.png")).unwrap();
    fs::write(path("notes.txt"), "x").unwrap();
    assert_eq!(scan(&mut *scanner, Duration::from_millis(400)), Err(ErrorKind::Timeout));
    assert!(secret.path().join("page.png").exists() && path("notes.txt").exists());
}

#[test]
fn a_refusal_does_not_tell_the_name_of_a_file() {
    let folder = TempDir::new().unwrap();
    let mut scanner = open_document_scanner(&url(format!("folder://{}?settle=0", folder.path().display()))).unwrap();
    fs::write(folder.path().join("KK Budi Santoso.jpg"), "half").unwrap();
    let error = scanner.scan(&request(PATIENCE), &mut |_| true).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("Budi"), "{error}");
}

#[test]
fn a_stack_ends_when_nothing_new_comes() {
    let folder = TempDir::new().unwrap();
    let mut scanner = open_document_scanner(&url(format!("folder://{}?quiet=1", folder.path().display()))).unwrap();
    let write = |number: u8| {
        // Written aside and renamed, as a scanner does that is set up well.
        let temporary = folder.path().join("part");
        fs::write(&temporary, picture(ImageFormat::Jpeg, number)).unwrap();
        fs::rename(&temporary, folder.path().join(format!("{number}.jpg"))).unwrap();
    };
    write(1);
    let mut got = Vec::new();
    let stack = ScanRequest { source: PageSource::Feeder, ..request(PATIENCE) };
    let count = scanner.scan_all(&stack, &mut |_| true, &mut |page| {
        got.push(page.bytes);
        if got.len() < 3 {
            write(got.len() as u8 + 1);
        }
        true
    });
    assert_eq!(count.unwrap(), 3);
    assert_eq!(got, [1, 2, 3].map(|number| picture(ImageFormat::Jpeg, number)));
    // One page where no stack was asked for; the next stays.
    write(4);
    write(5);
    assert_eq!(collect(&mut *scanner, &request(PATIENCE)).1, Ok(1));
    assert!(folder.path().join("5.jpg").exists());
}
