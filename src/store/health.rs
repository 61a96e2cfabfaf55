//! Rows of `station_reports`, `station_devices` and `device_faults`.

use jiff::Timestamp;
use rusqlite::{Row, params};

use super::rows::{parsed, plain, time, time_or_none};
use super::{StoreError, Tx, View, ms};
use crate::domain::device::{DeviceHealth, DeviceKind};
use crate::domain::ids::FaultId;
use crate::domain::role::StationKind;

/// How one device of a station was last reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRow {
    /// What it is.
    pub device: DeviceKind,
    /// How it is.
    pub health: DeviceHealth,
    /// Since when, by the station's clock.
    pub since: Timestamp,
    /// Estimate of the slips left on the roll.
    pub slips_left: Option<u32>,
    /// It is a simulation.
    pub simulated: bool,
}

/// A station's last report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRecord {
    /// What people call the station.
    pub name: String,
    /// What it is.
    pub kind: StationKind,
    /// When the report came.
    pub seen_at: Timestamp,
}

/// A fault of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultRecord {
    /// Names it.
    pub fault_id: FaultId,
    /// The station's name.
    pub station: String,
    /// What is at fault.
    pub device: DeviceKind,
    /// How it was when the fault began.
    pub health: DeviceHealth,
    /// When it began, by the station's clock.
    pub began_at: Timestamp,
    /// When it was cleared, by the station's clock.
    pub ended_at: Option<Timestamp>,
}

fn device(row: &Row<'_>) -> Result<DeviceRow, StoreError> {
    Ok(DeviceRow {
        device: parsed(row, "device")?,
        health: parsed(row, "health")?,
        since: time(row, "since_ms")?,
        slips_left: plain(row, "slips_left")?,
        simulated: plain(row, "simulated")?,
    })
}

impl View<'_> {
    /// Lists the last reports of stations, by name.
    ///
    /// # Errors
    /// When the engine refuses or a row does not parse; so for every read below.
    pub fn reports(&self, limit: u32) -> Result<Vec<ReportRecord>, StoreError> {
        let sql = "SELECT s.name, s.kind, r.seen_at_ms FROM station_reports r
                     JOIN stations s ON s.office = r.office AND s.name = r.station
                   WHERE r.office = ? ORDER BY s.name LIMIT ?";
        self.rows(sql, params![self.office.as_str(), limit], |row| {
            Ok(ReportRecord {
                name: plain(row, "name")?,
                kind: parsed(row, "kind")?,
                seen_at: time(row, "seen_at_ms")?,
            })
        })
    }

    /// Tells when a station last reported.
    #[allow(clippy::missing_errors_doc)]
    pub fn reported_at(&self, station: &str) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT seen_at_ms FROM station_reports WHERE office = ? AND station = ?";
        self.row(sql, params![self.office.as_str(), station], |row| time(row, "seen_at_ms"))
    }

    /// Returns the devices of a station as last reported, in the station's order.
    #[allow(clippy::missing_errors_doc)]
    pub fn devices_of(&self, station: &str) -> Result<Vec<DeviceRow>, StoreError> {
        let sql = "SELECT device, health, since_ms, slips_left, simulated FROM station_devices
                   WHERE office = ? AND station = ? ORDER BY ordinal";
        self.rows(sql, params![self.office.as_str(), station], device)
    }

    /// Finds a fault.
    #[allow(clippy::missing_errors_doc)]
    pub fn fault(&self, fault: FaultId) -> Result<Option<FaultRecord>, StoreError> {
        let sql = "SELECT fault_id, station, device, health, began_at_ms, ended_at_ms FROM device_faults
                   WHERE office = ? AND fault_id = ?";
        self.row(sql, params![self.office.as_str(), fault.to_string()], |row| {
            Ok(FaultRecord {
                fault_id: parsed(row, "fault_id")?,
                station: plain(row, "station")?,
                device: parsed(row, "device")?,
                health: parsed(row, "health")?,
                began_at: time(row, "began_at_ms")?,
                ended_at: time_or_none(row, "ended_at_ms")?,
            })
        })
    }
}

impl Tx<'_> {
    /// Replaces a station's report, and tells whether its devices differ from those of the report before.
    ///
    /// # Errors
    /// When the engine refuses; so for every write below.
    pub fn save_report(&self, station: &str, devices: &[DeviceRow], at: Timestamp) -> Result<bool, StoreError> {
        let office = self.office.as_str();
        self.run(
            "INSERT INTO station_reports (office, station, seen_at_ms) VALUES (?, ?, ?)
             ON CONFLICT (office, station) DO UPDATE SET seen_at_ms = excluded.seen_at_ms",
            params![office, station, ms(at)],
        )?;
        if self.devices_of(station)? == devices {
            return Ok(false);
        }
        self.run("DELETE FROM station_devices WHERE office = ? AND station = ?", params![office, station])?;
        for (ordinal, row) in (0_i64..).zip(devices) {
            self.run(
                "INSERT INTO station_devices (office, station, ordinal, device, health, since_ms, slips_left, simulated)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                params![
                    office,
                    station,
                    ordinal,
                    row.device.key(),
                    row.health.key(),
                    ms(row.since),
                    row.slips_left,
                    row.simulated,
                ],
            )?;
        }
        Ok(true)
    }

    /// Writes a fault down, or its end.
    #[allow(clippy::missing_errors_doc)]
    pub fn save_fault(&self, fault: &FaultRecord, at: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO device_faults (fault_id, office, station, device, health, began_at_ms, ended_at_ms, noted_at_ms)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (fault_id) DO UPDATE SET ended_at_ms = excluded.ended_at_ms, noted_at_ms = excluded.noted_at_ms",
            params![
                fault.fault_id.to_string(),
                self.office.as_str(),
                fault.station,
                fault.device.key(),
                fault.health.key(),
                ms(fault.began_at),
                fault.ended_at.map(ms),
                ms(at),
            ],
        )?;
        Ok(())
    }
}
