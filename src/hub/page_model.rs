//! What the hub's pages show: plain values, filled by `routes/pages.rs` and drawn by `page/`.
//!
//! Nothing here reads the store or draws markup. Every form posts `form_token` (hidden field), or it is refused.

use jiff::Timestamp;

use crate::domain::archive::ArchiveNumber;
use crate::domain::archive_search::{Sought, SoughtFault};
use crate::domain::catalogue::{DocumentKey, FixBy, ReturnReasonKey, ReturnScope};
use crate::domain::ids::RequestId;
use crate::domain::office::Zone;
use crate::domain::role::Role;
use crate::failure::Failure;
use crate::wire::archive::{ArchiveDetail, ArchiveRow};
use crate::wire::case::{CaseDetail, CaseRow, SlipStatus};
use crate::wire::health::StationState;
use crate::wire::queue::Hall;
use crate::wire::unclaimed::UnclaimedRow;

/// What stands on every page.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Name of the office.
    pub office: String,
    /// Where people complain.
    pub complaints: String,
    /// Zone in which times are written.
    pub zone: Zone,
    /// When the page was made.
    pub now: Timestamp,
    /// Who is signed in; none on public pages.
    pub officer: Option<SignedIn>,
}

/// The person signed in, and the secret their forms carry.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Login.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Hidden field `form_token` of every form, also of `POST /keluar`.
    pub form_token: String,
}

/// A refusal shown at the head of a page.
#[derive(Debug, Clone)]
pub struct Notice {
    /// What went wrong: heading, cause and action come from the catalogue of failures.
    pub failure: Failure,
    /// A fact of this one refusal, never personal data.
    pub fact: Option<String>,
}

/// `GET /masuk`, and `POST /masuk` when it was refused. Posts `name` and `password`.
#[derive(Debug, Clone)]
pub struct LoginPage {
    /// Head and foot.
    pub frame: Frame,
    /// What was typed as name, for a second try.
    pub name: String,
    /// Why the first try failed.
    pub notice: Option<Notice>,
}

/// `GET /sandi`. Posts `new_password`, `again` and `form_token`.
#[derive(Debug, Clone)]
pub struct PasswordPage {
    /// Head and foot.
    pub frame: Frame,
    /// A one-time password was used: nothing else is open until it is changed.
    pub must_change: bool,
    /// Why the last try failed.
    pub notice: Option<Notice>,
}

/// `GET /meja`: what waits for this role, oldest first.
#[derive(Debug, Clone)]
pub struct DeskPage {
    /// Head and foot.
    pub frame: Frame,
    /// One section per stage that this role works on; an administrator has none.
    pub sections: Vec<DeskSection>,
    /// What was just done, e.g. after a redirect.
    pub done: Option<DeskVerb>,
    /// Why the last form was refused.
    pub notice: Option<Notice>,
}

/// The cases of one stage on a desk.
#[derive(Debug, Clone)]
pub struct DeskSection {
    /// Heading, e.g. `Menunggu persetujuan`.
    pub title: String,
    /// Oldest first.
    pub rows: Vec<CaseRow>,
}

/// What a form on the case page does: `POST /meja/{case_id}/{key}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeskVerb {
    /// Step 3; posts `siak_number` too.
    Propose,
    /// Step 4.
    Endorse,
    /// Step 5.
    Sign,
    /// The electronic signature cannot be made now.
    Defer,
    /// Step 6.
    MarkPrinted,
    /// Back to the applicant or the operator; posts `to` (`applicant` or `operator`), `reason` (repeated;
    /// `<reason key>` for the file as a whole or `<document key>:<reason key>`), and `note`.
    Return,
}

impl DeskVerb {
    /// Every verb of the desk.
    pub const ALL: [Self; 6] = [Self::Propose, Self::Endorse, Self::Sign, Self::Defer, Self::MarkPrinted, Self::Return];

    /// Returns the last part of the form's address.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Propose => "propose",
            Self::Endorse => "endorse",
            Self::Sign => "sign",
            Self::Defer => "defer",
            Self::MarkPrinted => "mark-printed",
            Self::Return => "return",
        }
    }

    /// Finds a verb by its key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.key() == key)
    }
}

/// `GET /meja/{case_id}`: one case. A scan is at `/meja/{case_id}/dokumen/{document_id}`.
///
/// Every form posts `request_id`, `version` (of `detail.row`) and `form_token`.
#[derive(Debug, Clone)]
pub struct CasePage {
    /// Head and foot.
    pub frame: Frame,
    /// The case with its documents and trail.
    pub detail: CaseDetail,
    /// What this person may do now.
    pub verbs: Vec<DeskVerb>,
    /// This person may send the case back to the operator.
    pub may_send_to_operator: bool,
    /// Names the next write, so that a form sent twice is done once.
    pub request_id: RequestId,
    /// Names the next note: a note leaves the other forms as they are. Posted to `…/note` with `text`.
    pub note_request_id: RequestId,
    /// Reasons to choose from when returning.
    pub reasons: Vec<ReasonChoice>,
    /// Where it lies in the archive, once it is filed.
    pub archived: Option<Archived>,
    /// Why the last form was refused.
    pub notice: Option<Notice>,
}

/// What the page of a case says about its place in the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Archived {
    /// Its number.
    pub number: ArchiveNumber,
    /// Its documents can still be opened.
    pub readable: bool,
}

/// A reason to return a case.
#[derive(Debug, Clone)]
pub struct ReasonChoice {
    /// Code of the reason.
    pub key: ReturnReasonKey,
    /// The document it is about; none for the file as a whole.
    pub document: Option<DocumentKey>,
    /// Label of that document.
    pub document_title: Option<String>,
    /// Words for the officer.
    pub label: String,
    /// A document or the whole file.
    pub scope: ReturnScope,
    /// Who has to act.
    pub fix_by: FixBy,
    /// A line must be added.
    pub needs_note: bool,
}

/// `GET /antrean`: the hall for a supervisor. Forms are `POST /antrean/{queue,counter,move,notice}`; each posts
/// `request_id`, `version` and `form_token`.
#[derive(Debug, Clone)]
pub struct HallPage {
    /// Head and foot.
    pub frame: Frame,
    /// Queues, counters, calls.
    pub hall: Hall,
    /// Every station that reports, with its devices.
    pub stations: Vec<StationState>,
    /// Logins of those who work at counters.
    pub officers: Vec<String>,
    /// Names the next write, so that a form sent twice is done once.
    pub request_id: RequestId,
    /// A form was just done.
    pub done: bool,
    /// Why the last form was refused.
    pub notice: Option<Notice>,
}

/// `GET /belum-diambil`: KK that lie at the counter. Forms are `POST /belum-diambil/{case_id}`; each posts `way`, `days`,
/// `page`, `request_id` and `form_token`.
#[derive(Debug, Clone)]
pub struct UnclaimedPage {
    /// Head and foot.
    pub frame: Frame,
    /// The rows of this part, each with the name of its next write.
    pub rows: Vec<(UnclaimedRow, RequestId)>,
    /// Only those that have lain for at least so many days; 0 for all.
    pub days: u16,
    /// Number of this part, from 0.
    pub page: usize,
    /// Rows before this part.
    pub before: usize,
    /// Rows of all parts.
    pub listed: usize,
    /// All that lie there; more than `listed` when even the list was cut off.
    pub total: usize,
    /// How many of the listed are to be reminded.
    pub due: usize,
    /// There is a next part.
    pub has_next: bool,
    /// A reminder was just noted.
    pub done: bool,
    /// Why the last form was refused.
    pub notice: Option<Notice>,
}

/// `GET /arsip`, and `POST /arsip` with what was found. Posts `by` (`number` or `days`), `text`, `from`, `to`, `page`.
///
/// In the body, so that no NIK and no No KK stands in an address.
#[derive(Debug, Clone)]
pub struct ArchiveSearchPage {
    /// Head and foot.
    pub frame: Frame,
    /// What was typed, kept in the fields.
    pub typed: ArchiveTyped,
    /// What came of it.
    pub outcome: ArchiveOutcome,
}

/// What stands in the fields of a search.
#[derive(Debug, Clone, Default)]
pub struct ArchiveTyped {
    /// The one field for numbers.
    pub text: String,
    /// First day of the register book.
    pub from: String,
    /// Last day.
    pub to: String,
    /// The form for days was sent, not the one for numbers.
    pub by_days: bool,
}

/// What came of a search.
#[derive(Debug, Clone)]
pub enum ArchiveOutcome {
    /// Nobody has searched yet.
    Blank,
    /// What was typed cannot be looked for.
    Wrong(SoughtFault),
    /// The archive refused.
    Refused(Notice),
    /// It was looked for.
    Found(ArchiveFound),
}

/// A part of what was found.
#[derive(Debug, Clone)]
pub struct ArchiveFound {
    /// What was looked for.
    pub sought: Sought,
    /// The rows of this part.
    pub rows: Vec<ArchiveRow>,
    /// Rows before this part.
    pub before: usize,
    /// Rows of all parts.
    pub total: usize,
    /// The search ended at its limit: there may be more than `total`.
    pub cut_off: bool,
    /// Number of the next part, if there is one; a form posts it as `page`.
    pub next_page: Option<usize>,
}

/// `GET /arsip/{case_id}`: one archived case. A document is at `…/dokumen/{document_id}`, the ZIP at `…/zip`.
#[derive(Debug, Clone)]
pub struct ArchiveCasePage {
    /// Head and foot.
    pub frame: Frame,
    /// The case with the facts of its documents.
    pub detail: ArchiveDetail,
    /// This person may take the case along as a ZIP.
    pub may_take_along: bool,
}

/// `GET /s/{token}`: where a case is, for whoever holds its slip. No personal data.
#[derive(Debug, Clone)]
pub struct StatusPage {
    /// Head and foot.
    pub frame: Frame,
    /// Where it is.
    pub status: SlipStatus,
}

/// Any page that could not be shown: unknown slip, unknown address, fault.
#[derive(Debug, Clone)]
pub struct RefusedPage {
    /// Head and foot.
    pub frame: Frame,
    /// Why.
    pub notice: Notice,
    /// HTTP status.
    pub status: u16,
}
