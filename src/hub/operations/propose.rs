//! Step 3: data entered in SIAK, its submission number recorded, approval asked.

use serde_json::json;

use super::{Hand, Outcome, fingerprint};
use crate::domain::case::Verb;
use crate::domain::ids::CaseId;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::hub::access::{Officer, Operator};
use crate::hub::refusal::Refusal;
use crate::journal::EventKind;
use crate::store::StoredAnswer;
use crate::wire::case::Propose;

/// Lengths of a submission number.
const SIAK_NUMBER_CHARS: std::ops::RangeInclusive<usize> = 4..=40;

/// Proposes a case under its SIAK number.
pub(in crate::hub) async fn propose(
    hub: &Hub,
    officer: &Officer<Operator>,
    case_id: CaseId,
    body: Propose,
) -> Result<StoredAnswer, Refusal> {
    let hand = Hand::of(officer);
    let digest = fingerprint(&["propose", &case_id.to_string(), hand.person.name()], &body)?;
    hub.once(body.write.request_id, digest, move |tx, at| {
        let (mut case, next) = hand.take(tx, case_id, body.write, Verb::Propose)?;
        if !is_siak_number(&body.siak_number) {
            return Err(Failure::SiakNumberInvalid.into());
        }
        case.proposed_by = Some(hand.person.user_id());
        case.endorsed_by = None;
        let detail = json!({ "siak_number": body.siak_number });
        case.siak_number = Some(body.siak_number);
        hand.put(tx, case, next, at, EventKind::CaseProposed, detail).map(Outcome::Done)
    })
    .await
}

fn is_siak_number(text: &str) -> bool {
    let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'/' | b'-');
    // Sixteen digits in a row, grouped or not, are a NIK or a No KK in the wrong field; this number goes to the journal.
    let ungrouped: String = text.chars().filter(|c| !matches!(c, '.' | '-')).collect();
    let like_a_nik = ungrouped.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() == 16);
    SIAK_NUMBER_CHARS.contains(&text.len()) && text.bytes().all(known) && !like_a_nik
}

#[cfg(test)]
mod tests {
    use super::is_siak_number;

    #[test]
    fn a_siak_number_is_short_and_plain() {
        assert!(is_siak_number("3315/KK/2026-11.0042"));
        assert!(is_siak_number("3315/2026/11230042"));
        for wrong in [
            "",
            "abc",
            "3315130101909001",
            "331513-010190-9001",
            "KK/3315130101909001/1",
            "no mor",
            "x'--",
            &"9".repeat(41),
        ] {
            assert!(!is_siak_number(wrong), "{wrong}");
        }
    }
}
