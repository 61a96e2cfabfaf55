//! The archive over real HTTP and at the command line: filed once, found, taken along, checked, and in the end destroyed.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anjungan::archivist;
use anjungan::domain::role::Role;
use anjungan::domain::stage::Stage;
use anjungan::hub::{ArchiveQuery, CheckReport};
use anjungan::wire::archive::{ArchiveDetail, ArchiveRow, ArchiveSearch};
use anjungan::wire::case::{ScanFacts, Submitted};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::support::hub::{Sample, Team, TestHub, scan_facts};

/// Delivers a case that also names a No KK, and carries it to the handover.
pub fn finished(hub: &TestHub, team: &Team, number: u16) -> Sample {
    let mut sample = hub.sample(number);
    sample.submission.no_kk = Some(format!("331513120318{}", 9000 + number).parse().unwrap());
    let submitted = team.kiosk.submit(sample.case_id, &sample.submission).unwrap();
    for document in submitted.scans_wanted {
        team.kiosk.put_scan(sample.case_id, document, "image/png", &sample.picture).unwrap();
    }
    hub.walk(team, &sample, Stage::HandedOver);
    sample
}

pub fn filed(team: &Team, sample: &Sample) -> ArchiveDetail {
    team.loket.put(&format!("/api/v1/archive/{}", sample.case_id), &json!({})).ok().read()
}

fn checked(hub: &TestHub) -> CheckReport {
    archivist::check(hub.config(), &hub.world).unwrap()
}

fn words(report: &CheckReport) -> Vec<&'static str> {
    report.findings.iter().map(|finding| finding.what).collect()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn sealed(hub: &TestHub) -> PathBuf {
    files(&hub.data().join("archive")).into_iter().find(|path| path.extension().is_some_and(|e| e == "sealed")).unwrap()
}

pub fn journal(hub: &TestHub, event: &str) -> Vec<String> {
    let conn = rusqlite::Connection::open(hub.data().join("anjungan.db")).unwrap();
    let mut rows = conn.prepare("SELECT detail FROM journal WHERE event = ? ORDER BY seq").unwrap();
    rows.query_map([event], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn command(hub: &TestHub, arguments: &[&str]) -> Command {
    let config = hub.data().with_extension("toml");
    let text = format!("[hub]\nlisten = \"127.0.0.1:0\"\ndata = {:?}\n", hub.data().display().to_string());
    fs::write(&config, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_anjungan"));
    command.args(arguments).arg("--config").arg(&config);
    command
}

fn anjungan(hub: &TestHub, arguments: &[&str]) -> std::process::Output {
    command(hub, arguments).output().unwrap()
}

/// A hub as a process of its own, over the same folder.
fn spawned(hub: &TestHub) -> std::process::Child {
    command(hub, &["hub"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn a_finished_case_is_filed_once_and_its_scans_are_sealed() {
    let hub = TestHub::start();
    let team = hub.team();
    let early = hub.deliver(&team.kiosk, 9);
    let path = format!("/api/v1/archive/{}", early.case_id);
    assert_eq!(team.loket.put(&path, &json!({})).code(), "ARCHIVE-NOT-FINISHED");
    assert_eq!(team.loket.get(&path).code(), "ARCHIVE-UNKNOWN");

    let sample = finished(&hub, &team, 1);
    let detail = filed(&team, &sample);
    assert_eq!(filed(&team, &sample), detail, "the same twice is once");
    assert_eq!((detail.row.number.to_string().as_str(), detail.row.shelf.as_str()), ("2026-000001", "Rak 1 / Boks 1"));
    let register = detail.row.register.as_ref().unwrap();
    assert_eq!((register.number, register.officer.as_str()), (1, "lia.loket"));
    assert_eq!(register.collector.as_deref(), Some("applicant"));
    let [document] = &detail.documents[..] else { panic!("one scan") };
    assert_eq!(document.original_sha256.as_str(), sha256(&sample.picture));
    assert_eq!((document.pages, document.dpi, document.kiosk.as_str()), (1, 200, "K1"));
    assert_eq!(journal(&hub, "case_archived").len(), 1);

    // Nothing lies there unsealed any more, and only its owner may read what does.
    let all = [files(&hub.data().join("scans")), files(&hub.data().join("archive")), files(&hub.data().join("keys"))];
    let [open] = &all[0][..] else { panic!("{:?}", all[0]) };
    assert!(open.ends_with(sha256(&early.picture)), "only the scan of the case that is not finished");
    for path in all[1..].concat() {
        let bytes = fs::read(&path).unwrap();
        assert!(!bytes.windows(5).any(|window| window == b"%PDF-" || window == b"\x89PNG\r"), "{}", path.display());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0, "{}", path.display());
    }

    // The officer sees the same picture as before, the kiosk is asked for nothing.
    let path = format!("/api/v1/cases/{}/documents/{}", sample.case_id, document.document_id);
    let picture = team.loket.get(&path).ok();
    let pixels = |bytes: &[u8]| image::load_from_memory(bytes).unwrap().to_rgb8();
    assert_eq!((picture.kind.as_str(), pixels(&picture.body)), ("image/png", pixels(&sample.picture)));
    let again: Submitted = team.kiosk.submit(sample.case_id, &sample.submission).unwrap();
    assert!(again.scans_wanted.is_empty());
    team.kiosk.put_scan(sample.case_id, document.document_id, "image/png", &sample.picture).unwrap();
    assert!(!hub.data().join("scans").join(&sha256(&sample.picture)[..2]).join(sha256(&sample.picture)).exists());

    let pdf = team.loket.get(&format!("/api/v1/archive/{}/documents/{}", sample.case_id, document.document_id)).ok();
    assert_eq!((pdf.kind.as_str(), sha256(&pdf.body).as_str()), ("application/pdf", document.pdf_sha256.as_str()));
    assert_eq!(journal(&hub, "archive_looked").len(), 4, "each look is written down");
    assert_eq!(checked(&hub), CheckReport { cases: 1, documents: 1, bytes: document.pdf_bytes, ..Default::default() });
}

#[test]
fn cases_file_themselves_behind_the_handover_and_after_a_restart() {
    let mut hub = TestHub::start_with("[archive]\nfiles_per_box = 2\nboxes_per_rack = 1\n");
    let team = hub.team();
    let key = hub.data().join("office.key");
    // A key that others can read stops the filing, and nothing else.
    fs::write(&key, "anjungan-office-key-1 ").unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let samples: Vec<Sample> = (1..=5).map(|number| finished(&hub, &team, number)).collect();
    let reply = team.loket.put(&format!("/api/v1/archive/{}", samples[0].case_id), &json!({}));
    assert_eq!((reply.status, reply.code().as_str()), (500, "ARCHIVE-KEY-FAULT"));
    assert_eq!(checked(&hub).waiting, 5);
    fs::remove_file(&key).unwrap();
    hub.restart();
    // Asking for one of them waits for its turn; the last is filed by itself.
    let loket = crate::support::hub::Caller { base: hub.base(), ..team.loket.clone() };
    let mut shelves = BTreeSet::new();
    for sample in &samples {
        let detail: ArchiveDetail = loket.put(&format!("/api/v1/archive/{}", sample.case_id), &json!({})).ok().read();
        shelves.insert((detail.row.number.number(), detail.row.shelf.clone()));
    }
    let numbers: Vec<_> = shelves.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    let places: Vec<_> = shelves.iter().map(|(_, shelf)| shelf.as_str()).collect();
    let [one, two, three] = ["Rak 1 / Boks 1", "Rak 2 / Boks 2", "Rak 3 / Boks 3"];
    assert_eq!(places, [one, one, two, two, three]);
    assert_eq!(words(&checked(&hub)), [""; 0]);

    let sample = finished(&hub, &Team { loket, ..rebound(&hub, team) }, 6);
    // Nobody asks for this one.
    while journal(&hub, "case_archived").len() < 6 {
        std::thread::yield_now();
    }
    let query = ArchiveQuery::Nik(sample.submission.applicant);
    assert_eq!(archivist::find(hub.config(), &hub.world, &query).unwrap()[0].filed_by, "anjungan");
}

/// The same people after a restart: the port is another one.
fn rebound(hub: &TestHub, team: Team) -> Team {
    let at = |caller: crate::support::hub::Caller| crate::support::hub::Caller { base: hub.base(), ..caller };
    let (counter, loket) = hub.at_counter("Loket 7", "nia.loket");
    let kiosk = hub.station(anjungan::domain::role::StationKind::Kiosk, "K7");
    Team {
        kiosk: anjungan::wire::client::HubClient::new(&hub.base(), &kiosk),
        counter,
        loket,
        operator: at(team.operator),
        kabid: at(team.kabid),
        kadis: at(team.kadis),
    }
}

#[test]
fn a_row_that_could_not_be_written_loses_nothing_and_what_is_left_is_named() {
    let hub = TestHub::start();
    let team = hub.team();
    let conn = rusqlite::Connection::open(hub.data().join("anjungan.db")).unwrap();
    let stop = "CREATE TRIGGER stop BEFORE INSERT ON archive_cases BEGIN SELECT RAISE(ABORT, 'on purpose'); END";
    conn.execute_batch(stop).unwrap();
    let sample = finished(&hub, &team, 1);
    let path = format!("/api/v1/archive/{}", sample.case_id);
    assert_eq!(team.loket.put(&path, &json!({})).code(), "HUB-FAULT");
    let report = checked(&hub);
    assert_eq!(words(&report), ["orphan_documents", "orphan_key"]);
    assert!(report.findings.iter().all(|finding| finding.case_id == Some(sample.case_id)));
    let scan = team.loket.get(&format!("/api/v1/cases/{}", sample.case_id)).ok().json();
    let document = scan["documents"][0]["document_id"].as_str().unwrap().to_owned();
    let scan = team.loket.get(&format!("/api/v1/cases/{}/documents/{document}", sample.case_id)).ok();
    assert_eq!(scan.body, sample.picture, "the scan is where it was");
    conn.execute_batch("DROP TRIGGER stop").unwrap();
    filed(&team, &sample);
    assert_eq!(words(&checked(&hub)), [""; 0]);
}

#[test]
fn a_case_waits_for_a_scan_that_a_cut_off_kiosk_still_has() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.sample(1);
    let wanted = team.kiosk.submit(sample.case_id, &sample.submission).unwrap().scans_wanted;
    hub.walk(&team, &sample, Stage::HandedOver);
    let path = format!("/api/v1/archive/{}", sample.case_id);
    assert_eq!(team.loket.put(&path, &json!({})).code(), "SCAN-MISSING");
    assert_eq!(words(&checked(&hub)), ["scan_missing"]);
    team.kiosk.put_scan(sample.case_id, wanted[0], "image/png", &sample.picture).unwrap();
    while journal(&hub, "case_archived").is_empty() {
        std::thread::yield_now();
    }
    while !files(&hub.data().join("scans")).is_empty() {
        std::thread::yield_now();
    }
    assert_eq!(words(&checked(&hub)), [""; 0]);
}

#[test]
fn what_a_pdf_cannot_show_stays_a_scan_and_is_named() {
    let hub = TestHub::start();
    let team = hub.team();
    let mut sample = hub.sample(1);
    let picture = [&[0xFF, 0xD8, 0xFF, 0xE0][..], b"no JPEG after all"].concat();
    let facts = ScanFacts { media_type: "image/jpeg".to_owned(), ..scan_facts(&picture) };
    sample.submission.documents[0].scan = Some(facts);
    for document in team.kiosk.submit(sample.case_id, &sample.submission).unwrap().scans_wanted {
        team.kiosk.put_scan(sample.case_id, document, "image/jpeg", &picture).unwrap();
    }
    hub.walk(&team, &sample, Stage::HandedOver);
    let reply = team.loket.put(&format!("/api/v1/archive/{}", sample.case_id), &json!({}));
    assert_eq!((reply.status, reply.code().as_str()), (422, "ARCHIVE-SCAN-UNFIT"));
    let document = sample.submission.documents[0].document_id;
    let scan = team.loket.get(&format!("/api/v1/cases/{}/documents/{document}", sample.case_id)).ok();
    assert_eq!(scan.body, picture);
    assert_eq!(words(&checked(&hub)), ["scan_unfit"]);
    // It does not stand in the way of others.
    filed(&team, &finished(&hub, &team, 2));
}

#[test]
fn sealed_documents_outlive_a_database_from_an_older_backup() {
    let mut hub = TestHub::start();
    let team = hub.team();
    let sample = finished(&hub, &team, 1);
    filed(&team, &sample);
    hub.stop();
    let conn = rusqlite::Connection::open(hub.data().join("anjungan.db")).unwrap();
    conn.execute_batch("DELETE FROM archive_search; DELETE FROM archive_documents; DELETE FROM archive_cases").unwrap();
    let before = (files(&hub.data().join("archive")), files(&hub.data().join("keys")));
    hub.restart();
    let loket = crate::support::hub::Caller { base: hub.base(), ..team.loket };
    assert_eq!(loket.put(&format!("/api/v1/archive/{}", sample.case_id), &json!({})).code(), "SCAN-MISSING");
    assert_eq!((files(&hub.data().join("archive")), files(&hub.data().join("keys"))), before, "all there is of it");
    assert_eq!(words(&checked(&hub)), ["orphan_documents", "orphan_key", "scan_missing"]);
    // Nor is a second key of the office made, though the database does not know that there was one.
    fs::remove_file(hub.data().join("office.key")).unwrap();
    let path = format!("/api/v1/archive/{}", sample.case_id);
    assert_eq!(loket.put(&path, &json!({})).code(), "ARCHIVE-KEY-FAULT");
    assert!(!hub.data().join("office.key").exists());
}

#[test]
fn a_hub_that_is_killed_while_it_files_loses_nothing() {
    const CASES: u16 = 6;
    let mut hub = TestHub::start();
    let team = hub.team();
    let key = hub.data().join("office.key");
    // Nothing is filed while others can read the key.
    fs::write(&key, "").unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    (1..=CASES).for_each(|number| drop(finished(&hub, &team, number)));
    hub.stop();
    fs::remove_file(&key).unwrap();
    let written = |hub: &TestHub| files(&hub.data().join("archive")).len() + files(&hub.data().join("keys")).len();
    let mut kills = 0;
    while journal(&hub, "case_archived").len() < usize::from(CASES) {
        let before = written(&hub);
        let mut running = spawned(&hub);
        // Killed a file or two later: between key and document, document and row, row and scan.
        while written(&hub) < before + 1 + kills % 3 && journal(&hub, "case_archived").len() < usize::from(CASES) {
            std::thread::yield_now();
        }
        running.kill().unwrap();
        running.wait().unwrap();
        kills += 1;
        let report = checked(&hub);
        let only_left = words(&report).iter().all(|word| ["orphan_documents", "orphan_key"].contains(word));
        assert!(only_left, "{:#?}", report.findings);
        assert_eq!(report.cases + report.waiting, u64::from(CASES));
    }
    println!("killed {kills} times while {CASES} cases were filed");
    hub.restart();
    // What the last kill left is brought to its end: no scan lies there unsealed.
    while !files(&hub.data().join("scans")).is_empty() {
        std::thread::yield_now();
    }
    let report = checked(&hub);
    assert_eq!((report.cases, words(&report)), (u64::from(CASES), vec![]));
}

#[test]
fn the_same_bytes_stay_while_another_case_needs_them() {
    let hub = TestHub::start();
    let team = hub.team();
    let first = finished(&hub, &team, 1);
    filed(&team, &first);
    let mut open = hub.sample(2);
    open.submission.documents[0].scan = first.submission.documents[0].scan.clone();
    for document in team.kiosk.submit(open.case_id, &open.submission).unwrap().scans_wanted {
        team.kiosk.put_scan(open.case_id, document, "image/png", &first.picture).unwrap();
    }
    let third = {
        let mut third = hub.sample(3);
        third.submission.documents[0].scan = first.submission.documents[0].scan.clone();
        for document in team.kiosk.submit(third.case_id, &third.submission).unwrap().scans_wanted {
            team.kiosk.put_scan(third.case_id, document, "image/png", &first.picture).unwrap();
        }
        hub.walk(&team, &third, Stage::HandedOver);
        third
    };
    filed(&team, &third);
    let document = open.submission.documents[0].document_id;
    let scan = team.loket.get(&format!("/api/v1/cases/{}/documents/{document}", open.case_id)).ok();
    assert_eq!(scan.body, first.picture);
    assert_eq!(words(&checked(&hub)), [""; 0]);
}

#[test]
fn the_archive_is_found_by_number_nik_no_kk_and_date_and_tells_nobody_what_was_asked() {
    let hub = TestHub::start();
    let team = hub.team();
    let samples: Vec<_> = (1..=3).map(|number| finished(&hub, &team, number)).collect();
    samples.iter().for_each(|sample| drop(filed(&team, sample)));
    let find =
        |body: serde_json::Value| -> Vec<ArchiveRow> { team.kabid.post("/api/v1/archive/find", &body).ok().read() };
    let case = samples[1].case_id;
    let (nik, no_kk) = (samples[1].submission.applicant.as_str(), "3315131203189002");
    let search = ArchiveSearch::Nik { nik: samples[1].submission.applicant };
    assert_eq!(team.counter.find_archived(&search).unwrap()[0].case_id, case);
    assert_eq!(team.counter.archive(case).unwrap().row.case_id, case);
    assert_eq!(find(json!({ "by": "no_kk", "no_kk": no_kk }))[0].case_id, case);
    let number = find(json!({ "by": "nik", "nik": nik }))[0].number;
    // At the command line the number comes in by another way than an argument, which everybody on the machine can read.
    let mut asked = command(&hub, &["archive", "find", "--nik", "--json"]);
    let mut asked = asked.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    writeln!(asked.stdin.take().unwrap(), "{nik}").unwrap();
    let row: ArchiveRow = serde_json::from_slice(&asked.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(row.case_id, case);
    assert_eq!(find(json!({ "by": "number", "number": number }))[0].case_id, case);
    assert!(find(json!({ "by": "nik", "nik": no_kk })).is_empty(), "a No KK is no NIK");
    assert_eq!(find(json!({ "by": "registered", "from": "2026-11-23", "to": "2026-11-23" })).len(), 3);
    assert!(find(json!({ "by": "registered", "from": "2026-11-24", "to": "2027-11-23" })).is_empty());
    for (from, to) in [("2026-11-23", "2026-11-22"), ("2020-01-01", "2026-11-23")] {
        let reply = team.kabid.post("/api/v1/archive/find", &json!({ "by": "registered", "from": from, "to": to }));
        assert_eq!(reply.code(), "REQUEST-MALFORMED");
    }
    let searched = journal(&hub, "archive_searched");
    assert_eq!(searched.len(), 8);
    assert!(searched.iter().all(|detail| !detail.contains("3315")), "{searched:?}");
    // The index holds no number, not even as a plain digest that could be guessed.
    let conn = rusqlite::Connection::open(hub.data().join("anjungan.db")).unwrap();
    let mut rows = conn.prepare("SELECT digest FROM archive_search").unwrap();
    let digests: Vec<String> = rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(digests.len(), 6);
    for number in [nik, no_kk] {
        assert!(!digests.contains(&number.to_owned()) && !digests.contains(&sha256(number.as_bytes())));
    }
}

#[test]
fn only_who_works_on_cases_looks_and_only_the_heads_take_along() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = finished(&hub, &team, 1);
    let document = filed(&team, &sample).documents[0].document_id;
    let admin = hub.officer("ani.admin", Role::Admin);
    let case = format!("/api/v1/archive/{}", sample.case_id);
    let (scan, export) = (format!("{case}/documents/{document}"), format!("{case}/export"));
    for path in [&case, &scan, &export] {
        assert_eq!(admin.get(path).code(), "NOT-ALLOWED", "{path}");
        assert_eq!(hub.stranger().get(path).code(), "NOT-SIGNED-IN", "{path}");
    }
    for who in [&team.loket, &team.operator] {
        assert_eq!(who.get(&export).code(), "NOT-ALLOWED");
        who.get(&scan).ok();
    }
    let before = journal(&hub, "archive_exported").len();
    assert_eq!(before, 0, "a refusal takes nothing along");
    for who in [&team.kabid, &team.kadis] {
        assert_eq!(who.get(&export).ok().kind, "application/zip");
    }
    assert_eq!(journal(&hub, "archive_exported").len(), 2);
}

#[test]
fn an_export_is_a_zip_whose_manifest_tells_the_truth() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = finished(&hub, &team, 1);
    let detail = filed(&team, &sample);
    let dir = tempfile::tempdir().unwrap();
    let (by_http, by_command) = (dir.path().join("http.zip"), dir.path().join("command.zip"));
    fs::write(&by_http, team.kadis.get(&format!("/api/v1/archive/{}/export", sample.case_id)).ok().body).unwrap();
    let number = detail.row.number.to_string();
    let done = anjungan(&hub, &["archive", "export", "--number", &number, "--to", by_command.to_str().unwrap()]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(fs::metadata(&by_command).unwrap().permissions().mode() & 0o777, 0o600);
    let again = anjungan(&hub, &["archive", "export", "--number", &number, "--to", by_command.to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(1), "a file that is there is not written over");
    // Two readers that share nothing with us.
    let script = "import hashlib, json, sys, zipfile
z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None
m = json.loads(z.read('manifest.json')); assert m['format'] == 'anjungan-archive-export-1'
assert z.namelist() == ['manifest.json'] + [d['file'] for d in m['documents']]
for d in m['documents']:
    b = z.read(d['file']); assert len(b) == d['pdf_bytes'] and hashlib.sha256(b).hexdigest() == d['pdf_sha256']
print(m['archive_number'], m['register']['no_kk'], m['exported_by'], len(m['documents']))";
    for (zip, who) in [(&by_http, "dewi.kadis"), (&by_command, "anjungan")] {
        let read = Command::new("python3").args(["-c", script]).arg(zip).output().unwrap();
        assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
        let said = String::from_utf8(read.stdout).unwrap();
        assert_eq!(said.trim(), format!("2026-000001 3315131203189001 {who} 1"));
        let tested = Command::new("unzip").arg("-t").arg(zip).output().unwrap();
        assert!(tested.status.success(), "{}", String::from_utf8_lossy(&tested.stdout));
    }
}

#[test]
fn whatever_is_changed_missing_or_left_over_is_found() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = finished(&hub, &team, 1);
    let document = filed(&team, &sample).documents[0].document_id;
    let file = sealed(&hub);
    let whole = fs::read(&file).unwrap();
    let scan = format!("/api/v1/archive/{}/documents/{document}", sample.case_id);
    for at in [0, 9, whole.len() / 2, whole.len() - 1] {
        let mut bent = whole.clone();
        bent[at] ^= 1;
        fs::write(&file, &bent).unwrap();
        assert_eq!(words(&checked(&hub)), ["document_broken"], "byte {at}");
        assert_eq!(team.loket.get(&scan).code(), "ARCHIVE-DAMAGED");
        assert_eq!(team.kadis.get(&format!("/api/v1/archive/{}/export", sample.case_id)).code(), "ARCHIVE-DAMAGED");
    }
    fs::write(&file, &whole[..whole.len() - 1]).unwrap();
    assert_eq!(words(&checked(&hub)), ["document_broken"]);
    fs::write(&file, [&whole[..], b"x"].concat()).unwrap();
    assert_eq!(words(&checked(&hub)), ["document_broken"]);
    fs::remove_file(&file).unwrap();
    assert_eq!(words(&checked(&hub)), ["document_missing"]);
    let done = anjungan(&hub, &["archive", "check"]);
    let said = String::from_utf8(done.stdout).unwrap();
    assert_eq!(done.status.code(), Some(1));
    assert!(said.contains(&format!("document_missing 2026-000001 case {}", sample.case_id)), "{said}");
    fs::write(&file, &whole).unwrap();

    let key = files(&hub.data().join("keys")).remove(0);
    let wrapped = fs::read(&key).unwrap();
    let mut bent = wrapped.clone();
    bent[40] ^= 1;
    fs::write(&key, bent).unwrap();
    assert_eq!(words(&checked(&hub)), ["key_broken"]);
    fs::remove_file(&key).unwrap();
    assert_eq!(words(&checked(&hub)), ["key_missing"]);
    fs::write(&key, &wrapped).unwrap();

    fs::write(hub.data().join("archive").join("note.txt"), "x").unwrap();
    let extra = file.with_file_name(format!("{}.sealed", hub.world.document_id()));
    fs::write(&extra, "x").unwrap();
    assert_eq!(words(&checked(&hub)), ["strange_file", "orphan_document"]);
    fs::remove_file(hub.data().join("archive").join("note.txt")).unwrap();
    fs::remove_file(extra).unwrap();

    let office_key = hub.data().join("office.key");
    let right = fs::read(&office_key).unwrap();
    let other = format!("anjungan-office-key-1 {}\n", "ab".repeat(32));
    fs::write(&office_key, other).unwrap();
    assert_eq!(words(&checked(&hub)), ["office_key"]);
    assert_eq!(team.loket.get(&scan).code(), "ARCHIVE-KEY-FAULT");
    fs::remove_file(&office_key).unwrap();
    assert_eq!(words(&checked(&hub)), ["office_key"]);
    let second = finished(&hub, &team, 2);
    assert_eq!(team.loket.put(&format!("/api/v1/archive/{}", second.case_id), &json!({})).code(), "ARCHIVE-KEY-FAULT");
    assert!(!office_key.exists(), "a lost key is never replaced by a new one");
    fs::write(&office_key, right).unwrap();
    fs::set_permissions(&office_key, fs::Permissions::from_mode(0o600)).unwrap();
    filed(&team, &second);

    let conn = rusqlite::Connection::open(hub.data().join("anjungan.db")).unwrap();
    conn.execute("UPDATE archive_cases SET number = 7 WHERE number = 2", []).unwrap();
    assert_eq!(words(&checked(&hub)), ["number_gap"]);
    conn.execute("UPDATE archive_cases SET number = 2 WHERE number = 7", []).unwrap();
    let done = anjungan(&hub, &["archive", "check", "--json"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
}

#[test]
fn a_destroyed_key_cannot_be_read_not_even_from_a_copy_of_the_files() {
    let hub = TestHub::start_with("[archive]\nretention_years = 1\n");
    let team = hub.team();
    let sample = finished(&hub, &team, 1);
    let detail = filed(&team, &sample);
    let document = &detail.documents[0];
    let retain = |destroy| archivist::retain(hub.config(), &hub.world, destroy).unwrap();
    assert!(retain(true).due.is_empty());
    let day = 24 * 3_600_000;
    hub.clock.advance_ms(364 * day);
    assert!(retain(true).due.is_empty(), "a day too early");
    hub.clock.advance_ms(day);
    let (file, key) = (sealed(&hub), files(&hub.data().join("keys")).remove(0));
    let (copy, wrapped) = (fs::read(&file).unwrap(), fs::read(&key).unwrap());
    let due = retain(false);
    assert_eq!((due.rule.as_deref(), due.due.len()), (Some("retention_years = 1"), 1));
    assert!(key.exists() && !due.due[0].destroyed, "a look destroys nothing");
    assert!(retain(true).due[0].destroyed);
    assert!(retain(true).due.is_empty(), "twice is once");

    // The copy of the sealed file is put back; its key is nowhere.
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, copy).unwrap();
    assert_eq!(words(&checked(&hub)), ["documents_survive"]);
    for path in files(&hub.data()) {
        let bytes = fs::read(&path).unwrap();
        let found = bytes.windows(wrapped.len()).any(|window| window == wrapped);
        assert!(!found, "the key is still in {}", path.display());
    }
    let kadis = hub.officer("wati.kadis", Role::Kadis);
    for path in [format!("documents/{}", document.document_id), "export".to_owned()] {
        let reply = kadis.get(&format!("/api/v1/archive/{}/{path}", sample.case_id));
        assert_eq!((reply.status, reply.code().as_str()), (410, "ARCHIVE-DESTROYED"));
    }
    let old = kadis.get(&format!("/api/v1/cases/{}/documents/{}", sample.case_id, document.document_id));
    assert_eq!(old.code(), "ARCHIVE-DESTROYED");
    let left: ArchiveDetail = kadis.get(&format!("/api/v1/archive/{}", sample.case_id)).ok().read();
    assert_eq!((left.row.state.as_str(), left.documents.len()), ("destroyed", 1), "what it was stays known");
    let nik = ArchiveQuery::Nik(sample.submission.applicant);
    assert!(archivist::find(hub.config(), &hub.world, &nik).unwrap().is_empty());

    let said = journal(&hub, "archive_destroyed");
    assert_eq!(said.len(), 1);
    for fact in ["2026-000001", "retention_years = 1", document.pdf_sha256.as_str(), document.original_sha256.as_str()]
    {
        assert!(said[0].contains(fact), "{fact}: {}", said[0]);
    }
    fs::write(&key, wrapped).unwrap();
    assert_eq!(words(&checked(&hub)), ["key_survives", "documents_survive"], "a key that comes back is named");
}

#[test]
fn a_destruction_that_broke_off_is_named_and_brought_to_its_end() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = finished(&hub, &team, 1);
    filed(&team, &sample);
    assert_eq!(archivist::retain(hub.config(), &hub.world, true).unwrap().rule, None, "no rule: kept for ever");
    // As when the hub is killed between the first step and the second.
    let conn = rusqlite::Connection::open(hub.data().join("anjungan.db")).unwrap();
    conn.execute("UPDATE archive_cases SET state = 'condemned', rule = 'retention_years = 1'", []).unwrap();
    assert_eq!(words(&checked(&hub)), ["half_destroyed"]);
    let reply = team.kadis.get(&format!("/api/v1/archive/{}/export", sample.case_id));
    assert_eq!(reply.code(), "ARCHIVE-DESTROYED", "nobody reads it any more");
    assert_eq!(archivist::retain(hub.config(), &hub.world, true).unwrap().due.len(), 1);
    assert_eq!(words(&checked(&hub)), [""; 0]);
    assert!(files(&hub.data().join("keys")).is_empty());
}
