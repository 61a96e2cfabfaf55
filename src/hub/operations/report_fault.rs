//! Takes a fault of a device, and its end: one pair in the journal, however often and in whatever order they come.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::ids::FaultId;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::hub::access::AnyStation;
use crate::hub::refusal::Refusal;
use crate::journal::EventKind;
use crate::store::{Actor, FaultRecord, NewEntry, Tx};
use crate::wire::health::DeviceFault;

/// Takes a fault. The same again changes nothing, its beginning after its end neither; the same name with other content
/// is refused.
pub(in crate::hub) async fn report_fault(
    hub: &Hub,
    station: &AnyStation,
    fault_id: FaultId,
    body: DeviceFault,
) -> Result<(), Refusal> {
    let (station, world) = (station.name().to_owned(), hub.world.clone());
    hub.store
        .write(move |tx| {
            let given = FaultRecord {
                fault_id,
                station,
                device: body.device,
                health: body.health,
                began_at: kept(body.began_at),
                ended_at: body.ended_at.map(kept),
            };
            let known = tx.fault(fault_id)?;
            if known.as_ref().is_some_and(|known| !agrees(known, &given)) {
                return Err(Refusal::new(Failure::RequestReused));
            }
            let has_begun = known.is_some();
            let has_ended = known.is_some_and(|known| known.ended_at.is_some());
            let ends = given.ended_at.is_some() && !has_ended;
            if has_begun && !ends {
                return Ok(());
            }
            let at = world.now();
            tx.save_fault(&given, at)?;
            if !has_begun {
                note(tx, &given, at, EventKind::DeviceFault, began(&given))?;
            }
            if ends {
                let mut detail = began(&given);
                detail["ended_at"] = json!(given.ended_at);
                note(tx, &given, at, EventKind::DeviceFaultCleared, detail)?;
            }
            Ok(())
        })
        .await
}

/// Returns a time as it will be read back.
fn kept(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

/// Tells whether two deliveries speak of the same fault. One without an end may be the older of the two.
fn agrees(known: &FaultRecord, given: &FaultRecord) -> bool {
    let begins = |fault: &FaultRecord| (fault.station.clone(), fault.device, fault.health, fault.began_at);
    let ends = known.ended_at.zip(given.ended_at).is_none_or(|(known, given)| known == given);
    begins(known) == begins(given) && ends
}

fn began(fault: &FaultRecord) -> Value {
    json!({
        "fault_id": fault.fault_id,
        "device": fault.device,
        "health": fault.health,
        "began_at": fault.began_at,
    })
}

fn note(tx: &Tx<'_>, fault: &FaultRecord, at: Timestamp, event: EventKind, detail: Value) -> Result<(), Refusal> {
    let (actor, station) = (Actor::Station(fault.station.clone()), Some(fault.station.clone()));
    tx.note(&NewEntry { event, at, actor, station, case_id: None, detail })?;
    Ok(())
}
