//! What happens to a kiosk, and what it then does.

use std::fmt;

use anjungan_hardware::{ErrorKind, PrintOutcome};
use jiff::Timestamp;

use super::comfort::Turn;
use super::staff::StaffAction;
use crate::domain::catalogue::{Answers, DocumentKey, VariantKey};
use crate::domain::device::DeviceKind;
use crate::domain::ids::CaseId;
use crate::domain::language::Language;
use crate::domain::nik::Nik;
use crate::domain::phone::Phone;
use crate::domain::priority::Priority;
use crate::domain::slip_token::{SlipDigest, SlipToken};
use crate::domain::ticket::TicketNumber;
use crate::failure::Failure;
use crate::kiosk::panel::Brightness;
use crate::slip::Paper;
use crate::station::devices::DeviceState;
pub use crate::station::pixels::SeenDoubt;
use crate::station::voice::Volume;
use crate::wire::case::SlipStatus;

/// Who stands at the kiosk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The applicant.
    InPerson,
    /// Somebody of the same KK.
    Family,
    /// Somebody with a surat kuasa.
    Proxy,
}

/// What a finger can do: one for each action of the window.
#[derive(Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Touch {
    Start,
    WalkIn,
    TypeCode,
    Turn(Turn),
    Back,
    Next,
    Restart,
    PickCard(String),
    Answer(bool),
    SetHave { key: String, have: bool },
    PickApplicant(Who),
    Digit(char),
    Sign(char),
    Erase,
    Clear,
    Scan,
    CancelScan,
    Retake,
    AcceptScan,
    Edit(String),
    Submit,
    Reprint,
    PrintList,
    Finish,
    Correct,
    Collect,
    MoreTime,
    DismissFailure,
    OpenStaff,
    CloseStaff,
    StaffAct(StaffAction),
}

impl Touch {
    /// Whether a second touch right behind would hit something the person has not seen yet.
    pub(super) const fn commits(&self) -> bool {
        !matches!(
            self,
            Self::Digit(_)
                | Self::Sign(_)
                | Self::Turn(_)
                | Self::StaffAct(_)
                | Self::Erase
                | Self::Clear
                | Self::SetHave { .. }
                | Self::CancelScan
                | Self::MoreTime
                | Self::DismissFailure
                | Self::OpenStaff
                | Self::CloseStaff
        )
    }
}

impl fmt::Debug for Touch {
    /// Digits belong to a NIK, so they are not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digit(_) => f.write_str("Digit"),
            Self::Sign(_) => f.write_str("Sign"),
            Self::Turn(turn) => write!(f, "Turn({turn:?})"),
            Self::StaffAct(action) => write!(f, "StaffAct({action:?})"),
            Self::PickCard(key) => write!(f, "PickCard({key})"),
            Self::Answer(yes) => write!(f, "Answer({yes})"),
            Self::SetHave { key, have } => write!(f, "SetHave({key}, {have})"),
            Self::PickApplicant(who) => write!(f, "PickApplicant({who:?})"),
            Self::Edit(key) => write!(f, "Edit({key})"),
            other => f.write_str(match other {
                Self::Start => "Start",
                Self::WalkIn => "WalkIn",
                Self::TypeCode => "TypeCode",
                Self::PrintList => "PrintList",
                Self::Collect => "Collect",
                Self::Back => "Back",
                Self::Next => "Next",
                Self::Restart => "Restart",
                Self::Erase => "Erase",
                Self::Clear => "Clear",
                Self::Scan => "Scan",
                Self::CancelScan => "CancelScan",
                Self::Retake => "Retake",
                Self::AcceptScan => "AcceptScan",
                Self::Submit => "Submit",
                Self::Reprint => "Reprint",
                Self::Finish => "Finish",
                Self::Correct => "Correct",
                Self::MoreTime => "MoreTime",
                Self::OpenStaff => "OpenStaff",
                Self::CloseStaff => "CloseStaff",
                _ => "DismissFailure",
            }),
        }
    }
}

/// What was issued: known only after the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The case; none for a number to be helped in person.
    pub case_id: Option<CaseId>,
    /// The number that is called.
    pub ticket: TicketNumber,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// The slip's secret; none for a number without an application of its own.
    pub token: Option<SlipToken>,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum KioskEvent {
    /// A finger.
    Touched(Touch),
    /// About a second passed.
    Ticked,
    /// A scan goes on.
    ScanProgressed {
        /// Which scan.
        order: u64,
        /// The done part, 0 to 1.
        part: f32,
    },
    /// A page is there and can be shown.
    PageScanned {
        /// Which scan.
        order: u64,
    },
    /// Somebody looked at a page; the later word counts.
    PageJudged {
        /// Which scan.
        order: u64,
        /// What may be wrong with it, the most important first.
        doubts: Vec<SeenDoubt>,
    },
    /// A scan brought no page.
    ScanFailed {
        /// Which scan.
        order: u64,
        /// Why; `Garbled` when the picture cannot be shown.
        kind: ErrorKind,
    },
    /// A print job waits for a hot print head.
    PrinterCooling {
        /// Which job.
        order: u64,
    },
    /// A print job ended.
    SlipPrinted {
        /// Which job.
        order: u64,
        /// What became of it.
        outcome: PrintOutcome,
    },
    /// The QR scanner saw a text.
    SlipSeen(String),
    /// The QR scanner saw something that is no text.
    SlipUnreadable,
    /// The hub answered about a slip.
    StatusKnown {
        /// Which question.
        ask: u64,
        /// The answer.
        result: Result<Box<SlipStatus>, Failure>,
    },
    /// The case is on the kiosk's disk.
    CaseKept {
        /// Which order.
        order: u64,
        /// What was issued.
        receipt: Box<Receipt>,
    },
    /// The disk refused; no number was given.
    KeepFailed {
        /// Which order.
        order: u64,
    },
    /// The hub has a case with its scans.
    Delivered {
        /// The case.
        case_id: CaseId,
        /// Its ticket.
        number: TicketNumber,
    },
    /// The hub has a number that came without an application.
    TicketDelivered {
        /// The number that was printed.
        number: TicketNumber,
        /// The number that will be called.
        called_as: TicketNumber,
    },
    /// The hub said whether the applicant may have a number; what it could not say is a yes.
    NumberAllowed {
        /// Which question.
        ask: u64,
        /// Why not.
        refused: Option<Failure>,
    },
    /// The hub came back or went away.
    HubOnline(bool),
    /// The hall changed.
    HallSeen {
        /// Waiting numbers, first to be called first.
        waiting: Vec<TicketNumber>,
        /// Expected wait of whoever joins now, in minutes, where it is known.
        wait_minutes: Option<u32>,
        /// Why no new number is given.
        no_numbers: Option<Failure>,
    },
    /// A device changed.
    DeviceChanged {
        /// Which one.
        device: DeviceKind,
        /// How it is now.
        state: DeviceState,
    },
    /// How loud the voice begins, as staff left it.
    VolumeKnown(Volume),
    /// How bright the panel is; none where it cannot be turned from here.
    BrightnessKnown(Option<Brightness>),
    /// The kiosk's disk takes writes, or not.
    StorageUsable(bool),
    /// A wait for a KTP-el is over.
    CardWatched {
        /// Which wait.
        watch: u64,
        /// The card's number; without one, whether a card lay there that could not be read.
        result: Result<Nik, bool>,
    },
    /// No card lies on the reader any more.
    CardTaken,
}

/// A document of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentTaken {
    /// Kind.
    pub kind: DocumentKey,
    /// The scan it was taken with; none for a document to be shown at the counter.
    pub scan: Option<u64>,
}

/// What a person applies for, complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Application {
    /// A new case.
    New {
        /// Service variant.
        variant: VariantKey,
        /// Version of the service file.
        service_version: String,
        /// NIK of the applicant.
        applicant: Nik,
        /// The applicant insisted on a doubtful NIK.
        applicant_doubtful: bool,
        /// NIK of the proxy.
        proxy: Option<Nik>,
        /// Where the office may call back, by consent.
        phone: Option<Phone>,
        /// Why they should be called earlier.
        priority: Option<Priority>,
        /// Answers to the questions of the variant.
        answers: Answers,
        /// Documents.
        documents: Vec<DocumentTaken>,
        /// When the person began.
        started_at: Timestamp,
    },
    /// A number to be helped in person; no case yet.
    WalkIn {
        /// Why they should be called earlier.
        priority: Option<Priority>,
    },
    /// A number to collect a KK that waits at the counter.
    Pickup {
        /// The case.
        case_id: CaseId,
        /// Digest of the slip's secret, as the hub gave it.
        digest: SlipDigest,
    },
    /// Returned documents, scanned again.
    Correction {
        /// The case.
        case_id: CaseId,
        /// The slip's secret, as scanned.
        token: SlipToken,
        /// Its digest, as the hub gave it.
        digest: SlipDigest,
        /// Documents.
        documents: Vec<DocumentTaken>,
    },
}

/// What is to be done.
#[derive(Debug, Clone)]
pub enum KioskEffect {
    /// Put aside what an earlier person left in the scanners.
    ReadyDevices,
    /// Scan a page.
    StartScan {
        /// Names the scan.
        order: u64,
        /// What lies on the glass.
        kind: DocumentKey,
    },
    /// Nobody wants this scan any more.
    CancelScan {
        /// Which scan.
        order: u64,
    },
    /// Forget a scanned page.
    ForgetPage {
        /// Which scan.
        order: u64,
    },
    /// Wait for a KTP-el, for some seconds.
    WatchForCard {
        /// Names the wait.
        watch: u64,
    },
    /// Nobody waits for a card any more.
    ForgetCard,
    /// Keep the application on the disk and issue a number.
    Keep {
        /// Names the order.
        order: u64,
        /// What.
        application: Box<Application>,
    },
    /// There is something to deliver.
    WakeCourier,
    /// Print a slip, a number, or the list of what to bring.
    PrintSlip {
        /// Names the job.
        order: u64,
        /// What stands on it.
        content: Box<Paper>,
        /// In which language.
        language: Language,
    },
    /// End the program; whoever watches it starts it again.
    RestartProgram,
    /// Let the voice begin this loud, now and after a restart, and let it be heard.
    SetVolume(Volume),
    /// Turn the panel's light.
    SetBrightness(Brightness),
    /// Say whether the panel can be believed: a journal entry and an alert for staff.
    TellPanel {
        /// It can.
        works: bool,
    },
    /// Ask the hub about a slip.
    AskStatus {
        /// Names the question.
        ask: u64,
        /// As scanned.
        text: String,
    },
    /// Ask the hub whether somebody may have a number; the NIK is looked at and kept by nobody.
    AskNumber {
        /// Names the question.
        ask: u64,
        /// Of the applicant.
        nik: Nik,
    },
    /// Forget every page, picture and secret of the session.
    Wipe,
}
