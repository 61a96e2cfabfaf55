//! Ends a session.

use serde_json::json;

use crate::hub::Hub;
use crate::hub::access::AnySession;
use crate::hub::refusal::Refusal;
use crate::journal::EventKind;
use crate::store::NewEntry;

/// Signs a person out.
pub(in crate::hub) async fn sign_out(hub: &Hub, session: &AnySession, station: Option<String>) -> Result<(), Refusal> {
    let (token_digest, actor, world) = (session.token_digest(), session.person().actor(), hub.world.clone());
    hub.store
        .write(move |tx| {
            tx.end_session(&token_digest)?;
            let (event, at) = (EventKind::SignedOut, world.now());
            tx.note(&NewEntry { event, at, actor, station, case_id: None, detail: json!({}) })?;
            Ok(())
        })
        .await
}
