//! The hub's pages without a hub: what every page holds and never holds. Leaves them in `target/tmp/pages` to look at.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anjungan::domain::catalogue::{DocumentKey, FixBy, ReturnReasonKey, ReturnScope, VariantKey};
use anjungan::domain::ids::{CaseId, DocumentId, RequestId};
use anjungan::domain::nik::Nik;
use anjungan::domain::office::Zone;
use anjungan::domain::role::Role;
use anjungan::domain::slip_token::SlipDigest;
use anjungan::domain::stage::Stage;
use anjungan::failure::Failure;
use anjungan::hub::page::{asset, case_page, desk_page, login_page, password_page, refused_page, status_page};
use anjungan::hub::page_model::{
    Archived, CasePage, DeskPage, DeskSection, DeskVerb, Frame, LoginPage, Notice, PasswordPage, ReasonChoice,
    RefusedPage, SignedIn, StatusPage,
};
use anjungan::wire::CASE_NOTES_MAX;
use anjungan::wire::case::{
    CaseDetail, CaseDocument, CaseRow, NeedWire, ReturnReason, ShownPhone, SlipStatus, StatusStep, TrailStep, Verdict,
    WantedDocument,
};
use anjungan::wire::find::CaseNote;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

const NIK: &str = "3315130101909001";
const STEPS: [(Stage, &str, u16); 8] = [
    (Stage::Submitted, "Mengajukan permohonan", 1),
    (Stage::Verified, "Memverifikasi dokumen permohonan", 1),
    (Stage::Proposed, "Input data dan mengajukan persetujuan", 5),
    (Stage::Endorsed, "Verifikasi melalui aplikasi", 1),
    (Stage::Signed, "Persetujuan melalui aplikasi", 1),
    (Stage::Printed, "Mencetak KK", 1),
    (Stage::Received, "Menerima KK yang sudah ber-TTE", 2),
    (Stage::HandedOver, "Menyerahkan KK kepada pemohon", 1),
];

pub fn now() -> Timestamp {
    "2026-11-23T02:12:00Z".parse().unwrap()
}

fn ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

pub fn frame(role: Option<Role>) -> Frame {
    Frame {
        office: "Dinas Kependudukan dan Pencatatan Sipil Kabupaten Contoh".to_owned(),
        complaints: "SP4N-LAPOR! lapor.go.id atau SMS 1708".to_owned(),
        zone: Zone::Wib,
        now: now(),
        officer: role.map(|role| SignedIn {
            name: "sari.contoh".to_owned(),
            role,
            form_token: "rahasia-formulir".to_owned(),
        }),
    }
}

fn notice(failure: Failure) -> Option<Notice> {
    Some(Notice { failure, fact: None })
}

fn row(number: u16, stage: Stage, title: &str, minutes: i64) -> CaseRow {
    CaseRow {
        case_id: CaseId::new(Uuid::from_u128(u128::from(number))),
        version: 4,
        stage,
        ticket: format!("A-{number:03}").parse().unwrap(),
        day: Zone::Wib.day(now()),
        variant: VariantKey::parse("kk.hilang").unwrap(),
        title: title.to_owned(),
        since: ago(minutes),
        signature_deferred: false,
        sent_back: false,
    }
}

fn document(number: u128, kind: &str, title: &str, scanned: bool) -> CaseDocument {
    CaseDocument {
        document_id: Some(DocumentId::new(Uuid::from_u128(number))),
        kind: DocumentKey::parse(kind).unwrap(),
        title: title.to_owned(),
        need: NeedWire::Mandatory,
        has_scan: scanned,
        scan_arrived: scanned,
        seen: None,
        verdict: Verdict::Accepted,
        reason: None,
    }
}

fn detail(stage: Stage) -> CaseDetail {
    let reached = Stage::PATH.iter().position(|one| *one == stage).unwrap_or(2);
    let seconds = [95, 40, 412, 65, 0, 0, 0, 0];
    CaseDetail {
        row: row(7, stage, "KK hilang", 12),
        applicant: Nik::parse(NIK).unwrap(),
        applicant_doubtful: false,
        no_kk: None,
        proxy: Some(Nik::parse("3315130707939051").unwrap()),
        phone: Some(ShownPhone::Masked("0840 •••• ••01".to_owned())),
        documents: vec![
            document(1, "sk_hilang_polisi", "Surat keterangan hilang dari kepolisian", true),
            document(2, "kk_lama", "KK lama", true),
            document(3, "ktp_el", "KTP-el (atau IKD)", false),
        ],
        trail: STEPS
            .iter()
            .enumerate()
            .map(|(at, (stage, title, standard))| TrailStep {
                step: at as u8 + 1,
                stage: *stage,
                title: (*title).to_owned(),
                standard_minutes: *standard,
                at: (at <= reached).then(|| ago(20 - at as i64 * 3)),
                by: (at <= reached).then(|| if at == 0 { "K1".to_owned() } else { "budi.contoh".to_owned() }),
                seconds: (at <= reached).then(|| seconds[at]),
            })
            .collect(),
        siak_number: (reached >= 2).then(|| "3315/2026/11/004512".to_owned()),
        register_number: None,
        return_reasons: Vec::new(),
        return_note: None,
        notes: Vec::new(),
        ticket_id: None,
    }
}

fn note(text: &str) -> CaseNote {
    CaseNote { at: ago(7), by: "lia.contoh".to_owned(), text: text.to_owned() }
}

fn reason(key: &str, label: &str, document: Option<(&str, &str)>, fix_by: FixBy) -> ReasonChoice {
    ReasonChoice {
        key: ReturnReasonKey::parse(key).unwrap(),
        document: document.map(|(kind, _)| DocumentKey::parse(kind).unwrap()),
        document_title: document.map(|(_, title)| title.to_owned()),
        label: label.to_owned(),
        scope: if document.is_some() { ReturnScope::Document } else { ReturnScope::Case },
        fix_by,
        needs_note: key == "lainnya",
    }
}

fn case(role: Role, stage: Stage, verbs: &[DeskVerb]) -> CasePage {
    let paper = Some(("sk_hilang_polisi", "Surat keterangan hilang dari kepolisian"));
    CasePage {
        frame: frame(Some(role)),
        detail: detail(stage),
        verbs: verbs.to_vec(),
        may_send_to_operator: matches!(role, Role::Kabid | Role::Kadis),
        request_id: RequestId::new(Uuid::from_u128(99)),
        note_request_id: RequestId::new(Uuid::from_u128(98)),
        reasons: vec![
            reason("tidak_terbaca", "Tidak terbaca", paper, FixBy::Applicant),
            reason("tidak_berlaku", "Tidak berlaku", paper, FixBy::Applicant),
            reason("salah_layanan", "Jenis layanan tidak sesuai", None, FixBy::Applicant),
            reason("salah_input", "Salah input data", None, FixBy::Office),
            reason("lainnya", "Lainnya (tulis keterangan)", None, FixBy::Applicant),
        ],
        archived: None,
        notice: None,
    }
}

fn status(stage: Stage) -> StatusPage {
    let reached = Stage::PATH.iter().position(|one| *one == stage).unwrap_or(0);
    StatusPage {
        frame: frame(None),
        status: SlipStatus {
            case_id: CaseId::new(Uuid::from_u128(7)),
            stage,
            ticket: "A-007".parse().unwrap(),
            title: "KK hilang".to_owned(),
            variant: VariantKey::parse("kk.hilang").unwrap(),
            words: stage.plain_words().to_owned(),
            trail: STEPS
                .iter()
                .enumerate()
                .map(|(at, (stage, ..))| StatusStep {
                    title: stage.short_words().to_owned(),
                    done: at <= reached,
                    at: (at <= reached).then(|| ago(60 - at as i64 * 5)),
                })
                .collect(),
            wanted: if stage == Stage::Returned {
                vec![WantedDocument {
                    kind: Some(DocumentKey::parse("sk_hilang_polisi").unwrap()),
                    title: "Surat keterangan hilang dari kepolisian".to_owned(),
                    what_to_do: "Dokumen tidak terbaca. Bawa aslinya untuk dipindai ulang.".to_owned(),
                }]
            } else {
                Vec::new()
            },
            pickup: None,
            slip_token: SlipDigest::try_from("0".repeat(64)).unwrap(),
        },
    }
}

fn desk(role: Role, sections: Vec<DeskSection>) -> DeskPage {
    DeskPage { frame: frame(Some(role)), sections, done: None, notice: None }
}

fn section(title: &str, rows: Vec<CaseRow>) -> DeskSection {
    DeskSection { title: title.to_owned(), rows }
}

/// Every view in the states that look different.
fn pages() -> BTreeMap<&'static str, String> {
    let mut came_back = row(9, Stage::Verified, "KK rusak", 31);
    came_back.sent_back = true;
    let mut desk_operator = desk(
        Role::Operator,
        vec![
            section(
                "Perlu diajukan",
                vec![
                    row(7, Stage::Verified, "KK hilang", 64),
                    came_back,
                    row(12, Stage::Verified, "KK baru – pindah datang (tanpa kepala keluarga lama)", 12),
                    row(15, Stage::Verified, "Perubahan KK – tambah anggota (kelahiran)", 0),
                ],
            ),
            section("Perlu dicetak", vec![row(3, Stage::Signed, "KK rusak", 4)]),
        ],
    );
    desk_operator.done = Some(DeskVerb::Propose);
    let mut deferred = row(5, Stage::Endorsed, "KK baru – pisah KK dalam satu alamat", 190);
    deferred.signature_deferred = true;

    let mut sent_back = case(Role::Operator, Stage::Verified, &[DeskVerb::Propose, DeskVerb::Return]);
    sent_back.detail.return_reasons =
        vec![ReturnReason { document: None, reason: ReturnReasonKey::parse("salah_input").unwrap() }];
    sent_back.detail.return_note = Some("Periksa lagi tanggal pada surat polisi.".to_owned());
    sent_back.detail.row.sent_back = true;
    sent_back.detail.applicant_doubtful = true;
    sent_back.detail.notes = vec![note("Pemohon minta <b>ditelepon</b> sore hari."), note("Sudah ditelepon.")];
    sent_back.notice = notice(Failure::SiakNumberInvalid);

    let mut login_again = LoginPage { frame: frame(None), name: "sari.contoh".to_owned(), notice: None };
    login_again.notice = notice(Failure::LoginRefused);

    let mut archived = case(Role::Operator, Stage::HandedOver, &[]);
    archived.archived = Some(Archived { number: "2026-000042".parse().unwrap(), readable: true });
    archived.detail.notes = vec![note("Pemohon datang lagi hari Kamis."); CASE_NOTES_MAX];
    let mut destroyed = case(Role::Operator, Stage::HandedOver, &[]);
    destroyed.archived = Some(Archived { number: "2026-000042".parse().unwrap(), readable: false });

    let approve = [DeskVerb::Endorse, DeskVerb::Return];
    let sign = [DeskVerb::Sign, DeskVerb::Defer, DeskVerb::Return];
    BTreeMap::from([
        ("login", login_page(&LoginPage { frame: frame(None), name: String::new(), notice: None })),
        ("login_refused", login_page(&login_again)),
        (
            "password",
            password_page(&PasswordPage { frame: frame(Some(Role::Operator)), must_change: true, notice: None }),
        ),
        ("desk_operator", desk_page(&desk_operator)),
        ("desk_kabid", desk_page(&desk(Role::Kabid, vec![section("Perlu diperiksa", Vec::new())]))),
        ("desk_kadis", desk_page(&desk(Role::Kadis, vec![section("Perlu ditandatangani", vec![deferred])]))),
        ("desk_admin", desk_page(&desk(Role::Admin, Vec::new()))),
        ("case_operator", case_page(&sent_back)),
        ("case_kabid", case_page(&case(Role::Kabid, Stage::Proposed, &approve))),
        ("case_kadis", case_page(&case(Role::Kadis, Stage::Endorsed, &sign))),
        ("case_print", case_page(&case(Role::Operator, Stage::Signed, &[DeskVerb::MarkPrinted]))),
        ("case_watched", case_page(&case(Role::Kabid, Stage::Endorsed, &[]))),
        ("case_archived", case_page(&archived)),
        ("case_destroyed", case_page(&destroyed)),
        ("status_verified", status_page(&status(Stage::Verified))),
        ("status_received", status_page(&status(Stage::Received))),
        ("status_returned", status_page(&status(Stage::Returned))),
        ("status_done", status_page(&status(Stage::HandedOver))),
        (
            "refused",
            refused_page(&RefusedPage {
                frame: frame(None),
                notice: Notice { failure: Failure::SlipUnknown, fact: None },
                status: 404,
            }),
        ),
    ])
    .into_iter()
    .chain(crate::pages_archive::pages())
    .chain(crate::pages_unclaimed::pages())
    .map(|(name, page)| (name, page.into_string()))
    .collect()
}

/// The addresses of `web/` files on a page, without their `?v=`.
fn files_of(page: &str) -> Vec<&str> {
    page.split("\"/web/").skip(1).filter_map(|rest| rest.split(['?', '"']).next()).collect()
}

#[test]
fn pages_can_be_looked_at() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    fs::create_dir_all(&folder).unwrap();
    for (name, page) in pages() {
        fs::write(folder.join(format!("{name}.html")), page).unwrap();
    }
}

#[test]
fn a_page_needs_no_exception_from_the_policy() {
    for (name, page) in pages() {
        for word in [" style=", "<style", " onclick=", " onload=", "javascript:", "http://", "https://", "<iframe"] {
            assert!(!page.contains(word), "{name} contains {word}");
        }
        assert!(
            page.matches("<script").count() == page.matches("<script defer src=\"/web/live.js?v=").count(),
            "{name}"
        );
        for file in files_of(&page) {
            assert!(asset(file).is_some(), "{name} asks for {file}");
        }
    }
}

#[test]
fn every_form_proves_itself() {
    for (name, page) in pages() {
        for form in page.split("<form").skip(1).map(|rest| rest.split("</form>").next().unwrap_or_default()) {
            assert!(form.contains("method=\"post\""), "{name} has a form that is not posted");
            if !form.contains("action=\"/masuk\"") {
                assert!(form.contains("name=\"form_token\" value=\"rahasia-formulir\""), "{name}: {form}");
            }
            if form.contains("action=\"/meja/") {
                assert!(
                    form.contains("name=\"request_id\"") && form.contains("name=\"version\" value=\"4\""),
                    "{name}"
                );
            }
        }
    }
}

#[test]
fn the_public_page_tells_nothing_about_anybody() {
    for (name, page) in pages() {
        if !name.starts_with("status") && name != "refused" {
            continue;
        }
        let case_id = CaseId::new(Uuid::from_u128(7)).to_string();
        for word in ["3315", "NIK", "<script", case_id.as_str(), "/meja"] {
            assert!(!page.contains(word), "{name} contains {word}");
        }
        assert!(page.contains("content=\"noindex"), "{name} may be indexed");
        assert!(page.contains("content=\"no-referrer\""), "{name} passes its address on");
        assert!(page.contains("GRATIS"), "{name} does not say it is free");
    }
}

#[test]
fn a_page_with_all_its_files_is_light() {
    for (name, page) in pages() {
        let mut names = files_of(&page);
        names.extend(["atkinson-400.woff2", "atkinson-700.woff2"]);
        names.sort_unstable();
        names.dedup();
        let files: usize = names.iter().map(|file| asset(file).unwrap().bytes.len()).sum();
        assert!(page.len() + files < 100_000, "{name} weighs {} bytes", page.len() + files);
    }
}

#[test]
fn numbers_of_identity_are_grouped_for_the_officer() {
    let page = pages().remove("case_kabid").unwrap();
    assert!(page.contains(&Nik::parse(NIK).unwrap().grouped()) && !page.contains(NIK));
}

#[test]
fn a_desk_shows_only_what_the_role_may_do() {
    let pages = pages();
    let has = |name: &str, verb: DeskVerb| pages[name].contains(&format!("/{}\"", verb.key()));
    assert!(has("case_operator", DeskVerb::Propose) && !has("case_operator", DeskVerb::Endorse));
    assert!(has("case_kabid", DeskVerb::Endorse) && !has("case_kabid", DeskVerb::Sign));
    assert!(has("case_kadis", DeskVerb::Sign) && has("case_kadis", DeskVerb::Defer));
    assert!(!pages["case_operator"].contains("value=\"operator\""), "the operator sends nothing to the operator");
    assert!(!pages["case_watched"].contains("class=\"act\""));
}

#[test]
fn a_filed_case_leads_to_the_archive_and_a_destroyed_one_shows_no_scan() {
    let pages = pages();
    let way = format!("href=\"/arsip/{}\"", CaseId::new(Uuid::from_u128(7)));
    assert!(pages["case_archived"].contains(&way) && pages["case_archived"].contains("<img src=\"/meja/"));
    assert!(pages["case_destroyed"].contains(&way) && !pages["case_destroyed"].contains("<img src=\"/meja/"));
    assert!(!pages["case_watched"].contains("/arsip"), "nothing is filed before its end");
    assert!(pages["desk_kabid"].contains("href=\"/belum-diambil\"") && !pages["desk_admin"].contains("/belum-diambil"));
    assert!(pages["desk_kabid"].contains("href=\"/arsip\"") && !pages["desk_admin"].contains("href=\"/arsip\""));
}

#[test]
fn notes_stand_on_the_case_and_whoever_sees_it_may_add_one() {
    let pages = pages();
    let field = "action=\"/meja/00000000-0000-0000-0000-000000000007/note\"";
    for name in ["case_operator", "case_kabid", "case_kadis", "case_watched"] {
        assert!(pages[name].contains(field), "{name}");
    }
    let page = &pages["case_operator"];
    let (first, last) = (page.find("sore hari").unwrap(), page.find("Sudah ditelepon.").unwrap());
    assert!(first < last && page.contains("&lt;b&gt;ditelepon") && page.contains("lia.contoh, 09.05 WIB"), "{page}");
    assert!(!pages["case_archived"].contains(field), "the last of twenty is the last");
    assert!(!pages["case_destroyed"].contains(field), "nobody writes on what is destroyed");
}

#[test]
fn what_people_typed_stays_text() {
    let page = LoginPage { frame: frame(None), name: "\"><script>alert(1)</script>".to_owned(), notice: None };
    assert!(!login_page(&page).into_string().contains("<script>"));
}

/// Relative luminance of a colour such as `#0a4742` (WCAG 2).
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

#[test]
fn text_stands_out_by_day_and_by_night() {
    let style = std::str::from_utf8(asset("app.css").unwrap().bytes).unwrap();
    let colours = |block: &str| -> BTreeMap<String, String> {
        block
            .split(';')
            .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"))
            .map(|(name, value)| (name.to_owned(), format!("#{value}")))
            .collect()
    };
    let mut blocks = style.split(":root {").skip(1).map(|rest| rest.split('}').next().unwrap_or_default());
    let day = colours(blocks.next().unwrap());
    let night = colours(blocks.next().unwrap());
    let pairs = [
        ("ink", "paper"),
        ("ink", "raised"),
        ("ink", "sunken"),
        ("ink-soft", "paper"),
        ("ink-soft", "raised"),
        ("ink-soft", "sunken"),
        ("ink", "primary-soft"),
        ("primary-strong", "raised"),
        ("primary-strong", "paper"),
        ("primary-ink", "primary"),
        ("primary-ink", "primary-pressed"),
        ("primary-strong", "primary-soft"),
        ("accent-strong", "raised"),
        ("success", "success-soft"),
        ("success", "raised"),
        ("paper", "success"),
        ("caution", "caution-soft"),
        ("danger", "danger-soft"),
        ("danger", "raised"),
    ];
    let mut poor = Vec::new();
    for (time, palette) in [("day", &day), ("night", &night)] {
        for (text, ground) in pairs {
            let (one, two) = (luminance(&palette[text]), luminance(&palette[ground]));
            let contrast = (one.max(two) + 0.05) / (one.min(two) + 0.05);
            if contrast < 9.995 {
                poor.push(format!("{text} on {ground} by {time}: {contrast:.2}"));
            }
        }
        for (edge, ground) in [("outline", "raised"), ("focus", "paper"), ("primary-fill", "raised")] {
            let (one, two) = (luminance(&palette[edge]), luminance(&palette[ground]));
            let contrast = (one.max(two) + 0.05) / (one.min(two) + 0.05);
            if contrast < 3.0 {
                poor.push(format!("{edge} on {ground} by {time}: {contrast:.2}"));
            }
        }
    }
    assert!(poor.is_empty(), "{poor:#?}");
}

#[test]
fn a_case_that_came_back_is_marked_in_the_list() {
    let pages = pages();
    assert!(pages["desk_operator"].contains("Dikirim kembali"));
    assert!(pages["case_operator"].contains("Dikirim kembali untuk diperbaiki"));
    assert!(!pages["desk_kadis"].contains("Dikirim kembali"));
}
