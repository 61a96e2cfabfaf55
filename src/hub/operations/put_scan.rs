//! Takes the bytes of a scan: checked, on disk and named by their digest before the row says so.

use std::time::Duration;

use axum::body::{Body, Bytes};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;

use crate::domain::ids::{CaseId, DocumentId};
use crate::failure::Failure;
use crate::hub::Hub;
use crate::hub::access::{Kiosk, Station};
use crate::hub::refusal::Refusal;
use crate::hub::secret::hex;
use crate::journal::EventKind;
use crate::store::{Actor, NewEntry, ScanRecord, StoreError};

/// No piece of a scan may take longer, in seconds; a slow line sends small pieces.
const PIECE_DEADLINE_S: u64 = 30;
/// Pieces between the network and the disk.
const PIECES_WAITING_MAX: usize = 8;

/// What a request says of the bytes it carries.
pub(in crate::hub) struct Announced {
    /// Media type of the request.
    pub media_type: Option<String>,
    /// Length of its body, if it says.
    pub length: Option<u64>,
}

/// Takes a scan. Sent twice, it is stored once.
pub(in crate::hub) async fn put_scan(
    hub: &Hub,
    kiosk: &Station<Kiosk>,
    case_id: CaseId,
    document_id: DocumentId,
    announced: Announced,
    body: Body,
) -> Result<(), Refusal> {
    let found = hub.store.read::<_, StoreError, _>(move |view| {
        let is_filed = view.archived(case_id)?.is_some();
        Ok((view.case(case_id)?, is_filed, view.document(case_id, document_id)?))
    });
    let (case, is_filed, document) = found.await?;
    let is_finished = case.ok_or(Failure::CaseUnknown)?.stage.is_final();
    let document = document.ok_or(Failure::ScanMissing)?;
    if is_filed {
        // Sealed in the archive already, or asked for again and not needed: the kiosk may forget it.
        return Ok(());
    }
    let scan = document.given.scan.ok_or(Failure::ScanRejected)?;
    if announced.media_type.as_deref() != Some(&*scan.media_type) {
        return Err(Failure::ScanRejected.into());
    }
    if announced.length.is_some_and(|length| length > scan.bytes) {
        return Err(Failure::ScanMismatch.into());
    }
    if document.arrived_at.is_none() || !hub.store.scans().has(&scan) {
        receive(hub, &scan, body).await?;
    }
    let (kiosk, world, kind) = (kiosk.name().to_owned(), hub.world.clone(), document.given.kind);
    hub.store
        .write::<_, StoreError, _>(move |tx| {
            let at = world.now();
            if tx.scan_arrived(document_id, at)? {
                let actor = Actor::Station(kiosk.clone());
                let detail = json!({ "document": document_id, "kind": kind, "bytes": scan.bytes });
                let (event, case_id) = (EventKind::ScanStored, Some(case_id));
                tx.note(&NewEntry { event, at, actor, station: Some(kiosk), case_id, detail })?;
            }
            Ok(())
        })
        .await?;
    if is_finished {
        // From a kiosk that was cut off for long: the case has waited for it.
        hub.finished.notify_one();
    }
    Ok(())
}

async fn receive(hub: &Hub, scan: &ScanRecord, body: Body) -> Result<(), Refusal> {
    let (pieces, mut inbox) = mpsc::channel::<Bytes>(PIECES_WAITING_MAX);
    let (files, facts, unique) = (hub.store.scans().clone(), scan.clone(), hex(&hub.world.random::<16>()));
    let writing = tokio::task::spawn_blocking(move || {
        let mut upload = files.begin(&facts, &unique)?;
        while let Some(piece) = inbox.blocking_recv() {
            upload.push(&piece)?;
        }
        // A body that broke off is shorter than announced, so it never gets a name.
        upload.finish()
    });
    let mut stream = body.into_data_stream();
    while let Ok(Some(Ok(piece))) = tokio::time::timeout(Duration::from_secs(PIECE_DEADLINE_S), stream.next()).await {
        if pieces.send(piece).await.is_err() {
            break;
        }
    }
    drop(pieces);
    writing.await.map_err(|_| Refusal::new(Failure::HubFault))??;
    Ok(())
}
