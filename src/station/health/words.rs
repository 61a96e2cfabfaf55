//! What staff read about a device: its name, its state in a few words, and what to do. The same words stand on the
//! staff screens, in the doctor's report and on the printed readiness report.

use std::collections::BTreeMap;

use anjungan_hardware::Health;

use crate::domain::device::DeviceKind;
use crate::station::devices::DeviceState;

/// State and remedy, in Indonesian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advice {
    /// The state in a few words, small letters.
    pub state: &'static str,
    /// What to do; empty while there is nothing to do.
    pub fix: &'static str,
}

impl DeviceKind {
    /// Its name for staff.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Printer => "Pencetak slip",
            Self::QrScanner => "Pemindai QR",
            Self::DocumentScanner => "Pemindai dokumen",
            Self::EktpReader => "Pembaca KTP-el",
            Self::Speaker => "Pengeras suara",
            Self::Touchscreen => "Layar sentuh",
        }
    }
}

/// Says what staff should know about a device in a state.
#[must_use]
pub const fn advice(device: DeviceKind, health: Health) -> Advice {
    let (state, fix) = match (device, health) {
        (_, Health::Ready) => ("siap", ""),
        (DeviceKind::Printer, Health::MediaLow) => ("kertas hampir habis", "Siapkan gulungan kertas baru."),
        (DeviceKind::Printer, Health::MediaEmpty | Health::MediaAbsent) => {
            ("kertas habis", "Ganti gulungan kertas, lalu tutup penutupnya.")
        }
        (DeviceKind::Printer, Health::Misplaced) => ("penutup terbuka", "Tutup penutup pencetak sampai berbunyi klik."),
        (DeviceKind::Printer, Health::Jammed) => {
            ("pemotong atau kertas macet", "Matikan pencetak, buka penutup, keluarkan sisa kertas, lalu nyalakan lagi.")
        }
        (DeviceKind::Printer, Health::Damaged) => (
            "rusak atau jawabannya kacau",
            "Matikan dan nyalakan pencetak. Jika tetap, periksa kabel dan kecepatan serial.",
        ),
        (DeviceKind::Printer, Health::NotResponding) => {
            ("tidak menjawab", "Tunggu sebentar bila baru mencetak banyak. Jika tetap, matikan dan nyalakan pencetak.")
        }
        (DeviceKind::DocumentScanner, Health::MediaAbsent | Health::MediaEmpty | Health::MediaLow) => {
            ("tidak ada kertas", "Letakkan dokumen pada pemindai.")
        }
        (DeviceKind::DocumentScanner, Health::Jammed) => {
            ("kertas macet", "Buka penutup, tarik kertas perlahan, lalu tutup.")
        }
        (DeviceKind::DocumentScanner, Health::Misplaced) => ("penutup terbuka", "Tutup penutup pemindai."),
        (DeviceKind::EktpReader, Health::MediaAbsent | Health::MediaEmpty | Health::MediaLow) => {
            ("siap, tanpa kartu", "")
        }
        (DeviceKind::QrScanner, Health::Damaged) => {
            ("mengirim data tanpa henti", "Lepaskan pelatuk pemindai, atau cabut dan pasang lagi kabelnya.")
        }
        (DeviceKind::Touchscreen, Health::Damaged) => {
            ("tersentuh sendiri", "Lap layar sampai kering dan jauhkan benda yang menempel. Jika tetap, ganti panel.")
        }
        (DeviceKind::Speaker, Health::NotReachable) => {
            ("tidak ada kartu suara", "Periksa kabel pengeras suara dan setelan suara.")
        }
        (_, Health::NotReachable) => {
            ("tidak tersambung", "Periksa kabel dan listriknya, lalu periksa alamatnya pada pengaturan.")
        }
        (_, Health::NotResponding) => ("tidak menjawab", "Matikan dan nyalakan perangkat, lalu tunggu satu menit."),
        (_, Health::Damaged) => ("rusak", "Matikan dan nyalakan perangkat. Jika tetap, hubungi petugas TI."),
        (_, Health::MediaFull) => ("wadah penuh", "Kosongkan wadahnya."),
        (_, Health::Jammed) => ("macet", "Keluarkan yang tersangkut."),
        (_, Health::Misplaced) => ("penutup terbuka", "Tutup penutupnya."),
        (_, Health::MediaAbsent | Health::MediaEmpty | Health::MediaLow) => ("bahan habis", "Isi kembali bahannya."),
    };
    Advice { state, fix }
}

/// What is left of a nearly empty roll, to stand after a state; empty where it cannot be told.
#[must_use]
pub fn slips_left_text(left: Option<u32>) -> String {
    left.map(|left| format!(", sekitar {left} slip lagi")).unwrap_or_default()
}

/// A device as staff see it on their screens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceLine {
    /// Its name.
    pub title: &'static str,
    /// How it is.
    pub state: String,
    /// What to do; empty while there is nothing to do.
    pub fix: &'static str,
    /// It does its work.
    pub works: bool,
    /// What it shows is not real.
    pub simulated: bool,
}

/// Writes the lines of a staff screen, in the order of [`DeviceKind::ALL`].
#[must_use]
pub fn device_lines(devices: &BTreeMap<DeviceKind, DeviceState>) -> Vec<DeviceLine> {
    devices.iter().map(|(device, state)| device_line(*device, *state)).collect()
}

fn device_line(device: DeviceKind, state: DeviceState) -> DeviceLine {
    let advice = advice(device, state.health);
    let left = slips_left_text(state.slips_left);
    DeviceLine {
        title: device.title(),
        state: format!("{}{left}", advice.state),
        fix: advice.fix,
        works: state.works(device),
        simulated: state.simulated,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEALTHS: [Health; 10] = [
        Health::Ready,
        Health::MediaAbsent,
        Health::MediaEmpty,
        Health::MediaLow,
        Health::MediaFull,
        Health::Jammed,
        Health::Misplaced,
        Health::Damaged,
        Health::NotReachable,
        Health::NotResponding,
    ];

    #[test]
    fn whatever_is_not_ready_says_what_to_do() {
        for device in DeviceKind::ALL {
            for health in HEALTHS {
                let advice = advice(device, health);
                let idle_reader = device == DeviceKind::EktpReader
                    && matches!(health, Health::MediaAbsent | Health::MediaEmpty | Health::MediaLow);
                assert_eq!(advice.fix.is_empty(), health == Health::Ready || idle_reader, "{device:?} {health:?}");
                assert!(!advice.state.is_empty() && advice.state.len() <= 30, "{device:?} {health:?}");
            }
        }
    }

    #[test]
    fn the_words_for_programs_are_those_of_the_drivers() {
        for health in HEALTHS {
            let word = crate::domain::device::DeviceHealth::from(health).key();
            assert_eq!(serde_json::to_string(&health).unwrap(), format!("\"{word}\""));
        }
    }
}
