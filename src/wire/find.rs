//! Finding a case at a counter, and the notes that stick to one, on the wire.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::case::CaseRow;
use crate::domain::archive::ArchiveNumber;
use crate::domain::archive_search::SoughtFault;
use crate::domain::case_search::Wanted;
use crate::domain::ids::{CaseId, RequestId};
use crate::domain::nik::Nik;
use crate::domain::no_kk::NoKk;
use crate::domain::ticket::TicketNumber;

/// What a case is looked for by: `POST /cases/find`. In the body, so that no number stands in an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum FindCases {
    /// A ticket number, of whichever queue.
    Ticket {
        /// As printed.
        #[schema(value_type = String, example = "A-001")]
        number: TicketNumber,
        /// Its business day; without one, today.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>, example = "2026-11-23")]
        day: Option<Date>,
    },
    /// The NIK of the applicant or the proxy.
    Nik {
        /// Sixteen digits.
        #[schema(value_type = String)]
        nik: Nik,
    },
    /// The No KK that the applicant gave.
    NoKk {
        /// Sixteen digits.
        #[schema(value_type = String)]
        no_kk: NoKk,
    },
    /// The number under which a finished case was filed.
    Archive {
        /// E.g. `2026-000042`.
        #[schema(value_type = String, example = "2026-000042")]
        number: ArchiveNumber,
    },
}

impl FindCases {
    /// Returns by what is searched, for the journal; never for what.
    #[must_use]
    pub const fn by(&self) -> &'static str {
        match self {
            Self::Ticket { .. } => "ticket",
            Self::Nik { .. } => "nik",
            Self::NoKk { .. } => "no_kk",
            Self::Archive { .. } => "archive",
        }
    }

    /// Reads what an officer typed into one field. Sixteen digits are two searches: as a NIK and as a No KK.
    ///
    /// # Errors
    /// When it is no number by which a case is found.
    pub fn typed(text: &str) -> Result<Vec<Self>, SoughtFault> {
        Ok(match Wanted::typed(text)? {
            Wanted::Ticket(number) => vec![Self::Ticket { number, day: None }],
            Wanted::Archive(number) => vec![Self::Archive { number }],
            Wanted::Identity { nik, no_kk } => vec![Self::Nik { nik }, Self::NoKk { no_kk }],
        })
    }
}

/// Answer to a search for cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FoundCases {
    /// What was found, the newest first; at most 20.
    pub cases: Vec<CaseRow>,
    /// There are more, older ones.
    pub more: bool,
}

/// A note that sticks to a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CaseNote {
    /// When it was written.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// Login of whoever wrote it.
    pub by: String,
    /// One paragraph, no personal data.
    pub text: String,
}

/// `POST /cases/{case_id}/notes`: sticks a note to a case. It conflicts with nothing, so no version is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddNote {
    /// Names this request; sent twice, it is one note.
    #[schema(value_type = uuid::Uuid)]
    pub request_id: RequestId,
    /// Words for whoever opens the case next, at most 200 characters, no personal data.
    pub text: String,
}

/// Answer to a note: where it stands. Its text is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CaseNoted {
    /// The case.
    #[schema(value_type = uuid::Uuid)]
    pub case_id: CaseId,
    /// When.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Notes on the case now; at most 20.
    pub notes: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_says_by_what_it_is_and_reads_back() {
        let ticket = FindCases::Ticket { number: "A-007".parse().expect("a number"), day: None };
        assert_eq!(serde_json::to_string(&ticket).expect("JSON"), r#"{"by":"ticket","number":"A-007"}"#);
        let typed = FindCases::typed("3315130101909001").expect("a number");
        assert_eq!(typed.iter().map(FindCases::by).collect::<Vec<_>>(), ["nik", "no_kk"]);
        for search in typed.into_iter().chain([ticket]) {
            let text = serde_json::to_string(&search).expect("JSON");
            assert_eq!(serde_json::from_str::<FindCases>(&text).expect("the same"), search);
            assert!(text.starts_with(&format!(r#"{{"by":"{}""#, search.by())), "{text}");
        }
        assert!(serde_json::from_str::<FindCases>(r#"{"by":"nik","nik":"331513"}"#).is_err());
    }
}
