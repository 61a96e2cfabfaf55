//! The readiness report: what a station found when it looked at itself in the morning. Pure.

use jiff::SignedDuration;

use super::{Disk, advice, slips_left_text};
use crate::domain::device::{DeviceHealth, DeviceKind};
use crate::station::devices::DeviceState;
use crate::wire::health::{ReadinessLine, Verdict};

/// Clocks that differ more than this confuse waiting times.
pub const CLOCK_DRIFT_MAX: SignedDuration = SignedDuration::from_mins(2);

/// What was looked at.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// Each configured device; none for one that has not told its state.
    pub devices: Vec<(DeviceKind, Option<DeviceState>)>,
    /// The disk of the station's data.
    pub disk: Option<Disk>,
    /// This clock less the hub's; none without an answer of the hub.
    pub clock_drift: Option<SignedDuration>,
    /// Cases that are not at the hub yet; none where the station keeps none.
    pub undelivered: Option<u32>,
}

/// Writes the lines of a report: each device with its paper, disk, clock, and what is not yet safe at the hub.
#[must_use]
pub fn readiness_lines(checked: &Checked) -> Vec<ReadinessLine> {
    let mut lines: Vec<_> = checked.devices.iter().map(|(device, state)| device_line(*device, *state)).collect();
    lines.push(match checked.disk {
        Some(disk) if disk.is_full() => ReadinessLine::new("Disk", Verdict::Fail, None, &disk.text()),
        Some(disk) if disk.is_low() => ReadinessLine::new("Disk", Verdict::Warn, None, &disk.text()),
        Some(disk) => ReadinessLine::new("Disk", Verdict::Ok, None, &disk.text()),
        None => ReadinessLine::new("Disk", Verdict::Fail, None, "folder data tidak dapat dibuka"),
    });
    lines.push(match checked.clock_drift {
        None => ReadinessLine::new("Jam", Verdict::Warn, None, "belum dapat dibandingkan: server tidak menjawab"),
        Some(drift) if drift.abs() > CLOCK_DRIFT_MAX => {
            let detail = format!("berbeda {} detik dari server", drift.as_secs());
            ReadinessLine::new("Jam", Verdict::Fail, None, &detail)
        }
        Some(_) => ReadinessLine::new("Jam", Verdict::Ok, None, "sama dengan server"),
    });
    lines.extend(checked.undelivered.map(|waiting| match waiting {
        0 => ReadinessLine::new("Cadangan", Verdict::Ok, None, "semua permohonan sudah di server"),
        _ => {
            let detail = format!("{waiting} permohonan hanya ada di mesin ini, menunggu dikirim");
            ReadinessLine::new("Cadangan", Verdict::Warn, None, &detail)
        }
    }));
    lines
}

fn device_line(device: DeviceKind, state: Option<DeviceState>) -> ReadinessLine {
    let Some(state) = state else {
        return ReadinessLine::new(device.title(), Verdict::Fail, None, "belum memberi kabar");
    };
    let health = DeviceHealth::from(state.health);
    let verdict = match (health.is_usable(), health.needs_staff(device)) {
        (_, false) => Verdict::Ok,
        (true, true) => Verdict::Warn,
        (false, true) => Verdict::Fail,
    };
    let advice = advice(device, state.health);
    let left = slips_left_text(state.slips_left);
    let simulated = if state.simulated { " (simulasi)" } else { "" };
    let fix = if advice.fix.is_empty() { String::new() } else { format!(". {}", advice.fix) };
    ReadinessLine::new(device.title(), verdict, Some(health), &format!("{}{left}{simulated}{fix}", advice.state))
}

#[cfg(test)]
mod tests {
    use super::*;
    use anjungan_hardware::Health;

    #[test]
    fn a_morning_with_little_paper_and_no_scanner() {
        let paper = DeviceState { health: Health::MediaLow, simulated: false, slips_left: Some(12) };
        let checked = Checked {
            devices: vec![
                (DeviceKind::Printer, Some(paper)),
                (DeviceKind::DocumentScanner, None),
                (DeviceKind::QrScanner, Some(DeviceState::of(Health::Ready, false))),
            ],
            disk: Some(Disk { free: 50 << 30, size: 100 << 30 }),
            clock_drift: Some(SignedDuration::from_secs(-300)),
            undelivered: Some(3),
        };
        let lines = readiness_lines(&checked);
        let told: Vec<_> = lines.iter().map(|line| (line.item.as_str(), line.verdict)).collect();
        assert_eq!(
            told,
            [
                ("Pencetak slip", Verdict::Warn),
                ("Pemindai dokumen", Verdict::Fail),
                ("Pemindai QR", Verdict::Ok),
                ("Disk", Verdict::Ok),
                ("Jam", Verdict::Fail),
                ("Cadangan", Verdict::Warn),
            ]
        );
        assert_eq!(lines[0].detail, "kertas hampir habis, sekitar 12 slip lagi. Siapkan gulungan kertas baru.");
        assert_eq!(lines[4].detail, "berbeda -300 detik dari server");
    }
}
