//! What is plugged in or on this machine, whether configured or not.

use std::fs;
use std::path::Path;

use anjungan_hardware::document_scanner::list_sane;
use anjungan_hardware::ektp_reader::list_pcsc_readers;
use ipp::prelude::*;

use super::{CHECK_LIMIT, Finding, Look};

/// Where CUPS answers on its own machine.
const CUPS: &str = "http://localhost:631/";
/// Of each kind no more are listed.
const FOUND_MAX: usize = 32;

/// Lists the searches. One that does not end in time finds nothing.
pub(super) fn searches() -> Vec<Look> {
    let search = |look: fn() -> Vec<Finding>| Look { silent: Vec::new(), look: Box::new(look) };
    vec![
        search(serial_lines),
        search(usb_printers),
        search(scanners),
        search(cameras),
        search(card_readers),
        search(queues),
    ]
}

fn found(url: String, detail: impl Into<String>) -> Finding {
    Finding { device: "found".to_owned(), url, health: "found".to_owned(), detail: detail.into(), fix: String::new() }
}

fn names_in(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names.truncate(FOUND_MAX);
    names
}

/// Serial devices by their stable names: the same after every replug, whatever number the kernel gives.
fn serial_lines() -> Vec<Finding> {
    let folder = "/dev/serial/by-id";
    let line =
        |name: String| found(format!("serial://{folder}/{name}"), "jalur serial: pencetak, pemindai QR, atau pembaca");
    names_in(folder).into_iter().map(line).collect()
}

/// Printers of the USB printer class, by vendor and product.
fn usb_printers() -> Vec<Finding> {
    let folder = "/sys/class/usbmisc";
    let printer = |name: String| {
        let device = Path::new(folder).join(&name).join("device").join("..");
        let read = |file: &str| fs::read_to_string(device.join(file)).ok().map(|text| text.trim().to_owned());
        let (vendor, product) = (read("idVendor")?, read("idProduct")?);
        let model = [read("manufacturer"), read("product")].into_iter().flatten().collect::<Vec<_>>().join(" ");
        Some(found(format!("usb:{vendor}:{product}"), format!("pencetak USB {model}")))
    };
    names_in(folder).into_iter().filter(|name| name.starts_with("lp")).filter_map(printer).collect()
}

fn cameras() -> Vec<Finding> {
    let names = names_in("/sys/class/video4linux").into_iter();
    names.map(|name| found(format!("v4l:/dev/{name}"), "kamera; pakai yang memotret dokumen dari atas")).collect()
}

/// Whatever SANE lists.
fn scanners() -> Vec<Finding> {
    match list_sane(CHECK_LIMIT) {
        Ok(devices) => devices
            .into_iter()
            .take(FOUND_MAX)
            .map(|device| found(format!("sane:{}", device.name), format!("{} {}", device.vendor, device.model)))
            .collect(),
        Err(error) => {
            tracing::info!(%error, "SANE lists no scanner");
            Vec::new()
        }
    }
}

/// Readers of PC/SC, the contactless side and the slots alike.
fn card_readers() -> Vec<Finding> {
    match list_pcsc_readers() {
        Ok(readers) => readers
            .into_iter()
            .take(FOUND_MAX)
            .map(|name| found(format!("pcsc:{name}"), "pembaca kartu PC/SC"))
            .collect(),
        Err(error) => {
            tracing::info!(%error, "PC/SC lists no reader");
            Vec::new()
        }
    }
}

/// The queues of this machine's CUPS.
fn queues() -> Vec<Finding> {
    let Ok(uri) = CUPS.parse::<Uri>() else { return Vec::new() };
    let client = IppClient::builder(uri).request_timeout(CHECK_LIMIT).build();
    let answer = match client.send(IppOperationBuilder::cups().get_printers()) {
        Ok(answer) => answer,
        Err(error) => {
            tracing::info!(%error, "no CUPS on this machine");
            return Vec::new();
        }
    };
    let text = |group: &IppAttributeGroup, name: &str| group.get(name).map(|found| found.value().to_string());
    let queue = |group: &IppAttributeGroup| {
        let name = text(group, "printer-name")?;
        let model = text(group, "printer-make-and-model").unwrap_or_default();
        Some(found(format!("ipp://localhost:631/printers/{name}"), model))
    };
    answer.attributes().groups_of(DelimiterTag::PrinterAttributes).take(FOUND_MAX).filter_map(queue).collect()
}
