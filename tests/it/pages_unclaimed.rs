//! The page of the KK that lie at the counter, and the notes on a case, without a hub.

use anjungan::domain::catalogue::VariantKey;
use anjungan::domain::ids::{CaseId, RequestId};
use anjungan::domain::role::Role;
use anjungan::failure::Failure;
use anjungan::hub::page::unclaimed_page;
use anjungan::hub::page_model::{Notice, UnclaimedPage};
use anjungan::wire::unclaimed::UnclaimedRow;
use jiff::SignedDuration;
use maud::Markup;
use uuid::Uuid;

use crate::pages_render::{frame, now};

fn row(number: u16, days: u32, reminders: u32) -> UnclaimedRow {
    let since = now() - SignedDuration::from_hours(24 * i64::from(days));
    UnclaimedRow {
        case_id: CaseId::new(Uuid::from_u128(u128::from(number))),
        ticket: format!("A-{number:03}").parse().unwrap(),
        day: "2026-10-19".parse().unwrap(),
        variant: VariantKey::parse("kk.hilang").unwrap(),
        title: "KK baru – pindah datang (tanpa kepala keluarga lama)".to_owned(),
        since,
        days,
        has_phone: number % 2 == 1,
        reminders,
        last_reminder: (reminders > 0).then(|| now() - SignedDuration::from_hours(24)),
        due: reminders == 0 && days >= 3,
    }
}

fn list(rows: Vec<UnclaimedRow>) -> UnclaimedPage {
    let due = rows.iter().filter(|row| row.due).count();
    let count = rows.len();
    let named = (0_u128..).map(|number| RequestId::new(Uuid::from_u128(900 + number)));
    UnclaimedPage {
        frame: frame(Some(Role::PetugasLoket)),
        rows: rows.into_iter().zip(named).collect(),
        days: 0,
        page: 0,
        before: 0,
        listed: count,
        total: count,
        due,
        has_next: false,
        done: false,
        notice: None,
    }
}

/// Every view in the states that look different.
pub fn pages() -> Vec<(&'static str, Markup)> {
    let many = UnclaimedPage {
        days: 7,
        page: 1,
        before: 25,
        listed: 5_000,
        total: 5_012,
        has_next: true,
        ..list((1..=25).map(|number| row(number, 40, 0)).collect())
    };
    let noted = UnclaimedPage { done: true, ..list(vec![row(1, 8, 0), row(2, 3, 0), row(3, 9, 2), row(4, 0, 0)]) };
    let refused = UnclaimedPage {
        notice: Some(Notice { failure: Failure::CaseWrongStage, fact: Some("KK sudah diserahkan.".to_owned()) }),
        ..list(vec![row(1, 8, 0)])
    };
    vec![
        ("unclaimed", unclaimed_page(&noted)),
        ("unclaimed_many", unclaimed_page(&many)),
        ("unclaimed_none", unclaimed_page(&list(Vec::new()))),
        ("unclaimed_none_so_long", unclaimed_page(&UnclaimedPage { days: 30, ..list(Vec::new()) })),
        ("unclaimed_refused", unclaimed_page(&refused)),
    ]
}

fn page(wanted: &str) -> String {
    pages().into_iter().find(|(name, _)| *name == wanted).unwrap().1.into_string()
}

#[test]
fn a_row_says_how_long_whether_there_is_a_phone_and_who_was_reminded() {
    let page = page("unclaimed");
    let rows: Vec<&str> = page.split("<tr data-due=").skip(1).collect();
    let [first, second, third, fourth] = rows[..] else { panic!("{page}") };
    for words in ["A-001", "8 hari", "15 November 2026", "Ada nomor HP", "Perlu diingatkan", "Belum pernah diingatkan"]
    {
        assert!(first.contains(words), "{words}: {first}");
    }
    assert!(second.contains("Tanpa nomor HP"));
    assert!(third.contains("Diingatkan 2 kali, terakhir 22 Nov") && !third.contains("Perlu diingatkan"), "{third}");
    assert!(fourth.contains("Sejak hari ini") && fourth.contains("23 November 2026"));
    assert!(page.contains("2 perlu diingatkan.") && page.contains("KK 1 sampai 4 dari 4."));
    assert!(page.contains("tidak mengirim pesan"), "nobody believes that the system sends something");
}

#[test]
fn what_is_not_shown_is_said_and_the_other_parts_keep_the_period() {
    let page = page("unclaimed_many");
    assert!(page.contains("KK 26 sampai 50 dari 5012.") && page.contains("berhenti pada 5000 KK"), "{page}");
    for way in ["days=7&amp;page=0\" id=\"sebelumnya\"", "days=7&amp;page=2\" id=\"berikutnya\""] {
        assert!(page.contains(way), "{way}");
    }
    assert!(page.contains("name=\"days\" value=\"7\"") && page.contains("name=\"page\" value=\"1\""));
}

#[test]
fn an_empty_list_says_of_what_it_is_empty() {
    assert!(page("unclaimed_none").contains("Tidak ada KK yang menunggu diambil."));
    assert!(page("unclaimed_none_so_long").contains("30 hari atau lebih di loket."));
    assert!(page("unclaimed_refused").contains("CASE-WRONG-STAGE"));
}
