//! A sheet of paper on which text, rules and blocks are drawn.

use std::sync::LazyLock;

use ab_glyph::{Font as _, FontArc, PxScale, ScaleFont as _, point};

fn bundled(bytes: &'static [u8]) -> FontArc {
    FontArc::try_from_slice(bytes).unwrap()
}

pub static PLAIN: LazyLock<FontArc> =
    LazyLock::new(|| bundled(include_bytes!("../../assets/fonts/AtkinsonHyperlegible_400Regular.ttf")));
pub static BOLD: LazyLock<FontArc> =
    LazyLock::new(|| bundled(include_bytes!("../../assets/fonts/AtkinsonHyperlegible_700Bold.ttf")));
pub static MONO: LazyLock<FontArc> =
    LazyLock::new(|| bundled(include_bytes!("../../assets/fonts/AtkinsonHyperlegibleMono_400Regular.ttf")));

/// Figures as the office's printers write them: ours have a bar through the zero, which no KK has. Debian's
/// fonts-liberation; without it the zeros have their bar, and are read worse.
static FIGURES: LazyLock<Option<FontArc>> = LazyLock::new(|| {
    let bytes = std::fs::read("/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf").ok()?;
    FontArc::try_from_vec(bytes).ok()
});

fn face(font: &FontArc, letter: char) -> &FontArc {
    FIGURES.as_ref().filter(|_| letter.is_ascii_digit()).unwrap_or(font)
}

pub type Colour = [u8; 3];
pub const BLACK: Colour = [28, 28, 32];

/// Red, green and blue, row by row.
#[derive(Clone)]
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub rgb: Vec<u8>,
}

impl Picture {
    pub fn new(width: usize, height: usize, colour: Colour) -> Self {
        Self { width, height, rgb: colour.repeat(width * height) }
    }

    pub fn pixel(&self, x: usize, y: usize) -> Colour {
        let at = (y * self.width + x) * 3;
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }

    pub fn mix(&mut self, x: i64, y: i64, colour: Colour, cover: f32) {
        if x < 0 || y < 0 || x >= self.width as i64 || y >= self.height as i64 {
            return;
        }
        let at = (y as usize * self.width + x as usize) * 3;
        for (value, new) in self.rgb[at..at + 3].iter_mut().zip(colour) {
            *value = (f32::from(*value) * (1.0 - cover) + f32::from(new) * cover).round() as u8;
        }
    }
}

/// A sheet measured in millimetres.
pub struct Sheet {
    pub picture: Picture,
    pub dpi: f64,
}

impl Sheet {
    pub fn new(width_mm: f64, height_mm: f64, dpi: f64, colour: Colour) -> Self {
        let px = |mm: f64| (mm / 25.4 * dpi).round() as usize;
        Self { picture: Picture::new(px(width_mm), px(height_mm), colour), dpi }
    }

    pub fn px(&self, mm: f64) -> f64 {
        mm / 25.4 * self.dpi
    }

    /// Text of `points` with its foot at `y_mm`; returns where it ends.
    pub fn text(&mut self, font: &FontArc, points: f64, x_mm: f64, y_mm: f64, text: &str, colour: Colour) -> f64 {
        let (mut x, y) = (self.px(x_mm) as f32, self.px(y_mm) as f32);
        for letter in text.chars() {
            let font = face(font, letter);
            let scale = self.scale(points);
            let id = font.glyph_id(letter);
            let glyph = id.with_scale_and_position(scale, point(x, y));
            if let Some(outline) = font.outline_glyph(glyph) {
                let bounds = outline.px_bounds();
                outline.draw(|dx, dy, cover| {
                    let (x, y) = (bounds.min.x as i64 + i64::from(dx), bounds.min.y as i64 + i64::from(dy));
                    self.picture.mix(x, y, colour, cover);
                });
            }
            x += font.as_scaled(scale).h_advance(id);
        }
        f64::from(x) / self.dpi * 25.4
    }

    /// A face's height is more than its points by about a fifth.
    fn scale(&self, points: f64) -> PxScale {
        PxScale::from((points / 72.0 * self.dpi * 1.2) as f32)
    }

    pub fn width_of(&self, font: &FontArc, points: f64, text: &str) -> f64 {
        let advance = |letter| {
            let font = face(font, letter);
            font.as_scaled(self.scale(points)).h_advance(font.glyph_id(letter))
        };
        let px: f32 = text.chars().map(advance).sum();
        f64::from(px) / self.dpi * 25.4
    }

    pub fn centred(&mut self, font: &FontArc, points: f64, y_mm: f64, text: &str, colour: Colour) {
        let width = self.picture.width as f64 / self.dpi * 25.4;
        let x = (width - self.width_of(font, points, text)) / 2.0;
        self.text(font, points, x, y_mm, text, colour);
    }

    pub fn block(&mut self, x_mm: f64, y_mm: f64, width_mm: f64, height_mm: f64, colour: Colour) {
        let (left, top) = (self.px(x_mm).round() as i64, self.px(y_mm).round() as i64);
        let (width, height) = (self.px(width_mm).round().max(1.0) as i64, self.px(height_mm).round().max(1.0) as i64);
        for y in top..top + height {
            for x in left..left + width {
                self.picture.mix(x, y, colour, 1.0);
            }
        }
    }

    pub fn frame(&mut self, x_mm: f64, y_mm: f64, width_mm: f64, height_mm: f64, colour: Colour) {
        let line = 0.2;
        self.block(x_mm, y_mm, width_mm, line, colour);
        self.block(x_mm, y_mm + height_mm, width_mm + line, line, colour);
        self.block(x_mm, y_mm, line, height_mm, colour);
        self.block(x_mm + width_mm, y_mm, line, height_mm, colour);
    }

    /// A round stamp.
    pub fn ring(&mut self, x_mm: f64, y_mm: f64, radius_mm: f64, colour: Colour) {
        let (cx, cy, radius) = (self.px(x_mm), self.px(y_mm), self.px(radius_mm));
        let thick = self.px(0.7);
        for y in (cy - radius) as i64..=(cy + radius) as i64 {
            for x in (cx - radius) as i64..=(cx + radius) as i64 {
                let off = (x as f64 - cx).hypot(y as f64 - cy);
                if (radius - off).abs() < thick || (radius * 0.7 - off).abs() < thick / 2.0 {
                    self.picture.mix(x, y, colour, 0.8);
                }
            }
        }
    }

    pub fn qr(&mut self, x_mm: f64, y_mm: f64, side_mm: f64, text: &str) {
        let code = qrcode::QrCode::new(text).unwrap();
        let module = side_mm / code.width() as f64;
        for (at, colour) in code.to_colors().iter().enumerate() {
            if *colour == qrcode::Color::Dark {
                let (x, y) = ((at % code.width()) as f64, (at / code.width()) as f64);
                // Up to the next module's edge, so that no hairlines stay between them.
                let (left, top) = (self.px(x_mm + x * module).round(), self.px(y_mm + y * module).round());
                let (right, low) =
                    (self.px(x_mm + (x + 1.0) * module).round(), self.px(y_mm + (y + 1.0) * module).round());
                for py in top as i64..low as i64 {
                    for px in left as i64..right as i64 {
                        self.picture.mix(px, py, BLACK, 1.0);
                    }
                }
            }
        }
    }
}
