//! Looks at an archived case, or opens one of its documents. Each look is a line in the journal.

use serde_json::json;

use super::{ArchiveError, Archivist, By};
use crate::domain::ids::{CaseId, DocumentId};
use crate::journal::EventKind;
use crate::store::{ArchivedCase, ArchivedDocument, CaseRecord, StoreError};

/// What is taken out of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Take {
    /// The PDF.
    Pdf,
    /// The scan as it came.
    Picture,
}

/// What was taken out.
pub(crate) struct Opened {
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// A name to save it under: the archive number and the kind of document.
    pub file_name: String,
}

impl Archivist {
    /// Returns an archived case with the facts of its documents; also one that was destroyed.
    pub fn look(
        &self,
        case_id: CaseId,
        by: &By,
    ) -> Result<(ArchivedCase, CaseRecord, Vec<ArchivedDocument>), ArchiveError> {
        let (this, by) = (self.clone(), by.clone());
        self.store.write_blocking(move |tx| {
            let found = tx.archived(case_id)?.ok_or(ArchiveError::Unknown)?;
            let case = tx.case(case_id)?.ok_or(ArchiveError::Unknown)?;
            let documents = tx.archived_documents(case_id)?;
            let detail = json!({ "number": found.number });
            this.note(tx, &by, EventKind::ArchiveLooked, Some(case_id), detail)?;
            Ok((found, case, documents))
        })
    }

    /// Opens a document.
    pub fn open_document(
        &self,
        case_id: CaseId,
        document_id: DocumentId,
        take: Take,
        by: &By,
    ) -> Result<Opened, ArchiveError> {
        let (found, documents) = self.kept(case_id)?;
        let document = documents.into_iter().find(|document| document.document_id == document_id);
        let document = document.ok_or(ArchiveError::Unknown)?;
        let key = self.case_key(&self.office_key()?, &found)?;
        let pdf = self.read_document(&key, &found, &document)?;
        let (this, by, number) = (self.clone(), by.clone(), found.number);
        self.store.write_blocking::<_, StoreError, _>(move |tx| {
            let detail = json!({ "number": number, "document": document_id });
            this.note(tx, &by, EventKind::ArchiveLooked, Some(case_id), detail).map(drop)
        })?;
        let name = format!("arsip-{number}-{}", document.kind.as_str());
        match take {
            Take::Pdf => {
                let file_name = format!("{name}.pdf");
                Ok(Opened { media_type: "application/pdf".to_owned(), bytes: pdf, file_name })
            }
            Take::Picture => {
                let picture = document.picture.file(&pdf).ok_or(StoreError::Garbled { column: "picture_at" })?;
                let media_type = document.original_type;
                let ending = if media_type == "image/png" { "png" } else { "jpg" };
                Ok(Opened { media_type, bytes: picture, file_name: format!("{name}.{ending}") })
            }
        }
    }
}
