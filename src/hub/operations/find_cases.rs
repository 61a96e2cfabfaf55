//! Finds the case of somebody who stands at a counter without a slip. The journal says by what an officer searched and
//! how much was found, never for what.

use std::sync::Arc;

use serde_json::json;

use super::Hand;
use crate::hub::Hub;
use crate::hub::access::AtCounter;
use crate::hub::refusal::Refusal;
use crate::hub::views;
use crate::journal::EventKind;
use crate::wire::FOUND_CASES_MAX;
use crate::wire::find::{FindCases, FoundCases};

/// Searches, at most [`FOUND_CASES_MAX`] cases, the newest first. Opens none of them.
pub(in crate::hub) async fn find_cases(hub: &Hub, counter: &AtCounter, find: FindCases) -> Result<FoundCases, Refusal> {
    hub.admit_search(counter.person().user_id())?;
    let hand = Hand::at(counter);
    let (world, zone, catalogue) = (hub.world.clone(), hub.zone(), Arc::clone(&hub.catalogue));
    hub.store
        .write(move |tx| {
            let at = world.now();
            // One more than is shown tells whether there are more.
            let limit = FOUND_CASES_MAX + 1;
            let mut found = match &find {
                FindCases::Ticket { number, day } => {
                    tx.cases_of_ticket(day.unwrap_or_else(|| zone.day(at)), *number, limit)?
                }
                FindCases::Nik { nik } => tx.cases_of_nik(nik, limit)?,
                FindCases::NoKk { no_kk } => tx.cases_of_no_kk(no_kk, limit)?,
                FindCases::Archive { number } => match tx.archived_numbered(*number)? {
                    Some(filed) => tx.case(filed.case_id)?.into_iter().collect(),
                    None => Vec::new(),
                },
            };
            let more = found.len() > FOUND_CASES_MAX;
            found.truncate(FOUND_CASES_MAX);
            let detail = json!({ "by": find.by(), "found": found.len(), "more": more });
            hand.note(tx, None, at, EventKind::CasesSearched, detail)?;
            let cases = found.iter().map(|case| views::case_row(&catalogue, case)).collect();
            Ok(FoundCases { cases, more })
        })
        .await
}
