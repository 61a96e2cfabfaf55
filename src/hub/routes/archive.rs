//! The archive: searched, looked at, opened, taken along. Numbers of identity come in bodies, never in addresses.

use std::io::{self, Write};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::super::Hub;
use super::super::access::{CaseRoles, Heads, Officer};
use super::super::extract::{Json, Path};
use super::super::operations::Hand;
use super::super::operations::archive::By;
use super::super::operations::archive::find::Query;
use super::super::operations::archive::look::Take;
use super::super::refusal::Refusal;
use super::super::views;
use crate::domain::ids::{CaseId, DocumentId};
use crate::failure::Failure;
use crate::store::{ArchivedCase, CaseRecord};
use crate::wire::archive::{ArchiveDetail, ArchiveRow, ArchiveSearch};

/// A piece of a ZIP on its way out, in bytes.
const PIECE_BYTES: usize = 64 * 1024;
/// Pieces between the archive and the network.
const PIECES_WAITING_MAX: usize = 8;
/// Whoever takes a ZIP must take each piece within this time, in seconds: a worker of the archive waits for it.
const PIECE_DEADLINE_S: u64 = 30;

fn by<R>(officer: &Officer<R>) -> By {
    let hand = Hand::of(officer);
    By { actor: hand.person.actor(), station: hand.station }
}

fn row(hub: &Hub, found: &ArchivedCase, case: &CaseRecord) -> ArchiveRow {
    views::archive_row(&hub.catalogue, hub.zone(), found, case)
}

/// Searches the archive by its number, a NIK, a No KK or days of the register book.
#[utoipa::path(post, path = "/api/v1/archive/find", tag = "archive", request_body = ArchiveSearch,
    responses((status = 200, body = Vec<ArchiveRow>)))]
pub async fn find(
    State(hub): State<Hub>,
    officer: Officer<CaseRoles>,
    Json(search): Json<ArchiveSearch>,
) -> Result<Json<Vec<ArchiveRow>>, Refusal> {
    let query = match search {
        ArchiveSearch::Number { number } => Query::Number(number),
        ArchiveSearch::Nik { nik } => Query::Nik(nik),
        ArchiveSearch::NoKk { no_kk } => Query::NoKk(no_kk),
        ArchiveSearch::Registered { from, to } => Query::Registered { from, to },
    };
    found(&hub, &officer, query).await.map(Json)
}

/// Searches, for the API and for the pages.
pub(super) async fn found(hub: &Hub, officer: &Officer<CaseRoles>, query: Query) -> Result<Vec<ArchiveRow>, Refusal> {
    let (archivist, by) = (hub.archivist.clone(), by(officer));
    let found = hub.with_archive_work(move || archivist.find(&query, &by)).await??;
    Ok(found.iter().map(|(found, case)| row(hub, found, case)).collect())
}

/// Files a finished case at once, without the words of its scans: reading them takes seconds a page. Cases also file
/// themselves, with words. Filed before, it stays as it is.
#[utoipa::path(put, path = "/api/v1/archive/{case_id}", tag = "archive",
    params(("case_id" = uuid::Uuid, Path, description = "The case")), responses((status = 200, body = ArchiveDetail)))]
pub async fn file(
    State(hub): State<Hub>,
    officer: Officer<CaseRoles>,
    Path(case_id): Path<CaseId>,
) -> Result<Json<ArchiveDetail>, Refusal> {
    let (archivist, by_whom) = (hub.archivist.clone(), by(&officer));
    hub.with_archive_work(move || archivist.file(case_id, &by_whom)).await??;
    detail(&hub, by(&officer), case_id).await
}

/// Returns an archived case with the facts of its documents, also one that was destroyed.
#[utoipa::path(get, path = "/api/v1/archive/{case_id}", tag = "archive",
    params(("case_id" = uuid::Uuid, Path, description = "The case")), responses((status = 200, body = ArchiveDetail)))]
pub async fn look(
    State(hub): State<Hub>,
    officer: Officer<CaseRoles>,
    Path(case_id): Path<CaseId>,
) -> Result<Json<ArchiveDetail>, Refusal> {
    detail(&hub, by(&officer), case_id).await
}

async fn detail(hub: &Hub, by: By, case_id: CaseId) -> Result<Json<ArchiveDetail>, Refusal> {
    let archivist = hub.archivist.clone();
    let (found, case, documents) = hub.with_archive_work(move || archivist.look(case_id, &by)).await??;
    let documents = documents.iter().map(|document| views::archive_document(&hub.catalogue, document)).collect();
    Ok(Json(ArchiveDetail { row: row(hub, &found, &case), documents }))
}

/// Returns an archived document as PDF/A.
#[utoipa::path(get, path = "/api/v1/archive/{case_id}/documents/{document_id}", tag = "archive",
    params(("case_id" = uuid::Uuid, Path, description = "The case"),
           ("document_id" = uuid::Uuid, Path, description = "The document")),
    responses((status = 200, content_type = "application/pdf", body = Vec<u8>)))]
pub async fn document(
    State(hub): State<Hub>,
    officer: Officer<CaseRoles>,
    Path((case_id, document_id)): Path<(CaseId, DocumentId)>,
) -> Result<Response, Refusal> {
    opened(&hub, &officer, case_id, document_id, Take::Pdf).await
}

/// Answers with an archived document, or with the scan inside it.
pub(super) async fn opened(
    hub: &Hub,
    officer: &Officer<CaseRoles>,
    case_id: CaseId,
    document_id: DocumentId,
    take: Take,
) -> Result<Response, Refusal> {
    let (archivist, by) = (hub.archivist.clone(), by(officer));
    let opened = hub.with_archive_work(move || archivist.open_document(case_id, document_id, take, &by)).await??;
    // Shown, not saved; whoever saves it all the same gets a name that tells what it is, and of nobody.
    let disposition = format!("inline; filename=\"{}\"", opened.file_name);
    let headers = [(header::CONTENT_TYPE, opened.media_type), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, opened.bytes).into_response())
}

/// Returns an archived case as one ZIP: its PDFs and a manifest.
#[utoipa::path(get, path = "/api/v1/archive/{case_id}/export", tag = "archive",
    params(("case_id" = uuid::Uuid, Path, description = "The case")),
    responses((status = 200, content_type = "application/zip", body = Vec<u8>)))]
pub async fn export(
    State(hub): State<Hub>,
    officer: Officer<Heads>,
    Path(case_id): Path<CaseId>,
) -> Result<Response, Refusal> {
    let (archivist, by) = (hub.archivist.clone(), by(&officer));
    let prepared = hub.with_archive_work(move || archivist.export(case_id, &by)).await??;
    let disposition = format!("attachment; filename=\"{}\"", prepared.file_name());
    let permit = hub.archive_permits.clone().acquire_owned().await.map_err(|_| Refusal::new(Failure::HubFault))?;
    let (pieces, inbox) = mpsc::channel(PIECES_WAITING_MAX);
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let out = Pieces { out: pieces.clone(), runtime: Handle::current(), piece: Vec::with_capacity(PIECE_BYTES) };
        if let Err(error) = prepared.write(out).map_err(io::Error::other).and_then(|mut out| out.flush()) {
            tracing::warn!(%error, "a ZIP of the archive broke off");
            // Whoever takes it must not hold it for whole. If they are gone, nobody needs to hear it.
            let _ = pieces.try_send(Err(error));
        }
    });
    let headers = [(header::CONTENT_TYPE, "application/zip".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, Body::from_stream(ReceiverStream::new(inbox))).into_response())
}

/// Hands a ZIP on in pieces, from a thread that may wait.
struct Pieces {
    out: mpsc::Sender<io::Result<Bytes>>,
    runtime: Handle,
    piece: Vec<u8>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = PIECE_BYTES.saturating_sub(self.piece.len()).min(bytes.len());
        self.piece.extend(bytes.iter().take(room));
        if self.piece.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(room)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = Bytes::from(std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE_BYTES)));
        let sent = tokio::time::timeout(Duration::from_secs(PIECE_DEADLINE_S), self.out.send(Ok(piece)));
        match self.runtime.block_on(sent) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}
