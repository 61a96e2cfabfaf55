//! How the hub says no: a failure of the catalogue with its HTTP status, as a problem document.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::domain::case::TransitionRefused;
use crate::domain::slip_token::SlipRefused;
use crate::failure::Failure;
use crate::store::{ScanError, StoreError};
use crate::wire::problem::Problem;

/// A refusal on its way to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    failure: Failure,
    status: u16,
    fact: Option<String>,
}

impl Refusal {
    /// Refuses with the status that belongs to the failure.
    #[must_use]
    pub const fn new(failure: Failure) -> Self {
        Self { failure, status: status_of(failure), fact: None }
    }

    /// Replaces the status, e.g. 405 for a known address with another method.
    #[must_use]
    pub const fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Adds a fact of this one refusal; never personal data.
    #[must_use]
    pub fn with_fact(mut self, fact: impl Into<String>) -> Self {
        self.fact = Some(fact.into());
        self
    }

    /// Returns the failure.
    #[must_use]
    pub const fn failure(&self) -> Failure {
        self.failure
    }

    /// Returns the HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Returns the fact.
    #[must_use]
    pub fn fact(&self) -> Option<&str> {
        self.fact.as_deref()
    }

    /// Words it as a problem document.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let problem = Problem::new(self.failure, self.status);
        match &self.fact {
            Some(fact) => problem.with_fact(fact.clone()),
            None => problem,
        }
    }
}

/// Returns the status that belongs to a failure.
const fn status_of(failure: Failure) -> u16 {
    use Failure as F;
    match failure {
        F::RequestMalformed => 400,
        F::LoginRefused | F::NotSignedIn | F::StationUnknown => 401,
        F::NotAllowed | F::PasswordChangeRequired | F::CaseFourEyes | F::FormExpired => 403,
        F::NotFound | F::CaseUnknown | F::SlipUnknown | F::SlipNotArrived | F::ScanMissing | F::TicketUnknown => 404,
        F::ArchiveUnknown | F::HallUnknown => 404,
        F::CaseChanged
        | F::CaseWrongStage
        | F::CaseConflict
        | F::TicketDuplicate
        | F::TicketTaken
        | F::TicketHasCase
        | F::TicketChanged
        | F::TicketCallAgain
        | F::TransferRefused
        | F::OfficerBusy
        | F::OfficerPosted
        | F::CounterNotOpen
        | F::CounterSkill
        | F::HallChanged
        | F::CaseNotesFull
        | F::QueueClosed
        | F::QuotaReached
        | F::TicketLimit
        | F::OfficeClosed
        | F::PickupNotReady
        | F::ArchiveNotFinished
        | F::RequestReused => 409,
        F::SlipUsed | F::ArchiveDestroyed => 410,
        F::RequestTooLarge => 413,
        F::LoginLocked | F::TooManyRequests | F::SearchTooOften => 429,
        F::SlipOtherOffice
        | F::SlipMistyped
        | F::SlipUnreadable
        | F::NikMalformed
        | F::NoKkMalformed
        | F::CaseIncomplete
        | F::CaseInvalid
        | F::ReturnReasonMissing
        | F::ReturnNoteInvalid
        | F::CaseNoteInvalid
        | F::NoticeInvalid
        | F::ScanRejected
        | F::ScanMismatch
        | F::SiakNumberInvalid
        | F::HandoverNikMismatch
        | F::HandoverNoProxy
        | F::HandoverProofInvalid
        | F::ArchiveScanUnfit
        | F::PasswordWeak => 422,
        F::HubUnreachable => 503,
        _ => 500,
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::new(failure)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        tracing::error!(%error, cause, "the store could not do a job");
        Self::new(Failure::HubFault)
    }
}

impl From<ScanError> for Refusal {
    fn from(error: ScanError) -> Self {
        match error {
            ScanError::TooLong | ScanError::Mismatch => Self::new(Failure::ScanMismatch),
            ScanError::NotAPicture => Self::new(Failure::ScanRejected),
            ScanError::Absent => Self::new(Failure::ScanMissing),
            ScanError::Disk(error) => {
                tracing::error!(%error, "the disk refused a scan");
                Self::new(Failure::HubFault)
            }
        }
    }
}

impl From<TransitionRefused> for Refusal {
    fn from(refused: TransitionRefused) -> Self {
        match refused {
            TransitionRefused::WrongRole => Self::new(Failure::NotAllowed),
            TransitionRefused::FourEyes => Self::new(Failure::CaseFourEyes),
            TransitionRefused::WrongStage(stage) => Self::new(Failure::CaseWrongStage).with_fact(stage.plain_words()),
        }
    }
}

impl From<SlipRefused> for Refusal {
    fn from(refused: SlipRefused) -> Self {
        Self::new(match refused {
            SlipRefused::TooLong | SlipRefused::Unreadable => Failure::SlipUnreadable,
            SlipRefused::OtherOffice => Failure::SlipOtherOffice,
            SlipRefused::Mistyped => Failure::SlipMistyped,
            SlipRefused::NotASlip => Failure::SlipUnknown,
        })
    }
}

/// Media type of a problem document (RFC 9457).
pub(super) const PROBLEM_JSON: &str = "application/problem+json";

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = serde_json::to_string(&self.problem()).unwrap_or_else(|_| "{}".to_owned());
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON))], body).into_response()
    }
}
