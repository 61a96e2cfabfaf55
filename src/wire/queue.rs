//! Tickets and calls on the wire.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::case::{CaseRow, SubmittedTicket};
use super::hall::Floor;
use super::health::StationState;
use crate::domain::ids::{CaseId, RequestId, TicketId};
use crate::domain::priority::Priority;
use crate::domain::slip_token::SlipDigest;
use crate::domain::ticket::{Queue, TicketNumber, TicketState};

/// `GET /queue`: the hall right now. Numbers only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hall {
    /// Business day.
    #[schema(value_type = String)]
    pub day: Date,
    /// Grows with every call and recall.
    pub call_serial: u64,
    /// Waiting tickets, first to be called first.
    pub waiting: Vec<TicketRow>,
    /// Called and serving tickets, latest call first.
    pub called: Vec<TicketRow>,
    /// The latest calls of the day, finished ones too, newest first; at most 10.
    pub last_calls: Vec<TicketRow>,
    /// Tickets whose KK is ready at the counter.
    #[schema(value_type = Vec<String>)]
    pub ready: Vec<TicketNumber>,
    /// Printed cases on their way to the counter. Empty for boards and kiosks.
    pub printed: Vec<CaseRow>,
    /// Stations that somebody has to look after, by name. Empty for boards and kiosks, and from an older hub.
    #[serde(default)]
    pub stations: Vec<StationState>,
    /// How long somebody who joins the verification queue now will wait, in minutes; see `domain::pace`. None while
    /// too little is known, and from an older hub.
    #[serde(default)]
    pub wait_minutes: Option<u32>,
    /// Queues, counters, and what is set aside. Empty from an older hub.
    #[serde(default)]
    pub floor: Floor,
    /// When the hub answered.
    #[schema(value_type = String)]
    pub at: Timestamp,
}

/// A ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketRow {
    /// Names it.
    #[schema(value_type = uuid::Uuid)]
    pub ticket_id: TicketId,
    /// Number as printed.
    #[schema(value_type = String)]
    pub number: TicketNumber,
    /// What its holder waits for.
    #[schema(value_type = String)]
    pub queue: Queue,
    /// How far it has come.
    #[schema(value_type = String)]
    pub state: TicketState,
    /// Its case. None for boards and kiosks, and for a ticket of somebody who asked for help without a case.
    #[schema(value_type = Option<uuid::Uuid>)]
    pub case_id: Option<CaseId>,
    /// Title of the service variant, or that somebody wants help. None for boards.
    pub title: Option<String>,
    /// Why its holder should not wait long. None for boards and kiosks.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub priority: Option<Priority>,
    /// Waiting since.
    #[schema(value_type = String)]
    pub since: Timestamp,
    /// Counter that called it.
    pub counter: Option<String>,
    /// Serial of its latest call.
    pub call_serial: Option<u64>,
    /// Grows with every change; a write says which one was seen. 0 from an older hub.
    #[serde(default)]
    pub version: u32,
    /// Calls and recalls since it last entered a queue.
    #[serde(default)]
    pub calls: u32,
    /// How long it will still wait, in minutes; see `domain::pace`. None unless it waits, and while too little is known.
    #[serde(default)]
    pub wait_minutes: Option<u32>,
    /// The only counter that may call it.
    #[serde(default)]
    pub aimed_at: Option<String>,
}

/// `PUT /tickets/{ticket_id}`: a kiosk issued a ticket that comes with no new case. Sent twice, it is one ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeTicket {
    /// Business day.
    #[schema(value_type = String, example = "2026-11-23")]
    pub day: Date,
    /// Number from the kiosk's own series.
    #[schema(value_type = String, example = "A-001")]
    pub number: TicketNumber,
    /// What for.
    pub purpose: TicketPurpose,
    /// Why its holder should not wait long, as they said themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub priority: Option<Priority>,
    /// When, by the kiosk's clock.
    #[schema(value_type = String)]
    pub taken_at: Timestamp,
}

impl TakeTicket {
    /// Asks for help in person under a ticket that a kiosk issued.
    #[must_use]
    pub fn for_help(ticket: &SubmittedTicket, taken_at: Timestamp) -> Self {
        Self::new(ticket, TicketPurpose::Help, taken_at)
    }

    /// Queues the holder of a slip for their KK under a ticket that a kiosk issued.
    #[must_use]
    pub fn for_pickup(ticket: &SubmittedTicket, case_id: CaseId, slip_token: &SlipDigest, taken_at: Timestamp) -> Self {
        Self::new(ticket, TicketPurpose::Pickup { case_id, slip_token: slip_token.clone() }, taken_at)
    }

    const fn new(ticket: &SubmittedTicket, purpose: TicketPurpose, taken_at: Timestamp) -> Self {
        Self { day: ticket.day, number: ticket.number, purpose, priority: ticket.priority, taken_at }
    }
}

/// What a ticket without a new case is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum TicketPurpose {
    /// An officer helps in person. Waits in the verification queue.
    Help,
    /// To collect a KK that lies at the counter. Waits in the pickup queue.
    Pickup {
        /// The case.
        #[schema(value_type = uuid::Uuid)]
        case_id: CaseId,
        /// Digest of the token on the applicant's slip: proof that they hold it.
        #[schema(value_type = String)]
        slip_token: SlipDigest,
    },
}

/// Answer to a ticket that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketTaken {
    /// The number that will be called. Whoever already waits for this KK today keeps the number they have.
    #[schema(value_type = String)]
    pub number: TicketNumber,
    /// In which queue.
    #[schema(value_type = String)]
    pub queue: Queue,
}

/// `POST /queue/call`: calls the next ticket to this counter. Also finishes nothing: an earlier call stays open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallNext {
    /// Names this request; sent twice, one ticket is called.
    #[schema(value_type = uuid::Uuid)]
    pub request_id: RequestId,
    /// From which queue.
    #[schema(value_type = String)]
    pub queue: Queue,
}

/// Answer to a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Called {
    /// The called ticket; none when nobody waits.
    pub ticket: Option<TicketRow>,
}

/// `POST /tickets/{ticket_id}/recall`, `/no-show`, `/finish`, `/serve`, `/hold`, `/skip` and `/restore`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketWrite {
    /// Names this request.
    #[schema(value_type = uuid::Uuid)]
    pub request_id: RequestId,
    /// Version of the ticket that was seen; without one, whatever it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
}

impl TicketWrite {
    /// A step of a ticket as it was seen.
    #[must_use]
    pub const fn seen(request_id: RequestId, ticket: &TicketRow) -> Self {
        Self::at_version(request_id, ticket.version)
    }

    /// A step of a ticket at a version. An older hub gives none (0) and takes none.
    #[must_use]
    pub const fn at_version(request_id: RequestId, version: u32) -> Self {
        Self { request_id, version: if version == 0 { None } else { Some(version) } }
    }
}

/// One server-sent event on `GET /events`: something changed, ask again. Carries no data of the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Change {
    /// Sequence number of the journal; for what is not in the journal, the last one before it.
    pub seq: u64,
    /// Key of the journal event; or `station_health`, which is not in the journal and goes to counters and officers.
    pub event: String,
    /// The case, if it is about one. None for boards and kiosks.
    #[schema(value_type = Option<uuid::Uuid>)]
    pub case_id: Option<CaseId>,
}
