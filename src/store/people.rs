//! Rows of `users`, `sessions` and `sign_in_failures`.

use jiff::Timestamp;
use rusqlite::{Row, params};

use super::rows::{parsed, plain, time, time_or_none};
use super::{StoreError, Tx, View, ms};
use crate::domain::ids::UserId;
use crate::domain::role::Role;

/// A person with a login.
#[derive(Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// Names them.
    pub user_id: UserId,
    /// Login.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Argon2id hash in PHC form.
    pub password: String,
    /// The password is a one-time one.
    pub must_change: bool,
}

impl std::fmt::Debug for UserRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserRecord").field("name", &self.name).field("role", &self.role).finish_non_exhaustive()
    }
}

/// A session with its person.
#[derive(Debug, Clone)]
pub struct SessionRecord {
    /// Who.
    pub user: UserRecord,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
}

/// Wrong passwords under one name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attempt {
    /// In a row.
    pub failures: u32,
    /// When the last one was.
    pub last_at: Option<Timestamp>,
    /// No further try before this time.
    pub locked_until: Option<Timestamp>,
}

fn read_user(row: &Row<'_>) -> Result<UserRecord, StoreError> {
    Ok(UserRecord {
        user_id: parsed(row, "user_id")?,
        name: plain(row, "name")?,
        role: parsed(row, "role")?,
        password: plain(row, "password")?,
        must_change: plain(row, "must_change")?,
    })
}

impl View<'_> {
    /// Finds a person by login.
    ///
    /// # Errors
    /// When the engine refuses or a row does not parse; so for every read below.
    pub fn user_named(&self, name: &str) -> Result<Option<UserRecord>, StoreError> {
        let sql = "SELECT user_id, name, role, password, must_change FROM users WHERE office = ? AND name = ?";
        self.row(sql, params![self.office.as_str(), name], read_user)
    }

    /// Finds a session by the digest of its token.
    #[allow(clippy::missing_errors_doc)]
    pub fn session(&self, token_digest: &str) -> Result<Option<SessionRecord>, StoreError> {
        let sql = "SELECT u.user_id, u.name, u.role, u.password, u.must_change, s.seen_at_ms, s.expires_at_ms
                   FROM sessions s JOIN users u ON u.user_id = s.user_id
                   WHERE s.office = ? AND s.token_digest = ?";
        self.row(sql, params![self.office.as_str(), token_digest], |row| {
            Ok(SessionRecord {
                user: read_user(row)?,
                seen_at: time(row, "seen_at_ms")?,
                expires_at: time(row, "expires_at_ms")?,
            })
        })
    }

    /// Returns the wrong passwords under a name.
    #[allow(clippy::missing_errors_doc)]
    pub fn attempts(&self, name_digest: &str) -> Result<Attempt, StoreError> {
        let sql = "SELECT failures, last_at_ms, locked_until_ms FROM sign_in_failures
                   WHERE office = ? AND name_digest = ?";
        let found = self.row(sql, params![self.office.as_str(), name_digest], |row| {
            Ok(Attempt {
                failures: plain(row, "failures")?,
                last_at: time_or_none(row, "last_at_ms")?,
                locked_until: time_or_none(row, "locked_until_ms")?,
            })
        })?;
        Ok(found.unwrap_or_default())
    }
}

impl Tx<'_> {
    /// Adds a person.
    ///
    /// # Errors
    /// When the engine refuses; so for every write below.
    pub fn add_user(&self, user: &UserRecord, at: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO users (user_id, office, name, role, password, must_change, created_at_ms)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
            params![
                user.user_id.to_string(),
                self.office.as_str(),
                user.name,
                user.role.key(),
                user.password,
                user.must_change,
                ms(at),
            ],
        )?;
        Ok(())
    }

    /// Replaces a password: by one that its owner chose, or by a one-time one that they must change.
    #[allow(clippy::missing_errors_doc)]
    pub fn set_password(&self, user: UserId, password: &str, must_change: bool) -> Result<(), StoreError> {
        self.run(
            "UPDATE users SET password = ?, must_change = ? WHERE office = ? AND user_id = ?",
            params![password, must_change, self.office.as_str(), user.to_string()],
        )?;
        Ok(())
    }

    /// Opens a session, and forgets those that have ended.
    #[allow(clippy::missing_errors_doc)]
    pub fn add_session(
        &self,
        user: UserId,
        token_digest: &str,
        at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.run(
            "DELETE FROM sessions WHERE office = ? AND expires_at_ms <= ?",
            params![self.office.as_str(), ms(at)],
        )?;
        self.run(
            "INSERT INTO sessions (token_digest, office, user_id, created_at_ms, seen_at_ms, expires_at_ms)
             VALUES (?, ?, ?, ?, ?, ?)",
            params![token_digest, self.office.as_str(), user.to_string(), ms(at), ms(at), ms(expires_at)],
        )?;
        Ok(())
    }

    /// Notes that a session is in use.
    #[allow(clippy::missing_errors_doc)]
    pub fn touch_session(&self, token_digest: &str, at: Timestamp) -> Result<(), StoreError> {
        self.run(
            "UPDATE sessions SET seen_at_ms = MAX(seen_at_ms, ?) WHERE office = ? AND token_digest = ?",
            params![ms(at), self.office.as_str(), token_digest],
        )?;
        Ok(())
    }

    /// Ends a session.
    #[allow(clippy::missing_errors_doc)]
    pub fn end_session(&self, token_digest: &str) -> Result<(), StoreError> {
        let office = self.office.as_str();
        self.run("DELETE FROM sessions WHERE office = ? AND token_digest = ?", params![office, token_digest])?;
        Ok(())
    }

    /// Ends every session of a person.
    #[allow(clippy::missing_errors_doc)]
    pub fn end_sessions_of(&self, user: UserId) -> Result<(), StoreError> {
        let office = self.office.as_str();
        self.run("DELETE FROM sessions WHERE office = ? AND user_id = ?", params![office, user.to_string()])?;
        Ok(())
    }

    /// Writes the wrong passwords under a name, and forgets names not tried since `stale`.
    #[allow(clippy::missing_errors_doc)]
    pub fn set_attempts(
        &self,
        name_digest: &str,
        attempt: Attempt,
        at: Timestamp,
        stale: Timestamp,
    ) -> Result<(), StoreError> {
        let office = self.office.as_str();
        self.run("DELETE FROM sign_in_failures WHERE office = ? AND last_at_ms < ?", params![office, ms(stale)])?;
        self.run(
            "INSERT INTO sign_in_failures (office, name_digest, failures, last_at_ms, locked_until_ms)
             VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (office, name_digest) DO UPDATE SET failures = excluded.failures,
               last_at_ms = excluded.last_at_ms, locked_until_ms = excluded.locked_until_ms",
            params![office, name_digest, attempt.failures, ms(at), attempt.locked_until.map(ms)],
        )?;
        Ok(())
    }

    /// Forgets the wrong passwords under a name: the right one came.
    #[allow(clippy::missing_errors_doc)]
    pub fn clear_attempts(&self, name_digest: &str) -> Result<(), StoreError> {
        let office = self.office.as_str();
        self.run("DELETE FROM sign_in_failures WHERE office = ? AND name_digest = ?", params![office, name_digest])?;
        Ok(())
    }
}
