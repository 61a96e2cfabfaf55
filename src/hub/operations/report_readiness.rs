//! Takes what a station found when it checked itself, e.g. in the morning, and keeps it in the journal.

use serde_json::{Value, json};

use super::{Outcome, fingerprint};
use crate::failure::Failure;
use crate::hub::Hub;
use crate::hub::access::AnyStation;
use crate::hub::refusal::Refusal;
use crate::journal::EventKind;
use crate::store::{Actor, NewEntry, StoredAnswer};
use crate::wire::health::{Readiness, ReadinessLine};

/// Runs of digits this long may be a NIK or a No KK.
const DIGITS_MASKED_MIN: usize = 16;

/// Takes a report once.
pub(in crate::hub) async fn report_readiness(
    hub: &Hub,
    station: &AnyStation,
    body: Readiness,
) -> Result<StoredAnswer, Refusal> {
    body.check().map_err(|fact| Refusal::new(Failure::RequestMalformed).with_fact(fact))?;
    let station = station.name().to_owned();
    let digest = fingerprint(&["report_readiness", &station], &body)?;
    hub.once(body.request_id, digest, move |tx, at| {
        let lines: Vec<Value> = body.lines.iter().map(line).collect();
        tx.note(&NewEntry {
            event: EventKind::ReadinessReported,
            at,
            actor: Actor::Station(station.clone()),
            station: Some(station),
            case_id: None,
            detail: json!({ "made_at": body.at, "lines": lines }),
        })?;
        Ok(Outcome::Done(json!({})))
    })
    .await
}

fn line(line: &ReadinessLine) -> Value {
    json!({
        "item": masked(&line.item),
        "verdict": line.verdict,
        "health": line.health,
        "detail": masked(&line.detail),
    })
}

/// Writes `#` for the digits of every number as long as a NIK, also a grouped one. A report is not refused for such a
/// number: it may be the serial number of a device, and a report that is refused helps nobody.
fn masked(text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let mut run: Vec<usize> = Vec::new();
    let mut gap = false;
    for at in 0..=chars.len() {
        let next = chars.get(at).copied();
        match next {
            Some(c) if c.is_numeric() => {
                run.push(at);
                gap = false;
                continue;
            }
            Some(' ' | '.' | '-') if !gap && !run.is_empty() => {
                gap = true;
                continue;
            }
            _ => {}
        }
        if run.len() >= DIGITS_MASKED_MIN {
            for digit in &run {
                chars[*digit] = '#';
            }
        }
        run.clear();
        gap = false;
    }
    chars.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_as_long_as_a_nik_is_masked_and_others_stay() {
        assert_eq!(masked("kartu 3315130101909001!"), format!("kartu {}!", "#".repeat(16)));
        assert_eq!(masked("3315 1301 0190 9001"), "#### #### #### ####");
        assert_eq!(masked("٣٣١٥١٣٠١٠١٩٠٩٠٠١"), "#".repeat(16));
        for plain in ["2026-11-23 08.31.45", "192.168.100.200:9100", "sisa 12 slip", "", "usb:04b8:0202", "a  1"] {
            assert_eq!(masked(plain), plain);
        }
    }
}
