//! Scans of the open case: fetched and decoded on a thread of their own, so that a large page delays no verb.

use std::io;
use std::sync::Arc;

use anjungan_hardware::Page;

use crate::domain::ids::{CaseId, DocumentId};
use crate::station::bridge::Sender;
use crate::station::pixels::{Pixels, preview};
use crate::station::worker::{StopFlag, Task, Worker};
use crate::wire::client::HubClient;

/// Only needed to make a page; the preview does not depend on it.
const DPI_ASSUMED: u16 = 200;

/// A scan that arrived, or did not.
#[derive(Debug, Clone)]
pub(super) struct ScanFetched {
    /// Which.
    pub(super) document: DocumentId,
    /// Its pixels.
    pub(super) pixels: Option<Arc<Pixels>>,
}

#[derive(Clone)]
struct Fetch {
    client: HubClient,
    case: CaseId,
    document: DocumentId,
}

#[derive(Debug)]
pub(super) struct ScanWorker {
    worker: Worker<Fetch>,
    events: Sender<ScanFetched>,
}

impl ScanWorker {
    pub(super) fn start(events: Sender<ScanFetched>) -> io::Result<Self> {
        let (told, lost) = (events.clone(), events.clone());
        let worker = Worker::start(
            "scan-fetch",
            move |_: &StopFlag| Ok::<_, String>(Fetching { events: told.clone() }),
            move |fetch: Fetch, _| {
                lost.send(ScanFetched { document: fetch.document, pixels: None });
            },
        )?;
        Ok(Self { worker, events })
    }

    /// Fetches and decodes one scan.
    pub(super) fn fetch(&self, client: HubClient, case: CaseId, document: DocumentId) {
        if !self.worker.send(Fetch { client, case, document }) {
            self.events.send(ScanFetched { document, pixels: None });
        }
    }
}

struct Fetching {
    events: Sender<ScanFetched>,
}

impl Task for Fetching {
    type Command = Fetch;

    fn run(&mut self, fetch: Fetch) {
        let document = fetch.document;
        let pixels = match fetch.client.scan(fetch.case, document) {
            Ok(bytes) => decode(bytes, document),
            Err(error) => {
                tracing::warn!(%document, %error, "a scan was not fetched");
                None
            }
        };
        self.events.send(ScanFetched { document, pixels: pixels.map(Arc::new) });
    }
}

fn decode(bytes: Vec<u8>, document: DocumentId) -> Option<Pixels> {
    let page = Page::from_bytes(bytes, DPI_ASSUMED)
        .inspect_err(|error| tracing::warn!(%document, %error, "a scan is not a picture"))
        .ok()?;
    preview(&page).inspect_err(|error| tracing::warn!(%document, %error, "a scan cannot be shown")).ok()
}
