//! What every QR scanner must do, whatever it is behind, asked of each driver.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use anjungan_hardware::qr_scanner::{MAX_CODE_BYTES, ScannerSimulator, WedgeKeys, keyboard_scanner};
use anjungan_hardware::{Health, QrScanner, Scan, open_qr_scanner};
use tempfile::TempDir;

use crate::support::{PATIENCE, eventually, url};

/// A scanner and somebody who shows it codes.
pub trait Rig {
    fn scanner(&mut self) -> &mut dyn QrScanner;

    /// Shows codes one after the other, all before the scanner is asked.
    fn show(&mut self, codes: &[&str]);

    /// Whether a code that is too long can be told from its pieces.
    fn simulated(&self) -> bool {
        false
    }
}

pub fn code(text: &str) -> Scan {
    Scan::Code(text.into())
}

/// The suite.
pub fn conformance(rig: &mut dyn Rig) {
    rig.scanner().flush().unwrap();
    assert_eq!(rig.scanner().health(), Health::Ready);
    let simulated = rig.simulated();
    assert_eq!(rig.scanner().simulated(), simulated);
    assert_eq!(rig.scanner().wait_scan(Duration::ZERO).unwrap(), None);
    assert_eq!(rig.scanner().wait_scan(Duration::from_millis(50)).unwrap(), None);

    // Codes come whole, in order, and as they are: nothing is escaped, cut or carried out.
    let odd =
        ["ANJ1:7F3KQ9M2", "https://kantor.example/s/ab?c=d&e#f", "'; DROP TABLE x; --\"$(reboot)`", "Zoë <b>&amp;"];
    for text in odd {
        rig.show(&[text]);
        assert_eq!(next(rig), code(text));
    }
    rig.show(&["FIRST-1", "SECOND-2", "THIRD-3"]);
    assert_eq!([next(rig), next(rig), next(rig)], [code("FIRST-1"), code("SECOND-2"), code("THIRD-3")]);

    // An AIM prefix is not part of the code.
    rig.show(&["]Q1PREFIXED"]);
    assert_eq!(next(rig), code("PREFIXED"));

    // A held trigger is one scan; a new session counts anew.
    rig.show(&["HELD-CODE"; 20]);
    rig.show(&["NEXT-CODE"]);
    assert_eq!([next(rig), next(rig)], [code("HELD-CODE"), code("NEXT-CODE")]);
    rig.scanner().flush().unwrap();
    rig.show(&["NEXT-CODE"]);
    assert_eq!(next(rig), code("NEXT-CODE"));

    // What waits belongs to the session it was scanned in.
    rig.show(&["OLD-CODE-1", "OLD-CODE-2"]);
    assert_eq!(next(rig), code("OLD-CODE-1"));
    rig.scanner().flush().unwrap();
    assert_eq!(rig.scanner().wait_scan(Duration::from_millis(100)).unwrap(), None);
    rig.show(&["NEW-CODE"]);
    assert_eq!(next(rig), code("NEW-CODE"));

    // The largest code, one that is larger, and one that is no text.
    let large = "x".repeat(MAX_CODE_BYTES);
    rig.show(&[&large]);
    assert_eq!(next(rig), code(&large));
    rig.show(&[&"y".repeat(MAX_CODE_BYTES + 1)]);
    assert_eq!(next(rig), Scan::TooLong);
    rig.show(&["ABCDEFG\u{1b}[2J", "AFTER-ALL"]);
    assert_eq!([next(rig), next(rig)], [Scan::Unreadable, code("AFTER-ALL")]);
    assert_eq!(rig.scanner().health(), Health::Ready);
}

fn next(rig: &mut dyn Rig) -> Scan {
    rig.scanner().wait_scan(PATIENCE).unwrap().expect("a scan")
}

struct SimulatedLine {
    _folder: TempDir,
    simulator: ScannerSimulator,
    scanner: Box<dyn QrScanner>,
}

impl Rig for SimulatedLine {
    fn scanner(&mut self) -> &mut dyn QrScanner {
        self.scanner.as_mut()
    }

    fn show(&mut self, codes: &[&str]) {
        for code in codes {
            // The line holds 4 kB until somebody reads it.
            if code.len() < 4000 {
                self.simulator.scan(code).unwrap();
            } else {
                let (begin, end) = code.split_at(2000);
                self.simulator.raw(begin.as_bytes()).unwrap();
                assert_eq!(self.scanner.health(), Health::Ready);
                self.simulator.scan(end).unwrap();
            }
        }
    }
}

#[test]
fn a_scanner_on_a_pseudo_terminal_conforms() {
    let folder = TempDir::new().unwrap();
    let port = folder.path().join("scanner");
    let simulator = ScannerSimulator::start(&port).unwrap();
    let scanner = open_qr_scanner(&url(format!("serial://{}", port.display()))).unwrap();
    conformance(&mut SimulatedLine { _folder: folder, simulator, scanner });
}

struct FolderRig {
    folder: TempDir,
    scanner: Box<dyn QrScanner>,
}

impl Rig for FolderRig {
    fn scanner(&mut self) -> &mut dyn QrScanner {
        self.scanner.as_mut()
    }

    fn show(&mut self, codes: &[&str]) {
        let inbox = self.folder.path().join("scan.txt");
        let mut file = OpenOptions::new().append(true).create(true).open(inbox).unwrap();
        writeln!(file, "{}", codes.join("\n")).unwrap();
    }

    fn simulated(&self) -> bool {
        true
    }
}

#[test]
fn a_scanner_in_a_folder_conforms() {
    let folder = TempDir::new().unwrap();
    let scanner = open_qr_scanner(&url(format!("sim:{}", folder.path().display()))).unwrap();
    conformance(&mut FolderRig { folder, scanner });
}

struct KeyboardRig {
    keys: WedgeKeys,
    scanner: Box<dyn QrScanner>,
}

impl Rig for KeyboardRig {
    fn scanner(&mut self) -> &mut dyn QrScanner {
        self.scanner.as_mut()
    }

    fn show(&mut self, codes: &[&str]) {
        for code in codes {
            for c in code.chars().chain(['\n']) {
                let (leaked, _) = self.keys.judge(Some((&c.to_string(), true)));
                assert_eq!(leaked, Some(Vec::new()), "a scanner's key reaches nobody");
            }
        }
    }
}

#[test]
fn a_scanner_that_types_conforms() {
    let (handle, scanner) = keyboard_scanner();
    conformance(&mut KeyboardRig { keys: WedgeKeys::new(handle), scanner });
}

/// Two pseudo-terminals joined by socat, at one of which a shell writes: nothing of ours is at the far end.
pub struct Socat {
    folder: TempDir,
    socat: Child,
    shell: Child,
    line: ChildStdin,
}

impl Drop for Socat {
    fn drop(&mut self) {
        for process in [&mut self.shell, &mut self.socat] {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

impl Socat {
    pub fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let pty = |name: &str| format!("pty,raw,echo=0,link={}", folder.path().join(name).display());
        let socat = Command::new("socat")
            .args([pty("near"), pty("far")])
            .stderr(Stdio::null())
            .spawn()
            .expect("socat is missing; install the Debian package socat");
        let far = folder.path().join("far");
        eventually("the pseudo-terminals", || (far.exists() && folder.path().join("near").exists()).then_some(()));
        let mut shell = Command::new("sh")
            .args(["-c", "exec cat > \"$0\""])
            .arg(&far)
            .stdin(Stdio::piped())
            .spawn()
            .expect("a shell");
        let line = shell.stdin.take().unwrap();
        Self { folder, socat, shell, line }
    }

    pub fn port(&self) -> PathBuf {
        self.folder.path().join("near")
    }

    pub fn open(&self) -> Box<dyn QrScanner> {
        let mut scanner = open_qr_scanner(&url(format!("serial://{}", self.port().display()))).unwrap();
        scanner.flush().unwrap();
        scanner
    }

    /// Puts bytes on the line.
    pub fn send(&mut self, bytes: &[u8]) {
        self.line.write_all(bytes).unwrap();
        self.line.flush().unwrap();
    }

    /// Another program writes to the far end.
    pub fn far_end(&self) -> File {
        OpenOptions::new().write(true).open(self.folder.path().join("far")).unwrap()
    }
}

struct SocatRig {
    socat: Socat,
    scanner: Box<dyn QrScanner>,
}

impl Rig for SocatRig {
    fn scanner(&mut self) -> &mut dyn QrScanner {
        self.scanner.as_mut()
    }

    fn show(&mut self, codes: &[&str]) {
        let text: String = codes.iter().map(|code| format!("{code}\r\n")).collect();
        self.socat.send(text.as_bytes());
    }
}

#[test]
fn a_scanner_behind_socat_conforms() {
    let socat = Socat::start();
    let scanner = socat.open();
    conformance(&mut SocatRig { socat, scanner });
}

#[test]
fn split_bursts_and_both_line_ends_from_a_plain_shell() {
    let mut socat = Socat::start();
    let mut scanner = socat.open();
    for (parts, text) in [
        (&["]Q1AB", "CDEF\r"][..], "ABCDEF"),
        (&["https://kantor.example/", "s/x\r", "\n"][..], "https://kantor.example/s/x"),
        (&["\u{2}ST", "X\u{3}\r\n"][..], "STX"),
        (&["TAB", "BED\t"][..], "TABBED"),
        (&["SIL", "ENT"][..], "SILENT"),
    ] {
        for part in parts {
            socat.send(part.as_bytes());
        }
        assert_eq!(scanner.wait_scan(PATIENCE).unwrap(), Some(code(text)));
    }
    // A second program at the far end is the same line.
    socat.far_end().write_all(b"OTHER\r").unwrap();
    assert_eq!(scanner.wait_scan(PATIENCE).unwrap(), Some(code("OTHER")));
}
