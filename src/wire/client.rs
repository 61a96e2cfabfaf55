//! The client of the hub, as stations use it: blocking, with a deadline on every call.

use std::io::{BufRead as _, BufReader, Read as _};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::archive::{ArchiveDetail, ArchiveRow, ArchiveSearch};
use super::case::{
    CaseDetail, CaseRow, CaseState, Correction, HandOver, JournalLine, Return, SlipStatus, SlipText, Submission,
    Submitted, Verify, Write,
};
use super::find::{AddNote, CaseNoted, FindCases, FoundCases};
use super::hall::{Announce, AskTicket, CallNumber, Decided, MoveOfficer, QueueState, SetCounter, SetQueue, Transfer};
use super::health::{DeviceFault, Readiness, StationHealth};
use super::problem::Problem;
use super::queue::{CallNext, Called, Change, Hall, TakeTicket, TicketTaken, TicketWrite};
use super::session::{ChangePassword, HubHealth, Session, SignIn};
use super::unclaimed::{Remind, Reminded, Unclaimed};
use super::{API_BASE, SCAN_BYTES_MAX, STATION_HEADER};
use crate::domain::catalogue::Catalogue;
use crate::domain::ids::{CaseId, DocumentId, FaultId, RequestId, TicketId};
use crate::domain::stage::Stage;
use crate::failure::Failure;

/// No single exchange lasts longer, in seconds.
const EXCHANGE_TIMEOUT_S: u64 = 15;
/// A hub that does not take the connection within this time is away, in seconds.
const CONNECT_TIMEOUT_S: u64 = 2;
/// The event stream is opened anew when nothing came for this long, in seconds; the hub sends a beat every 10.
const EVENTS_SILENCE_MAX_S: u64 = 30;

/// Why a call brought no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The hub said no, in words for the person there.
    #[error("refused: {}", .0.code)]
    Refused(Box<Problem>),
    /// The hub cannot be reached, or fell silent.
    #[error("the hub cannot be reached: {0}")]
    Unreachable(String),
    /// The answer is not one of ours.
    #[error("the answer cannot be read: {0}")]
    Garbled(String),
}

impl ClientError {
    /// Returns the failure to show.
    #[must_use]
    pub fn problem(&self) -> Problem {
        match self {
            Self::Refused(problem) => (**problem).clone(),
            Self::Unreachable(_) => Problem::new(Failure::HubUnreachable, 0),
            Self::Garbled(_) => Problem::new(Failure::HubFault, 0),
        }
    }

    /// Tells whether the same request may succeed later without a change.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Refused(problem) => problem.status >= 500 || problem.status == 429,
            Self::Unreachable(_) | Self::Garbled(_) => true,
        }
    }
}

/// Speaks to one hub as one station, with an officer's session where one is signed in.
#[derive(Clone)]
pub struct HubClient {
    agent: ureq::Agent,
    base: String,
    station_token: String,
    session_token: Option<String>,
}

impl std::fmt::Debug for HubClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HubClient").field("base", &self.base).finish_non_exhaustive()
    }
}

type Answer<T> = Result<T, ClientError>;

impl HubClient {
    /// Prepares a client; nothing is sent yet.
    #[must_use]
    pub fn new(base: &str, station_token: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(CONNECT_TIMEOUT_S)))
            .timeout_global(Some(Duration::from_secs(EXCHANGE_TIMEOUT_S)))
            .build();
        Self {
            agent: config.into(),
            base: base.trim_end_matches('/').to_owned(),
            station_token: station_token.to_owned(),
            session_token: None,
        }
    }

    /// Returns a client that speaks for a signed-in officer too.
    #[must_use]
    pub fn with_session(&self, session: &Session) -> Self {
        Self { session_token: Some(session.token.clone()), ..self.clone() }
    }

    /// Returns the hub's address.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    fn url(&self, path: &str) -> String {
        format!("{}{API_BASE}{path}", self.base)
    }

    fn prove<B>(&self, mut request: ureq::RequestBuilder<B>) -> ureq::RequestBuilder<B> {
        if !self.station_token.is_empty() {
            request = request.header(STATION_HEADER, &self.station_token);
        }
        match &self.session_token {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        }
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> Answer<T> {
        read(self.prove(self.agent.get(self.url(path))).call())
    }

    fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Answer<T> {
        read(self.prove(self.agent.post(self.url(path))).send_json(body))
    }

    fn put<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Answer<T> {
        read(self.prove(self.agent.put(self.url(path))).send_json(body))
    }

    /// Asks whether the hub is there.
    ///
    /// # Errors
    /// See [`ClientError`]; so for every call below.
    pub fn health(&self) -> Answer<HubHealth> {
        read(self.agent.get(format!("{}/health", self.base)).call())
    }

    /// Fetches the service catalogue.
    #[allow(clippy::missing_errors_doc)]
    pub fn catalogue(&self) -> Answer<Catalogue> {
        self.get("/services")
    }

    /// Delivers a case. The same case twice gives the same answer.
    #[allow(clippy::missing_errors_doc)]
    pub fn submit(&self, case: CaseId, submission: &Submission) -> Answer<Submitted> {
        self.put(&format!("/cases/{case}"), submission)
    }

    /// Delivers returned documents scanned again.
    #[allow(clippy::missing_errors_doc)]
    pub fn correct(&self, case: CaseId, request: RequestId, correction: &Correction) -> Answer<Submitted> {
        self.put(&format!("/cases/{case}/corrections/{request}"), correction)
    }

    /// Delivers the bytes of a scan.
    #[allow(clippy::missing_errors_doc)]
    pub fn put_scan(&self, case: CaseId, document: DocumentId, media_type: &str, bytes: &[u8]) -> Answer<()> {
        let request = self
            .prove(self.agent.put(self.url(&format!("/cases/{case}/documents/{document}"))))
            .header("content-type", media_type);
        read::<serde::de::IgnoredAny>(request.send(bytes)).map(drop)
    }

    /// Fetches the bytes of a scan.
    #[allow(clippy::missing_errors_doc)]
    pub fn scan(&self, case: CaseId, document: DocumentId) -> Answer<Vec<u8>> {
        let url = self.url(&format!("/cases/{case}/documents/{document}"));
        let response = self.prove(self.agent.get(url)).call();
        let mut response = accept(response)?;
        let limit = u64::try_from(SCAN_BYTES_MAX).unwrap_or(u64::MAX);
        response
            .body_mut()
            .with_config()
            .limit(limit)
            .read_to_vec()
            .map_err(|e| ClientError::Unreachable(e.to_string()))
    }

    /// Signs an officer in at this station.
    #[allow(clippy::missing_errors_doc)]
    pub fn sign_in(&self, sign_in: &SignIn) -> Answer<Session> {
        self.post("/sessions", sign_in)
    }

    /// Signs the officer out.
    #[allow(clippy::missing_errors_doc)]
    pub fn sign_out(&self) -> Answer<()> {
        let request = self.prove(self.agent.delete(self.url("/sessions/current")));
        read::<serde::de::IgnoredAny>(request.call()).map(drop)
    }

    /// Replaces the signed-in officer's password.
    #[allow(clippy::missing_errors_doc)]
    pub fn change_password(&self, change: &ChangePassword) -> Answer<Session> {
        self.post("/password", change)
    }

    /// Fetches the hall.
    #[allow(clippy::missing_errors_doc)]
    pub fn hall(&self) -> Answer<Hall> {
        self.get("/queue")
    }

    /// Calls the next ticket to this counter.
    #[allow(clippy::missing_errors_doc)]
    pub fn call_next(&self, call: &CallNext) -> Answer<Called> {
        self.post("/queue/call", call)
    }

    /// Calls a ticket again.
    #[allow(clippy::missing_errors_doc)]
    pub fn recall(&self, ticket: TicketId, write: &TicketWrite) -> Answer<Called> {
        self.post(&format!("/tickets/{ticket}/recall"), write)
    }

    /// Notes that nobody came.
    #[allow(clippy::missing_errors_doc)]
    pub fn no_show(&self, ticket: TicketId, write: &TicketWrite) -> Answer<Called> {
        self.post(&format!("/tickets/{ticket}/no-show"), write)
    }

    /// Notes that whoever came without a case was helped.
    #[allow(clippy::missing_errors_doc)]
    pub fn finish_ticket(&self, ticket: TicketId, write: &TicketWrite) -> Answer<Called> {
        self.post(&format!("/tickets/{ticket}/finish"), write)
    }

    /// Notes that the person has come to the counter.
    #[allow(clippy::missing_errors_doc)]
    pub fn serve_ticket(&self, ticket: TicketId, write: &TicketWrite) -> Answer<Called> {
        self.post(&format!("/tickets/{ticket}/serve"), write)
    }

    /// Lays a ticket aside: the person fetches something and comes back.
    #[allow(clippy::missing_errors_doc)]
    pub fn hold_ticket(&self, ticket: TicketId, write: &TicketWrite) -> Answer<Called> {
        self.post(&format!("/tickets/{ticket}/hold"), write)
    }

    /// Lets a called ticket wait again, behind everybody.
    #[allow(clippy::missing_errors_doc)]
    pub fn skip_ticket(&self, ticket: TicketId, write: &TicketWrite) -> Answer<Called> {
        self.post(&format!("/tickets/{ticket}/skip"), write)
    }

    /// Lets a ticket that missed its call, or was laid aside, wait again.
    #[allow(clippy::missing_errors_doc)]
    pub fn restore_ticket(&self, ticket: TicketId, write: &TicketWrite) -> Answer<Called> {
        self.post(&format!("/tickets/{ticket}/restore"), write)
    }

    /// Sends a ticket at this counter to another queue or counter.
    #[allow(clippy::missing_errors_doc)]
    pub fn transfer_ticket(&self, ticket: TicketId, transfer: &Transfer) -> Answer<Called> {
        self.post(&format!("/tickets/{ticket}/transfer"), transfer)
    }

    /// Calls a number of today to this counter.
    #[allow(clippy::missing_errors_doc)]
    pub fn call_number(&self, call: &CallNumber) -> Answer<Called> {
        self.post("/queue/call-number", call)
    }

    /// Opens this counter, closes it, or takes a break.
    #[allow(clippy::missing_errors_doc)]
    pub fn set_counter(&self, set: &SetCounter) -> Answer<Decided> {
        self.post("/counter", set)
    }

    /// The same for any counter, by a supervisor.
    #[allow(clippy::missing_errors_doc)]
    pub fn set_any_counter(&self, set: &SetCounter) -> Answer<Decided> {
        self.post("/hall/counters", set)
    }

    /// Opens or closes a queue, by a supervisor.
    #[allow(clippy::missing_errors_doc)]
    pub fn set_queue(&self, set: &SetQueue) -> Answer<Decided> {
        self.post("/hall/queues", set)
    }

    /// Sends an officer to a counter for today, by a supervisor.
    #[allow(clippy::missing_errors_doc)]
    pub fn move_officer(&self, to: &MoveOfficer) -> Answer<Decided> {
        self.post("/hall/posts", to)
    }

    /// Replaces the line of text on the boards, by a supervisor.
    #[allow(clippy::missing_errors_doc)]
    pub fn announce(&self, announce: &Announce) -> Answer<Decided> {
        self.post("/hall/notice", announce)
    }

    /// Asks whether this kiosk may give a number now.
    #[allow(clippy::missing_errors_doc)]
    pub fn ask_ticket(&self, ask: &AskTicket) -> Answer<QueueState> {
        self.post("/queue/ask", ask)
    }

    /// Delivers a ticket that comes with no new case. The same ticket twice gives the same answer.
    #[allow(clippy::missing_errors_doc)]
    pub fn take_ticket(&self, ticket: TicketId, take: &TakeTicket) -> Answer<TicketTaken> {
        self.put(&format!("/tickets/{ticket}"), take)
    }

    /// Opens the case behind a slip, for an officer.
    #[allow(clippy::missing_errors_doc)]
    pub fn open_slip(&self, text: &str) -> Answer<CaseDetail> {
        self.post("/slips/open", &SlipText { text: text.to_owned() })
    }

    /// Asks where the case behind a slip is, for its holder.
    #[allow(clippy::missing_errors_doc)]
    pub fn slip_status(&self, text: &str) -> Answer<SlipStatus> {
        self.post("/slips/status", &SlipText { text: text.to_owned() })
    }

    /// Fetches a case.
    #[allow(clippy::missing_errors_doc)]
    pub fn case(&self, case: CaseId) -> Answer<CaseDetail> {
        self.get(&format!("/cases/{case}"))
    }

    /// Lists the cases of a stage, longest waiting first.
    #[allow(clippy::missing_errors_doc)]
    pub fn cases(&self, stage: Stage) -> Answer<Vec<CaseRow>> {
        self.get(&format!("/cases?stage={stage}"))
    }

    /// Finds cases by a number that somebody at the counter holds.
    #[allow(clippy::missing_errors_doc)]
    pub fn find_cases(&self, find: &FindCases) -> Answer<FoundCases> {
        self.post("/cases/find", find)
    }

    /// Sticks a note to a case.
    #[allow(clippy::missing_errors_doc)]
    pub fn add_note(&self, case: CaseId, note: &AddNote) -> Answer<CaseNoted> {
        self.post(&format!("/cases/{case}/notes"), note)
    }

    /// Lists the KK that have lain at the counter for at least so many days.
    #[allow(clippy::missing_errors_doc)]
    pub fn unclaimed(&self, days: u16) -> Answer<Unclaimed> {
        self.get(&format!("/unclaimed?days={days}"))
    }

    /// Notes that somebody has reminded the applicant of their KK.
    #[allow(clippy::missing_errors_doc)]
    pub fn remind(&self, case: CaseId, remind: &Remind) -> Answer<Reminded> {
        self.post(&format!("/cases/{case}/reminders"), remind)
    }

    /// Fetches the events of a case, oldest first.
    #[allow(clippy::missing_errors_doc)]
    pub fn journal(&self, case: CaseId) -> Answer<Vec<JournalLine>> {
        self.get(&format!("/journal?case={case}"))
    }

    /// Step 2.
    #[allow(clippy::missing_errors_doc)]
    pub fn verify(&self, case: CaseId, body: &Verify) -> Answer<CaseState> {
        self.post(&format!("/cases/{case}/verify"), body)
    }

    /// Sends a case back.
    #[allow(clippy::missing_errors_doc)]
    pub fn return_case(&self, case: CaseId, body: &Return) -> Answer<CaseState> {
        self.post(&format!("/cases/{case}/return"), body)
    }

    /// Step 7.
    #[allow(clippy::missing_errors_doc)]
    pub fn receive(&self, case: CaseId, body: &Write) -> Answer<CaseState> {
        self.post(&format!("/cases/{case}/receive"), body)
    }

    /// Step 8.
    #[allow(clippy::missing_errors_doc)]
    pub fn hand_over(&self, case: CaseId, body: &HandOver) -> Answer<CaseState> {
        self.post(&format!("/cases/{case}/hand-over"), body)
    }

    /// `PUT /archive/{case_id}`: files a finished case, or returns where it was filed.
    #[allow(clippy::missing_errors_doc)]
    pub fn archive(&self, case: CaseId) -> Answer<ArchiveDetail> {
        self.put(&format!("/archive/{case}"), &serde_json::json!({}))
    }

    /// `POST /archive/find`
    #[allow(clippy::missing_errors_doc)]
    pub fn find_archived(&self, search: &ArchiveSearch) -> Answer<Vec<ArchiveRow>> {
        self.post("/archive/find", search)
    }

    /// Says how the devices of this station are now.
    #[allow(clippy::missing_errors_doc)]
    pub fn report_health(&self, health: &StationHealth) -> Answer<()> {
        self.put::<serde::de::IgnoredAny>("/station/health", health).map(drop)
    }

    /// Delivers a fault of a device, or its end. The same one twice is one.
    #[allow(clippy::missing_errors_doc)]
    pub fn report_fault(&self, fault: FaultId, body: &DeviceFault) -> Answer<()> {
        self.put::<serde::de::IgnoredAny>(&format!("/device-faults/{fault}"), body).map(drop)
    }

    /// Delivers what this station found when it checked itself. The same report twice is one.
    #[allow(clippy::missing_errors_doc)]
    pub fn report_readiness(&self, readiness: &Readiness) -> Answer<()> {
        self.post::<serde::de::IgnoredAny>("/station/readiness", readiness).map(drop)
    }

    /// Follows the hub's changes until the stream ends or `each` says stop by returning false.
    /// `each` gets `None` once, when the stream is open, and then every change.
    #[allow(clippy::missing_errors_doc)]
    pub fn follow(&self, mut each: impl FnMut(Option<Change>) -> bool) -> Answer<()> {
        let request = self
            .prove(self.agent.get(self.url("/events")))
            .config()
            .timeout_global(None)
            .timeout_recv_body(None)
            .timeout_recv_response(Some(Duration::from_secs(EVENTS_SILENCE_MAX_S)))
            .build();
        let response = accept(request.call())?;
        if !each(None) {
            return Ok(());
        }
        let mut lines = BufReader::new(response.into_body().into_reader());
        let mut line = String::new();
        loop {
            line.clear();
            let read = lines.by_ref().take(8 * 1024).read_line(&mut line);
            match read {
                Ok(0) => return Err(ClientError::Unreachable("the event stream ended".to_owned())),
                Ok(_) => {}
                Err(e) => return Err(ClientError::Unreachable(e.to_string())),
            }
            if let Some(data) = line.strip_prefix("data:") {
                let change = serde_json::from_str(data.trim()).map_err(|e| ClientError::Garbled(e.to_string()))?;
                if !each(Some(change)) {
                    return Ok(());
                }
            }
        }
    }
}

type Exchange = Result<ureq::http::Response<ureq::Body>, ureq::Error>;

fn accept(exchange: Exchange) -> Answer<ureq::http::Response<ureq::Body>> {
    let mut response = exchange.map_err(|e| ClientError::Unreachable(e.to_string()))?;
    if response.status().is_success() {
        return Ok(response);
    }
    let status = response.status().as_u16();
    match response.body_mut().read_json::<Problem>() {
        Ok(problem) => Err(ClientError::Refused(Box::new(problem))),
        Err(e) => Err(ClientError::Garbled(format!("status {status}: {e}"))),
    }
}

fn read<T: DeserializeOwned>(exchange: Exchange) -> Answer<T> {
    accept(exchange)?.body_mut().read_json().map_err(|e| ClientError::Garbled(e.to_string()))
}
