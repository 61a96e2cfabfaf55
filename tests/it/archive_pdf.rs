//! Archived PDFs read by strangers: qpdf, poppler, PDFBox and Python. None of them shares code with us.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use anjungan::archive::Word;
use anjungan::archive::pdf::{Document, Facts, Page, make, original_sha256};
use anjungan::scan::Rotation;
use image::{DynamicImage, GrayImage, ImageFormat, RgbImage};

const DOCUMENT: &str = "0199a1b2-0000-7000-8000-000000000002";

fn facts(original_sha256: &str, pages: usize) -> Facts<'_> {
    Facts {
        title: "Surat keterangan hilang & \"lainnya\"",
        office: "3315",
        case_id: "0199a1b2-0000-7000-8000-000000000001",
        document_id: DOCUMENT,
        kind: "sk_hilang_polisi",
        original_sha256,
        pages,
        dpi: 200,
        device: Some("escl://scanner.test"),
        kiosk: "K1",
        scanned_at: "2026-11-23T02:00:00Z".parse().unwrap(),
        filed_at: "2026-11-23T03:00:00.5Z".parse().unwrap(),
    }
}

fn archived(pages: &[Page<'_>]) -> Document {
    make(pages, &facts(&original_sha256(pages), pages.len())).unwrap()
}

/// A page full of edges and shades: what a lossy step would show in.
fn scene(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let stripe = if (x / 3 + y / 5) % 2 == 0 { 255 } else { 0 };
        image::Rgb([(x * 7 % 256) as u8, (y * 3 % 256) as u8, stripe])
    })
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// How many levels two pictures of one size are apart, at most.
fn farthest(a: &RgbImage, b: &RgbImage) -> u8 {
    assert_eq!(a.dimensions(), b.dimensions());
    a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}

fn run(program: &str, arguments: &[&str], folder: &Path) -> String {
    let done = Command::new(program).args(arguments).current_dir(folder).output();
    let done = done.unwrap_or_else(|error| panic!("{program} is needed (make setup-test): {error}"));
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{program} {arguments:?}: {said}{}", String::from_utf8_lossy(&done.stderr));
    said
}

#[test]
fn every_pixel_is_drawn_as_it_was_scanned() {
    let dir = tempfile::tempdir().unwrap();
    let colour = scene(413, 585);
    let grey: GrayImage = DynamicImage::ImageRgb8(colour.clone()).to_luma8();
    let with_alpha = DynamicImage::ImageRgb8(colour.clone()).to_rgba8();
    let pictures = [
        (encoded(&colour.clone().into(), ImageFormat::Png), DynamicImage::ImageRgb8(colour)),
        (encoded(&grey.clone().into(), ImageFormat::Png), DynamicImage::ImageLuma8(grey)),
        (encoded(&with_alpha.clone().into(), ImageFormat::Png), DynamicImage::ImageRgba8(with_alpha)),
    ];
    // One pixel of the page is one pixel of the drawing.
    let pages: Vec<Page<'_>> = pictures.iter().map(|(bytes, _)| Page { picture: bytes, dpi: 72, words: &[] }).collect();
    fs::write(dir.path().join("a.pdf"), archived(&pages).bytes).unwrap();
    run("pdfimages", &["-png", "a.pdf", "inside"], dir.path());
    run("pdftocairo", &["-r", "72", "-png", "a.pdf", "page"], dir.path());
    for (number, (_, source)) in (1..).zip(&pictures) {
        let inside = image::open(dir.path().join(format!("inside-{:03}.png", number - 1))).unwrap().to_rgb8();
        assert!(inside == source.to_rgb8(), "page {number} differs from its scan");
        let drawn = image::open(dir.path().join(format!("page-{number}.png"))).unwrap().to_rgb8();
        assert_eq!(drawn.dimensions(), (413, 585));
        assert!(drawn == source.to_rgb8(), "page {number} is drawn otherwise");
    }
}

#[test]
fn a_jpeg_lies_in_the_file_byte_for_byte_and_is_drawn_as_its_own_reader_draws_it() {
    let dir = tempfile::tempdir().unwrap();
    for (name, image) in [
        ("colour", scene(400, 560).into()),
        ("grey", DynamicImage::ImageLuma8(GrayImage::from_fn(300, 200, |x, y| image::Luma([(x + y) as u8])))),
    ] {
        let jpeg = encoded(&image, ImageFormat::Jpeg);
        let folder = dir.path().join(name);
        fs::create_dir(&folder).unwrap();
        let pages = [Page { picture: &jpeg, dpi: 72, words: &[] }];
        fs::write(folder.join("a.pdf"), archived(&pages).bytes).unwrap();
        run("pdfimages", &["-all", "a.pdf", "image"], &folder);
        assert!(fs::read(folder.join("image-000.jpg")).unwrap() == jpeg, "{name}: the scanner's own bytes");
        run("pdftocairo", &["-r", "72", "-png", "a.pdf", "page"], &folder);
        let drawn = image::open(folder.join("page-1.png")).unwrap().to_rgb8();
        let source = image::load_from_memory(&jpeg).unwrap().to_rgb8();
        // Two decoders may round differently; a pixel out of place would be far off.
        let apart = farthest(&drawn, &source);
        assert!(apart <= 8, "{name}: {apart} levels apart");
    }
}

#[test]
fn qpdf_finds_nothing_and_poppler_finds_the_page_and_its_facts() {
    let dir = tempfile::tempdir().unwrap();
    let jpeg = encoded(&scene(1654, 2339).into(), ImageFormat::Jpeg);
    let pages = [Page { picture: &jpeg, dpi: 200, words: &[] }; 3];
    fs::write(dir.path().join("a.pdf"), archived(&pages).bytes).unwrap();
    let said = run("qpdf", &["--check", "a.pdf"], dir.path());
    assert!(said.contains("No syntax or stream encoding errors found"), "{said}");
    let info = run("pdfinfo", &["a.pdf"], dir.path());
    let line = |key: &str| info.lines().find_map(|line| line.strip_prefix(key)).unwrap_or("").trim().to_owned();
    assert_eq!((line("Pages:").as_str(), line("Encrypted:").as_str()), ("3", "no"));
    assert_eq!(line("Page size:"), "595.44 x 842.04 pts (A4)");
    assert_eq!((line("JavaScript:").as_str(), line("Form:").as_str()), ("no", "none"));

    // The rules of PDF/A-2b that a file like this can break, asked of qpdf's own reading of it.
    let json: serde_json::Value = serde_json::from_str(&run("qpdf", &["--json=2", "a.pdf"], dir.path())).unwrap();
    let objects = json["qpdf"][1].as_object().unwrap();
    let trailer = &objects["trailer"]["value"];
    assert_eq!(trailer["/ID"].as_array().map(Vec::len), Some(2), "6.1.3: a file identifier");
    assert!(trailer["/Encrypt"].is_null() && trailer["/Info"].is_null(), "6.1.3");
    let root = &objects[&format!("obj:{}", trailer["/Root"].as_str().unwrap())]["value"];
    let intent = &root["/OutputIntents"][0];
    assert_eq!(
        (intent["/S"].as_str(), intent["/OutputConditionIdentifier"].as_str()),
        (Some("/GTS_PDFA1"), Some("u:sRGB"))
    );
    let profile = &objects[&format!("obj:{}", intent["/DestOutputProfile"].as_str().unwrap())]["stream"]["dict"];
    assert_eq!(profile["/N"], 3, "6.2.3");
    for key in ["/AA", "/OpenAction", "/Names", "/AcroForm", "/OCProperties"] {
        assert!(root[key].is_null(), "6.5, 6.6, 6.9: {key}");
    }
    for (name, object) in objects {
        let dict = if object["stream"].is_null() { &object["value"] } else { &object["stream"]["dict"] };
        for key in ["/Interpolate", "/Alternates", "/OPI", "/F", "/AA", "/Annots", "/Group", "/SMask"] {
            assert!(dict[key].is_null(), "{name} has {key}");
        }
        let allowed = [serde_json::Value::Null, "/DCTDecode".into(), "/FlateDecode".into()];
        assert!(allowed.contains(&dict["/Filter"]), "{name}: {}", dict["/Filter"]);
    }
    let bytes = fs::read(dir.path().join("a.pdf")).unwrap();
    assert!(bytes.starts_with(b"%PDF-1.7\n%") && bytes[10..14].iter().all(|byte| *byte > 127), "6.1.2");
}

#[test]
fn the_metadata_is_xml_and_says_what_it_must() {
    let dir = tempfile::tempdir().unwrap();
    let jpeg = encoded(&scene(100, 100).into(), ImageFormat::Jpeg);
    let pages = [Page { picture: &jpeg, dpi: 200, words: &[] }];
    fs::write(dir.path().join("a.pdf"), archived(&pages).bytes).unwrap();
    fs::write(dir.path().join("a.xml"), run("pdfinfo", &["-meta", "a.pdf"], dir.path())).unwrap();
    let script = "import sys, xml.etree.ElementTree as E
t = E.parse(sys.argv[1]); g = lambda n, k: t.find('.//{%s}%s' % (n, k)).text
i, a, x = 'http://www.aiim.org/pdfa/ns/id/', 'urn:anjungan:archive:1#', 'http://ns.adobe.com/xap/1.0/'
p, s = 'http://www.aiim.org/pdfa/ns/property#', 'http://www.aiim.org/pdfa/ns/schema#'
described = {e.text for e in t.iter('{%s}name' % p)}
used = {e.tag.split('}')[1] for e in t.iter() if e.tag.startswith('{%s}' % a)}
assert described == used and len(used) == 10, (described, used)
assert g(s, 'namespaceURI') == a and g(s, 'prefix') == 'anj'
print(g(i, 'part'), g(i, 'conformance'), g(x, 'CreateDate'), g(a, 'originalSha256'), g(a, 'kiosk'), g(a, 'dpi'))
print(t.find('.//{http://purl.org/dc/elements/1.1/}title')[0][0].text)";
    let said = run("python3", &["-c", script, "a.xml"], dir.path());
    let sha = original_sha256(&pages);
    let title = "Surat keterangan hilang & \"lainnya\"";
    assert_eq!(said.trim(), format!("2 B 2026-11-23T03:00:00.5Z {sha} K1 200\n{title}"));
}

#[test]
fn words_are_found_where_they_stand_and_are_never_drawn() {
    let dir = tempfile::tempdir().unwrap();
    let jpeg = encoded(&scene(1654, 2339).into(), ImageFormat::Jpeg);
    let words = [
        Word { text: "KARTU", x: 400.0, y: 100.0, w: 300.0, h: 60.0, rotation: Rotation::None },
        Word { text: "KELUARGA", x: 720.0, y: 100.0, w: 480.0, h: 60.0, rotation: Rotation::None },
        Word { text: "Siti (Aminah)\\", x: 100.0, y: 300.0, w: 420.0, h: 40.0, rotation: Rotation::None },
        Word { text: "di luar", x: 90_000.0, y: 1.0, w: 10.0, h: 10.0, rotation: Rotation::None },
    ];
    let page = |words| [Page { picture: &jpeg, dpi: 200, words }];
    fs::write(dir.path().join("a.pdf"), archived(&page(&words)).bytes).unwrap();
    fs::write(dir.path().join("b.pdf"), archived(&page(&[])).bytes).unwrap();
    run("qpdf", &["--check", "a.pdf"], dir.path());
    let text = run("pdftotext", &["-layout", "a.pdf", "-"], dir.path());
    assert!(text.contains("KARTU") && text.contains("KELUARGA") && text.contains("Siti (Aminah)\\"), "{text}");
    assert!(!text.contains("luar"));
    let boxes = run("pdftotext", &["-bbox", "a.pdf", "-"], dir.path());
    let line = boxes.lines().find(|line| line.contains("KELUARGA")).unwrap();
    let at = |key: &str| -> f64 {
        line.split(&format!("{key}=\"")).nth(1).and_then(|rest| rest.split('"').next()).unwrap().parse().unwrap()
    };
    let px = 72.0 / 200.0;
    assert!((at("xMin") - 720.0 * px).abs() < 1.0 && (at("xMax") - 1200.0 * px).abs() < 1.0, "{line}");
    assert!((at("yMin") - 100.0 * px).abs() < 8.0 && (at("yMax") - 160.0 * px).abs() < 8.0, "{line}");
    for name in ["a", "b"] {
        run("pdftoppm", &["-r", "60", "-png", &format!("{name}.pdf"), name], dir.path());
    }
    let drawn = |name: &str| image::open(dir.path().join(format!("{name}-1.png"))).unwrap().to_rgb8();
    assert!(drawn("a") == drawn("b"), "nothing of the text layer is seen");
}

/// Asks the validator of Apache PDFBox; no line when it finds nothing.
fn preflight(file: &str, folder: &Path) -> Vec<String> {
    let jars =
        ["preflight", "pdfbox2", "fontbox2", "xmpbox", "commons-logging", "commons-io", "javax.activation", "jaxb-api"];
    let path = jars.map(|jar| format!("/usr/share/java/{jar}.jar")).join(":");
    let validator = "org.apache.pdfbox.preflight.Validator_A1b";
    // It keeps a list of the system's fonts in the home folder otherwise.
    let cache = format!("-Dpdfbox.fontcache={}", folder.display());
    let done = Command::new("java").args(["-cp", &path, &cache, validator, file]).current_dir(folder).output();
    let done = done.expect("java is needed (make setup-test)");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(said.contains("valid PDF/A-1b file"), "{said}{}", String::from_utf8_lossy(&done.stderr));
    let faults: Vec<String> = said.lines().skip(1).filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
    assert_eq!(done.status.success(), faults.is_empty(), "{said}");
    faults
}

/// No validator of PDF/A-2 comes with Debian. This one holds a file to PDF/A-1b, whose rules for what stands in ours are
/// the stricter ones: the only thing it may find is that the file calls itself part 2, and nothing in the same file that
/// calls itself part 1.
#[test]
fn a_validator_of_pdf_a_finds_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let colour = encoded(&scene(413, 585).into(), ImageFormat::Jpeg);
    let png = encoded(&scene(200, 100).into(), ImageFormat::Png);
    let grey = encoded(&DynamicImage::ImageLuma8(GrayImage::new(50, 60)), ImageFormat::Jpeg);
    let words = [Word { text: "Siti (Aminah) é", x: 10.0, y: 10.0, w: 150.0, h: 30.0, rotation: Rotation::None }];
    let pages = [&colour, &png, &grey].map(|picture| Page { picture, dpi: 200, words: &words });
    let made = archived(&pages).bytes;
    fs::write(dir.path().join("two.pdf"), &made).unwrap();
    let found = preflight("two.pdf", dir.path());
    assert!(
        matches!(&found[..], [only] if only.starts_with("7.11.2") && only.contains("part must be 1")),
        "{found:#?}"
    );

    let part = b"<pdfaid:part>2<";
    let at = made.windows(part.len()).position(|window| window == part).unwrap();
    let mut first = made.clone();
    first[at + part.len() - 2] = b'1';
    fs::write(dir.path().join("one.pdf"), &first).unwrap();
    assert_eq!(preflight("one.pdf", dir.path()), [""; 0]);

    // That it finds something at all: without its output intent the same file is refused.
    let intent = b"/GTS_PDFA1";
    let at = first.windows(intent.len()).position(|window| window == intent).unwrap();
    first[at + 1] = b'X';
    fs::write(dir.path().join("none.pdf"), &first).unwrap();
    assert!(!preflight("none.pdf", dir.path()).is_empty());
}
