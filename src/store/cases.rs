//! Rows of `cases`, `verdicts` and `return_reasons`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Row, params};

use super::rows::{converted, day, parsed, parsed_or_none, plain, time};
use super::{StoreError, Tx, View, ms};
use crate::domain::catalogue::{DocumentKey, QuestionKey, ReturnReasonKey, VariantKey};
use crate::domain::ids::{CaseId, UserId};
use crate::domain::nik::Nik;
use crate::domain::no_kk::NoKk;
use crate::domain::phone::Phone;
use crate::domain::slip_token::SlipDigest;
use crate::domain::stage::Stage;
use crate::domain::ticket::TicketNumber;

/// A case as a kiosk delivered it.
#[derive(Debug, Clone)]
pub struct NewCase {
    /// Names it.
    pub case_id: CaseId,
    /// Service variant.
    pub variant: VariantKey,
    /// Version of the service file.
    pub service_version: String,
    /// NIK of the applicant.
    pub applicant: Nik,
    /// The kiosk found it doubtful.
    pub applicant_doubtful: bool,
    /// No KK.
    pub no_kk: Option<NoKk>,
    /// NIK of the proxy.
    pub proxy: Option<Nik>,
    /// Mobile number of the applicant.
    pub phone: Option<Phone>,
    /// Answers to the questions.
    pub answers: BTreeMap<QuestionKey, bool>,
    /// Digest of the slip's token.
    pub slip_token: SlipDigest,
    /// Digest of the slip's code.
    pub slip_code: SlipDigest,
    /// Business day of the first ticket.
    pub first_day: Date,
    /// Number of the first ticket.
    pub first_number: TicketNumber,
    /// First touch, by the kiosk's clock.
    pub started_at: Timestamp,
    /// Last touch, by the kiosk's clock.
    pub submitted_at: Timestamp,
    /// Digest of the whole submission.
    pub submitted_digest: String,
    /// Name of the kiosk.
    pub kiosk: String,
}

/// A case as it stands.
#[derive(Debug, Clone)]
pub struct CaseRecord {
    /// What the kiosk delivered.
    pub given: NewCase,
    /// Grows with every change.
    pub version: u32,
    /// How far it is.
    pub stage: Stage,
    /// Since when.
    pub stage_since: Timestamp,
    /// The electronic signature was tried and waits.
    pub signature_deferred: bool,
    /// Submission number in SIAK.
    pub siak_number: Option<String>,
    /// Who did step 3.
    pub proposed_by: Option<UserId>,
    /// Who did step 4.
    pub endorsed_by: Option<UserId>,
    /// Row of the register book.
    pub register_number: Option<u32>,
    /// What was written with the last return.
    pub return_note: Option<String>,
}

/// What an officer found of a kind of document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerdictRow {
    /// Kind.
    pub kind: DocumentKey,
    /// Good or not.
    pub good: bool,
    /// Why not.
    pub reason: Option<ReturnReasonKey>,
}

/// One reason of a return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnRow {
    /// Kind; none for the file as a whole.
    pub kind: Option<DocumentKey>,
    /// Why.
    pub reason: ReturnReasonKey,
}

pub(super) fn read(row: &Row<'_>) -> Result<CaseRecord, StoreError> {
    let answers: Answers = converted(row, "answers")?;
    Ok(CaseRecord {
        given: NewCase {
            case_id: parsed(row, "case_id")?,
            variant: parsed(row, "variant")?,
            service_version: plain(row, "service_version")?,
            applicant: parsed(row, "applicant")?,
            applicant_doubtful: plain(row, "applicant_doubtful")?,
            no_kk: parsed_or_none(row, "no_kk")?,
            proxy: parsed_or_none(row, "proxy")?,
            phone: parsed_or_none(row, "phone")?,
            answers: answers.0,
            slip_token: converted(row, "slip_token")?,
            slip_code: converted(row, "slip_code")?,
            first_day: day(row, "first_day")?,
            first_number: parsed(row, "first_number")?,
            started_at: time(row, "started_at_ms")?,
            submitted_at: time(row, "submitted_at_ms")?,
            submitted_digest: plain(row, "submitted_digest")?,
            kiosk: plain(row, "kiosk")?,
        },
        version: plain(row, "version")?,
        stage: parsed(row, "stage")?,
        stage_since: time(row, "stage_since_ms")?,
        signature_deferred: plain(row, "signature_deferred")?,
        siak_number: plain(row, "siak_number")?,
        proposed_by: parsed_or_none(row, "proposed_by")?,
        endorsed_by: parsed_or_none(row, "endorsed_by")?,
        register_number: plain(row, "register_number")?,
        return_note: plain(row, "return_note")?,
    })
}

struct Answers(BTreeMap<QuestionKey, bool>);

impl TryFrom<String> for Answers {
    type Error = serde_json::Error;

    fn try_from(text: String) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&text).map(Self)
    }
}

impl View<'_> {
    /// Finds a case.
    ///
    /// # Errors
    /// When the engine refuses or a row does not parse; so for every read below.
    pub fn case(&self, case: CaseId) -> Result<Option<CaseRecord>, StoreError> {
        let sql = "SELECT * FROM cases WHERE office = ? AND case_id = ?";
        self.row(sql, params![self.office.as_str(), case.to_string()], read)
    }

    /// Finds a case by the digest of its slip's token.
    #[allow(clippy::missing_errors_doc)]
    pub fn case_of_token(&self, token: &SlipDigest) -> Result<Option<CaseRecord>, StoreError> {
        let sql = "SELECT * FROM cases WHERE office = ? AND slip_token = ?";
        self.row(sql, params![self.office.as_str(), token.as_str()], read)
    }

    /// Finds a case by the digest of its slip's code; should two share one, the newer.
    #[allow(clippy::missing_errors_doc)]
    pub fn case_of_code(&self, code: &SlipDigest) -> Result<Option<CaseRecord>, StoreError> {
        let sql = "SELECT * FROM cases WHERE office = ? AND slip_code = ? ORDER BY submitted_at_ms DESC LIMIT 1";
        self.row(sql, params![self.office.as_str(), code.as_str()], read)
    }

    /// Lists the cases of a stage, longest waiting first.
    #[allow(clippy::missing_errors_doc)]
    pub fn cases_at(&self, stage: Stage, limit: u32) -> Result<Vec<CaseRecord>, StoreError> {
        let sql = "SELECT * FROM cases WHERE office = ? AND stage = ? ORDER BY stage_since_ms, case_id LIMIT ?";
        self.rows(sql, params![self.office.as_str(), stage.key(), limit], read)
    }

    /// Returns what was found of each kind of document.
    #[allow(clippy::missing_errors_doc)]
    pub fn verdicts(&self, case: CaseId) -> Result<Vec<VerdictRow>, StoreError> {
        self.rows("SELECT kind, good, reason FROM verdicts WHERE case_id = ?", params![case.to_string()], |row| {
            Ok(VerdictRow {
                kind: parsed(row, "kind")?,
                good: plain(row, "good")?,
                reason: parsed_or_none(row, "reason")?,
            })
        })
    }

    /// Returns the reasons of the last return.
    #[allow(clippy::missing_errors_doc)]
    pub fn return_reasons(&self, case: CaseId) -> Result<Vec<ReturnRow>, StoreError> {
        let sql = "SELECT kind, reason FROM return_reasons WHERE case_id = ? ORDER BY ordinal";
        self.rows(sql, params![case.to_string()], |row| {
            Ok(ReturnRow { kind: parsed_or_none(row, "kind")?, reason: parsed(row, "reason")? })
        })
    }
}

impl Tx<'_> {
    /// Writes a new case, at stage `submitted` and version 1.
    ///
    /// # Errors
    /// When the engine refuses; so for every write below.
    pub fn add_case(&self, case: &NewCase, at: Timestamp) -> Result<(), StoreError> {
        let answers = serde_json::to_string(&case.answers).map_err(|_| StoreError::Garbled { column: "answers" })?;
        self.run(
            "INSERT INTO cases (case_id, office, version, stage, stage_since_ms, variant, service_version, applicant,
               applicant_doubtful, no_kk, proxy, phone, answers, slip_token, slip_code, first_day, first_number,
               started_at_ms, submitted_at_ms, submitted_digest, kiosk)
             VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                case.case_id.to_string(),
                self.office.as_str(),
                Stage::Submitted.key(),
                ms(at),
                case.variant.as_str(),
                case.service_version,
                case.applicant.as_str(),
                case.applicant_doubtful,
                case.no_kk.as_ref().map(NoKk::as_str),
                case.proxy.as_ref().map(Nik::as_str),
                case.phone.as_ref().map(Phone::as_str),
                answers,
                case.slip_token.as_str(),
                case.slip_code.as_str(),
                case.first_day.to_string(),
                case.first_number.to_string(),
                ms(case.started_at),
                ms(case.submitted_at),
                case.submitted_digest,
                case.kiosk,
            ],
        )?;
        Ok(())
    }

    /// Writes what may change of a case, and raises its version by one. Returns false when another version was there.
    #[allow(clippy::missing_errors_doc)]
    pub fn save_case(&self, case: &CaseRecord) -> Result<bool, StoreError> {
        let changed = self.run(
            "UPDATE cases SET version = version + 1, stage = ?, stage_since_ms = ?, signature_deferred = ?,
               siak_number = ?, proposed_by = ?, endorsed_by = ?, return_note = ?
             WHERE case_id = ? AND office = ? AND version = ?",
            params![
                case.stage.key(),
                ms(case.stage_since),
                case.signature_deferred,
                case.siak_number,
                case.proposed_by.map(|id| id.to_string()),
                case.endorsed_by.map(|id| id.to_string()),
                case.return_note,
                case.given.case_id.to_string(),
                self.office.as_str(),
                case.version,
            ],
        )?;
        Ok(changed == 1)
    }

    /// Writes what an officer found of a kind of document.
    #[allow(clippy::missing_errors_doc)]
    pub fn set_verdict(&self, case: CaseId, verdict: &VerdictRow) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO verdicts (case_id, kind, office, good, reason) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (case_id, kind) DO UPDATE SET good = excluded.good, reason = excluded.reason",
            params![
                case.to_string(),
                verdict.kind.as_str(),
                self.office.as_str(),
                verdict.good,
                verdict.reason.as_ref().map(ReturnReasonKey::as_str),
            ],
        )?;
        Ok(())
    }

    /// Forgets what was found of a kind of document: a new one is here.
    #[allow(clippy::missing_errors_doc)]
    pub fn clear_verdict(&self, case: CaseId, kind: &DocumentKey) -> Result<(), StoreError> {
        self.run("DELETE FROM verdicts WHERE case_id = ? AND kind = ?", params![case.to_string(), kind.as_str()])?;
        Ok(())
    }

    /// Replaces the reasons of the last return.
    #[allow(clippy::missing_errors_doc)]
    pub fn set_return_reasons(&self, case: CaseId, reasons: &[ReturnRow]) -> Result<(), StoreError> {
        self.run("DELETE FROM return_reasons WHERE case_id = ?", params![case.to_string()])?;
        for (ordinal, reason) in (0_i64..).zip(reasons) {
            self.run(
                "INSERT INTO return_reasons (case_id, ordinal, office, kind, reason) VALUES (?, ?, ?, ?, ?)",
                params![
                    case.to_string(),
                    ordinal,
                    self.office.as_str(),
                    reason.kind.as_ref().map(DocumentKey::as_str),
                    reason.reason.as_str(),
                ],
            )?;
        }
        Ok(())
    }
}
