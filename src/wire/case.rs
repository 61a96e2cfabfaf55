//! Cases on the wire.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::find::CaseNote;
use crate::domain::catalogue::{DocumentKey, QuestionKey, ReturnReasonKey, VariantKey};
use crate::domain::ids::{CaseId, DocumentId, RequestId, TicketId};
use crate::domain::nik::Nik;
use crate::domain::no_kk::NoKk;
use crate::domain::office::OfficeCode;
use crate::domain::page_doubt::PageDoubt;
use crate::domain::phone::Phone;
use crate::domain::priority::Priority;
use crate::domain::slip_token::SlipDigest;
use crate::domain::stage::Stage;
use crate::domain::ticket::TicketNumber;

/// What a kiosk delivers: `PUT /cases/{case_id}`. Sent twice, it is one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// The office whose kiosk this is.
    #[schema(value_type = String, example = "3315")]
    pub office: OfficeCode,
    /// Service variant, e.g. `kk.hilang`.
    #[schema(value_type = String, example = "kk.hilang")]
    pub variant: VariantKey,
    /// The service file's version the checklist came from.
    pub service_version: String,
    /// NIK of the applicant.
    #[schema(value_type = String, example = "3315130101909001")]
    pub applicant: Nik,
    /// The applicant insisted on a NIK that looked doubtful; the officer decides.
    #[serde(default)]
    pub applicant_doubtful: bool,
    /// No KK, where known.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub no_kk: Option<NoKk>,
    /// NIK of the proxy who applies with F-1.07.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub proxy: Option<Nik>,
    /// Mobile number of the applicant, where they gave one. Left out when absent: a case that an older kiosk kept is
    /// the same case, byte for byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub phone: Option<Phone>,
    /// Answers to the yes/no questions of the variant.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, bool>)]
    pub answers: BTreeMap<QuestionKey, bool>,
    /// Documents scanned or to be shown.
    pub documents: Vec<SubmittedDocument>,
    /// The ticket that the kiosk issued from its own series.
    pub ticket: SubmittedTicket,
    /// Digests of the slip's token and code.
    pub slip: SlipDigests,
    /// When the applicant pressed the button, by the kiosk's clock.
    #[schema(value_type = String)]
    pub submitted_at: Timestamp,
    /// When the applicant began at the kiosk, by the kiosk's clock: step 1 is measured from here.
    #[schema(value_type = String)]
    pub started_at: Timestamp,
}

/// One document of a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmittedDocument {
    /// Names this document.
    #[schema(value_type = uuid::Uuid)]
    pub document_id: DocumentId,
    /// Kind, e.g. `sk_hilang_polisi`.
    #[schema(value_type = String)]
    pub kind: DocumentKey,
    /// The scan that follows by `PUT /cases/{case_id}/documents/{document_id}`; none for a document only shown.
    #[serde(default)]
    pub scan: Option<ScanFacts>,
}

/// What is known of a scan before its bytes arrive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScanFacts {
    /// SHA-256 of the bytes, lower-case hex.
    #[schema(value_type = String)]
    pub sha256: SlipDigest,
    /// Size in bytes.
    pub bytes: u64,
    /// `image/jpeg` or `image/png`.
    pub media_type: String,
    /// Width in pixels.
    pub width_px: u32,
    /// Height in pixels.
    pub height_px: u32,
    /// Resolution in dots per inch.
    pub dpi: u16,
    /// What the kiosk saw on it; none when nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<PageSeen>,
}

/// What was seen on a scan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PageSeen {
    /// What may be wrong with it, the most important first.
    #[schema(value_type = Vec<String>)]
    pub doubts: Vec<PageDoubt>,
    /// It carries the QR code of a KK's electronic signature: https and the ministry's own host. Nobody opened it.
    #[serde(default)]
    pub signature_qr: bool,
}

/// The ticket a kiosk issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmittedTicket {
    /// Names the ticket.
    #[schema(value_type = uuid::Uuid)]
    pub ticket_id: TicketId,
    /// Business day.
    #[schema(value_type = String, example = "2026-11-23")]
    pub day: Date,
    /// Number, e.g. `A-001`.
    #[schema(value_type = String, example = "A-001")]
    pub number: TicketNumber,
    /// Why its holder should not wait long, as they said themselves. Left out when absent, as from an older kiosk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub priority: Option<Priority>,
}

/// Digests of the secrets on the slip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SlipDigests {
    /// Of the token in the QR.
    #[schema(value_type = String)]
    pub token: SlipDigest,
    /// Of the code a person types.
    #[schema(value_type = String)]
    pub code: SlipDigest,
}

/// Answer to a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Submitted {
    /// The case.
    #[schema(value_type = uuid::Uuid)]
    pub case_id: CaseId,
    /// Its version.
    pub version: u32,
    /// Its stage.
    #[schema(value_type = String)]
    pub stage: Stage,
    /// Documents whose scans are still to be sent.
    #[schema(value_type = Vec<uuid::Uuid>)]
    pub scans_wanted: Vec<DocumentId>,
}

/// Returned documents scanned again: `PUT /cases/{case_id}/corrections/{request_id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// Digest of the token on the applicant's slip: proof that they hold it.
    #[schema(value_type = String)]
    pub slip_token: SlipDigest,
    /// New scans; a document of the same kind replaces the rejected one.
    pub documents: Vec<SubmittedDocument>,
    /// A new ticket to be called for the second check.
    pub ticket: SubmittedTicket,
    /// When, by the kiosk's clock.
    #[schema(value_type = String)]
    pub corrected_at: Timestamp,
}

/// A case in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CaseRow {
    /// The case.
    #[schema(value_type = uuid::Uuid)]
    pub case_id: CaseId,
    /// Its version.
    pub version: u32,
    /// Its stage.
    #[schema(value_type = String)]
    pub stage: Stage,
    /// Ticket number of its first day.
    #[schema(value_type = String)]
    pub ticket: TicketNumber,
    /// Business day of that ticket.
    #[schema(value_type = String)]
    pub day: Date,
    /// Service variant.
    #[schema(value_type = String)]
    pub variant: VariantKey,
    /// Title of the variant.
    pub title: String,
    /// When the case came to this stage.
    #[schema(value_type = String)]
    pub since: Timestamp,
    /// The electronic signature was tried and waits.
    pub signature_deferred: bool,
    /// The operator has it again: Kepala Bidang or Kepala Dinas sent it back for correction.
    #[serde(default)]
    pub sent_back: bool,
}

/// A case with everything its officers need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CaseDetail {
    /// What a list shows.
    #[serde(flatten)]
    pub row: CaseRow,
    /// NIK of the applicant.
    #[schema(value_type = String)]
    pub applicant: Nik,
    /// The kiosk found the NIK doubtful.
    pub applicant_doubtful: bool,
    /// No KK, where known.
    #[schema(value_type = Option<String>)]
    pub no_kk: Option<NoKk>,
    /// NIK of the proxy.
    #[schema(value_type = Option<String>)]
    pub proxy: Option<Nik>,
    /// Mobile number of the applicant, as much of it as this officer may see.
    #[serde(default)]
    pub phone: Option<ShownPhone>,
    /// Documents, required ones first; a required one that was not brought is here too, without an identifier.
    pub documents: Vec<CaseDocument>,
    /// The eight steps with who and when.
    pub trail: Vec<TrailStep>,
    /// Submission number in SIAK.
    pub siak_number: Option<String>,
    /// Row of the register book.
    pub register_number: Option<u32>,
    /// Reasons of the last return.
    pub return_reasons: Vec<ReturnReason>,
    /// What the officer wrote with the return.
    pub return_note: Option<String>,
    /// Notes that stick to the case, the newest last. Empty from an older hub.
    #[serde(default)]
    pub notes: Vec<CaseNote>,
    /// Ticket of the day that this case is being served under.
    #[schema(value_type = Option<uuid::Uuid>)]
    pub ticket_id: Option<TicketId>,
}

/// A mobile number for an officer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShownPhone {
    /// The whole number, for the desks that call people: counter and operator.
    #[schema(value_type = String)]
    Whole(Phone),
    /// Its first and last digits, for everybody else.
    Masked(String),
}

impl ShownPhone {
    /// Returns the words for a screen.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Whole(phone) => phone.grouped(),
            Self::Masked(text) => text.clone(),
        }
    }
}

/// One document of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CaseDocument {
    /// Names the document; none when a required one was not brought.
    #[schema(value_type = Option<uuid::Uuid>)]
    pub document_id: Option<DocumentId>,
    /// Kind.
    #[schema(value_type = String)]
    pub kind: DocumentKey,
    /// Label.
    pub title: String,
    /// How it is asked for.
    pub need: NeedWire,
    /// A scan was announced.
    pub has_scan: bool,
    /// The scan is on the hub's disk.
    pub scan_arrived: bool,
    /// What the kiosk saw on it; none when nobody looked, and from an older hub.
    #[serde(default)]
    pub seen: Option<PageSeen>,
    /// What the officer found.
    pub verdict: Verdict,
    /// Why it was rejected.
    #[schema(value_type = Option<String>)]
    pub reason: Option<ReturnReasonKey>,
}

/// How a document is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NeedWire {
    /// Must be there.
    Mandatory,
    /// At least one of the group must be there.
    OneOf(String),
    /// Often asked, not required.
    Practice,
}

/// What the officer found of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Not looked at.
    Open,
    /// Good.
    Accepted,
    /// Not good.
    Rejected,
}

/// One step of the SOP in the life of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrailStep {
    /// 1 to 8.
    pub step: u8,
    /// Stage that ends it.
    #[schema(value_type = String)]
    pub stage: Stage,
    /// Name of the step.
    pub title: String,
    /// Standard of the SOP.
    pub standard_minutes: u16,
    /// When it was last reached.
    #[schema(value_type = Option<String>)]
    pub at: Option<Timestamp>,
    /// Who did it: a login or a kiosk's name.
    pub by: Option<String>,
    /// Seconds from the step before (step 1: from the first touch).
    pub seconds: Option<i64>,
}

/// Why a document, or the file as a whole, goes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnReason {
    /// Kind of the document; none for the file as a whole.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub document: Option<DocumentKey>,
    /// Code of the reason.
    #[schema(value_type = String)]
    pub reason: ReturnReasonKey,
}

/// What every verb carries: a name for the request and the version that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Write {
    /// Names this request; sent twice, it is done once.
    #[schema(value_type = uuid::Uuid)]
    pub request_id: RequestId,
    /// Version of the case on the officer's screen.
    pub version: u32,
}

/// `POST /cases/{case_id}/verify`: step 2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Verify {
    /// Request and version.
    #[serde(flatten)]
    pub write: Write,
    /// Kinds found good, scanned or seen on paper. All mandatory ones and one of each group must be here.
    #[schema(value_type = Vec<String>)]
    pub accepted: Vec<DocumentKey>,
}

/// `POST /cases/{case_id}/return`: back to the applicant or the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Return {
    /// Request and version.
    #[serde(flatten)]
    pub write: Write,
    /// To whom.
    pub to: ReturnTo,
    /// Reasons; at least one.
    pub reasons: Vec<ReturnReason>,
    /// Words for the next desk, at most 200 characters, no personal data.
    #[serde(default)]
    pub note: Option<String>,
}

/// Where a case goes back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReturnTo {
    /// The applicant must bring something.
    Applicant,
    /// The operator must correct data.
    Operator,
}

/// `POST /cases/{case_id}/propose`: step 3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Propose {
    /// Request and version.
    #[serde(flatten)]
    pub write: Write,
    /// Submission number as SIAK shows it.
    pub siak_number: String,
}

/// `POST /cases/{case_id}/sign`: step 5.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Sign {
    /// Request and version.
    #[serde(flatten)]
    pub write: Write,
    /// What became of the electronic signature.
    pub outcome: SignatureOutcome,
}

/// What became of the electronic signature (TTE) in SIAK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignatureOutcome {
    /// Signed.
    Signed,
    /// SIAK or BSrE is away; the case waits.
    Deferred,
}

/// `POST /cases/{case_id}/hand-over`: step 8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HandOver {
    /// Request and version.
    #[serde(flatten)]
    pub write: Write,
    /// Who stands at the counter.
    pub collector: CollectorWire,
    /// How their identity was proven.
    pub proof: Proof,
}

/// Who collects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CollectorWire {
    /// The applicant.
    Applicant,
    /// The proxy with surat kuasa F-1.07.
    Proxy,
}

/// How the collector's identity was proven. Every way is journalled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Proof {
    /// The KTP-el was read; the hub compares the number.
    Card {
        /// NIK from the card.
        #[schema(value_type = String)]
        nik: Nik,
        /// Where the reading came from: `chip`, `gateway`, `typed` or `simulated`.
        origin: String,
    },
    /// The chip could not be read: the officer compared photo and NIK on the card.
    Visual {
        /// Why the chip was not used.
        reason: String,
        /// NIK read from the card's face; the hub compares it too.
        #[schema(value_type = String)]
        nik: Nik,
    },
    /// The officer saw the Identitas Kependudukan Digital on the collector's phone.
    Ikd {
        /// What was seen, in the officer's words.
        reason: String,
        /// NIK shown there; the hub compares it too.
        #[schema(value_type = String)]
        nik: Nik,
    },
}

/// Answer to every verb.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CaseState {
    /// The case.
    #[schema(value_type = uuid::Uuid)]
    pub case_id: CaseId,
    /// Its new version.
    pub version: u32,
    /// Its new stage.
    #[schema(value_type = String)]
    pub stage: Stage,
    /// Row of the register book, once received.
    #[serde(default)]
    pub register_number: Option<u32>,
}

/// A text from a scanner or a keyboard: `POST /slips/open` and `POST /slips/status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SlipText {
    /// As scanned or typed.
    pub text: String,
}

/// Where a case is, for whoever holds its slip. No personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SlipStatus {
    /// The case.
    #[schema(value_type = uuid::Uuid)]
    pub case_id: CaseId,
    /// Its stage.
    #[schema(value_type = String)]
    pub stage: Stage,
    /// Its ticket number.
    #[schema(value_type = String)]
    pub ticket: TicketNumber,
    /// Title of the service variant.
    pub title: String,
    /// Variant key.
    #[schema(value_type = String)]
    pub variant: VariantKey,
    /// Where it is, in plain Indonesian.
    pub words: String,
    /// The eight steps.
    pub trail: Vec<StatusStep>,
    /// What must be brought or scanned again.
    pub wanted: Vec<WantedDocument>,
    /// The number under which its holder waits today to collect the KK, if they have one.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub pickup: Option<TicketNumber>,
    /// Digest of the token: the proof a kiosk needs to deliver a correction or to queue for the KK.
    #[schema(value_type = String)]
    pub slip_token: SlipDigest,
}

/// One step on the status page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatusStep {
    /// Name of the step, in few words.
    pub title: String,
    /// Reached.
    pub done: bool,
    /// When.
    #[schema(value_type = Option<String>)]
    pub at: Option<Timestamp>,
}

/// A document that was sent back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WantedDocument {
    /// Kind; none for the file as a whole.
    #[schema(value_type = Option<String>)]
    pub kind: Option<DocumentKey>,
    /// Label.
    pub title: String,
    /// What to do, in plain Indonesian.
    pub what_to_do: String,
}

/// One event of a case: `GET /journal?case={case_id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JournalLine {
    /// Number in the journal.
    pub seq: u64,
    /// When.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// What happened.
    pub event: String,
    /// Who did it: a login or a station's name.
    pub by: String,
    /// At which station.
    pub station: Option<String>,
}
