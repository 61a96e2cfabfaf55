//! The text layer of archived scans: read by Tesseract before a case is filed, and never a reason not to file it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anjungan::domain::stage::Stage;
use anjungan::tesseract::Tesseract;
use anjungan::wire::archive::ArchiveDetail;
use anjungan::wire::case::{ScanFacts, SubmittedDocument};
use anjungan::wire::client::HubClient;
use anjungan::wire::session::SignIn;
use serde_json::json;

use crate::hub_archive::journal;
use crate::scan_pages::pages::Chance;
use crate::scan_pages::pages::layouts::{self, Truth};
use crate::scan_pages::pages::paint::Picture;
use crate::scan_pages::pages::spoil::{self, Defect, Place};
use crate::support::hub::{Caller, PASSWORD, Sample, Team, TestHub, scan_facts};

const DPI: u16 = 200;

/// Waits for what a busy machine may take long for.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(300);
    while !is_so() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A KK as a scanner delivers it.
fn family_card(seed: u64) -> (Picture, Truth) {
    let (sheet, truth) = layouts::family_card(&mut Chance::new(seed), f64::from(DPI));
    (sheet.picture, truth)
}

/// The same sheet after a quarter turn clockwise: a KK lies across, a scanner's glass does not.
fn turned(picture: &Picture) -> Picture {
    let mut turned = Picture::new(picture.height, picture.width, [255; 3]);
    for y in 0..picture.height {
        for x in 0..picture.width {
            let at = (x * turned.width + picture.height - 1 - y) * 3;
            turned.rgb[at..at + 3].copy_from_slice(&picture.pixel(x, y));
        }
    }
    turned
}

/// Delivers a case with these scans and carries it to the handover.
fn finished(hub: &TestHub, team: &Team, number: u16, scans: &[Vec<u8>]) -> Sample {
    let mut sample = hub.sample(number);
    let shown = sample.submission.documents.pop().unwrap();
    let facts = |scan| ScanFacts { media_type: "image/jpeg".to_owned(), dpi: DPI, ..scan_facts(scan) };
    let documents = scans.iter().map(|scan| SubmittedDocument {
        document_id: hub.world.document_id(),
        kind: "sk_hilang_polisi".parse().unwrap(),
        scan: Some(facts(scan)),
    });
    sample.submission.documents = documents.chain([shown]).collect();
    team.kiosk.submit(sample.case_id, &sample.submission).unwrap();
    for (scan, document) in scans.iter().zip(&sample.submission.documents) {
        team.kiosk.put_scan(sample.case_id, document.document_id, "image/jpeg", scan).unwrap();
    }
    hub.walk(team, &sample, Stage::HandedOver);
    sample
}

fn run(program: &str, arguments: &[&str], folder: &Path) -> String {
    let done = Command::new(program).args(arguments).current_dir(folder).output();
    let done = done.unwrap_or_else(|error| panic!("{program} is needed (make setup-test): {error}"));
    assert!(done.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).into_owned()
}

/// A filed document as a PDF in a folder.
fn pdf(who: &Caller, sample: &Sample, document: usize, folder: &Path) -> &'static str {
    let id = sample.submission.documents[document].document_id;
    let got = who.get(&format!("/api/v1/archive/{}/documents/{id}", sample.case_id)).ok();
    fs::write(folder.join("a.pdf"), got.body).unwrap();
    "a.pdf"
}

/// Left, upper, right and lower edge of a word, in points, as poppler finds it.
fn place(boxes: &str, word: &str) -> [f64; 4] {
    let line = boxes.lines().find(|line| line.contains(&format!(">{word}<"))).unwrap_or_else(|| panic!("{boxes}"));
    let at = |key: &str| line.split(&format!("{key}=\"")).nth(1)?.split('"').next()?.parse().ok();
    ["xMin", "yMin", "xMax", "yMax"].map(|key| at(key).unwrap())
}

#[test]
fn the_words_of_a_scan_are_found_where_they_stand_and_its_bytes_stay() {
    let hub = TestHub::start();
    let team = hub.team();
    let (card, truth) = family_card(11);
    let scans = [spoil::jpeg(&card, 88), spoil::jpeg(&turned(&card), 88)];
    let sample = finished(&hub, &team, 1, &scans);
    until("the case is filed", || !journal(&hub, "case_archived").is_empty());
    let dir = tempfile::tempdir().unwrap();
    let mm = 72.0 / 25.4;
    for (at, scan) in scans.iter().enumerate() {
        let file = pdf(&team.kadis, &sample, at, dir.path());
        assert!(run("qpdf", &["--check", file], dir.path()).contains("No syntax or stream encoding errors found"));
        run("pdfimages", &["-all", file, "image"], dir.path());
        assert!(fs::read(dir.path().join("image-000.jpg")).unwrap() == *scan, "the scan's own bytes");
        if !Tesseract::default().installed() {
            assert_eq!(run("pdftotext", &[file, "-"], dir.path()).trim(), "");
            continue;
        }
        let text = run("pdftotext", &[file, "-"], dir.path());
        let no_kk = truth.no_kk.as_deref().unwrap();
        assert!(text.contains(no_kk) && truth.niks.iter().any(|nik| text.contains(nik)), "{text}");
        // The heading stands in the middle of its line, its foot 18 mm below the sheet's upper edge.
        let boxes = run("pdftotext", &["-bbox", file, "-"], dir.path());
        let ([left, top, ..], [.., right, low]) = (place(&boxes, "KARTU"), place(&boxes, "KELUARGA"));
        let (along, foot) = if at == 0 { (left + right, low) } else { (top + low, 210.0 * mm - left) };
        assert!((along / 2.0 - 148.5 * mm).abs() < 6.0, "{at}: {left} {top} {right} {low}");
        assert!((foot - 18.0 * mm).abs() < 6.0, "{at}: {left} {top} {right} {low}");
    }
    // What can be searched lies sealed and nowhere else.
    hub_has_nowhere(&hub, &["KELUARGA", truth.niks[0].as_str(), truth.no_kk.as_deref().unwrap()]);
}

/// No file of the hub holds any of these words.
fn hub_has_nowhere(hub: &TestHub, words: &[&str]) {
    let mut open = vec![hub.data()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            for word in words {
                let found = bytes.windows(word.len()).any(|window| window == word.as_bytes());
                assert!(!found, "{word} stands in {}", path.display());
            }
        }
    }
}

#[test]
fn an_office_may_do_without_words() {
    let hub = TestHub::start_with("[archive]\nread_words = false\n");
    let team = hub.team();
    let sample = finished(&hub, &team, 1, &[spoil::jpeg(&family_card(11).0, 88)]);
    until("the case is filed", || !journal(&hub, "case_archived").is_empty());
    let dir = tempfile::tempdir().unwrap();
    let file = pdf(&team.kadis, &sample, 0, dir.path());
    assert_eq!(run("pdftotext", &[file, "-"], dir.path()).trim(), "");
}

/// Finished cases at a hub that has ended, and a folder that will be the next one's only path.
struct Night {
    hub: TestHub,
    loket: Caller,
    samples: Vec<Sample>,
    bin: tempfile::TempDir,
}

impl Night {
    /// Cases of KK, so many scans each.
    fn new(cases: u64, scans: u64) -> Self {
        let card = |seed| spoil::jpeg(&family_card(seed).0, 80);
        Self::of((1..=cases).map(|case| (0..scans).map(|scan| card(case * 64 + scan)).collect()).collect())
    }

    fn of(cases: Vec<Vec<Vec<u8>>>) -> Self {
        let mut hub = TestHub::start();
        let team = hub.team();
        // Nothing is filed while others can read the key.
        let key = hub.data().join("office.key");
        fs::write(&key, "").unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        let samples = (1..).zip(&cases).map(|(number, scans)| finished(&hub, &team, number, scans));
        let samples = samples.collect();
        hub.stop();
        fs::remove_file(&key).unwrap();
        Self { hub, loket: team.loket, samples, bin: tempfile::tempdir().unwrap() }
    }

    /// Puts a Tesseract of our own into the path. It notes each start with its process; on a page it does `act`.
    fn tesseract(&self, act: &str) {
        let path = self.bin.path().join("tesseract");
        let log = self.bin.path().join("started").display().to_string();
        let script =
            format!("#!/bin/sh\ncase \"$1\" in --list-langs) echo ind; exit 0 ;; esac\necho $$ >> '{log}'\n{act}\n");
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The processes that were shown a page.
    fn started(&self) -> Vec<PathBuf> {
        let started = fs::read_to_string(self.bin.path().join("started")).unwrap_or_default();
        started.lines().map(|process| Path::new("/proc").join(process)).collect()
    }

    /// A hub as a process of its own. Returns it and what it says on standard output, line by line.
    fn hub(&self) -> Running {
        let (config, log) = (self.bin.path().join("hub.toml"), self.bin.path().join("log"));
        let data = self.hub.data().display().to_string();
        fs::write(&config, format!("[hub]\nlisten = \"127.0.0.1:0\"\ndata = {data:?}\n")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_anjungan"));
        command.args(["hub", "--config"]).arg(config).env("PATH", self.bin.path());
        let mut child = command.stdout(Stdio::piped()).stderr(fs::File::create(&log).unwrap()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        let base = line.trim().strip_prefix("hub ready on ").unwrap_or_else(|| panic!("{line:?}")).to_owned();
        Running { child, base, log }
    }

    fn until_filed(&self, cases: usize) {
        until("the cases are filed", || journal(&self.hub, "case_archived").len() == cases);
    }

    /// Everything is filed, as it was scanned, and cannot be searched.
    fn assert_filed_without_words(&mut self) {
        self.hub.restart();
        let dir = tempfile::tempdir().unwrap();
        let kadis = self.hub.officer("wati.kadis", anjungan::domain::role::Role::Kadis);
        for sample in &self.samples {
            for (at, document) in sample.submission.documents.iter().enumerate() {
                let Some(scan) = &document.scan else { continue };
                let file = pdf(&kadis, sample, at, dir.path());
                assert_eq!(run("pdftotext", &[file, "-"], dir.path()).trim(), "");
                run("pdfimages", &["-all", file, "image"], dir.path());
                let inside = fs::read(dir.path().join("image-000.jpg")).unwrap();
                assert_eq!(scan_facts(&inside).sha256, scan.sha256);
            }
        }
    }
}

/// Ended when the test is over, whatever became of it.
struct Running {
    child: Child,
    base: String,
    log: PathBuf,
}

impl Running {
    /// Ends the hub in good order and returns its log.
    fn end(mut self) -> String {
        run("kill", &["-TERM", &self.child.id().to_string()], Path::new("/"));
        until("the hub ends", || self.child.try_wait().unwrap().is_some());
        fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only for a hub that has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How often the log says that scans are not read.
fn told(log: &str) -> usize {
    log.matches("does not read scans").count()
}

#[test]
fn a_tesseract_that_hangs_is_ended_and_the_case_is_filed_without_words() {
    let mut night = Night::new(1, 1);
    night.tesseract("exec /bin/sleep 3600");
    let hub = night.hub();
    night.until_filed(1);
    let started = night.started();
    assert!(started.len() == 1 && !started[0].exists(), "{started:?}");
    let log = hub.end();
    assert!(told(&log) == 1 && log.contains("took too long"), "{log}");
    night.assert_filed_without_words();
}

#[test]
fn a_tesseract_that_fails_is_not_asked_for_every_page_and_nothing_it_says_is_logged() {
    let mut night = Night::new(2, 4);
    night.tesseract("echo 3315134101909002 AMINAH | /usr/bin/tee /dev/stderr; exit 1");
    let hub = night.hub();
    night.until_filed(2);
    assert_eq!(night.started().len(), 3, "of eight pages");
    let log = hub.end();
    assert!(told(&log) == 1 && !log.contains("3315134101909002") && !log.contains("AMINAH"), "{log}");
    night.assert_filed_without_words();
}

#[test]
fn a_tesseract_that_answers_rubbish_or_is_missing_costs_only_the_words() {
    let mut night = Night::new(1, 2);
    night.tesseract("/usr/bin/head -c 100000 /dev/urandom");
    let hub = night.hub();
    night.until_filed(1);
    assert_eq!(told(&hub.end()), 0);
    night.assert_filed_without_words();

    let mut night = Night::new(2, 1);
    let hub = night.hub();
    night.until_filed(2);
    let log = hub.end();
    assert!(told(&log) == 1 && log.contains("not installed"), "{log}");
    night.assert_filed_without_words();
}

#[test]
fn what_is_tilted_blank_or_broken_is_filed_without_asking_tesseract() {
    let mut turned = (1..).map(|seed| spoil::make(seed, Defect::None, 100.0, true));
    let tilted = turned.find(|made| made.place == Place::BlackLid && made.skew_deg.abs() > 6.0).unwrap();
    let blank = spoil::make(7, Defect::Blank, 100.0, false);
    let card = spoil::jpeg(&family_card(11).0, 80);
    let half = card[..card.len() / 2].to_vec();
    let mut night = Night::of(vec![vec![tilted.jpeg, blank.jpeg, half]]);
    night.tesseract("exit 1");
    let hub = night.hub();
    night.until_filed(1);
    assert!(night.started().is_empty());
    assert_eq!(told(&hub.end()), 0);
    night.assert_filed_without_words();
}

#[test]
fn nobody_waits_for_a_reader_and_the_end_of_the_hub_ends_it() {
    let mut night = Night::new(2, 1);
    night.tesseract("exec /bin/sleep 3600");
    let hub = night.hub();
    until("the first case is being read", || night.started().len() == 1);
    // Who asks for that case meanwhile has it at once, without words.
    let session = HubClient::new(&hub.base, "")
        .sign_in(&SignIn { name: "lia.loket".to_owned(), password: PASSWORD.to_owned() })
        .unwrap();
    let loket = Caller { base: hub.base.clone(), session: Some(session.token), ..night.loket.clone() };
    let path = format!("/api/v1/archive/{}", night.samples[0].case_id);
    let detail: ArchiveDetail = loket.put(&path, &json!({})).ok().read();
    assert!(night.started()[0].exists(), "answered while the page was still being read");

    until("the second case is being read", || night.started().len() == 2);
    assert!(!night.started()[0].exists());
    assert_eq!(loket.put(&path, &json!({})).ok().read::<ArchiveDetail>(), detail, "what is filed stays as it is");
    hub.end();
    assert!(!night.started()[1].exists(), "a reader outlived its hub");
    assert_eq!(journal(&night.hub, "case_archived").len(), 1, "what was not read to its end is left to the next start");
    fs::remove_file(night.bin.path().join("tesseract")).unwrap();
    let hub = night.hub();
    night.until_filed(2);
    hub.end();
    night.assert_filed_without_words();
}
