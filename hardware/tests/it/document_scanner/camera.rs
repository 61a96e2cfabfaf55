//! The camera driver against a stand-in for `v4l2-ctl`: its command line, and the checks of what it leaves. A real
//! camera was not at hand.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anjungan_hardware::document_scanner::PageSource;
use anjungan_hardware::{DocumentScanner, ErrorKind, Health, ScanRequest, open_document_scanner};
use image::ImageFormat;
use tempfile::TempDir;

use super::{picture, request, scan};
use crate::support::{PATIENCE, url};

pub(super) const FORMATS: &str = "[0]: 'YUYV' (YUYV 4:2:2)\n\tSize: Discrete 640x480\n[1]: 'MJPG' (Motion-JPEG, compressed)\n\
    \tSize: Discrete 640x480\n\tSize: Discrete 1600x1200\n";

/// A program that writes down how it was called, lists the formats, and hands out a file as the camera's picture.
pub(super) fn stand_in(folder: &Path, streaming: &str) -> PathBuf {
    fs::write(folder.join("formats"), FORMATS).unwrap();
    fs::write(folder.join("frame.jpg"), picture(ImageFormat::Jpeg, 1)).unwrap();
    fs::write(folder.join("video0"), "").unwrap();
    let here = folder.display();
    let script = format!(
        "#!/bin/sh\nprintf '%s\\n' \"$*\" >> '{here}/calls'\nfor a in \"$@\"; do case \"$a\" in\n\
         --list-formats-ext) cat '{here}/formats'; exit 0;;\n--stream-to=*) to=\"${{a#--stream-to=}}\";;\nesac; done\n{streaming}\n"
    );
    let program = folder.join("v4l2-ctl");
    // Under its own name only when it is whole: another test's fork may hold a file that is open for writing.
    let temporary = folder.join("new");
    fs::write(&temporary, script).unwrap();
    fs::set_permissions(&temporary, fs::Permissions::from_mode(0o755)).unwrap();
    fs::rename(temporary, &program).unwrap();
    program
}

pub(super) fn camera(folder: &Path, streaming: &str) -> Box<dyn DocumentScanner> {
    let program = stand_in(folder, &streaming.replace("FRAME", &folder.join("frame.jpg").display().to_string()));
    let text = format!("v4l:{}?program={}&skip=4", folder.join("video0").display(), program.display());
    open_document_scanner(&url(text)).unwrap()
}

#[test]
fn a_picture_is_asked_for_in_the_largest_size_and_checked() {
    let folder = TempDir::new().unwrap();
    let mut whole = camera(folder.path(), "cp 'FRAME' \"$to\"");
    assert_eq!(whole.health(), Health::Ready);
    let page = scan(&mut *whole, PATIENCE).unwrap();
    assert_eq!(page.bytes, picture(ImageFormat::Jpeg, 1));
    let calls = fs::read_to_string(folder.path().join("calls")).unwrap();
    let last = calls.lines().last().unwrap();
    let device = format!("--device {}", folder.path().join("video0").display());
    for part in [
        &device,
        "--set-fmt-video=width=1600,height=1200,pixelformat=MJPG",
        "--stream-mmap --stream-skip=4 --stream-count=1 --stream-to=/",
    ] {
        assert!(last.contains(part), "{part} in {last}");
    }
    let stack = ScanRequest { source: PageSource::Feeder, ..request(PATIENCE) };
    assert_eq!(whole.scan(&stack, &mut |_| true).unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[test]
fn what_goes_wrong_with_a_camera_has_its_kind() {
    for (streaming, kind) in [
        ("exit 0", ErrorKind::Garbled),
        ("head -c 100 'FRAME' > \"$to\"", ErrorKind::Garbled),
        ("head -c 22000000 /dev/zero > \"$to\"", ErrorKind::TooLarge),
        ("echo 'VIDIOC_STREAMON returned -1 (Device or resource busy)' >&2; exit 1", ErrorKind::Busy),
        ("exit 1", ErrorKind::Device),
    ] {
        let folder = TempDir::new().unwrap();
        assert_eq!(scan(&mut *camera(folder.path(), streaming), PATIENCE), Err(kind), "{streaming}");
    }
    let folder = TempDir::new().unwrap();
    let mut hanging = camera(folder.path(), "exec sleep 600");
    assert_eq!(scan(&mut *hanging, Duration::from_millis(400)), Err(ErrorKind::Timeout));
    fs::write(folder.path().join("formats"), "[0]: 'YUYV' (x)\n").unwrap();
    assert_eq!(hanging.health(), Health::Damaged);
    let missing = format!("v4l:{}/video9?program=/nowhere/v4l2-ctl", folder.path().display());
    assert_eq!(open_document_scanner(&url(missing)).unwrap().health(), Health::NotReachable);
}
