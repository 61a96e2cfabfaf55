//! How stations and their devices are, on the wire. None of it is about a person.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::device::{DeviceHealth, DeviceKind};
use crate::domain::ids::RequestId;
use crate::domain::role::StationKind;

/// Most devices of one station.
pub const DEVICES_MAX: usize = 16;
/// Most lines of one readiness report.
pub const READINESS_LINES_MAX: usize = 32;
/// Longest name of a checked item, in characters.
pub const READINESS_ITEM_LENGTH_MAX: usize = 40;
/// Longest detail of a checked item, in characters.
pub const READINESS_DETAIL_LENGTH_MAX: usize = 200;
/// No roll holds more slips.
pub const SLIPS_LEFT_MAX: u32 = 100_000;
/// A station reports on every change, and at least this often, in seconds.
pub const REPORT_EVERY_S: i64 = 30;
/// A station whose last report is older than this is switched off or cut off, in seconds.
pub const SILENT_AFTER_S: i64 = 90;

/// Key of the [`Change`](super::queue::Change) that tells of a change here.
pub const STATION_HEALTH_EVENT: &str = "station_health";

/// `PUT /station/health`: how all devices of the calling station are now. It replaces the report before; it is kept as
/// the present state and not written into the journal. Sent on every change and every [`REPORT_EVERY_S`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StationHealth {
    /// Every configured device, at most [`DEVICES_MAX`]; two of a kind are two rows.
    pub devices: Vec<DeviceReport>,
}

/// How one device is. Travels back in the hall too, where an older counter overlooks what it does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeviceReport {
    /// What it is.
    #[schema(value_type = String, example = "printer")]
    pub device: DeviceKind,
    /// How it is.
    #[schema(value_type = String, example = "media_low")]
    pub health: DeviceHealth,
    /// Since when, by the station's clock.
    #[schema(value_type = String)]
    pub since: Timestamp,
    /// Estimate of the slips that the roll is still good for; printers only.
    #[serde(default)]
    pub slips_left: Option<u32>,
    /// The device is a simulation.
    #[serde(default)]
    pub simulated: bool,
}

impl DeviceReport {
    /// Tells whether somebody has to go there.
    #[must_use]
    pub const fn needs_staff(&self) -> bool {
        self.health.needs_staff(self.device)
    }
}

/// `PUT /device-faults/{fault_id}`: one fault of a device and, once it is over, its end. The station sends it when the
/// fault begins and again, with `ended_at`, when it is cleared; in any order and as often as it likes. The journal gets
/// one `device_fault` and one `device_fault_cleared`. A fault that has ended stays ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceFault {
    /// What is at fault.
    #[schema(value_type = String, example = "printer")]
    pub device: DeviceKind,
    /// How it was when the fault began.
    #[schema(value_type = String, example = "media_empty")]
    pub health: DeviceHealth,
    /// When it began, by the station's clock.
    #[schema(value_type = String)]
    pub began_at: Timestamp,
    /// When it was cleared, by the station's clock. Earlier than `began_at` when that clock was set back meanwhile.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub ended_at: Option<Timestamp>,
}

/// `POST /station/readiness`: what a station found when it checked itself; goes into the journal as one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Readiness {
    /// Names this report; sent twice, it is one.
    #[schema(value_type = uuid::Uuid)]
    pub request_id: RequestId,
    /// When it was made, by the station's clock.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// One line for each thing checked, at most [`READINESS_LINES_MAX`].
    pub lines: Vec<ReadinessLine>,
}

/// One thing checked: a device, the disk, the clock, the backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadinessLine {
    /// What was checked; 1 to [`READINESS_ITEM_LENGTH_MAX`] characters.
    pub item: String,
    /// What came of it.
    #[schema(value_type = String, example = "ok")]
    pub verdict: Verdict,
    /// How it is, if it is a device.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub health: Option<DeviceHealth>,
    /// More about it, at most [`READINESS_DETAIL_LENGTH_MAX`] characters; numbers as long as a NIK are masked in the
    /// journal.
    #[serde(default)]
    pub detail: String,
}

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Good.
    Ok,
    /// The day can begin, but somebody should look.
    Warn,
    /// Something will not work.
    Fail,
}

/// A station in the hall: one that somebody has to look after. Either a device of it needs staff, or it is silent.
/// A station that has never reported is not among them, nor one silent for more than a week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StationState {
    /// What people call it, e.g. `K1`.
    pub name: String,
    /// What it is.
    #[schema(value_type = String, example = "kiosk")]
    pub kind: StationKind,
    /// Its last report, by the hub's clock.
    #[schema(value_type = String)]
    pub seen_at: Timestamp,
    /// No report for [`SILENT_AFTER_S`]: switched off or cut off. Kiosks and boards only; a counter that is silent is
    /// one where nobody works.
    #[serde(default)]
    pub silent: bool,
    /// All its devices as last reported.
    pub devices: Vec<DeviceReport>,
}

impl StationHealth {
    /// Checks the limits; the error names the part, in Indonesian.
    ///
    /// # Errors
    /// When there are too many devices or an estimate is beyond any roll.
    pub fn check(&self) -> Result<(), &'static str> {
        if self.devices.len() > DEVICES_MAX {
            return Err("terlalu banyak perangkat");
        }
        if self.devices.iter().filter_map(|device| device.slips_left).any(|left| left > SLIPS_LEFT_MAX) {
            return Err("perkiraan sisa slip tidak wajar");
        }
        Ok(())
    }
}

impl Readiness {
    /// Checks the limits; the error names the part, in Indonesian.
    ///
    /// # Errors
    /// When there is no line or too many, or a text is too long or holds control characters.
    pub fn check(&self) -> Result<(), &'static str> {
        if self.lines.is_empty() || self.lines.len() > READINESS_LINES_MAX {
            return Err("jumlah baris tidak sah");
        }
        let fits = |text: &str, longest| text.chars().count() <= longest && !text.chars().any(char::is_control);
        for line in &self.lines {
            if line.item.trim().is_empty() || !fits(&line.item, READINESS_ITEM_LENGTH_MAX) {
                return Err("nama pemeriksaan tidak sah");
            }
            if !fits(&line.detail, READINESS_DETAIL_LENGTH_MAX) {
                return Err("rincian pemeriksaan tidak sah");
            }
        }
        Ok(())
    }
}

impl ReadinessLine {
    /// Makes a line that is within the limits: longer texts are cut, control characters become spaces.
    #[must_use]
    pub fn new(item: &str, verdict: Verdict, health: Option<DeviceHealth>, detail: &str) -> Self {
        let fit = |text: &str, longest| {
            let plain = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c });
            plain.take(longest).collect::<String>()
        };
        Self {
            item: fit(item, READINESS_ITEM_LENGTH_MAX),
            verdict,
            health,
            detail: fit(detail, READINESS_DETAIL_LENGTH_MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(lines: Vec<ReadinessLine>) -> Readiness {
        Readiness { request_id: RequestId::from_parts(1, &[0; 10]), at: Timestamp::UNIX_EPOCH, lines }
    }

    #[test]
    fn a_line_made_here_is_always_within_the_limits() {
        let line = ReadinessLine::new(&"é".repeat(99), Verdict::Warn, None, &"a\u{1b}\n".repeat(300));
        assert_eq!(report(vec![line; READINESS_LINES_MAX]).check(), Ok(()));
    }

    #[test]
    fn what_is_beyond_a_limit_is_named() {
        let good = ReadinessLine::new("Printer", Verdict::Ok, Some(DeviceHealth::Ready), "");
        assert!(report(vec![]).check().is_err());
        assert!(report(vec![good.clone(); READINESS_LINES_MAX + 1]).check().is_err());
        for item in ["", "  ", "a\tb", &"x".repeat(READINESS_ITEM_LENGTH_MAX + 1)] {
            assert!(report(vec![ReadinessLine { item: item.to_owned(), ..good.clone() }]).check().is_err(), "{item:?}");
        }
        for detail in ["a\u{7}", &"x".repeat(READINESS_DETAIL_LENGTH_MAX + 1)] {
            let line = ReadinessLine { detail: detail.to_owned(), ..good.clone() };
            assert!(report(vec![line]).check().is_err(), "{detail:?}");
        }
        let device = DeviceReport {
            device: DeviceKind::Printer,
            health: DeviceHealth::MediaLow,
            since: Timestamp::UNIX_EPOCH,
            slips_left: Some(SLIPS_LEFT_MAX),
            simulated: false,
        };
        assert_eq!(StationHealth { devices: vec![device.clone(); DEVICES_MAX] }.check(), Ok(()));
        assert!(StationHealth { devices: vec![device.clone(); DEVICES_MAX + 1] }.check().is_err());
        let beyond = DeviceReport { slips_left: Some(SLIPS_LEFT_MAX + 1), ..device };
        assert!(StationHealth { devices: vec![beyond] }.check().is_err());
    }
}
