//! Words for the stations that somebody has to look after: which kiosk needs paper, which is silent.

use jiff::Timestamp;

use super::flow::CounterFlow;
use super::view::short_when_text;
use crate::domain::device::{DeviceHealth, DeviceKind};
use crate::domain::office::Zone;
use crate::domain::role::StationKind;
use crate::wire::health::{DeviceReport, StationState};

/// Most lines on the window; the rest is counted.
const LINES_MAX: usize = 2;

/// One thing to see to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StationLine {
    /// Station and what it needs, e.g. `K1: kertas slip habis`.
    pub text: String,
    /// Key of the icon.
    pub icon: String,
    /// Something does not work; else it still does.
    pub urgent: bool,
}

impl CounterFlow {
    /// Returns the most urgent lines, and how many more there are.
    pub(super) fn station_lines(&self) -> (Vec<StationLine>, usize) {
        let Some(hall) = &self.hall else { return (Vec::new(), 0) };
        let mut lines = lines(&hall.stations, &self.facts.counter, self.facts.zone, hall.at);
        let more = lines.len().saturating_sub(LINES_MAX);
        lines.truncate(LINES_MAX);
        (lines, more)
    }
}

/// Words what a counter should know of the stations: kiosks and boards, which have nobody beside them, and itself.
/// First what is silent, then what does not work, then what will soon not work.
fn lines(stations: &[StationState], counter: &str, zone: Zone, at: Timestamp) -> Vec<StationLine> {
    let mut found: Vec<(u8, StationLine)> = Vec::new();
    for station in stations.iter().filter(|station| station.kind != StationKind::Counter || station.name == counter) {
        let name = &station.name;
        if station.silent {
            // What it said before is older than its silence.
            let text = format!("{name}: tidak ada kabar sejak {}", short_when_text(zone, at, station.seen_at));
            found.push((0, StationLine { text, icon: "wifi-off".to_owned(), urgent: true }));
            continue;
        }
        for report in station.devices.iter().filter(|report| report.needs_staff()) {
            let urgent = !report.health.is_usable();
            let (text, icon) = (format!("{name}: {}", need(report)), icon(report).to_owned());
            let line = (if urgent { 1 } else { 2 }, StationLine { text, icon, urgent });
            // Two printers without paper are one walk.
            if !found.contains(&line) {
                found.push(line);
            }
        }
    }
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, line)| line).collect()
}

fn need(report: &DeviceReport) -> String {
    use DeviceHealth as H;
    let device = device_words(report.device);
    match (report.device, report.health) {
        (DeviceKind::Printer, H::MediaEmpty) => "kertas slip habis".to_owned(),
        (DeviceKind::Printer, H::MediaAbsent) => "kertas slip belum terpasang".to_owned(),
        (DeviceKind::Printer, H::MediaLow) => match report.slips_left {
            Some(left @ 1..) => format!("kertas hampir habis, sekitar {left} slip lagi"),
            _ => "kertas slip hampir habis".to_owned(),
        },
        (DeviceKind::Printer, H::MediaFull) => "tempat keluar slip penuh".to_owned(),
        (_, H::MediaEmpty) => format!("{device} kosong"),
        (_, H::MediaLow) => format!("{device} hampir kosong"),
        (_, H::MediaFull) => format!("tempat keluar {device} penuh"),
        (_, H::Jammed) => format!("{device} macet"),
        (_, H::Misplaced) => format!("tutup {device} terbuka"),
        (_, H::Damaged) => format!("{device} rusak"),
        (_, H::NotReachable) => format!("{device} tidak tersambung"),
        (_, H::NotResponding) => format!("{device} tidak menjawab"),
        // Neither comes here: the first needs nobody, and these devices take no media.
        (_, H::Ready | H::MediaAbsent) => format!("{device} belum siap"),
    }
}

const fn device_words(device: DeviceKind) -> &'static str {
    match device {
        DeviceKind::Printer => "pencetak slip",
        DeviceKind::QrScanner => "pemindai QR",
        DeviceKind::DocumentScanner => "pemindai dokumen",
        DeviceKind::EktpReader => "pembaca KTP-el",
        DeviceKind::Speaker => "pengeras suara",
        DeviceKind::Touchscreen => "layar sentuh",
    }
}

const fn icon(report: &DeviceReport) -> &'static str {
    match (report.device, report.health) {
        (_, DeviceHealth::NotReachable) => "plug-off",
        (DeviceKind::Printer, DeviceHealth::MediaLow) => "receipt",
        (DeviceKind::Printer, _) => "printer-off",
        (DeviceKind::QrScanner, _) => "qrcode",
        (DeviceKind::DocumentScanner, _) => "scan",
        (DeviceKind::EktpReader, _) => "id",
        (DeviceKind::Speaker, _) => "volume-off",
        (DeviceKind::Touchscreen, _) => "device",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_need_has_words_of_its_own() {
        let since = Timestamp::UNIX_EPOCH;
        let mut all = std::collections::BTreeSet::new();
        for device in DeviceKind::ALL {
            for health in DeviceHealth::ALL.into_iter().filter(|health| health.needs_staff(device)) {
                let words = need(&DeviceReport { device, health, since, slips_left: None, simulated: false });
                assert!(words.chars().count() <= 40 && !words.contains('_'), "{words}");
                assert!(all.insert(words.clone()), "{words} twice");
            }
        }
    }
}
