//! The small file of faults that the hub does not have yet.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::book::{FaultNote, OpenFault};
use crate::domain::ids::FaultId;
use crate::wire::health::DeviceFault;

/// Name of the file in a station's data folder.
pub const STORE_FILE: &str = "device-faults.sqlite";
/// Faults that are kept while the hub is away; the oldest give way. A device that flutters all night must not fill
/// the disk.
const KEPT_MAX: u32 = 5_000;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS fault (
    fault_id    TEXT    PRIMARY KEY,
    device      TEXT    NOT NULL,
    health      TEXT    NOT NULL,
    began_at_ms INTEGER NOT NULL,
    ended_at_ms INTEGER,
    -- What the hub has heard: 0 nothing, 1 the beginning, 2 the end.
    told        INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;";

#[derive(Debug)]
pub(super) struct Store {
    db: Connection,
}

impl Store {
    /// Opens the file in a folder, or a store that lives as long as the program where there is no folder.
    pub(super) fn open(folder: Option<&Path>) -> Result<Self, rusqlite::Error> {
        let db = match folder {
            Some(folder) => {
                // A folder that cannot be made shows itself when the file is opened.
                let _ = std::fs::create_dir_all(folder);
                Connection::open(folder.join(STORE_FILE))?
            }
            None => Connection::open_in_memory()?,
        };
        db.busy_timeout(std::time::Duration::from_secs(5))?;
        db.execute_batch(SCHEMA)?;
        Ok(Self { db })
    }

    pub(super) fn keep(&self, note: &FaultNote) -> Result<(), rusqlite::Error> {
        let FaultNote { id, fault } = note;
        self.db.execute(
            "INSERT INTO fault (fault_id, device, health, began_at_ms, ended_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (fault_id) DO UPDATE SET ended_at_ms = excluded.ended_at_ms",
            params![
                id.to_string(),
                fault.device.key(),
                fault.health.key(),
                fault.began_at.as_millisecond(),
                fault.ended_at.map(Timestamp::as_millisecond)
            ],
        )?;
        // Identifiers grow with time.
        self.db.execute(
            "DELETE FROM fault WHERE fault_id IN (SELECT fault_id FROM fault ORDER BY fault_id DESC LIMIT -1 OFFSET ?1)",
            [KEPT_MAX],
        )?;
        Ok(())
    }

    /// The oldest fault of which the hub has not heard all.
    pub(super) fn next_untold(&self) -> Result<Option<FaultNote>, rusqlite::Error> {
        let mut query = self.db.prepare_cached(
            "SELECT fault_id, device, health, began_at_ms, ended_at_ms FROM fault
             WHERE told < CASE WHEN ended_at_ms IS NULL THEN 1 ELSE 2 END ORDER BY fault_id LIMIT 1",
        )?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            if let Some(note) = read(row)? {
                return Ok(Some(note));
            }
        }
        Ok(None)
    }

    /// Notes that the hub has heard this; what is over and heard is forgotten.
    pub(super) fn mark_told(&self, note: &FaultNote) -> Result<(), rusqlite::Error> {
        let id = note.id.to_string();
        if note.fault.ended_at.is_some() {
            self.db.execute("DELETE FROM fault WHERE fault_id = ?1", [id])?;
        } else {
            self.db.execute("UPDATE fault SET told = 1 WHERE fault_id = ?1", [id])?;
        }
        Ok(())
    }

    pub(super) fn open_faults(&self) -> Result<Vec<OpenFault>, rusqlite::Error> {
        let mut query = self.db.prepare(
            "SELECT fault_id, device, health, began_at_ms, ended_at_ms FROM fault WHERE ended_at_ms IS NULL",
        )?;
        let mut rows = query.query([])?;
        let mut open = Vec::new();
        while let Some(row) = rows.next()? {
            if let Some(FaultNote { id, fault: DeviceFault { device, health, began_at, .. } }) = read(row)? {
                open.push(OpenFault { id, device, health, began_at });
            }
        }
        Ok(open)
    }
}

/// Reads a row; one that another version wrote and this one does not understand is no fault.
fn read(row: &Row<'_>) -> Result<Option<FaultNote>, rusqlite::Error> {
    let text = |at: usize| row.get::<_, String>(at);
    let time = |ms: i64| Timestamp::from_millisecond(ms).ok();
    let (id, device, health) = (text(0)?.parse::<FaultId>().ok(), text(1)?.parse().ok(), text(2)?.parse().ok());
    let (began_at, ended) = (time(row.get(3)?), row.get::<_, Option<i64>>(4)?);
    Ok((|| {
        let fault =
            DeviceFault { device: device?, health: health?, began_at: began_at?, ended_at: ended.and_then(time) };
        Some(FaultNote { id: id?, fault })
    })())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::device::{DeviceHealth, DeviceKind};

    fn note(number: u8, ended: bool) -> FaultNote {
        let began_at = Timestamp::from_second(1_764_000_000).unwrap();
        FaultNote {
            id: FaultId::from_parts(u64::from(number), &[number; 10]),
            fault: DeviceFault {
                device: DeviceKind::Printer,
                health: DeviceHealth::MediaEmpty,
                began_at,
                ended_at: ended.then_some(began_at),
            },
        }
    }

    #[test]
    fn the_hub_hears_of_each_beginning_and_each_end_once_and_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(Some(folder.path())).unwrap();
        store.keep(&note(1, false)).unwrap();
        store.keep(&note(2, false)).unwrap();
        assert_eq!(store.next_untold().unwrap(), Some(note(1, false)));
        store.mark_told(&note(1, false)).unwrap();
        assert_eq!(store.next_untold().unwrap(), Some(note(2, false)));
        store.keep(&note(1, true)).unwrap();
        drop(store);
        // The program ends and begins again.
        let store = Store::open(Some(folder.path())).unwrap();
        assert_eq!(store.open_faults().unwrap().len(), 1);
        assert_eq!(store.next_untold().unwrap(), Some(note(1, true)));
        store.mark_told(&note(1, true)).unwrap();
        store.mark_told(&note(2, false)).unwrap();
        assert_eq!(store.next_untold().unwrap(), None);
    }

    #[test]
    fn a_fault_that_ends_while_its_beginning_is_told_still_tells_its_end() {
        let store = Store::open(None).unwrap();
        store.keep(&note(1, false)).unwrap();
        let telling = store.next_untold().unwrap().unwrap();
        store.keep(&note(1, true)).unwrap();
        store.mark_told(&telling).unwrap();
        assert_eq!(store.next_untold().unwrap(), Some(note(1, true)));
    }
}
