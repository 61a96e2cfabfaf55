//! The pages of the archive without a hub: every look they take, and what they say.

use anjungan::domain::archive_search::{Sought, SoughtFault};
use anjungan::domain::catalogue::{DocumentKey, VariantKey};
use anjungan::domain::ids::{CaseId, DocumentId};
use anjungan::domain::role::Role;
use anjungan::domain::slip_token::SlipDigest;
use anjungan::failure::Failure;
use anjungan::hub::page::{archive_case_page, archive_search_page};
use anjungan::hub::page_model::{
    ArchiveCasePage, ArchiveFound, ArchiveOutcome, ArchiveSearchPage, ArchiveTyped, Notice,
};
use anjungan::wire::archive::{ArchiveDetail, ArchiveDocument, ArchiveRegister, ArchiveRow};
use jiff::SignedDuration;
use maud::Markup;
use uuid::Uuid;

use crate::pages_render::{frame, now};

const NIK: &str = "3315130101909001";

fn row(number: u32) -> ArchiveRow {
    ArchiveRow {
        case_id: CaseId::new(Uuid::from_u128(u128::from(number))),
        number: format!("2026-{number:06}").parse().unwrap(),
        rack: 1,
        r#box: 1 + number / 50,
        shelf: format!("Rak 1 / Boks {}", 1 + number / 50),
        filed_at: now() - SignedDuration::from_hours(30),
        filed_by: "anjungan".to_owned(),
        variant: VariantKey::parse("kk.hilang").unwrap(),
        title: if number.is_multiple_of(3) {
            "KK baru – pindah datang (tanpa kepala keluarga lama)"
        } else {
            "KK hilang"
        }
        .to_owned(),
        state: "kept".to_owned(),
        destroyed_at: None,
        register: Some(ArchiveRegister {
            year: 2026,
            number,
            date: "2026-11-21".parse().unwrap(),
            officer: "lia.loket".to_owned(),
            collector: Some("applicant".to_owned()),
        }),
    }
}

fn destroyed(number: u32) -> ArchiveRow {
    ArchiveRow { state: "destroyed".to_owned(), destroyed_at: Some(now()), ..row(number) }
}

fn cancelled(number: u32) -> ArchiveRow {
    ArchiveRow { register: None, state: "condemned".to_owned(), ..row(number) }
}

fn document(number: u128, kind: &str, title: &str) -> ArchiveDocument {
    ArchiveDocument {
        document_id: DocumentId::new(Uuid::from_u128(number)),
        kind: DocumentKey::parse(kind).unwrap(),
        title: title.to_owned(),
        replaced: number == 2,
        pdf_sha256: SlipDigest::try_from("0123456789abcdef".repeat(4)).unwrap(),
        pdf_bytes: 1_350_000,
        original_sha256: SlipDigest::try_from("fedcba9876543210".repeat(4)).unwrap(),
        pages: 2,
        dpi: 300,
        device: (number == 1).then(|| "Canon DR-C225 II".to_owned()),
        kiosk: "K1".to_owned(),
        scanned_at: now() - SignedDuration::from_hours(31),
    }
}

fn case(role: Role, row: ArchiveRow) -> ArchiveCasePage {
    let documents = vec![
        document(1, "sk_hilang_polisi", "Surat keterangan hilang dari kepolisian"),
        document(2, "ktp_el", "KTP-el (atau IKD)"),
        document(3, "kk_lama", "KK lama"),
    ];
    let may_take_along = matches!(role, Role::Kabid | Role::Kadis);
    ArchiveCasePage { frame: frame(Some(role)), detail: ArchiveDetail { row, documents }, may_take_along }
}

fn search(typed: ArchiveTyped, outcome: ArchiveOutcome) -> Markup {
    archive_search_page(&ArchiveSearchPage { frame: frame(Some(Role::Operator)), typed, outcome })
}

fn number(text: &str) -> ArchiveTyped {
    ArchiveTyped { text: text.to_owned(), ..ArchiveTyped::default() }
}

fn days(from: &str, to: &str) -> ArchiveTyped {
    ArchiveTyped { from: from.to_owned(), to: to.to_owned(), by_days: true, ..ArchiveTyped::default() }
}

fn found(typed: ArchiveTyped, rows: Vec<ArchiveRow>, total: usize, cut_off: bool) -> Markup {
    let sought = if typed.by_days { Sought::days(&typed.from, &typed.to) } else { Sought::typed(&typed.text) };
    let next_page = (rows.len() < total).then_some(1);
    let found = ArchiveFound { sought: sought.unwrap(), rows, before: 0, total, cut_off, next_page };
    search(typed, ArchiveOutcome::Found(found))
}

fn wrong(typed: ArchiveTyped, fault: SoughtFault) -> Markup {
    search(typed, ArchiveOutcome::Wrong(fault))
}

/// Every view in the states that look different.
pub fn pages() -> Vec<(&'static str, Markup)> {
    let year = || days("2026-01-01", "2026-11-23");
    let locked = Notice { failure: Failure::ArchiveKeyFault, fact: None };
    vec![
        ("archive_blank", search(ArchiveTyped::default(), ArchiveOutcome::Blank)),
        ("archive_found", found(number(NIK), vec![row(42), destroyed(12), cancelled(3)], 3, false)),
        ("archive_many", found(year(), (1..=50).map(row).collect(), 200, true)),
        ("archive_none_number", found(number("2026-000099"), Vec::new(), 0, false)),
        ("archive_none_person", found(number(NIK), Vec::new(), 0, false)),
        ("archive_none_days", found(days("2026-11-22", "2026-11-22"), Vec::new(), 0, false)),
        ("archive_wrong", wrong(number("331513010190900"), SoughtFault::WrongLength { digits: 15 })),
        ("archive_wrong_days", wrong(days("2026-11-23", "2026-11-01"), SoughtFault::Backwards)),
        ("archive_refused", search(number(NIK), ArchiveOutcome::Refused(locked))),
        ("archive_case_kabid", archive_case_page(&case(Role::Kabid, row(42)))),
        ("archive_case_operator", archive_case_page(&case(Role::Operator, row(42)))),
        ("archive_case_destroyed", archive_case_page(&case(Role::Kadis, destroyed(12)))),
    ]
}

fn page(wanted: &str) -> String {
    pages().into_iter().find(|(name, _)| *name == wanted).unwrap().1.into_string()
}

#[test]
fn addresses_of_the_archive_hold_no_number_of_identity() {
    for (name, page) in pages() {
        let page = page.into_string();
        for attribute in ["href=\"", "action=\"", "src=\""] {
            for address in page.split(attribute).skip(1).map(|rest| rest.split('"').next().unwrap()) {
                assert!(!address.contains(NIK), "{name}: {address}");
            }
        }
        let title = page.split("<title>").nth(1).unwrap().split("</title>").next().unwrap();
        assert!(!title.contains("3315"), "{name} has it in its title, which the browser keeps: {title}");
    }
}

#[test]
fn what_is_not_shown_is_said() {
    let many = page("archive_many");
    assert!(many.contains("berkas 1 sampai 50 dari 200") && many.contains("mungkin masih ada yang lain"));
    assert!(many.contains("name=\"page\" value=\"1\"") && many.contains("name=\"from\" value=\"2026-01-01\""));
    assert!(!page("archive_found").contains("id=\"batas\""));
    for name in ["archive_none_number", "archive_none_person", "archive_none_days"] {
        assert!(page(name).contains("Tidak ada berkas arsip yang cocok"), "{name}");
    }
}

#[test]
fn a_fault_stands_at_its_field_and_what_was_typed_stays() {
    let wrong = page("archive_wrong");
    assert!(wrong.contains("Yang diketik 15 angka") && wrong.contains("value=\"331513010190900\""));
    let field = |page: &str, id: &str| {
        let at = page.find(&format!("id=\"{id}\"")).unwrap();
        page[at..].split('>').next().unwrap().to_owned()
    };
    assert!(field(&wrong, "nomor").contains("aria-invalid") && !field(&wrong, "dari").contains("aria-invalid"));
    let wrong = page("archive_wrong_days");
    assert!(!field(&wrong, "nomor").contains("aria-invalid") && field(&wrong, "dari").contains("aria-invalid"));
    assert!(field(&wrong, "dari").contains("value=\"2026-11-23\""));
    let injected = search(number("\"><script>alert(1)</script>"), ArchiveOutcome::Wrong(SoughtFault::NotANumber));
    assert!(!injected.into_string().contains("<script>"));
}

#[test]
fn only_what_can_be_done_is_offered() {
    let (kabid, operator) = (page("archive_case_kabid"), page("archive_case_operator"));
    assert!(kabid.contains("/zip\"") && !operator.contains("/zip\"") && operator.contains("Buka PDF"));
    let destroyed = page("archive_case_destroyed");
    assert!(destroyed.contains("Berkas ini dimusnahkan pada 23 November 2026"));
    assert!(!destroyed.contains("Buka PDF") && !destroyed.contains("/zip\""));
    assert!(destroyed.contains(&"0123456789abcdef".repeat(4)), "the digests stay, to compare a paper that turns up");
}
