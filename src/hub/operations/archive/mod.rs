//! The archive of finished cases: filed by themselves, searched, looked at, taken along, checked, and in the end
//! destroyed by a rule. Each verb is a file; all of them wait for the disk, so none belongs on an async thread.

pub(crate) mod check;
pub(crate) mod destroy;
pub(crate) mod export;
pub(crate) mod file;
pub(crate) mod find;
pub(crate) mod look;
pub(crate) mod read;

use std::io;
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::archive::PictureRefused;
use crate::archive::seal::{CaseKey, OfficeKey, Place};
use crate::archive::sha256;
use crate::clock::World;
use crate::config::{self, Config};
use crate::domain::archive::{ArchiveNumber, Shelving};
use crate::domain::catalogue::Catalogue;
use crate::domain::ids::{CaseId, DocumentId};
use crate::failure::Failure;
use crate::hub::refusal::Refusal;
use crate::journal::EventKind;
use crate::store::{
    Actor, ArchiveState, ArchivedCase, ArchivedDocument, Entry, KeyFault, NewEntry, Store, StoreError, Tx, Vault,
    VaultPaths,
};

/// Most rows of one answer.
pub(crate) const FOUND_MAX: u32 = 200;

/// Why the archive did not do what was asked. None of it tells what is in a document.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// No such case in the archive.
    #[error("the archive has no such case")]
    Unknown,
    /// Only finished cases are filed.
    #[error("the case is not finished")]
    NotFinished,
    /// A scan has not arrived, or its file is gone or changed.
    #[error("the scan of document {document} is not on disk as announced")]
    ScanMissing {
        /// Which document.
        document: DocumentId,
    },
    /// A scan cannot become a PDF.
    #[error("document {document} cannot become a PDF/A")]
    Unfit {
        /// Which document.
        document: DocumentId,
        /// Why.
        source: PictureRefused,
    },
    /// The key of the case was destroyed.
    #[error("the archived case {number} was destroyed by a rule of retention")]
    Destroyed {
        /// Its number.
        number: ArchiveNumber,
    },
    /// A file of the archive is missing or changed.
    #[error("the archived case {number} is damaged: {what}")]
    Damaged {
        /// Its number.
        number: ArchiveNumber,
        /// What is wrong.
        what: Damage,
    },
    /// The office's key cannot be used.
    #[error("the archive is locked")]
    Key(#[from] KeyFault),
    /// A period longer than a year, or one that ends before it begins.
    #[error("a period of at most 366 days is needed")]
    Period,
    /// The disk refused.
    #[error("the disk refused")]
    Disk(#[from] io::Error),
    /// The store refused.
    #[error("the store could not do it")]
    Store(#[from] StoreError),
}

/// What is wrong with a file of the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// The wrapped key is not there.
    #[error("its key is missing")]
    KeyMissing,
    /// The wrapped key was changed, or is another office's.
    #[error("its key does not open with the office's key")]
    KeyBroken,
    /// A sealed document is not there.
    #[error("a sealed document is missing")]
    DocumentMissing,
    /// A sealed document was changed.
    #[error("a sealed document was changed")]
    DocumentBroken,
    /// It opens, but is not what was filed.
    #[error("a document is not the one that was filed")]
    DocumentOther,
}

impl From<ArchiveError> for Refusal {
    fn from(error: ArchiveError) -> Self {
        let failure = match &error {
            ArchiveError::Unknown => Failure::ArchiveUnknown,
            ArchiveError::NotFinished => Failure::ArchiveNotFinished,
            ArchiveError::ScanMissing { .. } => Failure::ScanMissing,
            ArchiveError::Unfit { .. } => Failure::ArchiveScanUnfit,
            ArchiveError::Destroyed { .. } => Failure::ArchiveDestroyed,
            ArchiveError::Damaged { .. } => Failure::ArchiveDamaged,
            ArchiveError::Key(_) => Failure::ArchiveKeyFault,
            ArchiveError::Period => Failure::RequestMalformed,
            ArchiveError::Disk(_) | ArchiveError::Store(_) => Failure::HubFault,
        };
        let refusal = Self::new(failure);
        if refusal.status() >= 500 {
            let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            tracing::error!(%error, cause, "the archive could not do a job");
        }
        refusal
    }
}

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) struct By {
    pub actor: Actor,
    pub station: Option<String>,
}

impl By {
    /// The program itself, or whoever sits at its command line.
    pub const SYSTEM: Self = Self { actor: Actor::System, station: None };
}

/// Keeps the archive of one office. Clones share it.
#[derive(Clone)]
pub(crate) struct Archivist {
    store: Store,
    vault: Vault,
    world: World,
    office: config::Office,
    shelving: Shelving,
    retention_years: Option<NonZeroU16>,
    read_words: bool,
    catalogue: Arc<Catalogue>,
}

/// Where the parts of an office's archive are.
fn paths(config: &Config, data: &Path) -> VaultPaths {
    let settings = &config.archive;
    VaultPaths {
        files: data.join("archive"),
        keys: settings.keys.clone().unwrap_or_else(|| data.join("keys")),
        office_key: settings.office_key.clone().unwrap_or_else(|| data.join("office.key")),
    }
}

impl Archivist {
    /// Prepares the folders.
    pub fn open(config: &Config, store: Store, world: World, catalogue: Arc<Catalogue>) -> io::Result<Self> {
        let data = config.hub.clone().unwrap_or_default().data;
        let settings = &config.archive;
        Ok(Self {
            store,
            vault: Vault::open(paths(config, &data))?,
            world,
            office: config.office.clone(),
            shelving: Shelving { files_per_box: settings.files_per_box, boxes_per_rack: settings.boxes_per_rack },
            retention_years: settings.retention_years.and_then(|years| NonZeroU16::new(years.into())),
            read_words: settings.read_words,
            catalogue,
        })
    }

    /// Writes an event down.
    fn note(
        &self,
        tx: &Tx<'_>,
        by: &By,
        event: EventKind,
        case: Option<CaseId>,
        detail: Value,
    ) -> Result<Entry, StoreError> {
        let (actor, station) = (by.actor.clone(), by.station.clone());
        tx.note(&NewEntry { event, at: self.world.now(), actor, station, case_id: case, detail })
    }

    /// Finds a case that can still be read.
    fn kept(&self, case: CaseId) -> Result<(ArchivedCase, Vec<ArchivedDocument>), ArchiveError> {
        let found = self.store.read_blocking::<_, StoreError, _>(|view| {
            let Some(found) = view.archived(case)? else { return Ok(None) };
            let documents = view.archived_documents(case)?;
            Ok(Some((found, documents)))
        })?;
        let (found, documents) = found.ok_or(ArchiveError::Unknown)?;
        match found.state {
            ArchiveState::Kept => Ok((found, documents)),
            ArchiveState::Condemned | ArchiveState::Destroyed => Err(ArchiveError::Destroyed { number: found.number }),
        }
    }

    /// Reads the office's key and makes sure that it is the one of this archive.
    fn office_key(&self) -> Result<OfficeKey, ArchiveError> {
        self.right_key(self.vault.office_key()?)
    }

    fn right_key(&self, key: OfficeKey) -> Result<OfficeKey, ArchiveError> {
        let found = key.fingerprint();
        match self.store.read_blocking::<_, StoreError, _>(|view| view.other_office_key(&found))? {
            None => Ok(key),
            Some(wanted) => {
                let path = self.vault.office_key_path().to_owned();
                Err(KeyFault::Another { path, found, wanted }.into())
            }
        }
    }

    /// Unwraps the key of a case.
    fn case_key(&self, office_key: &OfficeKey, case: &ArchivedCase) -> Result<CaseKey, ArchiveError> {
        let damaged = |what| ArchiveError::Damaged { number: case.number, what };
        let wrapped = self.vault.read_key(case.case_id)?.ok_or_else(|| damaged(Damage::KeyMissing))?;
        let id = case.case_id.to_string();
        office_key.unwrap_key(&wrapped, self.place(&id, None)).map_err(|_| damaged(Damage::KeyBroken))
    }

    /// Reads a document from the disk, opens it and compares it with what was filed.
    fn read_document(
        &self,
        key: &CaseKey,
        case: &ArchivedCase,
        document: &ArchivedDocument,
    ) -> Result<Vec<u8>, ArchiveError> {
        let damaged = |what| ArchiveError::Damaged { number: case.number, what };
        let sealed = self
            .vault
            .read_document(case.case_id, document.document_id, document.pdf_bytes)?
            .ok_or_else(|| damaged(Damage::DocumentMissing))?;
        let (case_id, document_id) = (case.case_id.to_string(), document.document_id.to_string());
        let place = self.place(&case_id, Some(&document_id));
        let pdf = key.open(place, &sealed).map_err(|_| damaged(Damage::DocumentBroken))?;
        let same = sha256(&pdf) == document.pdf_sha256.as_str();
        if same { Ok(pdf) } else { Err(damaged(Damage::DocumentOther)) }
    }

    fn place<'a>(&'a self, case_id: &'a str, document_id: Option<&'a str>) -> Place<'a> {
        Place { office: self.office.code.as_str(), case_id, document_id }
    }
}
