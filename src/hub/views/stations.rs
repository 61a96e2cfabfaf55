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
/// silent is one where nobody works, so what it said last is nobody's task either.
pub(super) fn stations(
    view: &View<'_>,
    listens_since: Timestamp,
    at: Timestamp,
) -> Result<Vec<StationState>, StoreError> {
    let mut found = every_station(view, listens_since, at)?;
    found.retain(|station| {
        let nobody_is_there = station.kind == StationKind::Counter && is_old(station.seen_at, at);
        !nobody_is_there && (station.silent || station.devices.iter().any(DeviceReport::needs_staff))
    });
    Ok(found)
}

/// Returns every station that has reported, with its devices. While the hub did not listen, silence meant nothing.
pub(in crate::hub) fn every_station(
    view: &View<'_>,
    listens_since: Timestamp,
    at: Timestamp,
) -> Result<Vec<StationState>, StoreError> {
    let state = |report: crate::store::ReportRecord| {
        let is_silent = is_old(report.seen_at, at) && is_old(listens_since, at);
        let devices = view.devices_of(&report.name)?.into_iter().map(device).collect();
        let silent = is_silent && report.kind != StationKind::Counter;
        Ok(StationState { name: report.name, kind: report.kind, seen_at: report.seen_at, silent, devices })
    };
    view.reports(STATIONS_MAX)?.into_iter().map(state).collect()
}

fn device(row: DeviceRow) -> DeviceReport {
    let DeviceRow { device, health, since, slips_left, simulated } = row;
    DeviceReport { device, health, since, slips_left, simulated }
}
