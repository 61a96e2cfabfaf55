//! The files under `assets/deploy/` by the tools of the system that will read them. No service is started.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// Programs of the units that this machine need not have.
const PROGRAMS: [&str; 3] = ["/usr/local/bin/anjungan", "/usr/bin/cage", "/usr/sbin/seatd"];

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/deploy")
}

fn read(name: &str) -> String {
    fs::read_to_string(deploy().join(name)).unwrap_or_else(|error| panic!("assets/deploy/{name}: {error}"))
}

/// A folder with the units as they are installed, with a program that exists in place of each one of ours.
fn installed() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("inside the folder")).expect("a folder");
        fs::write(path, PROGRAMS.iter().fold(text, |text, program| text.replace(program, "/bin/true")))
            .expect("a file");
    };
    write("anjungan-hub.service", read("system/anjungan-hub.service"));
    write("anjungan-kiosk.service", read("system/anjungan-kiosk.service"));
    write("anjungan-counter.service", read("user/anjungan-counter.service"));
    // Debian's own unit, as far as ours needs it.
    write("seatd.service", "[Service]\nExecStart=/usr/sbin/seatd -g video\n".to_owned());
    write("seatd.service.d/anjungan.conf", read("anjungan.seatd.conf"));
    folder
}

/// What `systemd-analyze` says against a unit of this folder; nothing when it is sound.
fn faults(folder: &Path, unit: &str, user: bool) -> String {
    let Output { status, stderr, .. } = Command::new("systemd-analyze")
        .args(user.then_some("--user"))
        .args(["verify", "--man=no", "--recursive-errors=no"])
        .arg(folder.join(unit))
        // Our units first, then those of the system.
        .env("SYSTEMD_UNIT_PATH", format!("{}:", folder.display()))
        .env("XDG_RUNTIME_DIR", folder)
        .output()
        .expect("systemd-analyze, of Debian's package systemd");
    // An unknown key is a warning to it, and a lock that is not there to us. Other units of this machine are not ours.
    let said = String::from_utf8_lossy(&stderr);
    let ours: Vec<&str> = said.lines().filter(|line| line.contains("anjungan") || line.contains("seatd")).collect();
    if status.success() { ours.join("\n") } else { format!("{status}\n{said}") }
}

#[test]
fn systemd_understands_every_line_of_the_units() {
    let folder = installed();
    for (unit, user) in
        [("anjungan-hub.service", false), ("anjungan-kiosk.service", false), ("anjungan-counter.service", true)]
    {
        assert_eq!(faults(folder.path(), unit, user), "", "{unit}");
    }
    let bare = folder.path().join("anjungan-kiosk.service.d/linuxkms.conf");
    fs::create_dir_all(bare.parent().expect("a parent")).expect("a folder");
    fs::write(bare, read("anjungan.linuxkms.conf").replace(PROGRAMS[0], "/bin/true")).expect("a file");
    assert_eq!(faults(folder.path(), "anjungan-kiosk.service", false), "", "without a compositor");
}

#[test]
fn a_typing_error_in_a_unit_is_a_fault() {
    let folder = installed();
    let unit = folder.path().join("anjungan-hub.service");
    let wrong = fs::read_to_string(&unit).expect("the unit").replace("ProtectHome=yes", "ProtectHoem=yes");
    fs::write(&unit, wrong).expect("a file");
    let said = faults(folder.path(), "anjungan-hub.service", false);
    assert!(said.contains("ProtectHoem"), "{said}");
}

#[test]
fn the_services_stay_as_locked_as_the_manual_says() {
    // In tenths of systemd's exposure; the manual has the figures of Debian 13, older versions know fewer locks.
    for (unit, most) in [("system/anjungan-hub.service", 13), ("system/anjungan-kiosk.service", 18)] {
        let output = Command::new("systemd-analyze")
            .args(["security", "--offline=yes", "--no-pager"])
            .arg(format!("--threshold={most}"))
            .arg(deploy().join(unit))
            .output()
            .expect("systemd-analyze, of Debian's package systemd");
        let table = String::from_utf8_lossy(&output.stdout);
        assert!(table.contains("Overall exposure level"), "{unit}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{unit}\n{table}");
    }
}

#[test]
fn udev_understands_the_rules() {
    let rules = ["70-anjungan-devices.rules", "71-anjungan-lock.rules", "72-anjungan-touch.rules"];
    let known =
        Command::new("udevadm").arg("verify").arg("--help").output().expect("udevadm, of Debian's package udev");
    if known.status.success() {
        let checked = Command::new("udevadm")
            .args(["verify", "--resolve-names=never"])
            .args(rules.map(|name| deploy().join("udev").join(name)))
            .output()
            .expect("udevadm");
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    }
    // Debian 12 cannot check rules. The faults that matter most are seen without: a rule that does nothing, a comparison
    // that assigns, a jump to nowhere.
    for name in rules {
        let text = read(&format!("udev/{name}"));
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in lines {
            let acts = line.split(", ").any(|part| match part.split_once('=') {
                Some((_, rest)) => !rest.starts_with('=') && !part.contains("!="),
                None => panic!("{name}: {part:?} is neither a match nor an act"),
            });
            assert!(acts, "{name} does nothing here: {line}");
            if let Some((_, label)) = line.split_once("GOTO=") {
                assert!(text.contains(&format!("LABEL={label}\n")), "{name} jumps to nowhere: {line}");
            }
        }
        for matched in ["SUBSYSTEM=\"", "KERNEL=\"", "ACTION=\"", "SUBSYSTEMS=\"", "ATTRS{idVendor}=\""] {
            assert!(!text.contains(matched), "{name} assigns what it should compare: {matched}");
        }
    }
}

#[test]
fn users_and_groups_of_the_units_are_the_ones_that_are_made() {
    let users = read("anjungan.sysusers.conf");
    let made = |kind: &str, name: &str| users.lines().any(|line| line.split_whitespace().take(2).eq([kind, name]));
    assert!(read("system/anjungan-hub.service").contains("\nUser=anjungan-hub\n") && made("u", "anjungan-hub"));
    assert!(read("system/anjungan-kiosk.service").contains("\nUser=anjungan-kiosk\n") && made("u", "anjungan-kiosk"));
    assert!(
        read("udev/70-anjungan-devices.rules").contains("GROUP=\"anjungan-device\"") && made("g", "anjungan-device")
    );
    assert!(read("anjungan.seatd.conf").contains("-g anjungan-kiosk\n"), "the seat is for the kiosk's own group");
}

#[test]
fn the_manual_names_every_file_and_no_other() {
    let manual =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/kiosk-setup.md")).expect("the manual");
    let mut open = vec![deploy()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.file_name().expect("a file").to_string_lossy().into_owned();
                assert!(manual.contains(&name), "docs/kiosk-setup.md lacks {name}");
            }
        }
    }
    for named in manual.split("assets/deploy/").skip(1) {
        let name: String = named.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_./".contains(*c)).collect();
        let name = name.trim_end_matches('.');
        assert!(deploy().join(name).exists(), "docs/kiosk-setup.md names assets/deploy/{name}, which is not there");
    }
}
