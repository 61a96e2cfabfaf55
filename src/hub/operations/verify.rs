//! Step 2: the documents are complete, scanned or seen on paper.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;

use super::{Hand, Outcome, fingerprint};
use crate::domain::case::Verb;
use crate::domain::catalogue::{Catalogue, DocumentKey, Missing};
use crate::domain::ids::CaseId;
use crate::domain::ticket::Queue;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::hub::access::AtCounter;
use crate::hub::refusal::Refusal;
use crate::hub::views::requirements;
use crate::journal::EventKind;
use crate::store::{CaseRecord, StoredAnswer, VerdictRow};
use crate::wire::case::Verify;

/// Accepts the documents of a case.
pub(in crate::hub) async fn verify(
    hub: &Hub,
    counter: &AtCounter,
    case_id: CaseId,
    body: Verify,
) -> Result<StoredAnswer, Refusal> {
    let hand = Hand::at(counter);
    let digest = fingerprint(&["verify", &case_id.to_string(), hand.person.name()], &body)?;
    let catalogue = Arc::clone(&hub.catalogue);
    hub.once(body.write.request_id, digest, move |tx, at| {
        let (case, next) = hand.take(tx, case_id, body.write, Verb::Verify)?;
        let accepted: BTreeSet<DocumentKey> = body.accepted.into_iter().collect();
        check(&catalogue, &case, &accepted)?;
        for kind in &accepted {
            tx.set_verdict(case_id, &VerdictRow { kind: kind.clone(), good: true, reason: None })?;
        }
        tx.finish_tickets(case_id, Queue::Verification)?;
        hand.put(tx, case, next, at, EventKind::CaseVerified, json!({ "accepted": accepted })).map(Outcome::Done)
    })
    .await
}

fn check(catalogue: &Catalogue, case: &CaseRecord, accepted: &BTreeSet<DocumentKey>) -> Result<(), Refusal> {
    if accepted.iter().any(|kind| catalogue.document(kind).is_none()) {
        return Err(Refusal::new(Failure::CaseInvalid).with_fact("dokumen tidak dikenal"));
    }
    let label = |kind: &DocumentKey| catalogue.document(kind).map_or(kind.to_string(), |known| known.short.clone());
    let missing = catalogue.missing(&requirements(catalogue, case), accepted);
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = missing
        .iter()
        .map(|missing| match missing {
            Missing::Document(kind) => label(kind),
            Missing::OneOf { documents, .. } => documents.iter().map(label).collect::<Vec<_>>().join(" atau "),
        })
        .collect();
    Err(Refusal::new(Failure::CaseIncomplete).with_fact(names.join("; ")))
}
