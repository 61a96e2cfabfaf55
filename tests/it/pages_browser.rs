//! The hub's pages in a real browser: one case over the desks of operator, Kabid and Kadis, and what the applicant sees.

use std::future::Future;

use anjungan::admin;
use anjungan::domain::role::Role;

use crate::hub_archive::{filed, finished};
use crate::support::browser::{Browser, Driver, View};
use crate::support::hub::{PASSWORD, Sample, TestHub};

/// Largest weight of a page with its own files, in bytes.
const PAGE_BYTES_MAX: u64 = 100_000;
const SIAK_NUMBER: &str = "3315/KK/2026/0042";

/// Runs the steps of a browser; the hub works beside them on threads of its own.
fn browse<F: Future<Output = ()>>(steps: impl FnOnce(Driver) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(steps(Driver::start()));
}

/// A hub with a case that the counter found complete.
fn hub_with_a_verified_case(number: u16) -> (TestHub, Sample) {
    let hub = TestHub::start();
    let kiosk = hub.kiosk();
    let (counter, _) = hub.at_counter("Loket 1", "lia.loket");
    let sample = hub.deliver(&kiosk, number);
    hub.clock.advance_ms(60_000);
    counter.verify(sample.case_id, &hub.verify_body(1)).unwrap();
    (hub, sample)
}

async fn sign_in(browser: &Browser, base: &str, name: &str, password: &str) {
    browser.go(&format!("{base}/masuk")).await;
    browser.fill("#name", name).await;
    browser.fill("#password", password).await;
    browser.press("#masuk").await;
}

async fn open_case(browser: &Browser, sample: &Sample) {
    browser.press(&format!("a.row[href$='{}']", sample.case_id)).await;
    browser.see("#tahap").await;
}

/// What holds for every page: nothing scrolls sideways, nothing is heavy.
async fn sound(browser: &Browser) {
    browser.fits().await;
    let weight = browser.weight().await;
    assert!((1..PAGE_BYTES_MAX).contains(&weight), "{} weighs {weight} bytes", browser.path().await);
}

#[test]
fn a_case_walks_over_the_desks() {
    let (hub, sample) = hub_with_a_verified_case(7);
    let operator = admin::add_user(hub.config(), "oki.operator", Role::Operator).unwrap();
    hub.person("budi.kabid", Role::Kabid);
    hub.person("dewi.kadis", Role::Kadis);
    let base = hub.base();
    browse(async |driver| {
        let desk = driver.open(View::Desk).await;
        sign_in(&desk, &base, "oki.operator", &operator.one_time_password).await;
        // The one-time password opens nothing but its own change.
        desk.see("#new_password").await;
        sound(&desk).await;
        desk.go(&format!("{base}/meja")).await;
        desk.fill("#new_password", PASSWORD).await;
        desk.fill("#again", PASSWORD).await;
        desk.press("#simpan").await;

        desk.see("#daftar").await;
        sound(&desk).await;
        open_case(&desk, &sample).await;
        assert_eq!(desk.see("#tahap").await.attr("data-stage").await.unwrap().as_deref(), Some("verified"));
        assert!(desk.has(".doc img").await, "the scan is shown");
        assert_eq!(desk.read(".facts .nik").await, sample.submission.applicant.grouped());
        sound(&desk).await;
        desk.fill("#siak_number", SIAK_NUMBER).await;
        desk.press("#do-propose").await;
        desk.see("#berhasil").await;
        assert!(!desk.has("a.row").await, "nothing is left on the operator's desk");

        let kabid = driver.open(View::Phone).await;
        sign_in(&kabid, &base, "budi.kabid", PASSWORD).await;
        kabid.see("#daftar").await;
        sound(&kabid).await;
        open_case(&kabid, &sample).await;
        assert_eq!(kabid.read("#nomor-siak").await, SIAK_NUMBER);
        sound(&kabid).await;
        kabid.press("#do-endorse").await;
        kabid.see("#berhasil").await;
        kabid.close().await;

        let kadis = driver.open(View::Phone).await;
        sign_in(&kadis, &base, "dewi.kadis", PASSWORD).await;
        open_case(&kadis, &sample).await;
        sound(&kadis).await;
        kadis.press("#do-defer").await;
        kadis.see("#berhasil").await;
        assert!(kadis.read("a.row").await.contains("TTE tertunda"));
        open_case(&kadis, &sample).await;
        kadis.press("#do-sign").await;
        kadis.see("#berhasil").await;
        kadis.close().await;

        desk.press("#muat-ulang").await;
        open_case(&desk, &sample).await;
        assert!(desk.read(".act").await.contains("HVS A4 80 g"));
        desk.press("#do-mark-printed").await;
        desk.see("#berhasil").await;

        let applicant = driver.open(View::Phone).await;
        applicant.go(&format!("{base}/s/{}", sample.token.text())).await;
        assert_eq!(applicant.see("#tahap").await.attr("data-stage").await.unwrap().as_deref(), Some("printed"));
        let words = applicant.read("body").await;
        assert!(words.contains("A-007") && words.contains("GRATIS"), "{words}");
        let nik = sample.submission.applicant;
        for part in [nik.as_str(), nik.last4(), &nik.grouped(), &nik.as_str()[..6], SIAK_NUMBER, "oki", "budi"] {
            assert!(!words.contains(part), "the public page says {part}");
        }
        assert!(!applicant.source().await.contains(nik.as_str()));
        sound(&applicant).await;
    });
}

#[test]
fn an_approver_sends_a_case_back_with_a_reason() {
    let (hub, sample) = hub_with_a_verified_case(8);
    let team_operator = hub.officer("oki.operator", Role::Operator);
    team_operator.verb(sample.case_id, "propose", hub.write(2), serde_json::json!({ "siak_number": SIAK_NUMBER })).ok();
    hub.person("budi.kabid", Role::Kabid);
    let base = hub.base();
    browse(async |driver| {
        let kabid = driver.open(View::Phone).await;
        sign_in(&kabid, &base, "budi.kabid", PASSWORD).await;
        open_case(&kabid, &sample).await;
        kabid.press("#buka-kembalikan").await;
        kabid.see("#do-return-operator").await;
        sound(&kabid).await;
        kabid.see("#operator-salah_input:checked").await;
        kabid.fill("#catatan-operator", "Periksa lagi tanggal pada surat.").await;
        kabid.press("#do-return-operator").await;
        kabid.see("#berhasil").await;

        let desk = driver.open(View::Desk).await;
        sign_in(&desk, &base, "oki.operator", PASSWORD).await;
        open_case(&desk, &sample).await;
        let reasons = desk.read("#dikembalikan").await;
        assert!(reasons.contains("Salah input data") && reasons.contains("tanggal pada surat"), "{reasons}");
    });
}

#[test]
fn everything_works_without_script() {
    let (hub, sample) = hub_with_a_verified_case(9);
    hub.person("oki.operator", Role::Operator);
    let base = hub.base();
    browse(async |driver| {
        let phone = driver.open(View::PhoneWithoutScript).await;
        phone.go(&format!("{base}/masuk")).await;
        phone.fill("#name", "oki.operator").await;
        phone.fill("#password", PASSWORD).await;
        phone.enter("#masuk").await;
        phone.enter(&format!("a.row[href$='{}']", sample.case_id)).await;
        phone.enter("#buka-kembalikan").await;
        phone.see("#kembalikan:target").await;
        phone.fill("#siak_number", SIAK_NUMBER).await;
        phone.enter("#do-propose").await;
        phone.see("#berhasil").await;
    });
}

#[test]
fn the_archive_is_searched_and_opened_by_thumb_and_by_keyboard() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = finished(&hub, &team, 1);
    filed(&team, &sample);
    let base = hub.base();
    browse(async |driver| {
        let phone = driver.open(View::Phone).await;
        sign_in(&phone, &base, "budi.kabid", PASSWORD).await;
        phone.press("#ke-arsip").await;
        phone.see("#do-cari").await;
        sound(&phone).await;
        phone.fill("#nomor", "1234").await;
        phone.press("#do-cari").await;
        assert!(phone.read("#gagal").await.contains("4 angka"));
        sound(&phone).await;
        phone.fill("#nomor", &sample.submission.applicant.grouped()).await;
        phone.press("#do-cari").await;
        phone.see("a.row.file").await;
        sound(&phone).await;
        assert_eq!(phone.path().await, "/arsip", "no number in the address");
        phone.press("a.row.file").await;
        assert_eq!(phone.read("#rak").await, "Rak 1 / Boks 1");
        phone.see("#do-zip").await;
        sound(&phone).await;
        phone.press("#permohonan").await;
        phone.see("#diarsipkan").await;
        phone.close().await;

        let desk = driver.open(View::PhoneWithoutScript).await;
        desk.go(&format!("{base}/masuk")).await;
        desk.fill("#name", "lia.loket").await;
        desk.fill("#password", PASSWORD).await;
        desk.enter("#masuk").await;
        desk.enter("#ke-arsip").await;
        desk.fill("#nomor", "2026-1").await;
        desk.enter("#nomor").await;
        desk.enter("a.row.file").await;
        desk.see("#rak").await;
        assert!(!desk.has("#do-zip").await, "only the heads take a case along");
    });
}

#[test]
fn a_desk_fills_by_itself() {
    let hub = TestHub::start();
    let kiosk = hub.kiosk();
    let (counter, _) = hub.at_counter("Loket 1", "lia.loket");
    let sample = hub.deliver(&kiosk, 10);
    hub.person("oki.operator", Role::Operator);
    let base = hub.base();
    browse(async |driver| {
        let desk = driver.open(View::Desk).await;
        sign_in(&desk, &base, "oki.operator", PASSWORD).await;
        desk.see("#daftar").await;
        assert!(!desk.has("a.row").await);
        desk.run("window.stayed = true").await;
        counter.verify(sample.case_id, &hub.verify_body(1)).unwrap();
        assert!(desk.read("a.row").await.contains("A-010"));
        assert_eq!(desk.run("return window.stayed").await, true, "the page was not loaded anew");
        assert!(desk.run("return document.title").await.as_str().unwrap().starts_with("(1)"));
    });
}

#[test]
fn a_refusal_says_what_to_do() {
    let (hub, sample) = hub_with_a_verified_case(11);
    let other = hub.officer("ani.operator", Role::Operator);
    hub.person("oki.operator", Role::Operator);
    let base = hub.base();
    browse(async |driver| {
        let desk = driver.open(View::Desk).await;
        sign_in(&desk, &base, "oki.operator", "bukan sandi saya").await;
        assert_eq!(desk.see("#gagal").await.attr("data-code").await.unwrap().as_deref(), Some("LOGIN-REFUSED"));
        desk.fill("#password", PASSWORD).await;
        desk.press("#masuk").await;
        open_case(&desk, &sample).await;
        // A colleague is faster.
        other.verb(sample.case_id, "propose", hub.write(2), serde_json::json!({ "siak_number": SIAK_NUMBER })).ok();
        desk.fill("#siak_number", "3315/KK/2026/0043").await;
        desk.press("#do-propose").await;
        let refusal = desk.read("#gagal").await;
        assert!(refusal.contains("Kode: CASE-"), "{refusal}");
        assert!(!desk.has("#do-propose").await, "what is no longer possible is no longer offered");

        let stranger = driver.open(View::Phone).await;
        stranger.go(&format!("{base}/s/bukan-slip")).await;
        assert_eq!(stranger.see("#gagal").await.attr("data-code").await.unwrap().as_deref(), Some("SLIP-UNKNOWN"));
        stranger.go(&format!("{base}/meja")).await;
        stranger.see("#masuk").await;
    });
}
