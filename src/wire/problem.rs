//! Problem documents (RFC 9457): how the hub says no.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::failure::{Failure, WhoActs};

/// A refusal or a fault, in words for the person there. Media type `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `urn:anjungan:failure:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Heading, Indonesian.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What happened, Indonesian.
    pub detail: String,
    /// Stable failure code, e.g. `SLIP-UNKNOWN`.
    pub code: String,
    /// What to do, Indonesian.
    pub action: String,
    /// Who can end it: `applicant`, `officer` or `technician`.
    #[schema(value_type = String)]
    pub who: WhoActs,
    /// A fact that belongs to this one refusal, e.g. when a slip was used; never personal data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fact: Option<String>,
}

impl Problem {
    /// Words a failure.
    #[must_use]
    pub fn new(failure: Failure, status: u16) -> Self {
        Self {
            kind: format!("urn:anjungan:failure:{}", failure.code()),
            title: failure.title().to_owned(),
            status,
            detail: failure.cause().to_owned(),
            code: failure.code().to_owned(),
            action: failure.action().to_owned(),
            who: failure.who(),
            fact: None,
        }
    }

    /// Adds a fact of this one refusal.
    #[must_use]
    pub fn with_fact(mut self, fact: impl Into<String>) -> Self {
        self.fact = Some(fact.into());
        self
    }

    /// Returns the failure of the catalogue, if this program knows it.
    #[must_use]
    pub fn failure(&self) -> Option<Failure> {
        Failure::from_code(&self.code)
    }
}
