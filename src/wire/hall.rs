//! Counters, queues and the notice of the hall on the wire.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::queue::{TicketRow, TicketWrite};
use crate::domain::hall::{DeskState, Skills};
use crate::domain::ids::RequestId;
use crate::domain::nik::Nik;
use crate::domain::ticket::{Queue, TicketNumber};

/// What belongs to the hall beside its calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Floor {
    /// Every queue.
    pub queues: Vec<QueueState>,
    /// Every enrolled counter.
    pub counters: Vec<CounterState>,
    /// Tickets laid aside, latest call first. Empty for boards and kiosks.
    pub held: Vec<TicketRow>,
    /// Tickets whose holders did not come, latest call first. Empty for boards and kiosks.
    pub missed: Vec<TicketRow>,
    /// A line of text for the boards. Never about a person.
    pub notice: Option<String>,
    /// Version of that line; 0 before the first.
    pub notice_version: u32,
    /// Calls that are to be made before somebody is said not to have come.
    pub calls_before_no_show: u32,
    /// The longest wait that the office promises, in minutes.
    pub promise_minutes: u32,
}

/// A queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QueueState {
    /// Which.
    #[schema(value_type = String)]
    pub queue: Queue,
    /// A supervisor lets people in.
    pub open: bool,
    /// Version of that decision; 0 before the first.
    pub version: u32,
    /// A kiosk may give numbers for it right now.
    pub gives: bool,
    /// Tickets taken today.
    pub taken: u32,
    /// Tickets that may still be taken today; none without a quota.
    pub left: Option<u32>,
    /// Tickets that wait.
    pub waiting: u32,
    /// The longest wait goes on since.
    #[schema(value_type = Option<String>)]
    pub waiting_since: Option<Timestamp>,
    /// How long somebody who joins now will wait, in minutes.
    pub wait_minutes: Option<u32>,
}

/// A counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CounterState {
    /// Name as called.
    pub name: String,
    /// Open, on a break, closed.
    #[schema(value_type = String)]
    pub state: DeskState,
    /// Queues it calls from.
    #[schema(value_type = Vec<String>)]
    pub skills: Skills,
    /// Login of whoever works there. None for boards and kiosks.
    pub officer: Option<String>,
    /// The number at the counter; none when it is idle.
    #[schema(value_type = Option<String>)]
    pub ticket: Option<TicketNumber>,
    /// In this state since.
    #[schema(value_type = String)]
    pub since: Timestamp,
    /// Version of what was decided about it; 0 before the first.
    pub version: u32,
}

/// `POST /queue/call-number`: calls a number of today that waits, was laid aside or missed its call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallNumber {
    /// Names this request; sent twice, it is one call.
    #[schema(value_type = uuid::Uuid)]
    pub request_id: RequestId,
    /// From which queue.
    #[schema(value_type = String)]
    pub queue: Queue,
    /// Which number.
    #[schema(value_type = String, example = "A-001")]
    pub number: TicketNumber,
}

/// `POST /tickets/{ticket_id}/transfer`: sends a ticket at this counter to another queue or counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// The ticket as it was seen.
    pub write: TicketWrite,
    /// To which queue.
    #[schema(value_type = String)]
    pub queue: Queue,
    /// Only this counter may call it; without one, any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counter: Option<String>,
}

/// `POST /counter`: opens this counter, closes it, or takes a break. `POST /hall/counters`: a supervisor does so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetCounter {
    /// Names this request.
    #[schema(value_type = uuid::Uuid)]
    pub request_id: RequestId,
    /// Version that was seen.
    pub version: u32,
    /// Which counter; at a counter, none but itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counter: Option<String>,
    /// What it does from now on.
    #[schema(value_type = String)]
    pub state: DeskState,
    /// Queues it calls from; without them, as before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub skills: Option<Skills>,
}

/// `POST /hall/queues`: opens or closes a queue. Whoever already waits is still called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetQueue {
    /// Names this request.
    #[schema(value_type = uuid::Uuid)]
    pub request_id: RequestId,
    /// Version that was seen.
    pub version: u32,
    /// Which.
    #[schema(value_type = String)]
    pub queue: Queue,
    /// Lets people in.
    pub open: bool,
}

/// `POST /hall/posts`: sends an officer to a counter for today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveOfficer {
    /// Names this request.
    #[schema(value_type = uuid::Uuid)]
    pub request_id: RequestId,
    /// Login.
    pub officer: String,
    /// To which counter; without one, wherever they like.
    pub counter: Option<String>,
}

/// `POST /hall/notice`: replaces the line of text on the boards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Announce {
    /// Names this request.
    #[schema(value_type = uuid::Uuid)]
    pub request_id: RequestId,
    /// Version that was seen.
    pub version: u32,
    /// At most 160 characters; none takes it away.
    pub text: Option<String>,
}

/// `POST /queue/ask`: may a kiosk give a number? Asked before it is printed; what is printed is always taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskTicket {
    /// For which queue.
    #[schema(value_type = String)]
    pub queue: Queue,
    /// Who asks; kept by nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub nik: Option<Nik>,
}

/// Answer to what was decided about the hall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Decided {
    /// Version of the decision.
    pub version: u32,
}
