//! What the counter hears and what it asks for.

use std::fmt;
use std::time::Duration;

use crate::domain::catalogue::Catalogue;
use crate::domain::device::DeviceKind;
use crate::domain::hall::DeskState;
use crate::domain::ids::{CaseId, DocumentId, TicketId};
use crate::domain::nik::Nik;
use crate::domain::role::Role;
use crate::station::devices::DeviceState;
use crate::wire::case::{CaseDetail, CaseState, HandOver, Return, Verify, Write};
use crate::wire::client::ClientError;
use crate::wire::find::{AddNote, FindCases, FoundCases};
use crate::wire::hall::{CallNumber, SetCounter, Transfer};
use crate::wire::problem::Problem;
use crate::wire::queue::{CallNext, Called, Hall, TicketWrite};
use crate::wire::session::{ChangePassword, SignIn};

/// A text that never shows in debug output: a slip's secret, or digits of a person.
#[derive(Clone, PartialEq, Eq)]
pub struct Private(pub String);

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Private({} characters)", self.0.chars().count())
    }
}

/// Who stands at the counter to collect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collector {
    /// The applicant.
    Applicant,
    /// The proxy with surat kuasa F-1.07.
    Proxy,
}

/// Why a card brought no NIK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardTrouble {
    /// The chip did not answer, or answered nonsense.
    Unreadable,
    /// The card was lifted too early.
    Removed,
    /// None came within the time of one watch.
    NoCard,
    /// The reader does not answer.
    ReaderAway,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum CounterEvent {
    /// The officer gave name and password.
    LogInAsked(SignIn),
    /// The officer gave a new password.
    NewPasswordGiven(ChangePassword),
    /// The officer leaves.
    LogOutAsked,
    /// The next person to have documents checked is wanted.
    NextAsked,
    /// The next person to collect is wanted.
    PickupAsked,
    /// The called person is called again.
    RecallAsked,
    /// The called person did not come.
    NoShowAsked,
    /// The called person came without a case and was helped.
    HelpFinished,
    /// The sheet about numbers and this counter was opened or closed.
    HallToggled,
    /// The called person fetches something and comes back.
    HoldAsked,
    /// The called person lets others go first.
    SkipAsked,
    /// The called person belongs elsewhere: the key of a place to go.
    TransferAsked(String),
    /// A number was typed, to be called here.
    NumberTyped(String),
    /// A number that was set aside is called here.
    AsideCalled(String),
    /// A number that was set aside waits again.
    AsideRestored(String),
    /// This counter opens, takes a break or closes.
    DeskAsked(DeskState),
    /// This counter takes a break, or comes back from it.
    BreakToggled,
    /// A code was typed.
    CodeTyped(Private),
    /// A case was chosen of several that were found.
    FoundOpened(usize),
    /// None of the found cases is meant.
    FoundClosed,
    /// The sheet for a note was opened or closed.
    NoteToggled,
    /// A note was written for whoever opens the case next.
    NoteWritten(String),
    /// A row of the queue or of the printed ones was chosen.
    RowOpened(String),
    /// A document was chosen.
    DocumentSelected(usize),
    /// A document was found good or not good.
    DocumentMarked {
        /// Which, in the order of the list.
        index: usize,
        /// Good.
        ok: bool,
    },
    /// All papers were asked for at once, or one by one again.
    OverviewToggled,
    /// All papers were seen at once and are there.
    AllMarked,
    /// The file is complete.
    CaseAccepted,
    /// The panel of return reasons was opened.
    ReturnStarted,
    /// A reason was ticked or unticked.
    ReasonToggled(String),
    /// The panel was left.
    ReturnCancelled,
    /// The case goes back.
    ReturnConfirmed {
        /// Words for whoever serves the case next; may be empty.
        note: String,
    },
    /// The printed KK lies at the counter.
    KkReceived,
    /// Who collects was said.
    CollectorChosen(Collector),
    /// The card is to be read, again.
    CardAsked,
    /// The KK is to be handed over against the card that was read.
    HandOverAsked,
    /// Another way than the chip is wanted.
    FallbackStarted,
    /// Another way was carried out.
    FallbackChosen {
        /// `visual`, `ikd` or `retry`.
        key: String,
        /// NIK as the officer typed it from the card or the phone.
        nik: Private,
        /// What was seen.
        note: String,
    },
    /// The case was put away.
    CaseClosed,
    /// A failure was read.
    FailureDismissed,
    /// The scanner delivered a text.
    SlipScanned(Private),
    /// The scanner delivered something that is no text, or too much of it.
    SlipGarbled,
    /// A card lies on the reader.
    CardPlaced {
        /// The watch that saw it.
        watch: u64,
    },
    /// A card was read.
    CardRead {
        /// The watch that read it.
        watch: u64,
        /// NIK on it.
        nik: Nik,
        /// Where the reading came from, as the hub spells it.
        origin: String,
        /// Opaque name of the card, where the reader gives one.
        card_id: Option<String>,
    },
    /// A card was not read.
    CardFailed {
        /// The watch that failed.
        watch: u64,
        /// Why.
        why: CardTrouble,
    },
    /// A device changed.
    DeviceChanged {
        /// Which one.
        device: DeviceKind,
        /// How it is now.
        state: DeviceState,
    },
    /// The reader saw a card come, go or change while nobody reads.
    CardSeen {
        /// A card lies there.
        present: bool,
        /// Opaque name of the card; another one is another card.
        card_id: Option<String>,
    },
    /// The list of devices was opened or closed.
    StaffToggled,
    /// The hall changed.
    HallChanged(Box<Hall>),
    /// The hub came back or went away.
    HubOnline(bool),
    /// Somebody changed a case.
    CaseTouched(CaseId),
    /// The hub answered a question.
    HubAnswered {
        /// Number of the question.
        number: u64,
        /// The answer.
        answer: Result<Reply, Refusal>,
    },
    /// A scan is ready to be shown.
    ScanLoaded(DocumentId),
    /// A scan cannot be shown.
    ScanFailed(DocumentId),
    /// A second passed.
    Ticked,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum CounterEffect {
    /// Ask the hub; the answer carries the same number.
    AskHub {
        /// Number of the question.
        number: u64,
        /// Pause before asking.
        wait: Duration,
        /// The question.
        ask: Ask,
    },
    /// Forget the officer's session.
    ForgetSession,
    /// Fetch and decode a scan.
    LoadScan {
        /// Its case.
        case: CaseId,
        /// Which.
        document: DocumentId,
    },
    /// Forget every scan.
    DropScans,
    /// Wait for a card and read it; every answer carries the same number.
    WatchForCard {
        /// Number of the watch.
        watch: u64,
    },
    /// Stop waiting for a card.
    ForgetCard,
    /// Sound the chime: somebody forgot a card.
    Chime,
}

/// What an officer does with a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketStep {
    /// Calls it again.
    Recall,
    /// Nobody came.
    NoShow,
    /// Somebody without a case was helped.
    Finish,
    /// Lays it aside: the person fetches something and comes back.
    Hold,
    /// Lets others go first.
    Skip,
    /// Lets it wait again.
    Restore,
}

/// A question to the hub.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// The service catalogue.
    Services,
    /// Sign in.
    SignIn(SignIn),
    /// Replace the password.
    ChangePassword(ChangePassword),
    /// Sign out.
    SignOut,
    /// Call the next ticket.
    Call(CallNext),
    /// Call a number.
    CallNumber(CallNumber),
    /// Do something with a ticket.
    Step(TicketStep, TicketId, TicketWrite),
    /// Send a ticket elsewhere.
    Transfer(TicketId, Transfer),
    /// Say what this counter does.
    SetCounter(SetCounter),
    /// Open the case behind a slip.
    OpenSlip(Private),
    /// Find cases by a number that somebody holds.
    Find(FindCases),
    /// Stick a note to a case.
    Note(CaseId, AddNote),
    /// Open a case.
    OpenCase(CaseId),
    /// Step 2.
    Verify(CaseId, Verify),
    /// Send back.
    Return(CaseId, Return),
    /// Step 7.
    Receive(CaseId, Write),
    /// Step 8.
    HandOver(CaseId, HandOver),
}

/// Who signed in; the session's secret stays with the shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Officer {
    /// Login.
    pub name: String,
    /// Role.
    pub role: Role,
    /// A one-time password was used.
    pub must_change_password: bool,
}

/// What the hub answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// The service catalogue.
    Services(Box<Catalogue>),
    /// Signed in, or the password was changed.
    SignedIn(Officer),
    /// Signed out.
    SignedOut,
    /// A ticket was called, or dealt with.
    Called(Called),
    /// It was decided what this counter does.
    Decided,
    /// Cases that were found.
    Found(FoundCases),
    /// A note was stuck to a case.
    Noted,
    /// A case.
    Case(Box<CaseDetail>),
    /// A verb was done.
    Done(CaseState),
}

/// The hub's no, or its silence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Words and code.
    pub problem: Problem,
    /// The same request may succeed later.
    pub passing: bool,
    /// Nothing of the hub was heard at all.
    pub silent: bool,
}

impl From<ClientError> for Refusal {
    fn from(error: ClientError) -> Self {
        Self {
            problem: error.problem(),
            passing: error.is_passing(),
            silent: matches!(error, ClientError::Unreachable(_)),
        }
    }
}
