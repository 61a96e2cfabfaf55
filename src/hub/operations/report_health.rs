//! Takes how a station's devices are now: the present state, replaced by every report and not written into the journal.

use jiff::Timestamp;

use crate::failure::Failure;
use crate::hub::Hub;
use crate::hub::access::AnyStation;
use crate::hub::refusal::Refusal;
use crate::hub::views::is_old;
use crate::store::{DeviceRow, StoreError};
use crate::wire::health::{DeviceReport, StationHealth};

/// Takes a report, and tells the counters when it changes what they see.
pub(in crate::hub) async fn report_health(hub: &Hub, station: &AnyStation, body: StationHealth) -> Result<(), Refusal> {
    body.check().map_err(|fact| Refusal::new(Failure::RequestMalformed).with_fact(fact))?;
    let devices: Vec<DeviceRow> = body.devices.iter().map(device).collect();
    let (name, world) = (station.name().to_owned(), hub.world.clone());
    let is_news = hub
        .store
        .write::<_, StoreError, _>(move |tx| {
            let at = world.now();
            let was_away = tx.reported_at(&name)?.is_none_or(|seen_at| is_old(seen_at, at));
            Ok(tx.save_report(&name, &devices, at)? || was_away)
        })
        .await?;
    if is_news {
        hub.health_changes.send_modify(|count| *count = count.wrapping_add(1));
    }
    Ok(())
}

fn device(report: &DeviceReport) -> DeviceRow {
    DeviceRow {
        device: report.device,
        health: report.health,
        // As it will be read back: the next report is compared with it.
        since: Timestamp::from_millisecond(report.since.as_millisecond()).unwrap_or(report.since),
        slips_left: report.slips_left,
        simulated: report.simulated,
    }
}
