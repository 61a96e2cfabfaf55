//! Tickets and calls on the wire.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::case::CaseRow;
use super::health::StationState;
use crate::domain::ids::{CaseId, RequestId, TicketId};
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
    /// Its case. None for boards and kiosks.
    #[schema(value_type = Option<uuid::Uuid>)]
    pub case_id: Option<CaseId>,
    /// Title of the service variant. None for boards.
    pub title: Option<String>,
    /// Waiting since.
    #[schema(value_type = String)]
    pub since: Timestamp,
    /// Counter that called it.
    pub counter: Option<String>,
    /// Serial of its latest call.
    pub call_serial: Option<u64>,
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

/// `POST /tickets/{ticket_id}/recall` and `POST /tickets/{ticket_id}/no-show`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketWrite {
    /// Names this request.
    #[schema(value_type = uuid::Uuid)]
    pub request_id: RequestId,
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
