//! KK that lie at the counter and that nobody has collected, on the wire.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::catalogue::VariantKey;
use crate::domain::ids::{CaseId, RequestId};
use crate::domain::ticket::TicketNumber;
use crate::domain::unclaimed::ReminderWay;

/// `GET /unclaimed`: what lies at the counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Unclaimed {
    /// Whoever is to be reminded first, then the others; each from the one that has lain longest. At most 200.
    pub rows: Vec<UnclaimedRow>,
    /// How many there are in all; more than `rows` when the list was cut off.
    pub total: u32,
}

/// A KK that lies at the counter. Nothing of its people: their numbers are on the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnclaimedRow {
    /// The case.
    #[schema(value_type = uuid::Uuid)]
    pub case_id: CaseId,
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
    /// When the KK came to the counter.
    #[schema(value_type = String)]
    pub since: Timestamp,
    /// Days it has lain there.
    pub days: u32,
    /// The applicant left a mobile number.
    pub has_phone: bool,
    /// How often somebody reminded the applicant.
    pub reminders: u32,
    /// When they did so last.
    #[schema(value_type = Option<String>)]
    pub last_reminder: Option<Timestamp>,
    /// Somebody should remind the applicant; see `domain::unclaimed`.
    pub due: bool,
}

/// `POST /cases/{case_id}/reminders`: somebody has reminded the applicant. Nothing is sent by the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Remind {
    /// Names this request; sent twice, it is one reminder.
    #[schema(value_type = uuid::Uuid)]
    pub request_id: RequestId,
    /// How: `telepon`, `pesan` or `lainnya`.
    #[schema(value_type = String, example = "telepon")]
    pub way: ReminderWay,
}

/// Answer to a reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reminded {
    /// The case.
    #[schema(value_type = uuid::Uuid)]
    pub case_id: CaseId,
    /// When.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// How often by now.
    pub reminders: u32,
}
