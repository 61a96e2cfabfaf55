//! The catalogue of audit events: what an auditor may ask for later.
//!
//! An event names people by login and stations by name, cases by identifier. It carries no NIK.

use std::fmt;
use std::str::FromStr;

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $key:literal;)+) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EventKind { $($(#[$doc])* $name,)+ }

        impl EventKind {
            /// Every kind of event.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Returns the stable key in the journal.
            #[must_use]
            pub const fn key(self) -> &'static str { match self { $(Self::$name => $key,)+ } }
        }
    };
}

events! {
    /// Step 1: a kiosk delivered a case.
    CaseSubmitted = "case_submitted";
    /// A kiosk delivered a case that the hub could not take, e.g. with a number already in use. The kiosk keeps it.
    SubmissionRefused = "submission_refused";
    /// A scan of a document arrived and is on disk.
    ScanStored = "scan_stored";
    /// Step 2: documents are complete.
    CaseVerified = "case_verified";
    /// Step 3: proposed with the SIAK number.
    CaseProposed = "case_proposed";
    /// Step 4: the section head agreed.
    CaseEndorsed = "case_endorsed";
    /// Step 5: the head of office signed.
    CaseSigned = "case_signed";
    /// The signature waits for SIAK or BSrE.
    SignatureDeferred = "signature_deferred";
    /// Step 6: the KK is printed.
    KkPrinted = "kk_printed";
    /// Step 7: the KK is at the counter, in the register.
    KkReceived = "kk_received";
    /// Step 8: the KK was handed over.
    KkHandedOver = "kk_handed_over";
    /// A handover was refused because card and collector differ.
    HandoverRefused = "handover_refused";
    /// Sent back to the applicant.
    CaseReturned = "case_returned";
    /// Sent back to the operator.
    CaseSentBack = "case_sent_back";
    /// Returned documents were scanned again.
    CaseCorrected = "case_corrected";
    /// Ended before it was done.
    CaseCancelled = "case_cancelled";
    /// An officer opened a case by its slip.
    CaseOpened = "case_opened";
    /// An officer at a counter looked for cases. By what, not for what.
    CasesSearched = "cases_searched";
    /// An officer stuck a note to a case.
    CaseNoted = "case_noted";
    /// Somebody has reminded an applicant of the KK that lies at the counter.
    ApplicantReminded = "applicant_reminded";
    /// A ticket was called.
    TicketCalled = "ticket_called";
    /// A ticket was called again.
    TicketRecalled = "ticket_recalled";
    /// Nobody came.
    TicketNoShow = "ticket_no_show";
    /// The KK is ready and its applicant queues for it.
    TicketQueued = "ticket_queued";
    /// A kiosk issued a ticket for help in person, or for collecting a KK.
    TicketTaken = "ticket_taken";
    /// A kiosk delivered such a ticket and the hub could not take it, e.g. with a number already in use.
    TicketRefused = "ticket_refused";
    /// Whoever came without a case was helped.
    TicketFinished = "ticket_finished";
    /// The person has come to the counter.
    TicketServed = "ticket_served";
    /// Laid aside: the person fetches something and comes back.
    TicketHeld = "ticket_held";
    /// Lets others go first and waits again behind everybody.
    TicketSkipped = "ticket_skipped";
    /// Sent to another queue or counter.
    TicketTransferred = "ticket_transferred";
    /// Whoever missed the call, or was laid aside, waits again.
    TicketRestored = "ticket_restored";
    /// Its counter fell silent: it waits again and goes before others.
    TicketReturned = "ticket_returned";
    /// A counter was opened, closed, went on a break, or serves other queues.
    CounterChanged = "counter_changed";
    /// A queue was opened or closed.
    QueueChanged = "queue_changed";
    /// An officer was sent to a counter.
    OfficerMoved = "officer_moved";
    /// The line of text on the boards was replaced.
    NoticeAnnounced = "notice_announced";
    /// A day is over: what still waited has ended.
    DayClosed = "day_closed";
    /// The clock had run ahead: what was ended waits again.
    DayReopened = "day_reopened";
    /// Somebody signed in.
    SignedIn = "signed_in";
    /// A sign-in was refused.
    SignInRefused = "sign_in_refused";
    /// Somebody signed out.
    SignedOut = "signed_out";
    /// Somebody changed their password.
    PasswordChanged = "password_changed";
    /// A forgotten password was replaced at the server.
    PasswordReset = "password_reset";
    /// A user was added.
    UserAdded = "user_added";
    /// A station was enrolled.
    StationAdded = "station_added";
    /// A device of a station failed, or needs staff.
    DeviceFault = "device_fault";
    /// That fault is over.
    DeviceFaultCleared = "device_fault_cleared";
    /// A finished case was filed in the archive.
    CaseArchived = "case_archived";
    /// Somebody searched the archive. By what, not for what.
    ArchiveSearched = "archive_searched";
    /// Somebody looked at an archived case or one of its documents.
    ArchiveLooked = "archive_looked";
    /// Somebody took an archived case away as a ZIP.
    ArchiveExported = "archive_exported";
    /// The key of an archived case is to be destroyed by a rule of retention.
    ArchiveCondemned = "archive_condemned";
    /// That key is destroyed: nobody can read the case any more.
    ArchiveDestroyed = "archive_destroyed";
    /// The whole archive was read again and compared.
    ArchiveChecked = "archive_checked";
    /// A station checked itself: devices, disk, clock, backup.
    ReadinessReported = "readiness_reported";
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// A word that names no event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an event of the journal")]
pub struct UnknownEvent;

impl FromStr for EventKind {
    type Err = UnknownEvent;

    fn from_str(text: &str) -> Result<Self, UnknownEvent> {
        Self::ALL.iter().copied().find(|kind| kind.key() == text).ok_or(UnknownEvent)
    }
}
