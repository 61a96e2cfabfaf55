//! The kiosk's own small file: numbers issued, and cases and tickets on their way to the hub.
//!
//! A number is given, a case and its scans are kept, in one transaction; the person is told only after the commit. So
//! a number never repeats within its day and series, also after a power cut or a clock that jumps back. Once the hub
//! has a case with all its scans, every personal datum of it is wiped here.

mod keeper;
mod schema;
#[cfg(test)]
mod tests;

pub use keeper::{KeepOrder, KeeperEvent, KeeperWorker};

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anjungan_hardware::Page;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use crate::domain::ids::{CaseId, DocumentId, RequestId, TicketId};
use crate::domain::slip_token::{SlipDigest, SlipReference, SlipToken};
use crate::domain::ticket::{Series, TICKET_NUMBER_MAX, TicketNumber};
use crate::wire::case::{Correction, Submission, SubmittedTicket};
use crate::wire::queue::{TakeTicket, TicketPurpose};

/// Name of the file in the kiosk's data folder.
pub const OUTBOX_FILE: &str = "outbox.sqlite";

/// What is kept and delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parcel {
    /// A new case.
    Case {
        /// Its identifier.
        case_id: CaseId,
        /// What the hub gets. The number of its ticket is replaced by the one issued.
        submission: Box<Submission>,
    },
    /// Returned documents, scanned again.
    Correction {
        /// The case.
        case_id: CaseId,
        /// Names this write.
        request_id: RequestId,
        /// What the hub gets. The number of its ticket is replaced by the one issued.
        correction: Box<Correction>,
    },
    /// Somebody wants help in person, without a case.
    WalkIn {
        /// The ticket; its number is replaced by the one issued.
        ticket: SubmittedTicket,
        /// When, by the kiosk's clock.
        taken_at: Timestamp,
    },
    /// The holder of a slip queues for the KK that lies at the counter.
    Pickup {
        /// The case.
        case_id: CaseId,
        /// Digest of the token on the slip.
        slip_token: SlipDigest,
        /// The ticket; its number is replaced by the one issued.
        ticket: SubmittedTicket,
        /// When, by the kiosk's clock.
        taken_at: Timestamp,
    },
}

impl Parcel {
    /// Returns the case it is about; none for somebody who wants help.
    #[must_use]
    pub const fn case_id(&self) -> Option<CaseId> {
        match self {
            Self::Case { case_id, .. } | Self::Correction { case_id, .. } | Self::Pickup { case_id, .. } => {
                Some(*case_id)
            }
            Self::WalkIn { .. } => None,
        }
    }

    fn from_ticket(ticket_id: TicketId, take: TakeTicket) -> Self {
        let TakeTicket { day, number, purpose, priority, taken_at } = take;
        let ticket = SubmittedTicket { ticket_id, day, number, priority };
        match purpose {
            TicketPurpose::Help => Self::WalkIn { ticket, taken_at },
            TicketPurpose::Pickup { case_id, slip_token } => Self::Pickup { case_id, slip_token, ticket, taken_at },
        }
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Case { .. } => "case",
            Self::Correction { .. } => "correction",
            Self::WalkIn { .. } => "walk_in",
            Self::Pickup { .. } => "pickup",
        }
    }

    fn write_id(&self) -> String {
        match self {
            Self::Case { case_id, .. } => case_id.to_string(),
            Self::Correction { request_id, .. } => request_id.to_string(),
            Self::WalkIn { ticket, .. } | Self::Pickup { ticket, .. } => ticket.ticket_id.to_string(),
        }
    }

    /// Returns the ticket.
    #[must_use]
    pub fn ticket(&self) -> &SubmittedTicket {
        match self {
            Self::Case { submission, .. } => &submission.ticket,
            Self::Correction { correction, .. } => &correction.ticket,
            Self::WalkIn { ticket, .. } | Self::Pickup { ticket, .. } => ticket,
        }
    }

    fn set_number(&mut self, number: TicketNumber) {
        match self {
            Self::Case { submission, .. } => submission.ticket.number = number,
            Self::Correction { correction, .. } => correction.ticket.number = number,
            Self::WalkIn { ticket, .. } | Self::Pickup { ticket, .. } => ticket.number = number,
        }
    }

    fn body(&self) -> Result<String, OutboxError> {
        Ok(match self {
            Self::Case { submission, .. } => serde_json::to_string(submission)?,
            Self::Correction { correction, .. } => serde_json::to_string(correction)?,
            Self::WalkIn { ticket, taken_at } => serde_json::to_string(&TakeTicket::for_help(ticket, *taken_at))?,
            Self::Pickup { case_id, slip_token, ticket, taken_at } => {
                serde_json::to_string(&TakeTicket::for_pickup(ticket, *case_id, slip_token, *taken_at))?
            }
        })
    }
}

/// A scan that belongs to a parcel.
#[derive(Debug, Clone)]
pub struct ScanToKeep {
    /// The document.
    pub document_id: DocumentId,
    /// `image/jpeg` or `image/png`.
    pub media_type: &'static str,
    /// The page.
    pub page: Arc<Page>,
}

/// A scan as it lies in the outbox.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptScan {
    /// `image/jpeg` or `image/png`.
    pub media_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A parcel to deliver.
#[derive(Debug, Clone)]
pub struct Pending {
    /// Its place in the outbox.
    pub seq: i64,
    /// What to deliver.
    pub parcel: Parcel,
}

/// How many parcels are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Waiting for delivery.
    pub kept: u32,
    /// Delivered and wiped.
    pub delivered: u32,
    /// Refused by the hub and kept aside for a person.
    pub refused: u32,
}

/// Why the outbox cannot do what it was asked. No number was given.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// The folder cannot be made.
    #[error("cannot make {path}: {source}")]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is another program's, newer than this program, or damaged.
    #[error("the outbox cannot be used: {0}")]
    Unusable(String),
    /// The disk is full or refuses, or the file is locked.
    #[error("the outbox cannot be written: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// What is kept cannot be read back.
    #[error("the outbox holds something that cannot be read: {0}")]
    Content(#[from] serde_json::Error),
    /// All numbers of the day are used.
    #[error("all {TICKET_NUMBER_MAX} numbers of the day are used")]
    NumbersUsedUp,
}

/// A waiting row: its place, kind, case, write and body.
type KeptRow = (i64, String, Option<String>, String, Option<String>);

/// The open file.
#[derive(Debug)]
pub struct Outbox {
    db: Connection,
}

impl Outbox {
    /// Opens the file in a folder, making both when they are not there.
    ///
    /// # Errors
    /// When the file is damaged, newer, not ours, or the disk refuses.
    pub fn open(folder: &Path) -> Result<Self, OutboxError> {
        private_folder(folder).map_err(|source| OutboxError::Folder { path: folder.to_owned(), source })?;
        Ok(Self { db: schema::open(&folder.join(OUTBOX_FILE))? })
    }

    /// Issues the next number of the parcel's day and keeps the parcel, its scans and the slip's token, if a slip is
    /// printed with one: all or nothing. The same parcel twice gives the same ticket.
    ///
    /// # Errors
    /// Nothing is kept and no number is used.
    pub fn keep(
        &mut self,
        series: Series,
        mut parcel: Parcel,
        scans: &[ScanToKeep],
        token: Option<&SlipToken>,
        now: Timestamp,
    ) -> Result<SubmittedTicket, OutboxError> {
        let change = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let known: Option<String> = change
            .query_row("SELECT ticket FROM item WHERE write_id = ?1", [parcel.write_id()], |row| row.get(0))
            .optional()?;
        if let Some(ticket) = known {
            let ticket: SubmittedTicket = serde_json::from_str(&ticket)?;
            return Ok(SubmittedTicket { priority: parcel.ticket().priority, ..ticket });
        }
        let day = parcel.ticket().day.to_string();
        let number = issue(&change, &day, series)?;
        parcel.set_number(number);
        let ticket = parcel.ticket().clone();
        change.execute(
            "INSERT INTO item (kind, case_id, write_id, day, number, ticket, body, slip_token, state, kept_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'kept', ?9)",
            params![
                parcel.kind(),
                parcel.case_id().map(|id| id.to_string()),
                parcel.write_id(),
                day,
                number.to_string(),
                // The priority stays in the body, which is wiped: it may tell of an illness.
                serde_json::to_string(&SubmittedTicket { priority: None, ..ticket.clone() })?,
                parcel.body()?,
                token.map(SlipToken::text),
                now.as_millisecond(),
            ],
        )?;
        let seq = change.last_insert_rowid();
        for scan in scans {
            change.execute(
                "INSERT INTO scan (item_seq, document_id, media_type, bytes) VALUES (?1, ?2, ?3, ?4)",
                params![seq, scan.document_id.to_string(), scan.media_type, scan.page.bytes],
            )?;
        }
        change.commit()?;
        Ok(ticket)
    }

    /// Returns the first parcel after `seq` that waits for delivery. One that cannot be read is kept aside.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn next_pending(&mut self, after_seq: i64, now: Timestamp) -> Result<Option<Pending>, OutboxError> {
        let mut after_seq = after_seq;
        loop {
            let found: Option<KeptRow> = self
                .db
                .query_row(
                    "SELECT seq, kind, case_id, write_id, body FROM item WHERE state = 'kept' AND seq > ?1
                     ORDER BY seq LIMIT 1",
                    [after_seq],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
                )
                .optional()?;
            let Some((seq, kind, case_id, write_id, body)) = found else { return Ok(None) };
            match read_parcel(&kind, case_id.as_deref(), &write_id, body.as_deref().unwrap_or_default()) {
                Some(parcel) => return Ok(Some(Pending { seq, parcel })),
                None => {
                    tracing::error!(seq, "a kept parcel cannot be read; it is kept aside");
                    self.mark_refused(seq, "UNREADABLE", now)?;
                    after_seq = seq;
                }
            }
        }
    }

    /// Returns a kept scan.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn scan(&self, seq: i64, document: DocumentId) -> Result<Option<KeptScan>, OutboxError> {
        let found = self.db.query_row(
            "SELECT media_type, bytes FROM scan WHERE item_seq = ?1 AND document_id = ?2",
            params![seq, document.to_string()],
            |row| Ok(KeptScan { media_type: row.get(0)?, bytes: row.get(1)? }),
        );
        Ok(found.optional()?)
    }

    /// Notes that the hub has the parcel and all its scans, and wipes what is personal.
    ///
    /// # Errors
    /// When the file cannot be written; then the parcel is delivered once more, which the hub takes as the same.
    pub fn mark_delivered(&mut self, seq: i64, now: Timestamp) -> Result<(), OutboxError> {
        let change = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        change.execute(
            "UPDATE item SET state = 'delivered', body = NULL, done_at_ms = ?2 WHERE seq = ?1",
            params![seq, now.as_millisecond()],
        )?;
        change.execute("DELETE FROM scan WHERE item_seq = ?1", [seq])?;
        change.commit()?;
        self.forget_log();
        Ok(())
    }

    /// Notes that the hub refused the parcel for good. Nothing of it is wiped: a person must look.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn mark_refused(&mut self, seq: i64, code: &str, now: Timestamp) -> Result<(), OutboxError> {
        self.db.execute(
            "UPDATE item SET state = 'refused', refused_code = ?2, done_at_ms = ?3 WHERE seq = ?1",
            params![seq, code, now.as_millisecond()],
        )?;
        Ok(())
    }

    /// Puts what was refused back among what waits, and returns how many. The hub takes no case twice.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn retry_refused(&mut self) -> Result<usize, OutboxError> {
        let sql = "UPDATE item SET state = 'kept', refused_code = NULL, done_at_ms = NULL WHERE state = 'refused'";
        Ok(self.db.execute(sql, [])?)
    }

    /// Wipes the tokens of slips delivered before an instant: nobody prints those again.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn wipe_tokens(&mut self, delivered_before: Timestamp) -> Result<(), OutboxError> {
        let wiped = self.db.execute(
            "UPDATE item SET slip_token = NULL
             WHERE state = 'delivered' AND slip_token IS NOT NULL AND done_at_ms < ?1",
            [delivered_before.as_millisecond()],
        )?;
        if wiped > 0 {
            self.forget_log();
        }
        Ok(())
    }

    /// Returns the token of a slip, for printing it again, while it is still kept.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn slip_token(&self, ticket: &SubmittedTicket) -> Result<Option<SlipToken>, OutboxError> {
        let found: Option<Option<String>> = self
            .db
            .query_row(
                "SELECT slip_token FROM item WHERE day = ?1 AND number = ?2",
                params![ticket.day.to_string(), ticket.number.to_string()],
                |row| row.get(0),
            )
            .optional()?;
        Ok(found.flatten().and_then(|text| SlipReference::from_path(&text)))
    }

    /// Counts the parcels.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn counts(&self) -> Result<Counts, OutboxError> {
        let mut counts = Counts::default();
        let mut query = self.db.prepare_cached("SELECT state, count(*) FROM item GROUP BY state")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let (state, number): (String, u32) = (row.get(0)?, row.get(1)?);
            match state.as_str() {
                "kept" => counts.kept = number,
                "delivered" => counts.delivered = number,
                _ => counts.refused = number,
            }
        }
        Ok(counts)
    }

    /// Learns whether the disk takes a write.
    ///
    /// # Errors
    /// When it does not.
    pub fn probe(&mut self) -> Result<(), OutboxError> {
        self.db.execute(
            "INSERT INTO probe (id, writes) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET writes = writes + 1",
            [],
        )?;
        Ok(())
    }

    /// Empties the write-ahead log, in which wiped data would otherwise lie until it is overwritten.
    fn forget_log(&self) {
        let emptied = self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        if !matches!(emptied, Ok(0)) {
            // A reader is in the way, or the disk refuses: the next delivery empties it.
            tracing::debug!("the outbox log is not emptied yet");
        }
    }
}

/// Makes a folder and in it the file that only their owner may read: numbers of identity and scans wait here.
fn private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let path = folder.join(OUTBOX_FILE);
    std::fs::OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
    // The names must outlive a power cut too; a folder above that we may not read is not one that we have made.
    let folder = folder.canonicalize()?;
    let sync = |folder: &Path| std::fs::File::open(folder)?.sync_all();
    sync(&folder)?;
    let _ = folder.ancestors().skip(1).try_for_each(sync);
    Ok(())
}

fn issue(change: &Connection, day: &str, series: Series) -> Result<TicketNumber, OutboxError> {
    let last: Option<u16> = change
        .query_row(
            "SELECT last_number FROM issued WHERE day = ?1 AND series = ?2",
            params![day, series.to_string()],
            |row| row.get(0),
        )
        .optional()?;
    let next = last.unwrap_or(0) + 1;
    let number = TicketNumber::new(series, next).map_err(|_| OutboxError::NumbersUsedUp)?;
    change.execute(
        "INSERT INTO issued (day, series, last_number) VALUES (?1, ?2, ?3)
         ON CONFLICT (day, series) DO UPDATE SET last_number = excluded.last_number",
        params![day, series.to_string(), next],
    )?;
    Ok(number)
}

fn read_parcel(kind: &str, case_id: Option<&str>, write_id: &str, body: &str) -> Option<Parcel> {
    let case_id = case_id.and_then(|id| id.parse().ok());
    match kind {
        "walk_in" | "pickup" => Some(Parcel::from_ticket(write_id.parse().ok()?, serde_json::from_str(body).ok()?)),
        "case" => Some(Parcel::Case { case_id: case_id?, submission: serde_json::from_str(body).ok()? }),
        "correction" => Some(Parcel::Correction {
            case_id: case_id?,
            request_id: write_id.parse().ok()?,
            correction: serde_json::from_str(body).ok()?,
        }),
        _ => None,
    }
}
