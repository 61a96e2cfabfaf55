//! The stations that somebody has to look after.

use jiff::{SignedDuration, Timestamp};

use crate::domain::role::StationKind;
use crate::store::{DeviceRow, StoreError, View};
use crate::wire::health::{DeviceReport, SILENT_AFTER_S, StationState};

/// Most stations of one office that are looked at.
const STATIONS_MAX: u32 = 200;

/// Tells whether a report is older than a station that works would leave it. A report from the future was made before
/// the hub's clock was set back: nobody knows how old it is.
pub(in crate::hub) fn is_old(seen_at: Timestamp, at: Timestamp) -> bool {
    at.duration_since(seen_at).abs() > SignedDuration::from_secs(SILENT_AFTER_S)
}

/// Returns the stations with a device that needs staff, and the kiosks and boards that are silent. A counter that is
/// silent is one where nobody works, so what it said last is nobody's task either. While the hub did not listen,
/// silence meant nothing.
pub(super) fn stations(
    view: &View<'_>,
    listens_since: Timestamp,
    at: Timestamp,
) -> Result<Vec<StationState>, StoreError> {
    let mut found = Vec::new();
    for report in view.reports(STATIONS_MAX)? {
        let is_old = is_old(report.seen_at, at);
        let silent = is_old && self::is_old(listens_since, at) && report.kind != StationKind::Counter;
        if is_old && report.kind == StationKind::Counter {
            continue;
        }
        let devices: Vec<DeviceReport> = view.devices_of(&report.name)?.into_iter().map(device).collect();
        if silent || devices.iter().any(DeviceReport::needs_staff) {
            let (name, kind, seen_at) = (report.name, report.kind, report.seen_at);
            found.push(StationState { name, kind, seen_at, silent, devices });
        }
    }
    Ok(found)
}

fn device(row: DeviceRow) -> DeviceReport {
    let DeviceRow { device, health, since, slips_left, simulated } = row;
    DeviceReport { device, health, since, slips_left, simulated }
}
