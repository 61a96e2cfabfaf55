//! One check for each thing the configuration names.

use std::path::{Path, PathBuf};

use anjungan_hardware::{
    DeviceUrl, Error, Health, open_document_scanner, open_ektp_reader, open_qr_scanner, open_speaker,
};

use super::{Finding, Look, page, stations};
use crate::clock::World;
use crate::config::Config;
use crate::domain::device::{DeviceHealth, DeviceKind};
use crate::station::devices::open_configured_printer;
use crate::station::health::{CLOCK_DRIFT_MAX, Disk, advice, slips_left_text};
use crate::wire::client::HubClient;

/// A check of one device: its health, and what to say besides.
type Answer = Result<(Health, String), Error>;

/// Lists the checks a configuration asks for.
pub(super) fn checks(config: &Config, world: &World) -> Vec<Look> {
    let mut looks = Vec::new();
    if let Some(printer) = config.printer.clone() {
        let url = printer.url.clone();
        looks.push(device(DeviceKind::Printer, &url, move || {
            let mut printer = open_configured_printer(&printer)?;
            let status = printer.status()?;
            let left = slips_left_text(printer.slips_left());
            let [one, two, three, four] = status.raw;
            Ok((status.health(), format!("DLE EOT {one:02x} {two:02x} {three:02x} {four:02x}{left}")))
        }));
    }
    if let Some(scanner) = &config.qr_scanner {
        looks.push(named(DeviceKind::QrScanner, &scanner.url, |url| {
            let mut scanner = open_qr_scanner(url)?;
            Ok((scanner.health(), "jalur terbuka; coba dengan `anjungan doctor scan-qr`".to_owned()))
        }));
    }
    if let Some(reader) = &config.ektp_reader {
        looks.push(named(DeviceKind::EktpReader, &reader.url, |url| {
            let status = open_ektp_reader(url)?.status()?;
            let card = if status.card_present { ", ada kartu" } else { "" };
            Ok((status.health, format!("{}{card}", status.model)))
        }));
    }
    if let Some(scanner) = &config.document_scanner {
        looks.push(named(DeviceKind::DocumentScanner, &scanner.url, |url| {
            Ok((open_document_scanner(url)?.status()?, String::new()))
        }));
    }
    if let Some(speaker) = &config.speaker {
        looks.push(named(DeviceKind::Speaker, &speaker.url, |url| Ok((open_speaker(url)?.health(), String::new()))));
    }
    if let Some(printer) = config.page_printer.clone() {
        let silent = vec![unanswered("page_printer", &printer.url)];
        looks.push(Look { silent, look: Box::new(move || vec![page::check(&printer.url)]) });
    }
    for station in stations(config) {
        let silent = vec![unanswered("hub", station.hub)];
        let (hub, token, section) = (station.hub.to_owned(), station.token.to_owned(), station.section);
        let world = world.clone();
        looks.push(Look { silent, look: Box::new(move || vec![check_hub(&hub, &token, section, &world)]) });
    }
    for (section, folder) in folders(config) {
        looks.push(Look {
            silent: vec![unanswered("disk", &folder.display().to_string())],
            look: Box::new(move || vec![check_disk(section, &folder)]),
        });
    }
    looks
}

fn named(device_kind: DeviceKind, url: &str, ask: impl FnOnce(&DeviceUrl) -> Answer + Send + 'static) -> Look {
    let text = url.to_owned();
    device(device_kind, url, move || ask(&text.parse()?))
}

fn device(device: DeviceKind, url: &str, ask: impl FnOnce() -> Answer + Send + 'static) -> Look {
    let text = url.to_owned();
    let mut silent = unanswered(device.key(), url);
    silent.fix = advice(device, Health::NotResponding).fix.to_owned();
    Look { silent: vec![silent], look: Box::new(move || vec![finding(device, text, ask())]) }
}

fn finding(device: DeviceKind, url: String, answer: Answer) -> Finding {
    let (health, detail) = match answer {
        Ok(found) => found,
        Err(error) => (error.health(), error.to_string()),
    };
    let advice = advice(device, health);
    let detail = if detail.is_empty() { advice.state.to_owned() } else { format!("{}; {detail}", advice.state) };
    Finding {
        device: device.key().to_owned(),
        url,
        health: DeviceHealth::from(health).key().to_owned(),
        detail,
        fix: advice.fix.to_owned(),
    }
}

fn unanswered(device: &str, url: &str) -> Finding {
    Finding {
        device: device.to_owned(),
        url: url.to_owned(),
        health: "not_responding".to_owned(),
        detail: "tidak menjawab dalam 5 detik".to_owned(),
        fix: "Periksa listrik dan kabelnya, matikan dan nyalakan, lalu ulangi.".to_owned(),
    }
}

fn check_hub(hub: &str, token: &str, section: &str, world: &World) -> Finding {
    let answer = HubClient::new(hub, token).hall();
    let (health, detail, fix) = match answer {
        Ok(hall) => {
            let drift = world.now().duration_since(hall.at);
            if drift.abs() > CLOCK_DRIFT_MAX {
                let drift = drift.as_secs();
                let fix = "Samakan jam: aktifkan sinkronisasi waktu (systemd-timesyncd) di kedua mesin.";
                ("misplaced", format!("jam mesin ini berbeda {drift} detik dari server"), fix)
            } else {
                ("ready", format!("server menjawab, perangkat [{section}] terdaftar, jam sama"), "")
            }
        }
        Err(error) => {
            let problem = error.problem();
            let failure = problem.failure();
            let fix = failure.map_or("Periksa alamat server dan kabel jaringan.", crate::failure::Failure::action);
            let health = if problem.status == 0 { "not_reachable" } else { "damaged" };
            (health, format!("{}: {error}", problem.code), fix)
        }
    };
    Finding { device: "hub".to_owned(), url: hub.to_owned(), health: health.to_owned(), detail, fix: fix.to_owned() }
}

fn folders(config: &Config) -> Vec<(&'static str, PathBuf)> {
    let hub = config.hub.as_ref().map(|hub| ("hub", hub.data.clone()));
    let kiosk = config.kiosk.as_ref().map(|kiosk| ("kiosk", kiosk.data.clone()));
    [hub, kiosk].into_iter().flatten().collect()
}

fn check_disk(section: &str, folder: &Path) -> Finding {
    let (health, detail, fix) = match Disk::of(folder) {
        Some(disk) if disk.is_full() => {
            ("media_empty", disk.text(), "Kosongkan ruang pada disk ini; tanpa ruang tidak ada nomor baru.")
        }
        Some(disk) if disk.is_low() => ("media_low", disk.text(), "Kosongkan ruang pada disk ini minggu ini juga."),
        Some(disk) => ("ready", disk.text(), ""),
        None => ("not_reachable", "folder data tidak dapat dibuka".to_owned(), "Periksa [kiosk] data atau [hub] data."),
    };
    Finding {
        device: format!("disk ({section})"),
        url: folder.display().to_string(),
        health: health.to_owned(),
        detail,
        fix: fix.to_owned(),
    }
}
