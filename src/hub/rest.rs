//! The rest of a request's body: read to its end after an early answer.
//!
//! A caller that is still sending when the connection closes never sees the answer, and would send it all again.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::Request;
use tokio_stream::{Stream, StreamExt as _};

use crate::wire::SCAN_BYTES_MAX;

/// Bytes read after an answer, at most: a whole scan and some.
const REST_BYTES_MAX: usize = SCAN_BYTES_MAX + 4 * 1024 * 1024;
/// The rest must be here within this time, in seconds.
const REST_DEADLINE_S: u64 = 10;

/// A body that a handler may leave half-read.
#[derive(Clone)]
pub(super) struct Rest(Arc<Mutex<BodyDataStream>>);

impl Stream for Rest {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut stream = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Pin::new(&mut *stream).poll_next(context)
    }
}

impl Rest {
    /// Keeps a hand on a request's body.
    pub fn of(request: Request) -> (Request, Self) {
        let (parts, body) = request.into_parts();
        let rest = Self(Arc::new(Mutex::new(body.into_data_stream())));
        (Request::from_parts(parts, Body::from_stream(rest.clone())), rest)
    }

    /// Reads what nobody has read, within bounds.
    pub async fn discard(mut self) {
        let reading = async {
            let mut left = REST_BYTES_MAX;
            while let Some(Ok(piece)) = self.next().await {
                left = left.saturating_sub(piece.len());
                if left == 0 {
                    break;
                }
            }
        };
        if tokio::time::timeout(Duration::from_secs(REST_DEADLINE_S), reading).await.is_err() {
            tracing::debug!("a caller did not finish sending what nobody reads");
        }
    }
}
