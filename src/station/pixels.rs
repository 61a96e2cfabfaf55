//! Pictures for the screen, made away from the window's thread: scans downscaled to what fits, QR codes.
//!
//! Only plain buffers leave this room; the window turns them into its own images.

use std::fmt;
use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use anjungan_hardware::Page;
use image::ImageReader;
use qrcode::{Color, EcLevel, QrCode};
use sha2::{Digest as _, Sha256};

use super::bridge::Sender;
use super::worker::{StopFlag, Task, Worker};
use crate::domain::no_kk::NoKk;
use crate::domain::page_doubt::PageDoubt;
use crate::domain::slip_token::SlipDigest;
use crate::scan::{self, DecodeError, Region, Rotation};
use crate::wire::case::PageSeen;

/// Largest preview, in pixels: what the tallest screen shows of a page.
const PREVIEW_WIDTH_MAX: u32 = 1080;
/// Largest preview height, in pixels.
const PREVIEW_HEIGHT_MAX: u32 = 1400;
/// Longest side of a preview, in pixels.
const PREVIEW_MAX: usize = 1400;
/// A place that covers more of the page than this is the page.
const PLACE_PART_MAX: f32 = 0.9;
/// Most memory a decoder may take, in bytes: 60 million pixels of colour.
const DECODE_BYTES_MAX: u64 = 256 << 20;
/// Pixels per module of a QR code on the screen; the window scales it without smoothing.
const QR_MODULE_PX: u32 = 8;
/// White modules around a QR code, as ISO/IEC 18004 asks.
const QR_QUIET: u32 = 4;

/// A picture: three bytes a pixel, row by row.
#[derive(Clone, PartialEq, Eq)]
pub struct Pixels {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Red, green, blue.
    pub rgb: Vec<u8>,
}

impl fmt::Debug for Pixels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pixels({}x{})", self.width, self.height)
    }
}

/// Why a page cannot be shown.
#[derive(Debug, thiserror::Error)]
#[error("the picture cannot be decoded: {0}")]
pub struct PixelsError(#[from] image::ImageError);

/// Decodes a page and shrinks it to what a screen shows.
///
/// # Errors
/// When the bytes are not a whole picture.
pub fn preview(page: &Page) -> Result<Pixels, PixelsError> {
    let mut reader =
        ImageReader::new(Cursor::new(&page.bytes)).with_guessed_format().map_err(image::ImageError::from)?;
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(DECODE_BYTES_MAX);
    reader.limits(limits);
    let picture = reader.decode()?;
    let fits = picture.width() <= PREVIEW_WIDTH_MAX && picture.height() <= PREVIEW_HEIGHT_MAX;
    let small = if fits { picture } else { picture.thumbnail(PREVIEW_WIDTH_MAX, PREVIEW_HEIGHT_MAX) };
    let rgb = small.into_rgb8();
    Ok(Pixels { width: rgb.width(), height: rgb.height(), rgb: rgb.into_raw() })
}

/// Draws a QR code in black on white. None when the text is too long for one.
#[must_use]
pub fn qr(text: &str) -> Option<Pixels> {
    let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M).ok()?;
    let modules = u32::try_from(code.width()).ok()?;
    let colours = code.to_colors();
    let side = (modules + 2 * QR_QUIET) * QR_MODULE_PX;
    let mut rgb = Vec::with_capacity(usize::try_from(side * side * 3).ok()?);
    for y in 0..side {
        for x in 0..side {
            let module = |at: u32| (at / QR_MODULE_PX).checked_sub(QR_QUIET).filter(|at| *at < modules);
            let dark = match (module(x), module(y)) {
                (Some(x), Some(y)) => colours.get(usize::try_from(y * modules + x).ok()?) == Some(&Color::Dark),
                _ => false,
            };
            rgb.extend([if dark { 0 } else { 255 }; 3]);
        }
    }
    Some(Pixels { width: side, height: side, rgb })
}

/// SHA-256 of bytes, as the hub compares it.
#[must_use]
pub fn sha256(bytes: &[u8]) -> SlipDigest {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    SlipDigest::try_from(hex).expect("32 bytes are 64 lower-case hex digits")
}

/// A scanned page that was decoded once and is known to be whole.
#[derive(Debug, Clone)]
pub struct PreparedPage {
    /// As the scanner gave it.
    pub page: Arc<Page>,
    /// For the screen.
    pub preview: Arc<Pixels>,
    /// Of the page's bytes.
    pub sha256: SlipDigest,
    /// What may be wrong with it, and where in the preview.
    pub doubts: Vec<SeenDoubt>,
    /// What the officer is told of it; none when nobody looked.
    pub seen: Option<PageSeen>,
    /// The number of the KK, where it was surely read.
    pub no_kk: Option<NoKk>,
}

/// What may be wrong with a page, and where.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeenDoubt {
    /// What.
    pub doubt: PageDoubt,
    /// Left, top, width and height as parts of the preview, 0 to 1; none: all of it.
    pub place: Option<[f32; 4]>,
}

/// Decodes a page, shrinks it to what a screen shows and looks at it. A page that is surely turned is shown upright.
///
/// # Errors
/// When the bytes are not a whole picture.
pub fn look_at(page: &Page) -> Result<(Pixels, Vec<SeenDoubt>), DecodeError> {
    let decoded = scan::decode(&page.bytes)?.with_dpi(page.dpi);
    let look = scan::look(&decoded);
    let (width, height) = (decoded.width() as f32, decoded.height() as f32);
    let part = |region: Region| {
        let place = [
            region.left as f32 / width,
            region.top as f32 / height,
            region.width as f32 / width,
            region.height as f32 / height,
        ];
        // Around all of it, it says nothing.
        (place[2] * place[3] < PLACE_PART_MAX).then_some(place)
    };
    let turned = look.rotation_sure && look.rotation != Rotation::None;
    let seen = |doubt: &scan::Doubt| SeenDoubt { doubt: doubt.reason, place: part(doubt.region).filter(|_| !turned) };
    let doubts = look.verdict.doubts.iter().map(seen).collect();
    let shown = if turned {
        scan::preview(&scan::straighten(&decoded, &look), PREVIEW_MAX)
    } else {
        scan::preview(&decoded, PREVIEW_MAX)
    };
    let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
    Ok((Pixels { width: side(shown.width), height: side(shown.height), rgb: shown.rgb }, doubts))
}

/// What the worker tells.
#[derive(Debug, Clone)]
pub struct PagePrepared {
    /// The number the page was given with.
    pub order: u64,
    /// The page; none when it cannot be decoded.
    pub prepared: Option<PreparedPage>,
}

#[derive(Clone)]
struct Order {
    number: u64,
    page: Arc<Page>,
}

/// The worker that decodes pages.
#[derive(Debug)]
pub struct PixelWorker {
    worker: Worker<Order>,
    events: Sender<PagePrepared>,
}

impl PixelWorker {
    /// Starts the worker. `check`: pages are looked at, and not only shown.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(check: bool, events: Sender<PagePrepared>) -> std::io::Result<Self> {
        let (told, lost) = (events.clone(), events.clone());
        let worker = Worker::start(
            "pixels",
            move |_: &StopFlag| Ok::<_, String>(Preparing { check, events: told.clone() }),
            move |order: Order, _| {
                lost.send(PagePrepared { order: order.number, prepared: None });
            },
        )?;
        Ok(Self { worker, events })
    }

    /// Decodes a page; the answer carries the same number.
    pub fn prepare(&self, order: u64, page: Arc<Page>) {
        if !self.worker.send(Order { number: order, page }) {
            self.events.send(PagePrepared { order, prepared: None });
        }
    }
}

struct Preparing {
    check: bool,
    events: Sender<PagePrepared>,
}

impl Task for Preparing {
    type Command = Order;

    fn run(&mut self, order: Order) {
        let looked = if self.check {
            look_at(&order.page).map_err(|error| error.to_string())
        } else {
            preview(&order.page).map(|pixels| (pixels, Vec::new())).map_err(|error| error.to_string())
        };
        let prepared = match looked {
            Ok((preview, doubts)) => {
                let sha256 = sha256(&order.page.bytes);
                let keys = doubts.iter().map(|seen| seen.doubt).collect();
                let seen = self.check.then_some(PageSeen { doubts: keys, signature_qr: false });
                Some(PreparedPage { page: order.page, preview: Arc::new(preview), sha256, doubts, seen, no_kk: None })
            }
            Err(error) => {
                tracing::warn!(order = order.number, %error, "a page cannot be shown");
                None
            }
        };
        self.events.send(PagePrepared { order: order.number, prepared });
    }

    fn idle(&mut self) -> Duration {
        Duration::from_secs(60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(width: u32, height: u32) -> Page {
        let mut bytes = Vec::new();
        let picture = image::RgbImage::from_pixel(width, height, image::Rgb([200, 10, 30]));
        picture.write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
        Page::from_bytes(bytes, 200).unwrap()
    }

    #[test]
    fn a_page_is_shrunk_to_the_screen_and_keeps_its_shape() {
        let pixels = preview(&page(1654, 2339)).unwrap();
        assert!(pixels.width <= PREVIEW_WIDTH_MAX && pixels.height <= PREVIEW_HEIGHT_MAX);
        assert_eq!(pixels.rgb.len(), usize::try_from(pixels.width * pixels.height * 3).unwrap());
        let small = preview(&page(30, 40)).unwrap();
        assert_eq!((small.width, small.height, &small.rgb[..3]), (30, 40, &[200, 10, 30][..]));
    }

    #[test]
    fn a_broken_page_is_an_error() {
        let mut broken = page(30, 40);
        broken.bytes.truncate(60);
        assert!(preview(&broken).is_err());
    }

    #[test]
    fn a_qr_code_has_a_white_border() {
        let code = qr("ANJ1:0123456789ABCDEFGHJKMNPQRS").unwrap();
        assert_eq!(code.width, code.height);
        assert!(
            code.rgb[..usize::try_from(code.width * 3 * QR_QUIET * QR_MODULE_PX).unwrap()].iter().all(|b| *b == 255)
        );
        assert!(code.rgb.contains(&0));
        assert_eq!(qr(&"x".repeat(4000)), None);
    }
}
