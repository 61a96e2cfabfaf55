//! Opens a session. A wrong name and a wrong password take as long and look the same.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::failure::Failure;
use crate::hub::Hub;
use crate::hub::access::SESSION_HOURS_MAX;
use crate::hub::refusal::Refusal;
use crate::hub::secret::{self, PASSWORD_CHARS_MAX, Purpose, digest};
use crate::journal::EventKind;
use crate::store::{Actor, Attempt, NewEntry, Tx, UserRecord};
use crate::wire::session::{Session, SignIn};

/// Wrong passwords in a row, at one station or away from any, before a name is locked there.
const FAILURES_MAX: u32 = 5;
/// How long a name stays locked, in seconds.
const LOCK_S: i64 = 60;
/// Wrong passwords are forgotten after this time without a try, in minutes.
const FORGET_MINUTES: i64 = 15;

/// Signs a person in, at a station or away from one.
pub(in crate::hub) async fn sign_in(hub: &Hub, station: Option<String>, sign_in: SignIn) -> Result<Session, Refusal> {
    let SignIn { name, password } = sign_in;
    // A stranger who locks a name does so for strangers: whoever sits at an enrolled counter still gets in.
    let place = station.as_deref().unwrap_or_default();
    let name_digest = digest(Purpose::SignInName, &format!("{place}\0{name}"));
    if password.chars().count() > PASSWORD_CHARS_MAX {
        return Err(Failure::LoginRefused.into());
    }
    let user = charge(hub, &name, &name_digest).await?;
    let hash = user.as_ref().map(|user| user.password.clone());
    let fits = hub.password_fits(password, hash).await?;
    match user.filter(|_| fits) {
        Some(user) => open_session(hub, user, station, name_digest).await,
        None => refuse(hub, name, station).await,
    }
}

/// Counts the try before the password is looked at, so that many tries at once gain nothing.
async fn charge(hub: &Hub, name: &str, name_digest: &str) -> Result<Option<UserRecord>, Refusal> {
    let (name, name_digest, world) = (name.to_owned(), name_digest.to_owned(), hub.world.clone());
    hub.store
        .write(move |tx| {
            let now = world.now();
            let attempt = next_attempt(tx.attempts(&name_digest)?, now)?;
            tx.set_attempts(&name_digest, attempt, now, now - SignedDuration::from_mins(FORGET_MINUTES))?;
            Ok(tx.user_named(&name)?)
        })
        .await
}

fn next_attempt(known: Attempt, now: Timestamp) -> Result<Attempt, Refusal> {
    let stale = |last: Timestamp| now.duration_since(last) >= SignedDuration::from_mins(FORGET_MINUTES);
    let failures = match known.locked_until {
        // A lock that ends too far ahead was set before the clock was put right: it is over.
        Some(until) if now < until && until.duration_since(now).as_secs() <= LOCK_S => {
            return Err(Failure::LoginLocked.into());
        }
        Some(_) => 0,
        None if known.last_at.is_some_and(stale) => 0,
        None => known.failures,
    } + 1;
    let locked_until = (failures >= FAILURES_MAX).then(|| now + SignedDuration::from_secs(LOCK_S));
    Ok(Attempt { failures, last_at: Some(now), locked_until })
}

async fn open_session(
    hub: &Hub,
    user: UserRecord,
    station: Option<String>,
    name_digest: String,
) -> Result<Session, Refusal> {
    let world = hub.world.clone();
    hub.store
        .write(move |tx| {
            let now = world.now();
            tx.clear_attempts(&name_digest)?;
            let (event, actor) = (EventKind::SignedIn, Actor::Officer(user.name.clone()));
            tx.note(&NewEntry { event, at: now, actor, station, case_id: None, detail: json!({}) })?;
            new_session(tx, &world, &user, now)
        })
        .await
}

/// Draws a session and stores its digest.
pub(super) fn new_session(
    tx: &Tx<'_>,
    world: &crate::clock::World,
    user: &UserRecord,
    now: Timestamp,
) -> Result<Session, Refusal> {
    let token = secret::token(world);
    let expires_at = now + SignedDuration::from_hours(SESSION_HOURS_MAX);
    tx.add_session(user.user_id, &digest(Purpose::Session, &token), now, expires_at)?;
    Ok(Session { token, name: user.name.clone(), role: user.role, must_change_password: user.must_change, expires_at })
}

async fn refuse(hub: &Hub, name: String, station: Option<String>) -> Result<Session, Refusal> {
    let world = hub.world.clone();
    hub.store
        .write::<_, Refusal, _>(move |tx| {
            // A name nobody has may be a password in the wrong field: it is not written down.
            let actor = match tx.user_named(&name)? {
                Some(user) => Actor::Officer(user.name),
                None => Actor::System,
            };
            let (event, at) = (EventKind::SignInRefused, world.now());
            tx.note(&NewEntry { event, at, actor, station, case_id: None, detail: json!({}) })?;
            Ok(())
        })
        .await?;
    Err(Failure::LoginRefused.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_locked_after_five_and_opens_again() {
        let mut now: Timestamp = "2026-11-23T01:00:00Z".parse().expect("a timestamp");
        let mut attempt = Attempt::default();
        for count in 1..=5 {
            attempt = next_attempt(attempt, now).expect("not locked yet");
            assert_eq!(attempt.failures, count);
        }
        assert_eq!(next_attempt(attempt, now), Err(Failure::LoginLocked.into()));
        let set_back = now - SignedDuration::from_hours(24 * 365);
        assert_eq!(next_attempt(attempt, set_back).map(|next| next.failures), Ok(1), "nobody is locked out for a year");
        now += SignedDuration::from_secs(60);
        assert_eq!(next_attempt(attempt, now).map(|next| next.failures), Ok(1));
    }
}
