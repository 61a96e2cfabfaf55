//! The courier: carries what the outbox keeps to the hub, in order, until the hub has it.
//!
//! A hub that is away costs a pause and nothing else. A parcel that the hub refuses for good is kept aside and does
//! not stop the others.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::SignedDuration;

use super::bridge::Sender;
use super::outbox::{Outbox, OutboxError, Parcel, Pending};
use super::worker::{StopFlag, Task, Worker};
use crate::clock::World;
use crate::domain::ids::{CaseId, DocumentId, TicketId};
use crate::domain::ticket::TicketNumber;
use crate::failure::Failure;
use crate::wire::case::{Submitted, SubmittedTicket};
use crate::wire::client::{ClientError, HubClient};
use crate::wire::queue::TakeTicket;

/// First pause after a failed delivery.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// Longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// With nothing to deliver the outbox is looked at this often.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// The token of a delivered slip is kept this long for printing it again.
const TOKEN_KEEP: SignedDuration = SignedDuration::from_mins(15);
/// Bytes damaged on the way are sent once more before the parcel is kept aside.
const SCAN_TRIES: u32 = 2;

/// What the courier tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CourierEvent {
    /// The hub has a parcel with all its scans.
    Delivered {
        /// The case.
        case_id: CaseId,
        /// Its ticket.
        number: TicketNumber,
    },
    /// The hub refused a parcel for good.
    Refused {
        /// The case.
        case_id: CaseId,
        /// Its ticket.
        number: TicketNumber,
        /// The failure code.
        code: String,
    },
    /// The hub has a ticket that comes with no new case.
    TicketDelivered {
        /// The ticket.
        ticket_id: TicketId,
        /// The number that was printed.
        number: TicketNumber,
        /// The number that will be called: another one where the holder of the slip waits for the KK already.
        called_as: TicketNumber,
    },
    /// The hub refused such a ticket for good; its number is not called.
    TicketRefused {
        /// The ticket.
        ticket_id: TicketId,
        /// The number that was printed.
        number: TicketNumber,
        /// The failure code.
        code: String,
    },
    /// The hub answered, or could not be reached.
    Online(bool),
}

#[derive(Debug, Clone)]
struct Look;

/// The courier's worker.
#[derive(Debug)]
pub struct Courier {
    worker: Worker<Look>,
}

impl Courier {
    /// Starts carrying from the outbox in a folder.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        folder: PathBuf,
        client: HubClient,
        world: World,
        events: Sender<CourierEvent>,
    ) -> std::io::Result<Self> {
        let worker = Worker::start(
            "courier",
            move |stop: &StopFlag| {
                let mut outbox = Outbox::open(&folder)?;
                // What was refused may be taken now: somebody has mended a series, a service file or the hub.
                let again = outbox.retry_refused()?;
                if again > 0 {
                    tracing::info!(again, "cases that were kept aside are offered to the hub once more");
                }
                Ok::<_, OutboxError>(Carrying {
                    outbox,
                    client: client.clone(),
                    world: world.clone(),
                    events: events.clone(),
                    stop: stop.clone(),
                    due: Instant::now(),
                    pause: PAUSE_MIN,
                    online: None,
                })
            },
            |_, _| {},
        )?;
        Ok(Self { worker })
    }

    /// Says that there is something to deliver.
    pub fn wake(&self) {
        self.worker.send(Look);
    }
}

/// What became of one parcel in one round.
enum Carried {
    Delivered {
        /// The number that will be called.
        called_as: TicketNumber,
    },
    Refused(String),
    /// The hub answered that it cannot now: later, but others may go.
    NotNow,
    /// No way to the hub: nothing else will go either.
    NoWay,
}

struct Carrying {
    outbox: Outbox,
    client: HubClient,
    world: World,
    events: Sender<CourierEvent>,
    stop: StopFlag,
    due: Instant,
    pause: Duration,
    online: Option<bool>,
}

impl Carrying {
    fn tell_online(&mut self, online: bool) {
        if self.online != Some(online) {
            self.online = Some(online);
            self.events.send(CourierEvent::Online(online));
        }
    }

    /// Carries every waiting parcel once; true when something is left for later.
    fn round(&mut self) -> Result<bool, OutboxError> {
        let (mut seq, mut left) = (0, false);
        while let Some(pending) = self.outbox.next_pending(seq, self.world.now())? {
            if self.stop.is_set() {
                return Ok(true);
            }
            seq = pending.seq;
            match self.carry(&pending)? {
                Carried::Delivered { called_as } => {
                    self.tell_online(true);
                    self.outbox.mark_delivered(seq, self.world.now())?;
                    self.tell_delivered(&pending.parcel, called_as);
                }
                Carried::Refused(code) => {
                    self.tell_online(true);
                    self.outbox.mark_refused(seq, &code, self.world.now())?;
                    self.tell_refused(&pending.parcel, code);
                }
                Carried::NotNow => left = true,
                Carried::NoWay => {
                    self.tell_online(false);
                    return Ok(true);
                }
            }
        }
        self.outbox.wipe_tokens(self.world.now() - TOKEN_KEEP)?;
        Ok(left)
    }

    fn tell_delivered(&self, parcel: &Parcel, called_as: TicketNumber) {
        let (number, ticket_id) = (parcel.ticket().number, parcel.ticket().ticket_id);
        match parcel {
            Parcel::Case { case_id, .. } | Parcel::Correction { case_id, .. } => {
                tracing::info!(%case_id, %number, "delivered");
                self.events.send(CourierEvent::Delivered { case_id: *case_id, number });
            }
            Parcel::WalkIn { .. } | Parcel::Pickup { .. } => {
                tracing::info!(%ticket_id, %number, %called_as, "ticket delivered");
                self.events.send(CourierEvent::TicketDelivered { ticket_id, number, called_as });
            }
        }
    }

    fn tell_refused(&self, parcel: &Parcel, code: String) {
        let (number, ticket_id) = (parcel.ticket().number, parcel.ticket().ticket_id);
        match parcel {
            Parcel::Case { case_id, .. } | Parcel::Correction { case_id, .. } => {
                tracing::error!(%case_id, %number, code, "the hub refused a case; it is kept aside");
                self.events.send(CourierEvent::Refused { case_id: *case_id, number, code });
            }
            Parcel::WalkIn { .. } | Parcel::Pickup { .. } => {
                tracing::error!(%ticket_id, %number, code, "the hub refused a ticket; it is kept aside");
                self.events.send(CourierEvent::TicketRefused { ticket_id, number, code });
            }
        }
    }

    fn carry(&self, pending: &Pending) -> Result<Carried, OutboxError> {
        let client = &self.client;
        match &pending.parcel {
            Parcel::Case { case_id, submission } => {
                self.carry_scans(pending, *case_id, client.submit(*case_id, submission))
            }
            Parcel::Correction { case_id, request_id, correction } => {
                self.carry_scans(pending, *case_id, client.correct(*case_id, *request_id, correction))
            }
            Parcel::WalkIn { ticket, taken_at } => {
                Ok(self.carry_ticket(ticket, &TakeTicket::for_help(ticket, *taken_at)))
            }
            Parcel::Pickup { case_id, slip_token, ticket, taken_at } => {
                let take = TakeTicket::for_pickup(ticket, *case_id, slip_token, *taken_at);
                Ok(self.carry_ticket(ticket, &take))
            }
        }
    }

    fn carry_ticket(&self, ticket: &SubmittedTicket, take: &TakeTicket) -> Carried {
        match self.client.take_ticket(ticket.ticket_id, take) {
            Ok(taken) => Carried::Delivered { called_as: taken.number },
            Err(error) => verdict(&error),
        }
    }

    /// Carries the scans that the hub wants once it has the rest of a case.
    fn carry_scans(
        &self,
        pending: &Pending,
        case_id: CaseId,
        answer: Result<Submitted, ClientError>,
    ) -> Result<Carried, OutboxError> {
        let wanted = match answer {
            Ok(Submitted { scans_wanted, .. }) => scans_wanted,
            Err(error) => return Ok(verdict(&error)),
        };
        for document in wanted {
            if let Err(carried) = self.carry_scan(pending, case_id, document)? {
                return Ok(carried);
            }
        }
        Ok(Carried::Delivered { called_as: pending.parcel.ticket().number })
    }

    fn carry_scan(
        &self,
        pending: &Pending,
        case_id: CaseId,
        document: DocumentId,
    ) -> Result<Result<(), Carried>, OutboxError> {
        let Some(scan) = self.outbox.scan(pending.seq, document)? else {
            // The hub may want a scan of an earlier delivery of the same case that this parcel never had.
            tracing::warn!(%document, "the hub wants a scan that is not kept here");
            return Ok(Ok(()));
        };
        let mut last = Carried::NotNow;
        for _ in 0..SCAN_TRIES {
            match self.client.put_scan(case_id, document, &scan.media_type, &scan.bytes) {
                Ok(()) => return Ok(Ok(())),
                Err(error) => {
                    let damaged = error.problem().failure() == Some(Failure::ScanMismatch);
                    last = verdict(&error);
                    if !damaged {
                        break;
                    }
                }
            }
        }
        Ok(Err(last))
    }
}

/// Reads what a failed exchange means for the parcel.
fn verdict(error: &ClientError) -> Carried {
    match error {
        ClientError::Unreachable(_) => {
            tracing::debug!(%error, "no way to the hub");
            Carried::NoWay
        }
        // Nothing was found at the hub to queue for: it will not be found tomorrow.
        ClientError::Refused(problem)
            if matches!(problem.failure(), Some(Failure::CaseUnknown | Failure::SlipUnknown)) =>
        {
            Carried::Refused(problem.code.clone())
        }
        // The parcel itself is at fault, and will be tomorrow. Not so 400 and 415: a program that speaks another version
        // of the wire is mended by an update, and every case of that time must still go.
        ClientError::Refused(problem) if matches!(problem.status, 409 | 413 | 422) => {
            Carried::Refused(problem.code.clone())
        }
        // The hub is not well, or does not know this kiosk: a technician mends that and the parcel goes.
        ClientError::Refused(problem) if matches!(problem.status, 401 | 403) => {
            tracing::error!(code = problem.code, "the hub does not accept this kiosk; nothing is delivered");
            Carried::NoWay
        }
        ClientError::Refused(_) | ClientError::Garbled(_) => {
            tracing::warn!(%error, "the hub cannot take a case now");
            Carried::NotNow
        }
    }
}

impl Task for Carrying {
    type Command = Look;

    fn run(&mut self, _: Look) {
        self.due = Instant::now();
        self.pause = PAUSE_MIN;
    }

    fn idle(&mut self) -> Duration {
        let wait = self.due.saturating_duration_since(Instant::now());
        if !wait.is_zero() {
            return wait;
        }
        let again = self.round().unwrap_or_else(|error| {
            tracing::error!(%error, "the courier cannot use the outbox");
            true
        });
        let wait = if again { self.pause } else { LOOK_EVERY };
        self.pause = if again { (self.pause * 2).min(PAUSE_MAX) } else { PAUSE_MIN };
        self.due = Instant::now() + wait;
        wait
    }
}
