//! The slip (Bukti Pengambilan) and what else a kiosk prints: what stands on paper, laid out for 58 mm and 80 mm.
//!
//! No name ever stands on a slip, and of a NIK only the last four digits.

mod layout;
mod list;
mod readiness;
mod ticket;
mod words;

pub use layout::lay_out;
pub use list::{ListContent, ListEntry, lay_out_list};
pub use readiness::{ReadinessContent, lay_out_readiness};
pub use ticket::{TicketContent, TicketFor, lay_out_ticket};

use anjungan_hardware::PrintJob;
use jiff::Timestamp;

use crate::domain::language::Language;
use crate::domain::nik::Nik;
use crate::domain::office::Zone;
use crate::domain::priority::Priority;
use crate::domain::slip_token::SlipToken;
use crate::domain::ticket::TicketNumber;

/// What a slip says.
#[derive(Debug, Clone)]
pub struct SlipContent {
    /// Name of the office.
    pub office: String,
    /// Clock of the office.
    pub zone: Zone,
    /// Number that is called.
    pub ticket: TicketNumber,
    /// Why its holder should not wait long.
    pub priority: Option<Priority>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Title of the service, e.g. `Kartu Keluarga: KK hilang`.
    pub service: String,
    /// The secret in the QR, from which the code follows.
    pub token: SlipToken,
    /// Address of the published status page, if the office has one.
    pub url_base: Option<String>,
    /// Last four digits of the applicant's NIK; none where the kiosk does not know it.
    pub nik_last4: Option<String>,
    /// Documents handed in, by their short labels.
    pub documents: Vec<SlipDocument>,
    /// Where people complain.
    pub complaints: String,
    /// A second print of the same slip.
    pub copy: bool,
}

/// Whatever a kiosk prints for a person.
#[derive(Debug, Clone)]
pub enum Paper {
    /// The slip of an application.
    Slip(SlipContent),
    /// A number alone.
    Number(TicketContent),
    /// What to bring.
    List(ListContent),
}

/// Lays a paper out for `columns` characters, in the language of the person.
#[must_use]
pub fn lay_out_paper(paper: &Paper, language: Language, columns: u16) -> PrintJob {
    match paper {
        Paper::Slip(content) => lay_out(content, language, columns),
        Paper::Number(content) => lay_out_ticket(content, language, columns),
        Paper::List(content) => lay_out_list(content, language, columns),
    }
}

/// A document on the slip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlipDocument {
    /// Short label.
    pub label: String,
    /// It was scanned; otherwise it must be shown at the counter.
    pub scanned: bool,
}

impl SlipContent {
    /// Takes the printable part of a NIK.
    #[must_use]
    pub fn last4(nik: &Nik) -> String {
        nik.last4().to_owned()
    }

    /// Returns what the QR says.
    #[must_use]
    pub fn qr_text(&self) -> String {
        self.token.qr_text(self.url_base.as_deref())
    }
}
