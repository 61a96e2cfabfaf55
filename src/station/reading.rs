//! What stands on a page, read behind the preview: which document it is, its numbers, its QR codes.
//!
//! Words are read by Tesseract, a process that is killed when it takes too long (ADR 13); a kiosk without it still looks for
//! QR codes. What was read stands in no log.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anjungan_hardware::Page;
use jiff::civil::Date;

use super::bridge::Sender;
use super::worker::{StopFlag, Task, Worker};
use crate::domain::catalogue::{Catalogue, DocumentKey};
use crate::domain::no_kk::NoKk;
use crate::domain::page_doubt::PageDoubt;
use crate::scan::{self, Reason, qr};
use crate::tesseract::Tesseract;

/// A page to be read.
#[derive(Clone)]
pub struct ReadOrder {
    /// The number of the scan.
    pub number: u64,
    /// The page.
    pub page: Arc<Page>,
    /// What it should be.
    pub kind: DocumentKey,
    /// What it may be.
    pub catalogue: Arc<Catalogue>,
    /// Bounds the dates within the numbers.
    pub today: Date,
}

/// What was read.
#[derive(Clone, PartialEq)]
pub struct PageRead {
    /// The number of the scan.
    pub number: u64,
    /// Doubts that only words and codes show.
    pub doubts: Vec<PageDoubt>,
    /// It carries the QR code of a KK's electronic signature.
    pub signature_qr: bool,
    /// The number of the KK, where it was surely read.
    pub no_kk: Option<NoKk>,
}

impl fmt::Debug for PageRead {
    /// Without the numbers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageRead").field("number", &self.number).field("doubts", &self.doubts).finish_non_exhaustive()
    }
}

/// The worker that reads pages. One that is wanted no more is read all the same, and nobody listens.
#[derive(Debug)]
pub struct ReadingWorker {
    worker: Worker<ReadOrder>,
}

impl ReadingWorker {
    /// Starts the worker.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(events: Sender<PageRead>) -> std::io::Result<Self> {
        let open = move |_: &StopFlag| Ok::<_, String>(Reader { events: events.clone(), program: None });
        // A page that could not be read is one about which nothing more is said.
        Ok(Self { worker: Worker::start("reading", open, |_, _| ())? })
    }

    /// Reads a page; the answer carries the same number.
    pub fn read(&self, order: ReadOrder) {
        self.worker.send(order);
    }
}

struct Reader {
    events: Sender<PageRead>,
    /// None before the first page; then whether there is a program.
    program: Option<Option<Tesseract>>,
}

impl Reader {
    fn program(&mut self) -> Option<Tesseract> {
        let look = || {
            let program = Tesseract::default();
            let there = program.installed();
            if !there {
                tracing::info!("no OCR program: kinds of documents and numbers are not read");
            }
            there.then_some(program)
        };
        self.program.get_or_insert_with(look).clone()
    }

    fn page_read(&mut self, order: &ReadOrder) -> Option<PageRead> {
        let page = scan::decode(&order.page.bytes).ok()?.with_dpi(order.page.dpi);
        let look = scan::look(&page);
        let nothing = PageRead { number: order.number, doubts: Vec::new(), signature_qr: false, no_kk: None };
        if look.verdict.has(Reason::Blank) {
            return Some(nothing);
        }
        let straight = scan::straighten(&page, &look);
        let mut read = nothing;
        for code in qr::read(&straight) {
            match code {
                qr::Code::Signature { .. } => read.signature_qr = true,
                qr::Code::Other { .. } => read.doubts.push(PageDoubt::ForeignQr),
            }
        }
        read.doubts.dedup();
        if let Some(program) = self.program() {
            match program.words(&straight, &order.catalogue.documents(), Some(&order.kind), order.today) {
                Ok((kind, found)) => {
                    if kind.other {
                        read.doubts.push(PageDoubt::OtherKind);
                    }
                    read.no_kk = found.no_kk.filter(|no_kk| no_kk.sure).map(|no_kk| no_kk.value);
                }
                Err(error) => tracing::warn!(%error, "the page's words were not read"),
            }
        }
        Some(read)
    }
}

impl Task for Reader {
    type Command = ReadOrder;

    fn run(&mut self, order: ReadOrder) {
        if let Some(read) = self.page_read(&order) {
            self.events.send(read);
        }
    }

    fn idle(&mut self) -> Duration {
        Duration::from_secs(60)
    }
}
