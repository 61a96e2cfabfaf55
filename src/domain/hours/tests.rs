use jiff::civil::{date, time};
use proptest::prelude::*;

use super::*;

fn hours(text: &str) -> OfficeHours {
    toml::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str) -> String {
    toml::from_str::<OfficeHours>(text).expect_err(text).message().to_owned()
}

/// Monday, 23 November 2026.
fn monday(hour: i8, minute: i8) -> DateTime {
    date(2026, 11, 23).at(hour, minute, 0, 0)
}

#[test]
fn an_empty_section_is_a_usual_week() {
    let hours = hours("");
    let opens = |opening: DateTime| ServiceState::Closed { opens: Some(opening) };
    assert_eq!(hours.state(monday(7, 59)), opens(monday(8, 0)));
    assert_eq!(hours.state(monday(8, 0)), ServiceState::Open { until: time(15, 0, 0, 0) });
    assert_eq!(hours.state(monday(14, 44)), ServiceState::Open { until: time(15, 0, 0, 0) });
    assert_eq!(hours.state(monday(14, 45)), ServiceState::ClosingSoon { until: time(15, 0, 0, 0) });
    assert_eq!(hours.state(monday(15, 0)), opens(date(2026, 11, 24).at(8, 0, 0, 0)));
    let friday = date(2026, 11, 27);
    assert_eq!(hours.state(friday.at(11, 29, 59, 0)), ServiceState::Open { until: time(11, 30, 0, 0) });
    assert_eq!(hours.state(friday.at(11, 30, 0, 0)), ServiceState::Break { until: time(13, 0, 0, 0) });
    assert_eq!(hours.state(friday.at(13, 0, 0, 0)), ServiceState::Open { until: time(15, 0, 0, 0) });
    assert_eq!(hours.state(friday.at(16, 0, 0, 0)), opens(date(2026, 11, 30).at(8, 0, 0, 0)), "past the weekend");
    assert_eq!(hours.state(date(2026, 11, 29).at(9, 0, 0, 0)), opens(date(2026, 11, 30).at(8, 0, 0, 0)));
}

#[test]
fn a_holiday_closes_its_day_and_the_next_opening_steps_over_it() {
    let hours = hours("holidays = ['2026-11-24 Hari Contoh', '2026-11-25 Cuti Contoh']");
    let opens = Some(date(2026, 11, 26).at(8, 0, 0, 0));
    assert_eq!(hours.state(monday(15, 0)), ServiceState::Closed { opens });
    let state = hours.state(date(2026, 11, 24).at(9, 0, 0, 0));
    assert_eq!(state, ServiceState::Holiday { name: "Hari Contoh".to_owned(), opens });
    assert!(!state.gives_tickets());
}

#[test]
fn an_office_closed_for_longer_than_the_search_names_no_opening() {
    let listed: Vec<String> =
        (1..=61).map(|day| format!("'{} Libur'", date(2026, 11, 23) + i64::from(day).days())).collect();
    let hours = hours(&format!("holidays = [{}]", listed.join(",")));
    assert_eq!(hours.state(monday(15, 0)), ServiceState::Closed { opens: None });
    let day_60 = hours.state(date(2026, 11, 24).at(0, 0, 0, 0));
    assert!(matches!(day_60, ServiceState::Holiday { opens: None, .. }), "{day_60:?}");
    let day_59 = date(2027, 1, 24);
    assert_eq!(hours.next_opening(date(2026, 11, 27).at(0, 0, 0, 0)), Some(day_59.at(8, 0, 0, 0) + 1.day()));
    assert_eq!(hours.next_opening(DateTime::MAX), None, "the calendar ends without a panic");
}

#[test]
fn a_short_day_ends_before_the_break() {
    let hours = hours("break = '12.00-13.00'\nsaturday = '08.00-12.00'\nfriday = '08.00-11.00'");
    assert_eq!(hours.state(monday(12, 30)), ServiceState::Break { until: time(13, 0, 0, 0) });
    let (friday, saturday) = (date(2026, 11, 27).at(8, 0, 0, 0), date(2026, 11, 28).at(8, 0, 0, 0));
    assert_eq!(hours.state(friday), ServiceState::Open { until: time(11, 0, 0, 0) });
    assert_eq!(hours.state(saturday), ServiceState::Open { until: time(12, 0, 0, 0) });
}

#[test]
fn a_refusal_names_the_key() {
    for (text, key) in [
        ("monday = ''", "monday"),
        ("tuesday = '8.00-15.00'", "tuesday"),
        ("wednesday = '08:00-15:00'", "wednesday"),
        ("thursday = '15.00-08.00'", "thursday"),
        ("thursday = '08.00-08.00'", "thursday"),
        ("friday = '08.00-24.00'", "friday"),
        ("saturday = 'Tutup'", "saturday"),
        ("sunday = '08.00-15.00-16.00'", "sunday"),
        ("sunday = '08.60-15.00'", "sunday"),
        ("sunday = '+8.00-15.00'", "sunday"),
        ("sunday = '٠٨.00-15.00'", "sunday"),
        ("break = 'tutup'", "break"),
        ("break = '08.00-09.00'", "break"),
        ("break = '14.00-15.00'", "break"),
        ("friday_break = '13.00-11.30'", "friday_break"),
        ("friday = '08.00-12.00'", "friday_break"),
        ("last_ticket_minutes = 181", "last_ticket_minutes"),
        ("monday = '08.00-09.00'\nlast_ticket_minutes = 60", "last_ticket_minutes"),
        ("break = '12.00-14.50'\n", "last_ticket_minutes"),
        ("holidays = ['2027-01-01']", "holidays"),
        ("holidays = ['2027-01-01 ']", "holidays"),
        ("holidays = ['2027-02-30 Hari Contoh']", "holidays"),
        ("holidays = ['20270101 Hari Contoh']", "holidays"),
        ("holidays = [\"2027-01-01 Hari\\u0007\"]", "holidays: entry 1"),
        ("holidays = ['2027-01-01 A', '2027-01-01 B']", "holidays"),
    ] {
        let message = refused(text);
        assert!(message.starts_with(&format!("[hours] {key}")), "{text}: {message}");
    }
    let closed = ["monday", "tuesday", "wednesday", "thursday", "friday"].map(|day| format!("{day} = 'tutup'\n"));
    assert!(refused(&closed.concat()).contains("always open"));
    let long = format!("holidays = ['2027-01-01 {}']", "x".repeat(HOLIDAY_NAME_MAX + 1));
    assert!(refused(&long).contains("holidays: entry 1"));
    let many: Vec<String> = (0..=HOLIDAYS_MAX).map(|place| format!("'{place}'")).collect();
    assert!(refused(&format!("holidays = [{}]", many.join(","))).contains("200"));
}

/// A minute of the day as it is written in the section.
fn written(minute: i16) -> String {
    format!("{:02}.{:02}", minute / 60, minute % 60)
}

/// A weekday: closed, or open from, break from, break to, closing, each later than the one before.
fn weekday() -> impl Strategy<Value = Option<[i16; 4]>> {
    prop_oneof![
        1 => Just(None),
        3 => proptest::array::uniform4(1_i16..350).prop_map(|lengths| {
            let mut at = 0;
            Some(lengths.map(|length| { at += length; at }))
        }),
    ]
}

/// A section in which every day but Friday has the same hours, and what it means.
#[derive(Debug)]
struct Week {
    text: String,
    usual: Option<[i16; 4]>,
    friday: Option<[i16; 4]>,
    last: i16,
    holidays: Vec<Date>,
}

fn week() -> impl Strategy<Value = Week> {
    let holidays = prop::collection::btree_set(0_i64..14, 0..6);
    (weekday(), weekday(), 0_i16..=180, holidays).prop_map(|(usual, friday, last, holidays)| {
        let holidays: Vec<Date> = holidays.into_iter().map(|day| date(2026, 11, 23) + day.days()).collect();
        let span = |day: Option<[i16; 4]>, from: usize, to: usize, none: &str| {
            day.map_or(none.to_owned(), |day| format!("{}-{}", written(day[from]), written(day[to])))
        };
        let mut text = format!("last_ticket_minutes = {last}\nfriday = '{}'\n", span(friday, 0, 3, CLOSED));
        text.push_str(&format!("break = '{}'\n", span(usual, 1, 2, NO_BREAK)));
        text.push_str(&format!("friday_break = '{}'\n", span(friday, 1, 2, NO_BREAK)));
        for day in ["monday", "tuesday", "wednesday", "thursday", "saturday", "sunday"] {
            text.push_str(&format!("{day} = '{}'\n", span(usual, 0, 3, CLOSED)));
        }
        let listed: Vec<String> = holidays.iter().map(|date| format!("'{date} Libur'")).collect();
        text.push_str(&format!("holidays = [{}]\n", listed.join(",")));
        Week { text, usual, friday, last, holidays }
    })
}

fn at(minute: i16) -> Time {
    let part = |number: i16| i8::try_from(number).expect("below 60");
    time(part(minute / 60), part(minute % 60), 0, 0)
}

/// Whether a state is what the section says of this minute.
fn said(state: &ServiceState, day: Option<[i16; 4]>, last: i16, minute: i16) -> bool {
    let Some([opens, rests, returns, closes]) = day else { return matches!(state, ServiceState::Closed { .. }) };
    match state {
        ServiceState::Closed { .. } => minute < opens || closes <= minute,
        ServiceState::Break { until } => (rests..returns).contains(&minute) && *until == at(returns),
        ServiceState::Open { until } if minute < rests => opens <= minute && *until == at(rests),
        ServiceState::Open { until } => (returns..closes - last).contains(&minute) && *until == at(closes),
        ServiceState::ClosingSoon { until } => (closes - last..closes).contains(&minute) && *until == at(closes),
        ServiceState::Holiday { .. } => false,
    }
}

proptest! {
    #[test]
    fn every_minute_of_a_day_has_the_state_that_the_section_says(week in week(), day in 0_i64..14) {
        let Ok(hours) = toml::from_str::<OfficeHours>(&week.text) else {
            let too_late = [week.usual, week.friday].into_iter().flatten().any(|day| day[3] - day[2] <= week.last);
            let never = week.usual.is_none() && week.friday.is_none();
            prop_assert!(too_late || never, "refused without a reason: {}", week.text);
            return Ok(());
        };
        let today = date(2026, 11, 23) + day.days();
        let day = if today.weekday() == jiff::civil::Weekday::Friday { week.friday } else { week.usual };
        for minute in 0..1440 {
            let state = hours.state(today.to_datetime(at(minute)));
            let sound = if week.holidays.contains(&today) {
                matches!(state, ServiceState::Holiday { .. })
            } else {
                said(&state, day, week.last, minute)
            };
            prop_assert!(sound, "{today} {}: {state:?}\n{}", at(minute), week.text);
            let serves = matches!(state, ServiceState::Open { .. } | ServiceState::Break { .. });
            prop_assert_eq!(state.gives_tickets(), serves);
        }
    }

    #[test]
    fn the_next_opening_is_open_and_nothing_before_it_is(week in week(), day in 0_i64..14, minute in 0_i64..1440) {
        let Ok(hours) = toml::from_str::<OfficeHours>(&week.text) else { return Ok(()) };
        let shut = |at: DateTime| match hours.state(at) {
            ServiceState::Closed { opens } | ServiceState::Holiday { opens, .. } => Some(opens),
            _ => None,
        };
        let mut moment = (date(2026, 11, 23) + day.days()).to_datetime(Time::midnight()) + minute.minutes();
        let Some(opens) = shut(moment) else { return Ok(()) };
        let opens = opens.expect("at most six holidays, and some weekday is open");
        let open = matches!(hours.state(opens), ServiceState::Open { .. });
        prop_assert!(open, "{opens}\n{}", week.text);
        while moment < opens {
            prop_assert!(shut(moment).is_some(), "{moment}\n{}", week.text);
            moment += 1.minute();
        }
    }
}
