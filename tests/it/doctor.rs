//! `anjungan doctor` over simulated devices that are well, that are broken, and that are not there: three reports.

use std::path::Path;
use std::process::{Command, Output};

use anjungan::rig::{Devices, RigOptions};
use anjungan_hardware::document_scanner::{ScannerFault, ScannerState};
use serde_json::Value;

/// What every line of `--json` holds, and nothing else.
const KEYS: [&str; 5] = ["detail", "device", "fix", "health", "url"];

fn doctor(config: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_anjungan"))
        .args(["doctor", "--config"])
        .arg(config)
        .args(more)
        .output()
        .expect("the program starts")
}

/// The configured devices of a report for programs: name and health, in the order of the configuration.
fn healths(output: &Output) -> Vec<(String, String)> {
    let text = String::from_utf8(output.stdout.clone()).expect("a text");
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("one object a line"));
    let word = |line: &Value, key: &str| line[key].as_str().expect("a word").to_owned();
    let mut found = Vec::new();
    for line in lines {
        let mut keys: Vec<_> = line.as_object().expect("an object").keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, KEYS);
        let (device, health) = (word(&line, "device"), word(&line, "health"));
        assert!(
            matches!(health.as_str(), "ready" | "found" | "media_absent") || !word(&line, "fix").is_empty(),
            "{line}"
        );
        // What else this machine has is not the report's subject here.
        if device != "found" && !device.starts_with("disk") {
            found.push((device, health));
        }
    }
    found
}

fn configuration(folder: &Path, printer: &str, scanner: &str, reader: &str, pages: &str) -> std::path::PathBuf {
    let path = folder.join("anjungan.toml");
    let text = format!(
        "[printer]\nurl = \"{printer}\"\n[qr_scanner]\nurl = \"{scanner}\"\n[ektp_reader]\nurl = \"{reader}\"\n\
         [document_scanner]\nurl = \"{pages}\"\n[speaker]\nurl = \"none:\"\n"
    );
    std::fs::write(&path, text).expect("a configuration");
    path
}

fn expect(healths: [&str; 5]) -> Vec<(String, String)> {
    let devices = ["printer", "qr_scanner", "ektp_reader", "document_scanner", "speaker"];
    devices.into_iter().zip(healths).map(|(device, health)| (device.to_owned(), health.to_owned())).collect()
}

#[test]
fn devices_that_are_well_broken_and_absent_give_three_reports() {
    let folder = tempfile::tempdir().expect("a folder");
    let rig = folder.path().join("rig");
    let devices =
        Devices::start(&rig, RigOptions { printer_port: 0, scan_ms: 0, ..RigOptions::default() }).expect("a rig");
    let urls = devices.endpoints();
    let there = configuration(folder.path(), &urls.printer, &urls.kiosk_scanner, &urls.reader, &urls.document_scanner);

    let well = doctor(&there, &["--json"]);
    assert_eq!(healths(&well), expect(["ready", "ready", "ready", "ready", "ready"]));
    assert_eq!(well.status.code(), Some(0));
    let words = String::from_utf8(doctor(&there, &[]).stdout).expect("a text");
    assert!(words.contains("Semua siap."), "{words}");

    // The printer accepts and never reads, the pages jam: the report comes all the same, whole.
    devices.printer().update_state(|printer| printer.stall = true).expect("the printer's state");
    ScannerState { fault: ScannerFault::Jam, ..ScannerState::default() }.save(rig.join("scanner")).expect("a jam");
    let broken = doctor(&there, &["--json"]);
    assert_eq!(healths(&broken), expect(["not_responding", "ready", "ready", "jammed", "ready"]));
    assert_eq!(broken.status.code(), Some(1));
    let words = String::from_utf8(doctor(&there, &[]).stdout).expect("a text");
    assert!(words.contains("kertas macet") && words.contains("2 dari 5 perlu ditangani."), "{words}");

    drop(devices);
    let absent = doctor(
        &configuration(
            folder.path(),
            "tcp://127.0.0.1:9",
            "serial:///dev/serial/by-id/nothing",
            "gateway+tcp://127.0.0.1:9",
            "escl://127.0.0.1:9",
        ),
        &["--json"],
    );
    let none = "not_reachable";
    assert_eq!(healths(&absent), expect([none, none, none, none, "ready"]));
    let said = String::from_utf8(absent.stderr).expect("a text");
    assert_eq!((absent.status.code(), said.lines().count()), (Some(1), 1), "{said}");
}

#[test]
fn each_device_is_tried_for_real() {
    let folder = tempfile::tempdir().expect("a folder");
    let devices =
        Devices::start(&folder.path().join("rig"), RigOptions { printer_port: 0, scan_ms: 0, ..RigOptions::default() })
            .expect("a rig");
    let urls = devices.endpoints();
    let path = configuration(folder.path(), &urls.printer, &urls.kiosk_scanner, &urls.reader, &urls.document_scanner);
    let said = |output: Output| {
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code(), text)
    };
    let (code, text) = said(doctor(&path, &["print"]));
    assert_eq!(code, Some(0), "{text}");
    let slip = devices.slip(1).expect("a slip");
    assert!(slip.lines.iter().any(|line| line.contains("UJI CETAK")) && slip.qr.contains("UJI"), "{:?}", slip.lines);

    let page = folder.path().join("page");
    let (code, text) = said(doctor(&path, &["scan", "--to", page.to_str().expect("a path")]));
    assert_eq!(code, Some(0), "{text}");
    assert!(page.with_extension("jpg").exists());

    devices.place_card("pemohon").expect("a card");
    let (code, text) = said(doctor(&path, &["read"]));
    assert_eq!(code, Some(0), "{text}");
    let digits = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
    assert!(digits <= Some(4), "no more of a NIK than its end: {text}");

    let (code, text) = said(doctor(&path, &["page"]));
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("[page_printer]"), "{text}");
    let (code, text) = said(doctor(&path, &["readiness", "--print"]));
    assert_eq!(code, Some(0), "{text}");
    let report = devices.slip(2).expect("the report");
    assert!(report.lines.iter().any(|line| line.contains("LAPORAN KESIAPAN")), "{:?}", report.lines);
    assert!(report.lines.iter().any(|line| line.contains("SEMUA SIAP")), "{:?}", report.lines);
}
