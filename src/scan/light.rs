//! A page in few bytes, for whoever reads words: grey, and not larger than print needs.

use super::decode::{Page, Pixels};

impl Page {
    /// The page in grey with at most `pixels_max` pixels, and by how much it was shrunk. A file with more pixels says
    /// no more to a reader of words, and costs memory several times.
    #[must_use]
    pub fn light(&self, pixels_max: usize) -> (Self, u16) {
        let mut factor = 1;
        while (self.width / factor) * (self.height / factor) > pixels_max.max(1) {
            factor += 1;
        }
        let (width, height) = ((self.width / factor).max(1), (self.height / factor).max(1));
        let step = match self.pixels {
            Pixels::Grey(_) => 1,
            Pixels::Colour(_) => 3,
        };
        let (Pixels::Grey(values) | Pixels::Colour(values)) = &self.pixels;
        let count = (factor * factor) as u32;
        let mut grey = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let rows = (y * factor)..((y + 1) * factor).min(self.height);
                let sum: u32 = rows
                    .flat_map(|row| {
                        let from = (row * self.width + x * factor) * step;
                        let to = from + factor.min(self.width - x * factor) * step;
                        values[from..to].iter().step_by(step)
                    })
                    .map(|value| u32::from(*value))
                    .sum();
                grey.push((sum / count).min(255) as u8);
            }
        }
        let factor = u16::try_from(factor).unwrap_or(u16::MAX);
        (Self { dpi: self.dpi.map(|dpi| dpi / factor), ..Self::of_grey(width, height, grey) }, factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_becomes_grey_and_no_larger_than_asked() {
        let rgb = [[255_u8, 255, 255], [0, 0, 0]].concat().repeat(8 * 12);
        let page = Page::of_rgb(16, 12, rgb).with_dpi(600);
        let (same, factor) = page.light(16 * 12);
        assert_eq!((same.width(), same.height(), same.dpi(), factor), (16, 12, Some(600), 1));
        assert!(!same.coloured() && same.luma(0, 0) == 255 && same.luma(1, 0) == 0);
        let (small, factor) = page.light(60);
        assert_eq!((small.width(), small.height(), small.dpi(), factor), (8, 6, Some(300), 2));
        assert!((0..8).all(|x| small.luma(x, 3) == 127));
        let (smallest, _) = page.light(0);
        assert_eq!((smallest.width(), smallest.height()), (1, 1));
    }
}
