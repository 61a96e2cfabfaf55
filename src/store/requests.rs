//! Rows of `requests`: the same request twice gives the same answer.

use jiff::Timestamp;
use rusqlite::params;

use super::rows::plain;
use super::{StoreError, Tx, View, ms};
use crate::domain::ids::RequestId;

/// An answer as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// HTTP status.
    pub status: u16,
    /// JSON body.
    pub body: String,
}

/// What is known of a request's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replay {
    /// Never seen.
    New,
    /// The same request was answered before.
    Answered(StoredAnswer),
    /// Another request had this name.
    Reused,
}

impl View<'_> {
    /// Looks a request up.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn request(&self, request: RequestId, digest: &str) -> Result<Replay, StoreError> {
        let sql = "SELECT digest, status, response FROM requests WHERE request_id = ?";
        let found = self.row(sql, params![request.to_string()], |row| {
            let known: String = plain(row, "digest")?;
            Ok((known, StoredAnswer { status: plain(row, "status")?, body: plain(row, "response")? }))
        })?;
        Ok(match found {
            None => Replay::New,
            Some((known, answer)) if known == digest => Replay::Answered(answer),
            Some(_) => Replay::Reused,
        })
    }
}

impl Tx<'_> {
    /// Keeps an answer for a request that is sent again.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn keep_answer(
        &self,
        request: RequestId,
        digest: &str,
        answer: &StoredAnswer,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO requests (request_id, office, digest, status, response, at_ms) VALUES (?, ?, ?, ?, ?, ?)",
            params![request.to_string(), self.office.as_str(), digest, answer.status, answer.body, ms(at)],
        )?;
        Ok(())
    }
}
