//! The archive as officers use it on pages: one field for any number, days of the register book, PDF, ZIP, refusals.

use std::io::Write as _;
use std::process::Command;

use anjungan::archivist;
use anjungan::domain::role::Role;
use anjungan::domain::stage::Stage;

use crate::hub_archive::{filed, finished, journal};
use crate::hub_pages::{Browser, Page};
use crate::support::hub::TestHub;

fn browser<'a>(hub: &'a TestHub, name: &str) -> Browser<'a> {
    let mut browser = Browser { hub, cookie: None };
    browser.enter(name);
    browser
}

fn search(browser: &mut Browser<'_>, fields: &[(&str, &str)]) -> Page {
    let token = browser.get("/arsip").hidden("form_token");
    browser.post("/arsip", &[&[("form_token", token.as_str())], fields].concat())
}

fn by_number(browser: &mut Browser<'_>, text: &str) -> Page {
    search(browser, &[("by", "number"), ("text", text)])
}

fn by_days(browser: &mut Browser<'_>, from: &str, to: &str) -> Page {
    search(browser, &[("by", "days"), ("from", from), ("to", to)])
}

/// The archive numbers of the rows, in order.
fn rows(page: &Page) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.text);
    let rows = page.text.split("class=\"row file\"").skip(1);
    rows.map(|row| row.split("class=\"ticket\">").nth(1).unwrap().split('<').next().unwrap().to_owned()).collect()
}

/// Every address on a page.
fn addresses(page: &Page) -> Vec<String> {
    let of =
        |attribute| page.text.split(attribute).skip(1).map(|rest: &str| rest.split('"').next().unwrap().to_owned());
    ["href=\"", "action=\"", "src=\""].into_iter().flat_map(of).collect()
}

#[test]
fn one_field_takes_an_archive_number_a_nik_or_a_no_kk() {
    let hub = TestHub::start();
    let team = hub.team();
    let samples: Vec<_> = (1..=3).map(|number| finished(&hub, &team, number)).collect();
    samples.iter().for_each(|sample| drop(filed(&team, sample)));
    let mut loket = browser(&hub, "lia.loket");
    assert!(loket.get("/meja").text.contains("href=\"/arsip\""), "a way there from the desk");

    let nik = samples[1].submission.applicant;
    let page = by_number(&mut loket, nik.as_str());
    let [number] = &rows(&page)[..] else { panic!("{}", page.text) };
    for words in ["KK hilang", "Register ", "23 November 2026", "Rak 1 / Boks 1", "Diarsipkan", "Tersimpan"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(page.text.contains(&format!("value=\"{}\"", nik.as_str())), "what was typed stays");
    assert!(page.policy.starts_with("default-src 'none'"), "{}", page.policy);
    for typed in [nik.grouped(), number.clone(), number.replace('-', " "), format!("arsip-{number}.zip")] {
        assert_eq!(rows(&by_number(&mut loket, &typed)), std::slice::from_ref(number), "{typed}");
    }
    assert_eq!(
        rows(&by_number(&mut loket, "3315131203189002")),
        std::slice::from_ref(number),
        "the No KK of the same case"
    );

    // The NIK of one case that is the No KK of another finds both, newest first and each once.
    let mut both = hub.sample(7);
    both.submission.no_kk = Some(nik.as_str().parse().unwrap());
    for document in team.kiosk.submit(both.case_id, &both.submission).unwrap().scans_wanted {
        team.kiosk.put_scan(both.case_id, document, "image/png", &both.picture).unwrap();
    }
    hub.walk(&team, &both, Stage::HandedOver);
    let newest = filed(&team, &both).row.number.to_string();
    assert_eq!(rows(&by_number(&mut loket, nik.as_str())), [newest, number.clone()]);

    let none = by_number(&mut loket, "3315130101909099");
    assert_eq!(rows(&none), [""; 0]);
    assert!(none.text.contains("Tidak ada berkas arsip yang cocok") && none.text.contains("NIK penerima kuasa"));
    let searched = journal(&hub, "archive_searched");
    assert!(!searched.is_empty() && searched.iter().all(|detail| !detail.contains("3315")), "{searched:?}");
}

#[test]
fn days_of_the_register_book_are_searched_too() {
    let hub = TestHub::start();
    let team = hub.team();
    for number in 1..=2 {
        let sample = finished(&hub, &team, number);
        filed(&team, &sample);
    }
    let mut kadis = browser(&hub, "dewi.kadis");
    assert_eq!(rows(&by_days(&mut kadis, "2026-11-23", "")).len(), 2, "one day");
    assert_eq!(rows(&by_days(&mut kadis, "01-11-2026", "30-11-2026")).len(), 2);
    let none = by_days(&mut kadis, "2026-11-01", "2026-11-22");
    assert_eq!(rows(&none), [""; 0]);
    assert!(none.text.contains("Buku register mencatat hari penyerahan KK"));
    assert!(none.text.contains("value=\"2026-11-01\"") && none.text.contains("value=\"2026-11-22\""));
}

#[test]
fn what_cannot_be_looked_for_is_said_and_stays_in_its_field() {
    let hub = TestHub::start();
    hub.person("oki.operator", Role::Operator);
    let mut operator = browser(&hub, "oki.operator");
    let numbers = [
        ("", "Nomor belum diisi"),
        ("Siti Contoh", "bukan nomor arsip, NIK, atau nomor KK"),
        ("331513010190900", "Yang diketik 15 angka"),
        ("1111111111111111", "tidak mungkin NIK atau nomor KK"),
        ("2026-0", "Nomor arsip seperti itu tidak ada"),
        ("<b>\"x", "bukan nomor arsip"),
    ];
    for (typed, words) in numbers {
        let page = by_number(&mut operator, typed);
        assert_eq!(page.status, 422, "{typed}");
        assert!(page.text.contains(words) && page.text.contains("role=\"alert\""), "{typed}: {}", page.text);
        let kept = typed.replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        assert!(page.text.contains(&format!("value=\"{kept}\"")), "{typed}");
    }
    let days = [
        ("", "", "Tanggal belum diisi"),
        ("", "2026-11-01", "belum diisi"),
        ("kemarin", "", "Tanggal tidak dikenal"),
        ("2026-11-02", "2026-11-01", "lebih awal daripada"),
        ("2020-01-01", "2026-11-01", "Rentang tanggal terlalu panjang"),
    ];
    for (from, to, words) in days {
        let page = by_days(&mut operator, from, to);
        assert_eq!((page.status, page.text.contains(words)), (422, true), "{from} {to}: {}", page.text);
        assert!(page.text.contains(&format!("value=\"{from}\"")) && page.text.contains(&format!("value=\"{to}\"")));
    }
    let long = by_number(&mut operator, &"9".repeat(10_000));
    assert_eq!(long.status, 422);
    assert!(long.text.len() < 20_000, "it is not sent back whole");
    assert!(journal(&hub, "archive_searched").is_empty(), "nothing was searched");
}

#[test]
fn a_case_shows_its_documents_opens_as_pdf_and_goes_along_as_zip() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = finished(&hub, &team, 1);
    let detail = filed(&team, &sample);
    let document = &detail.documents[0];
    let mut kabid = browser(&hub, "budi.kabid");
    let case = format!("/arsip/{}", sample.case_id);
    assert!(kabid.get(&format!("/meja/{}", sample.case_id)).text.contains(&format!("href=\"{case}\"")));
    let page = kabid.get(&case);
    assert_eq!(page.status, 200, "{}", page.text);
    let sha256 = document.pdf_sha256.as_str();
    let facts = ["2026-000001", "Rak 1 / Boks 1", "1 halaman", "200 dpi", " di K1", "Pemohon sendiri", "Tersimpan"];
    for words in facts.into_iter().chain([&format!("title=\"{sha256}\"")[..], &format!(">{}…<", &sha256[..12])]) {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    let looked = journal(&hub, "archive_looked").len();

    let pdf = kabid.get(&format!("{case}/dokumen/{}", document.document_id));
    assert_eq!((pdf.status, pdf.kind.as_str()), (200, "application/pdf"));
    assert!(pdf.bytes.starts_with(b"%PDF") && pdf.bytes.len() as u64 == document.pdf_bytes);
    assert_eq!(pdf.disposition, format!("inline; filename=\"arsip-2026-000001-{}.pdf\"", document.kind.as_str()));
    assert_eq!(journal(&hub, "archive_looked").len(), looked + 1, "each look is written down");

    let zip = kabid.get(&format!("{case}/zip"));
    assert_eq!((zip.status, zip.kind.as_str()), (200, "application/zip"));
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&zip.bytes).unwrap();
    let tested = Command::new("unzip").arg("-t").arg(file.path()).output().unwrap();
    assert!(tested.status.success(), "{}", String::from_utf8_lossy(&tested.stdout));
    assert_eq!(journal(&hub, "archive_exported").len(), 1);

    let mut all = addresses(&page);
    all.extend(addresses(&by_number(&mut kabid, sample.submission.applicant.as_str())));
    assert!(all.iter().any(|address| address.ends_with("/zip")));
    for address in all {
        assert!(!address.contains("3315"), "{address}");
    }
}

#[test]
fn whoever_may_not_is_refused_as_elsewhere() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = finished(&hub, &team, 1);
    let document = filed(&team, &sample).documents[0].document_id;
    hub.person("ani.admin", Role::Admin);
    let case = format!("/arsip/{}", sample.case_id);
    let (pdf, zip) = (format!("{case}/dokumen/{document}"), format!("{case}/zip"));
    // A citizen holds a slip and no session.
    let mut citizen = Browser { hub: &hub, cookie: None };
    let mut admin = browser(&hub, "ani.admin");
    for path in ["/arsip", &case, &pdf, &zip] {
        let page = citizen.get(path);
        assert_eq!((page.status, page.location.as_str()), (303, "/masuk"), "{path}");
        let page = admin.get(path);
        assert_eq!((page.status, page.text.contains("NOT-ALLOWED")), (403, true), "{path}");
    }
    assert_eq!(citizen.post("/arsip", &[("by", "number"), ("text", "2026-000001")]).location, "/masuk");
    let token = admin.get("/meja").hidden("form_token");
    let form = [("form_token", token.as_str()), ("by", "number"), ("text", "2026-000001")];
    assert_eq!(admin.post("/arsip", &form).status, 403);

    let exported = journal(&hub, "archive_exported").len();
    for name in ["lia.loket", "oki.operator"] {
        let mut officer = browser(&hub, name);
        assert_eq!(officer.get(&pdf).status, 200, "{name} may look");
        assert_eq!(officer.get(&zip).status, 403, "{name} may not take it along");
        assert!(!officer.get(&case).text.contains("/zip\""), "{name} is not offered what is refused");
    }
    assert_eq!(journal(&hub, "archive_exported").len(), exported);

    let mut kabid = browser(&hub, "budi.kabid");
    let open = hub.deliver(&team.kiosk, 2).case_id;
    for path in [format!("/arsip/{open}"), format!("/arsip/{open}/zip"), format!("{case}/dokumen/{}", open)] {
        let page = kabid.get(&path);
        assert_eq!((page.status, page.text.contains("ARCHIVE-UNKNOWN")), (404, true), "{path}: {}", page.text);
        assert!(page.text.contains("<html"), "a calm page, not JSON");
    }
    let token = kabid.get("/arsip").hidden("form_token");
    let form = [("form_token", token.as_str()), ("by", "number"), ("text", "2026-000001")];
    assert_eq!(kabid.post("/arsip", &form[1..]).status, 403, "without its token");
    assert_eq!(kabid.send("POST", "/arsip", &form, &[("sec-fetch-site", "cross-site")]).status, 403);
    assert_eq!(rows(&kabid.post("/arsip", &form)), ["2026-000001"]);
}

#[test]
fn a_destroyed_case_says_so_and_opens_nothing() {
    let hub = TestHub::start_with("[archive]\nretention_years = 1\n");
    let team = hub.team();
    let sample = finished(&hub, &team, 1);
    let document = filed(&team, &sample).documents[0].document_id;
    hub.clock.advance_ms(365 * 24 * 3_600_000);
    assert!(archivist::retain(hub.config(), &hub.world, true).unwrap().due[0].destroyed);
    hub.person("wati.kadis", Role::Kadis);
    let mut kadis = browser(&hub, "wati.kadis");
    let case = format!("/arsip/{}", sample.case_id);
    let page = words(&mut kadis, &case);
    assert!(page.contains("Berkas ini dimusnahkan pada 23 November 2027"), "{page}");
    assert!(!page.contains("/dokumen/") && !page.contains("/zip\""), "nothing is offered that cannot be done");
    for path in [format!("{case}/dokumen/{document}"), format!("{case}/zip")] {
        let page = kadis.get(&path);
        assert_eq!((page.status, page.text.contains("ARCHIVE-DESTROYED")), (410, true), "{path}");
    }
    let listed = by_number(&mut kadis, "2026-000001");
    assert!(listed.text.contains("Dimusnahkan 23 November 2027"), "{}", listed.text);
    let by_nik = by_number(&mut kadis, sample.submission.applicant.as_str());
    assert!(rows(&by_nik).is_empty() && by_nik.text.contains("sudah dimusnahkan hanya ditemukan dengan nomor arsip"));
    let desk = words(&mut kadis, &format!("/meja/{}", sample.case_id));
    assert!(desk.contains("dokumennya dimusnahkan") && !desk.contains("<img src=\"/meja/"), "no broken pictures");
}

fn words(browser: &mut Browser<'_>, path: &str) -> String {
    let page = browser.get(path);
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    page.text
}

#[test]
fn a_locked_archive_keeps_what_was_typed() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = finished(&hub, &team, 1);
    filed(&team, &sample);
    let key = hub.data().join("office.key");
    let away = hub.data().join("office.key.away");
    std::fs::rename(&key, &away).unwrap();
    let mut kabid = browser(&hub, "budi.kabid");
    let page = by_number(&mut kabid, sample.submission.applicant.as_str());
    assert_eq!((page.status, page.text.contains("ARCHIVE-KEY-FAULT")), (500, true));
    assert!(page.text.contains(&format!("value=\"{}\"", sample.submission.applicant.as_str())));
    assert_eq!(rows(&by_number(&mut kabid, "2026-000001")), ["2026-000001"], "a number needs no key");
}
