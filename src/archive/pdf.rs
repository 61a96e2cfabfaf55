//! One document as PDF/A-2b (ISO 19005-2): each page a scan with its own pixels, and an invisible text layer.
//!
//! What the standard asks for of such a file: an output intent with its profile, XMP metadata, a file identifier, no
//! encryption, no script, nothing outside the file. The face of the text layer need not be inside because it is never
//! drawn (6.2.11.4.1).

use jiff::Timestamp;
use pdf_writer::types::{OutputIntentSubtype, Predictor, TextRenderingMode};
use pdf_writer::{Content, Filter, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};
use sha2::{Digest as _, Sha256};

use super::picture::{self, Coding, Picture, PictureRefused};
use super::words::{WORDS_MAX, Word, place};
use super::{hex, metadata};

/// The sRGB profile, 736 bytes; where it is from stands beside it.
const SRGB: &[u8] = include_bytes!("../../assets/archive/sRGB-v2-magic.icc");
/// Pages of one document.
pub const PAGES_MAX: usize = 200;
/// Longest side of a page, in points (ISO 32000-1, annex C).
const SIDE_MAX_PT: f32 = 14_400.0;
/// What a scan without a resolution is taken for, in dots per inch.
const DPI_UNKNOWN: u16 = 200;
/// What stands behind a stream's data in the file.
const STREAM_END: &[u8] = b"\nendstream\nendobj\n\n";

/// One page.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// JPEG or PNG, as the scanner delivered it.
    pub picture: &'a [u8],
    /// Dots per inch; 0 if unknown.
    pub dpi: u16,
    /// What stands on it, if somebody has read it.
    pub words: &'a [Word<'a>],
}

/// What the file says of itself. None of it is personal data.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Title: the kind of document in words.
    pub title: &'a str,
    /// Region code of the office.
    pub office: &'a str,
    /// The case.
    pub case_id: &'a str,
    /// The document, a UUID.
    pub document_id: &'a str,
    /// Kind of document, its key in the catalogue.
    pub kind: &'a str,
    /// SHA-256 of the bytes as scanned, lower-case hex; of all pages one after another.
    pub original_sha256: &'a str,
    /// Pages.
    pub pages: usize,
    /// Dots per inch of the first page.
    pub dpi: u16,
    /// Scanner, if known.
    pub device: Option<&'a str>,
    /// Machine that scanned.
    pub kiosk: &'a str,
    /// When the scan arrived.
    pub scanned_at: Timestamp,
    /// When it was archived.
    pub filed_at: Timestamp,
}

/// A finished file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The PDF.
    pub bytes: Vec<u8>,
    /// Where in it the picture of each page lies.
    pub pictures: Vec<Span>,
}

/// Where a picture lies in its PDF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub at: usize,
    /// How many.
    pub bytes: usize,
    /// What they are.
    pub coding: Coding,
}

impl Span {
    /// Takes the picture out of its PDF again, as a file: a JPEG is the scanner's own, byte for byte; a PNG has the
    /// same pixels. None when the PDF is another one.
    #[must_use]
    pub fn file(&self, pdf: &[u8]) -> Option<Vec<u8>> {
        let data = pdf.get(self.at..self.at.checked_add(self.bytes)?)?;
        Some(match self.coding {
            Coding::Jpeg => data.to_vec(),
            Coding::Png { colour, depth, width, height } => picture::png_file(data, colour, depth, width, height),
        })
    }
}

/// Makes the file. The same pages and facts give the same bytes.
///
/// # Errors
/// Refuses no page, more than [`PAGES_MAX`], and a picture that a PDF cannot show.
pub fn make(pages: &[Page<'_>], facts: &Facts<'_>) -> Result<Document, PictureRefused> {
    if pages.is_empty() || pages.len() > PAGES_MAX {
        return Err(PictureRefused::Size);
    }
    let pictures = pages.iter().map(|page| picture::read(page.picture)).collect::<Result<Vec<_>, _>>()?;
    let room: usize = pictures.iter().map(|picture| picture.data.len() + 4096).sum();
    let mut pdf = Pdf::with_capacity(room + 16 * 1024);
    let [catalogue, tree, profile, xmp, face] = [1, 2, 3, 4, 5].map(Ref::new);
    // Three objects a page.
    let refs = |page: usize| {
        let first = 6 + 3 * i32::try_from(page).unwrap_or(i32::MAX / 4);
        [first, first + 1, first + 2].map(Ref::new)
    };
    {
        let mut root = pdf.catalog(catalogue);
        root.pages(tree).metadata(xmp).lang(TextStr("id"));
        let mut intents = root.output_intents();
        let mut intent = intents.push();
        intent.subtype(OutputIntentSubtype::PDFA).output_condition_identifier(TextStr("sRGB"));
        intent.info(TextStr("sRGB IEC61966-2.1")).dest_output_profile(profile);
    }
    pdf.pages(tree)
        .kids((0..pages.len()).map(|page| refs(page)[0]))
        .count(i32::try_from(pages.len()).unwrap_or(i32::MAX));
    pdf.icc_profile(profile, SRGB).n(3);
    let packet = metadata::packet(facts);
    pdf.metadata(xmp, packet.as_bytes());
    let has_text = pages.iter().any(|page| !page.words.is_empty());
    if has_text {
        pdf.type1_font(face).base_font(Name(b"Courier")).encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    let mut spans = Vec::with_capacity(pages.len());
    for (number, (page, picture)) in pages.iter().zip(&pictures).enumerate() {
        let [id, image, content] = refs(number);
        let scale = points_per_px(picture, page.dpi);
        let (width, height) = (picture.width as f32 * scale, picture.height as f32 * scale);
        let mut dict = pdf.page(id);
        dict.media_box(Rect::new(0.0, 0.0, width, height)).parent(tree).contents(content);
        let mut resources = dict.resources();
        resources.x_objects().pair(Name(b"Scan"), image);
        if has_text {
            resources.fonts().pair(Name(b"Text"), face);
        }
        resources.finish();
        dict.finish();
        spans.push(write_picture(&mut pdf, image, picture).ok_or(PictureRefused::Size)?);
        let mut drawing = Content::new();
        drawing.save_state().transform([width, 0.0, 0.0, height, 0.0, 0.0]).x_object(Name(b"Scan")).restore_state();
        write_words(&mut drawing, page.words, scale, width, height);
        pdf.stream(content, &drawing.finish());
    }
    let seed = Sha256::digest(format!("{}{}{}", facts.document_id, facts.original_sha256, facts.filed_at));
    let id = seed.iter().take(16).copied().collect::<Vec<_>>();
    pdf.set_file_id((id.clone(), id));
    Ok(Document { bytes: pdf.finish(), pictures: spans })
}

/// Points of one pixel; a page that would be longer than a PDF allows is shown smaller.
fn points_per_px(picture: &Picture<'_>, dpi: u16) -> f32 {
    let dpi = if dpi == 0 { DPI_UNKNOWN } else { dpi };
    let longest = picture.width.max(picture.height) as f32;
    (72.0 / f32::from(dpi)).min(SIDE_MAX_PT / longest)
}

/// Writes the pixels as they are and tells where they are. None if the file grows beyond what can be told.
fn write_picture(pdf: &mut Pdf, id: Ref, picture: &Picture<'_>) -> Option<Span> {
    let side = |px: u32| i32::try_from(px).ok();
    let colours = i32::from(picture.colours);
    {
        let mut image = pdf.image_xobject(id, &picture.data);
        image.width(side(picture.width)?).height(side(picture.height)?).bits_per_component(picture.depth.into());
        image.color_space_name(Name(if picture.colours == 3 { b"DeviceRGB" } else { b"DeviceGray" }));
        match picture.coding {
            Coding::Jpeg => {
                image.filter(Filter::DctDecode);
                if picture.plain_rgb {
                    image.decode_parms().color_transform(false);
                }
            }
            Coding::Png { .. } => {
                image.filter(Filter::FlateDecode);
                let mut how = image.decode_parms();
                how.predictor(Predictor::PngOptimum).colors(colours);
                how.bits_per_component(picture.depth.into()).columns(side(picture.width)?);
            }
        }
    }
    let at = pdf.len().checked_sub(STREAM_END.len() + picture.data.len())?;
    let span = Span { at, bytes: picture.data.len(), coding: picture.coding };
    let ends_well = pdf.as_bytes().ends_with(STREAM_END);
    (ends_well && pdf.as_bytes().get(at..at + span.bytes) == Some(&*picture.data)).then_some(span)
}

/// Lays words over the page: there to be searched, not to be seen.
fn write_words(drawing: &mut Content, words: &[Word<'_>], scale: f32, width: f32, height: f32) {
    let placed: Vec<_> = words.iter().take(WORDS_MAX).filter_map(|word| place(word, scale, width, height)).collect();
    if placed.is_empty() {
        return;
    }
    drawing.begin_text().set_text_rendering_mode(TextRenderingMode::Invisible);
    for word in placed {
        drawing.set_font(Name(b"Text"), word.size).set_horizontal_scaling(word.stretch);
        let [cos, sin] = word.along;
        drawing.set_text_matrix([cos, sin, -sin, cos, word.x, word.y]).show(Str(&word.text));
    }
    drawing.end_text();
}

/// Returns the SHA-256 of the scans of a document, one after another, as lower-case hex.
#[must_use]
pub fn original_sha256(pages: &[Page<'_>]) -> String {
    let mut hasher = Sha256::new();
    pages.iter().for_each(|page| hasher.update(page.picture));
    hex(&hasher.finalize())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, ImageFormat};

    use super::*;

    fn facts(original_sha256: &str) -> Facts<'_> {
        Facts {
            title: "Surat & <keterangan>",
            office: "3315",
            case_id: "0199a1b2-0000-7000-8000-000000000001",
            document_id: "0199a1b2-0000-7000-8000-000000000002",
            kind: "sk_hilang_polisi",
            original_sha256,
            pages: 1,
            dpi: 200,
            device: None,
            kiosk: "K1",
            scanned_at: Timestamp::UNIX_EPOCH,
            filed_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn encoded(format: ImageFormat) -> Vec<u8> {
        let image = image::RgbImage::from_fn(40, 30, |x, y| image::Rgb([x as u8 * 6, y as u8 * 8, 90]));
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(image).write_to(&mut bytes, format).expect("a picture in memory");
        bytes.into_inner()
    }

    #[test]
    fn the_scan_comes_out_again_and_the_same_input_gives_the_same_file() {
        let (jpeg, png) = (encoded(ImageFormat::Jpeg), encoded(ImageFormat::Png));
        let pages = [&jpeg, &png].map(|picture| Page { picture, dpi: 200, words: &[] });
        let sha = original_sha256(&pages);
        let made = make(&pages, &facts(&sha)).expect("a PDF");
        assert_eq!(make(&pages, &facts(&sha)).expect("a PDF"), made);
        assert_eq!(made.pictures.len(), 2);
        assert_eq!(made.pictures[0].file(&made.bytes).expect("inside"), jpeg);
        let again = made.pictures[1].file(&made.bytes).expect("inside");
        let pixels = |bytes: &[u8]| image::load_from_memory(bytes).expect("a picture").to_rgb8();
        assert_eq!(pixels(&again), pixels(&png));
        assert_eq!(made.pictures[1].file(b"another file"), None);
    }

    #[test]
    fn no_page_and_no_picture_are_refused() {
        assert_eq!(make(&[], &facts("")).map(drop), Err(PictureRefused::Size));
        let page = Page { picture: b"GIF89a", dpi: 0, words: &[] };
        assert_eq!(make(&[page], &facts("")).map(drop), Err(PictureRefused::Unknown));
    }
}
