//! Scanned pages: how well they are judged, straightened and read, and how fast. Run by `make bench-scan`; the table is in
//! `docs/scan-quality.md`.
//!
//! The pages are made by `tests/pages` from seeds. PAGES and WORDS choose fewer than the usual number; SEEDS is the first
//! seed (an even one), so that limits found on some pages are checked on others; KEPT is a folder in which made pages are
//! kept for the next run.
#![allow(missing_docs, dead_code, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

#[path = "../tests/pages/mod.rs"]
mod pages;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anjungan::scan;
use anjungan::scan_files;
use anjungan::tesseract::Tesseract;
use jiff::civil::date;
use pages::Chance;
use pages::spoil::{Defect, Made, make};

const TODAY: jiff::civil::Date = date(2026, 11, 23);
const RUNS: usize = 25;
/// Programs take seconds.
const PEER_RUNS: usize = 5;

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    match arguments.next().as_deref() {
        Some("--one") => return one(&arguments.next().unwrap()),
        Some("--show") => return show(&arguments.next().unwrap(), &arguments.next().unwrap()),
        _ => {}
    }
    let (count, words) = (number("PAGES", 1200), number("WORDS", 150));
    if count > 0 {
        quality(count);
    }
    if words > 0 {
        reading(words);
    }
    if number("HOSTILE", 10_000) > 0 {
        hostile(number("HOSTILE", 10_000));
    }
    if number("SPEED", 1) > 0 {
        speed();
    }
}

/// Half of the pages are good; the others have one defect each.
fn page(seed: u64) -> Made {
    let mut chance = Chance::new(seed ^ 0x5ca7);
    let defect = if seed.is_multiple_of(2) { Defect::None } else { Defect::ALL[1 + (seed / 2) as usize % 9] };
    make(seed, defect, chance.of(&[150.0, 150.0, 170.0, 200.0]), true)
}

/// The same, kept in a folder where one is given: making a page takes fifty times as long as a look at it.
fn kept_page(seed: u64) -> Made {
    let Some(folder) = std::env::var_os("KEPT").map(std::path::PathBuf::from) else { return page(seed) };
    pages::kept::read(&folder, seed).unwrap_or_else(|| {
        let made = page(seed);
        pages::kept::write(&folder, seed, &made);
        made
    })
}

fn looked(made: &Made) -> scan::Look {
    let page = scan::decode(&made.jpeg).unwrap();
    let page = match made.dpi {
        Some(dpi) => page.with_dpi(dpi),
        None => page,
    };
    scan::look(&page)
}

struct Judged {
    seed: u64,
    made: Made,
    look: scan::Look,
}

fn in_parallel<T: Send + 'static>(count: u64, work: impl Fn(u64) -> T + Send + Sync + 'static) -> Vec<T> {
    let (next, work) = (Arc::new(AtomicU64::new(0)), Arc::new(work));
    let all = Arc::new(Mutex::new(Vec::new()));
    let threads: Vec<_> = (0..std::thread::available_parallelism().map_or(1, |n| n.get()))
        .map(|_| {
            let (next, work, all) = (next.clone(), work.clone(), all.clone());
            std::thread::spawn(move || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= count {
                        break;
                    }
                    let done = work(seed);
                    all.lock().unwrap().push((seed, done));
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let mut all = std::mem::take(&mut *all.lock().unwrap());
    all.sort_by_key(|(seed, _)| *seed);
    all.into_iter().map(|(_, done)| done).collect()
}

fn quality(count: u64) {
    let first = number("SEEDS", 0);
    let all = in_parallel(count, move |at| {
        let seed = first + at;
        let mut made = kept_page(seed);
        let look = looked(&made);
        made.jpeg = Vec::new();
        Judged { seed, made, look }
    });
    println!("## {count} pages, seeds from {first}\n");
    // Skew and rotation: of what can be read.
    let legible: Vec<&Judged> = all
        .iter()
        .filter(|judged| matches!(judged.made.defect, Defect::None | Defect::Glare | Defect::CutOff))
        .collect();
    let mut off: Vec<(f64, u64)> =
        legible.iter().map(|judged| ((judged.look.skew_deg - judged.made.skew_deg).abs(), judged.seed)).collect();
    off.sort_by(|a, b| a.0.total_cmp(&b.0));
    let at = |part: f64| off[((off.len() - 1) as f64 * part) as usize].0;
    println!(
        "| skew within ±15°, {} legible pages | median {:.3}° | p95 {:.3}° | most {:.2}° |",
        off.len(),
        at(0.5),
        at(0.95),
        at(1.0)
    );
    let wrong: Vec<u64> =
        legible.iter().filter(|j| j.look.rotation.degrees() != j.made.rotation).map(|j| j.seed).collect();
    let unsure = legible.iter().filter(|j| !j.look.rotation_sure).count();
    let sure_wrong =
        legible.iter().filter(|j| j.look.rotation_sure && j.look.rotation.degrees() != j.made.rotation).count();
    println!(
        "| rotation right | {:.2} % | wrong {} | unsure {unsure} | sure and wrong {sure_wrong} |\n",
        100.0 - 100.0 * wrong.len() as f64 / legible.len() as f64,
        wrong.len()
    );
    println!("| defect | pages | found | wrongly said | recall | precision |\n|---|---|---|---|---|---|");
    let mut details: BTreeMap<&str, (Vec<u64>, Vec<u64>)> = BTreeMap::new();
    for defect in Defect::ALL {
        let says = |judged: &Judged| match defect {
            Defect::None => judged.look.verdict.good(),
            _ => judged.look.verdict.doubts.iter().any(|doubt| doubt.reason.key() == defect.code()),
        };
        let is = |judged: &Judged| judged.made.defect == defect;
        let right = all.iter().filter(|j| is(j) && says(j)).count();
        let missed: Vec<u64> = all.iter().filter(|j| is(j) && !says(j)).map(|j| j.seed).collect();
        let wrongly: Vec<u64> = all.iter().filter(|j| !is(j) && says(j)).map(|j| j.seed).collect();
        let part = |of: usize| 100.0 * right as f64 / (right + of).max(1) as f64;
        println!(
            "| {} | {} | {right} | {} | {:.1} % | {:.1} % |",
            defect.code(),
            right + missed.len(),
            wrongly.len(),
            part(missed.len()),
            part(wrongly.len())
        );
        details.insert(defect.code(), (missed, wrongly));
    }
    if std::env::var_os("DETAILS").is_some() {
        for (what, defect) in [("good, least", Defect::None), ("blurred, most", Defect::Blurred)] {
            let of = all.iter().filter(|judged| judged.made.defect == defect);
            let mut sharp: Vec<_> = of.filter_map(|j| Some((j.look.sharpness?, j.look.letters, j.seed))).collect();
            sharp.sort_by(|a, b| a.0.total_cmp(&b.0));
            if defect == Defect::Blurred {
                sharp.reverse();
            }
            println!("sharpness of {what}: {:?}", &sharp[..sharp.len().min(14)]);
        }
        println!("\nworst skew {:?}\nwrong rotation {wrong:?}", &off[off.len().saturating_sub(24)..]);
        for (code, (missed, wrongly)) in details {
            println!("{code}: missed {missed:?} wrongly {wrongly:?}");
            for seed in missed.iter().chain(&wrongly).take(14) {
                let judged = &all[(*seed - first) as usize];
                let reasons: Vec<_> = judged.look.verdict.doubts.iter().map(|doubt| doubt.reason.key()).collect();
                println!(
                    "   {seed}: {} {:?} {} -> {reasons:?} sharp {:?} paper {} letters {} dpi {:?}",
                    judged.made.defect.code(),
                    judged.made.place,
                    judged.made.truth.kind,
                    judged.look.sharpness,
                    judged.look.paper,
                    judged.look.letters,
                    judged.look.dpi
                );
            }
        }
    }
}

/// Writes a page and what is made of it into a folder, to be looked at.
fn show(seeds: &str, folder: &str) {
    for seed in seeds.split(',') {
        let made = page(seed.parse().unwrap());
        let decoded = scan::decode(&made.jpeg).unwrap();
        let look = looked(&made);
        println!(
            "{seed} {:?} {:?} skew {} rotation {} -> {:?}",
            made.defect, made.place, made.skew_deg, made.rotation, look
        );
        std::fs::write(Path::new(folder).join(format!("{seed}-in.jpg")), &made.jpeg).unwrap();
        let straight = scan::straighten(&decoded, &look);
        std::fs::write(Path::new(folder).join(format!("{seed}-out.jpg")), scan::to_jpeg(&straight, 85).unwrap())
            .unwrap();
    }
}

#[derive(Default)]
struct Read {
    judged_good: bool,
    niks: usize,
    right: usize,
    sure: usize,
    sure_wrong: usize,
    kk: Option<bool>,
    kk_sure_wrong: bool,
    kind_right: bool,
    signature: Option<bool>,
    name_right: bool,
    labelled: bool,
    ms: f64,
    seed: u64,
}

/// Words are read from pages as a scanner of 300 dpi gives them.
fn reading(count: u64) {
    let reader = Tesseract::default();
    if !reader.installed() {
        return println!("\n(Tesseract with Indonesian is not installed: no words were read)");
    }
    let all = in_parallel(count, move |seed| {
        let made = make(seed + 500_000, Defect::None, 300.0, true);
        let kind = if made.truth.kind == "kk_lama" { "kk_lama" } else { made.truth.kind }.parse().unwrap();
        let began = Instant::now();
        let scanned = scan_files::scan_page(&made.jpeg, made.dpi, Some(&reader), Some(&kind), TODAY).unwrap();
        let mut read = Read { ms: began.elapsed().as_secs_f64() * 1e3, seed, ..Read::default() };
        let reading = scanned.reading.clone().unwrap_or_default();
        read.judged_good = scanned.look.verdict.good();
        read.niks = made.truth.niks.len();
        read.right =
            made.truth.niks.iter().filter(|nik| reading.niks.iter().any(|got| got.value.as_str() == **nik)).count();
        read.sure = reading.niks.iter().filter(|nik| nik.sure).count();
        let known = |text: &str| made.truth.niks.iter().any(|nik| nik == text);
        read.sure_wrong = reading.niks.iter().filter(|nik| nik.sure && !known(nik.value.as_str())).count();
        read.kk = made
            .truth
            .no_kk
            .as_ref()
            .map(|no_kk| reading.no_kk.as_ref().is_some_and(|got| got.value.as_str() == no_kk));
        read.kk_sure_wrong = reading
            .no_kk
            .as_ref()
            .is_some_and(|got| got.sure && made.truth.no_kk.as_deref() != Some(got.value.as_str()));
        read.kind_right = scanned.kind.as_ref() == Some(&kind);
        read.signature = made.truth.signature.then(|| scanned.codes.iter().any(|code| code.code() == "kk_signature"));
        read.labelled = made.truth.kind != "akta_kelahiran";
        read.name_right =
            made.truth.kind != "akta_kelahiran" && made.truth.names.iter().all(|name| reading.names.contains(name));
        read
    });
    let good: Vec<&Read> = all.iter().filter(|read| read.judged_good).collect();
    let sum = |value: fn(&Read) -> usize| good.iter().map(|read| value(read)).sum::<usize>();
    let part = |some: usize, of: usize| 100.0 * some as f64 / of.max(1) as f64;
    println!("\n## Words, {count} pages of 300 dpi, {} judged good\n", good.len());
    let niks = sum(|read| read.niks);
    println!("| NIK read right | {} of {niks} | {:.2} % |", sum(|read| read.right), part(sum(|read| read.right), niks));
    println!("| NIK sure | {} | {:.2} % |", sum(|read| read.sure), part(sum(|read| read.sure), niks));
    println!("| NIK sure and wrong, on all pages | {} |", all.iter().map(|read| read.sure_wrong).sum::<usize>());
    println!(
        "| No KK right | {} of {} |",
        good.iter().filter(|r| r.kk == Some(true)).count(),
        good.iter().filter(|r| r.kk.is_some()).count()
    );
    println!("| No KK sure and wrong, on all pages | {} |", all.iter().filter(|read| read.kk_sure_wrong).count());
    println!("| kind right | {} of {} |", sum(|read| read.kind_right.into()), good.len());
    println!(
        "| QR of the signature found | {} of {} |",
        good.iter().filter(|r| r.signature == Some(true)).count(),
        good.iter().filter(|r| r.signature.is_some()).count()
    );
    println!(
        "| name behind a label proposed | {} of {} |",
        sum(|read| read.name_right.into()),
        sum(|read| read.labelled.into())
    );
    let mut times: Vec<f64> = all.iter().map(|read| read.ms).collect();
    times.sort_by(f64::total_cmp);
    println!(
        "| time with words | median {:.0} ms | p95 {:.0} ms |",
        times[times.len() / 2],
        times[times.len() * 95 / 100]
    );
    if std::env::var_os("DETAILS").is_some() {
        for read in good.iter().filter(|read| read.right < read.niks || !read.kind_right || read.kk == Some(false)) {
            println!("   {}: {} of {} kind {} kk {:?}", read.seed, read.right, read.niks, read.kind_right, read.kk);
        }
    }
}

/// Mutated files: each gives an error or a verdict. A panic ends the bench.
fn hostile(count: u64) {
    let sources = sources();
    let began = Instant::now();
    let (mut errors, mut verdicts, mut slowest) = (0, 0, Duration::ZERO);
    for seed in 0..count {
        let mut chance = Chance::new(seed + 77);
        let mut bytes = sources[seed as usize % sources.len()].clone();
        pages::mutate(&mut chance, &mut bytes);
        let began = Instant::now();
        match scan::decode(&bytes) {
            Ok(page) => {
                let look = scan::look(&page);
                let straight = scan::straighten(&page, &look);
                let _ = scan::qr::read(&straight).len();
                let _ = scan::to_jpeg(&straight, 85).map(|jpeg| jpeg.len());
                verdicts += 1;
            }
            Err(_) => errors += 1,
        }
        slowest = slowest.max(began.elapsed());
    }
    println!(
        "\n| {count} mutated files | {errors} errors | {verdicts} verdicts | no panic | slowest {:.0} ms | {:.0} s |",
        slowest.as_secs_f64() * 1e3,
        began.elapsed().as_secs_f64()
    );
}

fn sources() -> Vec<Vec<u8>> {
    let mut sources = Vec::new();
    for seed in 0..4 {
        let made = make(seed, Defect::None, 60.0, true);
        let image = image::load_from_memory(&made.jpeg).unwrap();
        sources.push(made.jpeg);
        for format in [image::ImageFormat::Png, image::ImageFormat::Tiff] {
            let mut bytes = std::io::Cursor::new(Vec::new());
            image.thumbnail(300, 300).write_to(&mut bytes, format).unwrap();
            sources.push(bytes.into_inner());
        }
    }
    sources
}

fn a4() -> (Made, Made) {
    let mut chance = Chance::new(11);
    let (sheet, truth) = pages::layouts::family_card(&mut chance, 300.0);
    let colour = pages::spoil::on_glass(&mut chance, sheet, truth);
    let (sheet, truth) = pages::layouts::birth(&mut chance, 300.0);
    let other = pages::spoil::on_glass(&mut chance, sheet, truth);
    (colour, other)
}

fn timed(what: &str, work: impl FnMut()) {
    timed_runs(what, RUNS, work);
}

fn timed_runs(what: &str, runs: usize, mut work: impl FnMut()) {
    work();
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let began = Instant::now();
            work();
            began.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("| {what} | {:.1} ms | {:.1} ms |", times[runs / 2], times[runs * 95 / 100]);
}

fn all_steps(bytes: &[u8]) -> usize {
    let page = scan::decode(bytes).unwrap().with_dpi(300);
    let look = scan::look(&page);
    scan::to_jpeg(&scan::straighten(&page, &look), scan::QUALITY).unwrap().len()
}

fn speed() {
    let folder = tempfile::tempdir().unwrap();
    let (colour, birth) = a4();
    let grey = grey_of(&colour.jpeg);
    println!("\n## Speed, A4 at 300 dpi, one core, {RUNS} runs\n\n| what | median | p95 |\n|---|---|---|");
    for (name, bytes) in
        [("KK in colour", &colour.jpeg), ("KK in grey", &grey), ("birth certificate in colour", &birth.jpeg)]
    {
        let page = scan::decode(bytes).unwrap().with_dpi(300);
        let look = scan::look(&page);
        let straight = scan::straighten(&page, &look);
        println!("| {name}: {} x {}, {:.1} MB | | |", page.width(), page.height(), bytes.len() as f64 / 1e6);
        timed("decode", || drop(scan::decode(bytes).unwrap()));
        timed("look", || drop(scan::look(&page)));
        timed("straighten", || drop(scan::straighten(&page, &look)));
        timed("JPEG", || drop(scan::to_jpeg(&straight, scan::QUALITY).unwrap()));
        timed("**all four**", || {
            all_steps(bytes);
        });
        timed("from the file to a preview of 1400", || drop(scan::preview(&scan::decode(bytes).unwrap(), 1400)));
        timed("QR codes", || drop(scan::qr::read(&straight)));
    }
    let path = folder.path().join("page.jpg");
    std::fs::write(&path, &colour.jpeg).unwrap();
    println!("\n| peers on the KK in colour, as programs unless said otherwise | median | p95 |\n|---|---|---|");
    let itself = std::env::current_exe().unwrap();
    program("ours as a program", &[itself.to_str().unwrap(), "--one", path.to_str().unwrap()]);
    let out = folder.path().join("out.jpg");
    program(
        "ImageMagick -deskew 40% -trim",
        &[
            "convert",
            "-limit",
            "thread",
            "1",
            path.to_str().unwrap(),
            "-deskew",
            "40%",
            "-quality",
            "85",
            out.to_str().unwrap(),
        ],
    );
    let (ppm, straight) = (folder.path().join("page.ppm"), folder.path().join("straight.ppm"));
    let rgb = image::load_from_memory(&colour.jpeg).unwrap().into_rgb8();
    let mut file = format!("P6\n{} {}\n255\n", rgb.width(), rgb.height()).into_bytes();
    file.extend(rgb.as_raw());
    std::fs::write(&ppm, file).unwrap();
    program(
        "unpaper, PPM to PPM, without JPEG",
        &["unpaper", "--overwrite", "-q", ppm.to_str().unwrap(), straight.to_str().unwrap()],
    );
    opencv(&path);
    peak(&itself, &path);
}

fn grey_of(jpeg: &[u8]) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let grey = image::load_from_memory(jpeg).unwrap().into_luma8();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 88).encode_image(&grey).unwrap();
    bytes.into_inner()
}

fn program(what: &str, line: &[&str]) {
    let run =
        || Command::new(line[0]).args(&line[1..]).env("OMP_THREAD_LIMIT", "1").env("OMP_NUM_THREADS", "1").output();
    let Ok(done) = run() else { return println!("| ({what}: not installed) | | |") };
    if !done.status.success() {
        return println!(
            "| ({what}: {}) | | |",
            String::from_utf8_lossy(&done.stderr).lines().next().unwrap_or_default()
        );
    }
    timed_runs(what, PEER_RUNS, || drop(run().unwrap()));
}

/// The usual recipe: threshold, the smallest rectangle around ink or the projection profile, one warp, JPEG.
fn opencv(path: &Path) {
    let python = ["target/peers/bin/python", "python3"].into_iter().find(|python| {
        Command::new(python).args(["-c", "import cv2"]).output().is_ok_and(|done| done.status.success())
    });
    let python = std::env::var("PEER_PYTHON").ok().or(python.map(str::to_owned));
    let Some(python) = python else { return println!("| (OpenCV is not installed) | | |") };
    let script = format!(
        "import cv2, sys, time, numpy as np
cv2.setNumThreads(1); b = np.fromfile(sys.argv[1], np.uint8); t = []
for _ in range({RUNS}):
    s = time.perf_counter()
    p = cv2.imdecode(b, cv2.IMREAD_COLOR); g = cv2.cvtColor(p, cv2.COLOR_BGR2GRAY)
    i = cv2.threshold(cv2.resize(g, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA), 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)[1]
    best = (0, 0)
    for a in np.arange(-15, 15, 0.5):
        h, w = i.shape
        r = cv2.warpAffine(i, cv2.getRotationMatrix2D((w / 2, h / 2), a, 1), (w, h), flags=cv2.INTER_NEAREST)
        v = np.square(r.sum(1, dtype=np.int64)[1:] - r.sum(1, dtype=np.int64)[:-1]).sum()
        best = max(best, (v, a))
    h, w = g.shape
    o = cv2.warpAffine(p, cv2.getRotationMatrix2D((w / 2, h / 2), best[1], 1), (w, h), flags=cv2.INTER_LINEAR, borderValue=(255, 255, 255))
    cv2.Laplacian(g, cv2.CV_16S); cv2.imencode('.jpg', o, [cv2.IMWRITE_JPEG_QUALITY, 85])
    t.append((time.perf_counter() - s) * 1e3)
t.sort(); print('| OpenCV {{}} in Python: decode, 60 profiles on a quarter, warp, Laplacian, JPEG | {{:.1f}} ms | {{:.1f}} ms |'.format(cv2.__version__, t[{RUNS} // 2], t[{RUNS} * 95 // 100]))"
    );
    let done = Command::new(python).args(["-c", &script]).arg(path).output().unwrap();
    print!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
}

/// Runs once and tells its own peak of memory.
fn one(path: &str) {
    let length = all_steps(&std::fs::read(path).unwrap());
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    println!("{length} {peak}");
}

fn peak(itself: &Path, path: &Path) {
    let done = Command::new(itself).arg("--one").arg(path).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let kb: f64 = said.split_whitespace().filter_map(|word| word.parse().ok()).next_back().unwrap_or(0.0);
    println!("\npeak memory of a process for one A4 page in colour: {:.0} MB", kb / 1024.0);
}
