//! The archive: how long one page takes on its way in and out, and how fast a whole archive is read again. Run by
//! `make bench`.
//!
//! The page is an A4 scan at 300 dpi as JPEG. `img2pdf`, which also puts a JPEG into a PDF/A without touching its bytes,
//! makes the same page in the same run. The last figures are of a real hub with a real disk: each filing is synced.
#![allow(missing_docs, dead_code, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

#[path = "../tests/it/support/hub.rs"]
mod hub;

use std::io::Cursor;
use std::process::Command;
use std::time::{Duration, Instant};

use anjungan::archive::pdf::{Facts, Page, make, original_sha256};
use anjungan::archive::seal::{CaseKey, Place};
use anjungan::archivist;
use anjungan::domain::stage::Stage;
use anjungan::wire::case::SubmittedDocument;
use hub::{TestHub, scan_facts};
use image::{DynamicImage, ImageFormat, RgbImage};
use serde_json::json;

const RUNS: usize = 50;
const CASES: u16 = 25;
const DOCUMENTS: usize = 4;

/// A page with letters' edges and the noise of a scanner, about as large as a real one.
fn page(seed: u32) -> Vec<u8> {
    let mut noise = seed | 1;
    let image = RgbImage::from_fn(2480, 3508, |x, y| {
        noise ^= noise << 13;
        noise ^= noise >> 17;
        noise ^= noise << 5;
        let ink = y % 60 < 30 && (x / 9 + y / 13) % 3 == 0 && x > 200 && x < 2200;
        let level = if ink { 40 } else { 235 } + (noise % 12) as u8;
        image::Rgb([level, level, level.saturating_sub(6)])
    });
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(image).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let ms = |at: usize| times[at].as_secs_f64() * 1e3;
    println!("| {what} | {:.2} ms | {:.2} ms |", ms(times.len() / 2), ms(times.len() * 95 / 100));
}

fn timed<T>(mut work: impl FnMut() -> T) -> (T, Vec<Duration>) {
    let mut last = work();
    let times = (0..RUNS).map(|_| {
        let begin = Instant::now();
        last = work();
        begin.elapsed()
    });
    let times = times.collect();
    (last, times)
}

fn main() {
    let jpeg = page(7);
    println!("A4 at 300 dpi, JPEG of {:.2} MB, {RUNS} runs", jpeg.len() as f64 / 1e6);
    println!("| what | median | p95 |\n|---|---|---|");
    let now = "2026-11-23T02:00:00Z".parse().unwrap();
    let (pdf, times) = timed(|| {
        let pages = [Page { picture: &jpeg, dpi: 300, words: &[] }];
        let facts = Facts {
            title: "Surat keterangan hilang",
            office: "3315",
            case_id: "c",
            document_id: "d",
            kind: "sk_hilang_polisi",
            original_sha256: &original_sha256(&pages),
            pages: 1,
            dpi: 300,
            device: None,
            kiosk: "K1",
            scanned_at: now,
            filed_at: now,
        };
        make(&pages, &facts).unwrap().bytes
    });
    report("PDF/A with digest of the scan", times);
    img2pdf(&jpeg);
    let (key, place) = (CaseKey::new([7; 32]), Place { office: "3315", case_id: "c", document_id: Some("d") });
    let (sealed, times) = timed(|| key.seal(place, [1; 24], &pdf));
    report("sealed", times);
    let (_, times) = timed(|| anjungan::archive::sha256(&key.open(place, &sealed).unwrap()));
    report("opened and compared", times);
    println!(
        "a page grows by {} bytes in its PDF, and by {} when sealed",
        pdf.len() - jpeg.len(),
        sealed.len() - pdf.len()
    );
    whole_office();
}

/// The same page by a peer in the same run, where it is installed; without the start of its interpreter.
fn img2pdf(jpeg: &[u8]) {
    let python = ["target/peers/bin/python", "python3"].into_iter().find(|python| {
        Command::new(python).args(["-c", "import img2pdf"]).output().is_ok_and(|done| done.status.success())
    });
    let Some(python) = python else { return println!("| (img2pdf is not installed) | | |") };
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), jpeg).unwrap();
    let script = format!(
        "import img2pdf, sys, time
b = open(sys.argv[1], 'rb').read(); t = []
for _ in range({RUNS}):
    s = time.perf_counter(); img2pdf.convert(b); t.append((time.perf_counter() - s) * 1e3)
t.sort(); print('| img2pdf {{}}, without PDF/A and digest | {{:.2f}} ms | {{:.2f}} ms |'.format(img2pdf.__version__, t[{RUNS} // 2], t[{RUNS} * 95 // 100]))"
    );
    let done = Command::new(python).args(["-c", &script]).arg(file.path()).output().unwrap();
    print!("{}", String::from_utf8_lossy(&done.stdout));
}

/// Files cases at a real hub, then reads them all again.
fn whole_office() {
    let hub = TestHub::start();
    let team = hub.team();
    let key = hub.data().join("office.key");
    // While this is no key nothing files itself: each filing is to be measured by itself.
    std::fs::write(&key, "").unwrap();
    let mut samples = Vec::new();
    for number in 1..=CASES {
        let mut sample = hub.sample(number);
        let pictures: Vec<Vec<u8>> = (0..DOCUMENTS).map(|at| page(u32::from(number) * 64 + at as u32 * 2)).collect();
        let document = |picture: &Vec<u8>| SubmittedDocument {
            document_id: hub.world.document_id(),
            kind: "sk_hilang_polisi".parse().unwrap(),
            scan: Some(anjungan::wire::case::ScanFacts {
                media_type: "image/jpeg".to_owned(),
                dpi: 300,
                seen: None,
                ..scan_facts(picture)
            }),
        };
        let shown = sample.submission.documents.pop().unwrap();
        sample.submission.documents = pictures.iter().map(document).collect();
        sample.submission.documents.push(shown);
        team.kiosk.submit(sample.case_id, &sample.submission).unwrap();
        for (picture, document) in pictures.iter().zip(&sample.submission.documents) {
            team.kiosk.put_scan(sample.case_id, document.document_id, "image/jpeg", picture).unwrap();
        }
        hub.walk(&team, &sample, Stage::HandedOver);
        samples.push(sample);
    }
    std::fs::remove_file(&key).unwrap();
    let times = samples.iter().map(|sample| {
        let begin = Instant::now();
        team.loket.put(&format!("/api/v1/archive/{}", sample.case_id), &json!({})).ok();
        begin.elapsed()
    });
    report(&format!("a case of {DOCUMENTS} pages filed, over HTTP, synced"), times.collect());
    let begin = Instant::now();
    let found = archivist::check(hub.config(), &hub.world).unwrap();
    let took = begin.elapsed();
    assert!(found.findings.is_empty() && found.cases == u64::from(CASES), "{found:#?}");
    println!(
        "check: {} documents, {:.0} MB in {:.2} s: {:.0} MB/s, {:.0} documents/s",
        found.documents,
        found.bytes as f64 / 1e6,
        took.as_secs_f64(),
        found.bytes as f64 / 1e6 / took.as_secs_f64(),
        found.documents as f64 / took.as_secs_f64()
    );
}
