//! What lies at the counter, as the wire and the page show it.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

use super::case::variant_title;
use crate::domain::catalogue::Catalogue;
use crate::domain::office::Zone;
use crate::domain::unclaimed::{days_lying, is_due};
use crate::store::{LyingRow, StoreError, View};
use crate::wire::unclaimed::{Unclaimed, UnclaimedRow};

/// Most KK that are looked at: years of an office where nobody collects anything.
const LOOKED_AT_MAX: u32 = 5_000;

/// Returns the KK that have lain for at least so many days: whoever is to be reminded first, then the others, each from
/// the one that has lain longest.
pub(in crate::hub) fn unclaimed(
    catalogue: &Catalogue,
    zone: Zone,
    view: &View<'_>,
    days: u16,
    at: Timestamp,
) -> Result<Unclaimed, StoreError> {
    let today = zone.day(at);
    let before = come_before(zone, today, days);
    let lying = view.lying(before, LOOKED_AT_MAX)?;
    let mut rows: Vec<UnclaimedRow> = lying.into_iter().map(|row| shown(catalogue, zone, today, row)).collect();
    rows.sort_by_key(|row| !row.due);
    Ok(Unclaimed { rows, total: view.lying_count(before)? })
}

/// The instant before which a KK must have come to have lain for so many days.
fn come_before(zone: Zone, today: Date, days: u16) -> Timestamp {
    if days == 0 {
        // Also one from the future of a clock that was set back.
        return Timestamp::MAX;
    }
    let day = today.checked_sub((i64::from(days) - 1).days()).ok();
    day.and_then(|day| zone.begin_of(day)).unwrap_or(Timestamp::MIN)
}

fn shown(catalogue: &Catalogue, zone: Zone, today: Date, row: LyingRow) -> UnclaimedRow {
    let since = zone.day(row.since);
    UnclaimedRow {
        case_id: row.case_id,
        ticket: row.first_number,
        day: row.first_day,
        title: variant_title(catalogue, &row.variant),
        variant: row.variant,
        since: row.since,
        days: days_lying(since, today),
        has_phone: row.has_phone,
        reminders: row.reminders,
        last_reminder: row.reminded_at,
        due: is_due(since, row.reminded_at.map(|at| zone.day(at)), today),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_counted_in_days_of_the_office() {
        let today = Date::new(2026, 11, 26).expect("a day");
        let before = |days| come_before(Zone::Wib, today, days);
        // Three days ago in Grobogan ends at 17.00 of that day in London.
        assert_eq!(before(3).to_string(), "2026-11-23T17:00:00Z");
        assert_eq!(days_lying(Zone::Wib.day(before(3)), today), 2, "what came then has lain for less");
        assert_eq!((before(0), before(u16::MAX) < before(30)), (Timestamp::MAX, true));
    }
}
