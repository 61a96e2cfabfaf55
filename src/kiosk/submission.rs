//! From what a person applies for to what is kept and delivered: identifiers and secrets are made here, once.

use std::collections::BTreeMap;

use anjungan_hardware::PageFormat;
use jiff::Timestamp;

use super::flow::{Application, DocumentTaken, Receipt};
use crate::clock::World;
use crate::domain::no_kk::NoKk;
use crate::domain::office::{OfficeCode, Zone};
use crate::domain::slip_token::SlipToken;
use crate::domain::ticket::{Series, TicketNumber};
use crate::station::outbox::{Parcel, ScanToKeep};
use crate::station::pixels::PreparedPage;
use crate::wire::case::{Correction, ScanFacts, SlipDigests, Submission, SubmittedDocument, SubmittedTicket};

/// What every submission of this kiosk has in common.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) office: OfficeCode,
    pub(super) zone: Zone,
    pub(super) series: Series,
}

/// An application with its identifiers, ready to be kept.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    pub(super) application: Application,
    pub(super) parcel: Parcel,
    pub(super) scans: Vec<ScanToKeep>,
    /// None for a number without an application.
    pub(super) token: Option<SlipToken>,
    pub(super) at: Timestamp,
}

impl Prepared {
    /// Makes identifiers, token and digests for an application.
    pub(super) fn new(
        application: Application,
        pages: &BTreeMap<u64, PreparedPage>,
        origin: &Origin,
        world: &World,
    ) -> Self {
        let at = world.now();
        let ticket = SubmittedTicket {
            ticket_id: world.ticket_id(),
            day: origin.zone.day(at),
            // The outbox puts the issued number here.
            number: TicketNumber::new(origin.series, 1).expect("1 is a number of every series"),
            priority: match &application {
                Application::New { priority, .. } | Application::WalkIn { priority } => *priority,
                Application::Correction { .. } | Application::Pickup { .. } => None,
            },
        };
        let (parcel, scans, token) = match &application {
            Application::New { documents, .. } => {
                let token = world.slip_token();
                let (documents, scans) = take_documents(documents, pages, world);
                let no_kk = no_kk(&application, pages);
                let submission =
                    Submission { no_kk, ..submission(&application, documents, ticket, origin, &token, at) };
                let parcel = Parcel::Case { case_id: world.case_id(), submission: Box::new(submission) };
                (parcel, scans, Some(token))
            }
            Application::WalkIn { .. } => (Parcel::WalkIn { ticket, taken_at: at }, Vec::new(), None),
            Application::Pickup { case_id, digest } => {
                let (case_id, slip_token) = (*case_id, digest.clone());
                (Parcel::Pickup { case_id, slip_token, ticket, taken_at: at }, Vec::new(), None)
            }
            Application::Correction { case_id, token, digest, documents } => {
                let (documents, scans) = take_documents(documents, pages, world);
                let correction = Correction { slip_token: digest.clone(), documents, ticket, corrected_at: at };
                let request_id = world.request_id();
                let parcel = Parcel::Correction { case_id: *case_id, request_id, correction: Box::new(correction) };
                (parcel, scans, Some(token.clone()))
            }
        };
        Self { application, parcel, scans, token, at }
    }

    /// What the person gets, once the number is known.
    pub(super) fn receipt(&self, number: TicketNumber) -> Receipt {
        Receipt { case_id: self.parcel.case_id(), ticket: number, issued_at: self.at, token: self.token.clone() }
    }
}

fn submission(
    application: &Application,
    documents: Vec<SubmittedDocument>,
    ticket: SubmittedTicket,
    origin: &Origin,
    token: &SlipToken,
    at: Timestamp,
) -> Submission {
    let Application::New {
        variant,
        service_version,
        applicant,
        applicant_doubtful,
        proxy,
        answers,
        started_at,
        phone,
        ..
    } = application
    else {
        unreachable!("called for new cases only");
    };
    Submission {
        office: origin.office.clone(),
        variant: variant.clone(),
        service_version: service_version.clone(),
        applicant: *applicant,
        applicant_doubtful: *applicant_doubtful,
        no_kk: None,
        proxy: *proxy,
        phone: phone.clone(),
        answers: answers.iter().map(|(question, yes)| (question.clone(), yes)).collect(),
        documents,
        ticket,
        slip: SlipDigests { token: token.digest(), code: token.manual_code().digest() },
        submitted_at: at,
        started_at: *started_at,
    }
}

fn take_documents(
    documents: &[DocumentTaken],
    pages: &BTreeMap<u64, PreparedPage>,
    world: &World,
) -> (Vec<SubmittedDocument>, Vec<ScanToKeep>) {
    let mut scans = Vec::new();
    let submitted = documents
        .iter()
        .map(|document| {
            let document_id = world.document_id();
            // A page that is no longer there leaves a document to be shown at the counter.
            let prepared = document.scan.and_then(|order| pages.get(&order));
            let scan = prepared.map(|prepared| {
                let media_type = media_type(prepared.page.format);
                scans.push(ScanToKeep { document_id, media_type, page: prepared.page.clone() });
                facts(prepared, media_type)
            });
            SubmittedDocument { document_id, kind: document.kind.clone(), scan }
        })
        .collect();
    (submitted, scans)
}

/// The number of the KK, where one of the pages surely says it, and all that do say the same.
fn no_kk(application: &Application, pages: &BTreeMap<u64, PreparedPage>) -> Option<NoKk> {
    let Application::New { documents, .. } = application else { return None };
    let mut read = documents.iter().filter_map(|document| pages.get(&document.scan?)?.no_kk);
    let first = read.next()?;
    read.all(|other| other == first).then_some(first)
}

const fn media_type(format: PageFormat) -> &'static str {
    match format {
        PageFormat::Jpeg => "image/jpeg",
        PageFormat::Png => "image/png",
    }
}

fn facts(prepared: &PreparedPage, media_type: &str) -> ScanFacts {
    let page = &prepared.page;
    ScanFacts {
        sha256: prepared.sha256.clone(),
        bytes: u64::try_from(page.bytes.len()).unwrap_or(u64::MAX),
        media_type: media_type.to_owned(),
        width_px: page.width_px,
        height_px: page.height_px,
        dpi: page.dpi,
        seen: prepared.seen.clone(),
    }
}
