//! Replaces a person's password; every session they had ends.

use serde_json::json;

use super::sign_in::new_session;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::hub::access::AnySession;
use crate::hub::refusal::Refusal;
use crate::hub::secret::check_chosen;
use crate::journal::EventKind;
use crate::store::{NewEntry, StoreError};
use crate::wire::session::{ChangePassword, Session};

/// Replaces the password of whoever is signed in. The old password does not serve again.
pub(in crate::hub) async fn change_password(
    hub: &Hub,
    session: &AnySession,
    station: Option<String>,
    change: ChangePassword,
) -> Result<Session, Refusal> {
    let person = session.person().clone();
    check_chosen(&change.new_password, person.name())?;
    let name = person.name().to_owned();
    let user = hub.store.read::<_, StoreError, _>(move |view| view.user_named(&name)).await?;
    let mut user = user.ok_or(Failure::NotSignedIn)?;
    if hub.password_fits(change.new_password.clone(), Some(user.password.clone())).await? {
        return Err(Refusal::new(Failure::PasswordWeak).with_fact("sama dengan kata sandi lama"));
    }
    let hash = hub.hash_password(change.new_password).await?;
    let world = hub.world.clone();
    hub.store
        .write(move |tx| {
            let now = world.now();
            tx.set_password(user.user_id, &hash, false)?;
            tx.end_sessions_of(user.user_id)?;
            let (event, actor) = (EventKind::PasswordChanged, person.actor());
            tx.note(&NewEntry { event, at: now, actor, station, case_id: None, detail: json!({}) })?;
            user.must_change = false;
            new_session(tx, &world, &user, now)
        })
        .await
}
