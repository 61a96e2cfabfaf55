//! A page in few bytes, for whoever reads words: grey, and not larger than print needs.

use super::decode::Page;
use super::grey;

impl Page {
    /// The page in grey with at most `pixels_max` pixels, and by how much it was shrunk. A file with more pixels says
    /// no more to a reader of words, and costs memory several times.
    #[must_use]
    pub fn light(&self, pixels_max: usize) -> (Self, u16) {
        let mut factor = 1;
        while (self.width / factor) * (self.height / factor) > pixels_max.max(1) {
            factor += 1;
        }
        let grey = grey::of_page(self, factor);
        let factor = u16::try_from(factor).unwrap_or(u16::MAX);
        let light = Self::of_grey(grey.width, grey.height, grey.values);
        (Self { dpi: self.dpi.map(|dpi| dpi / factor), ..light }, factor)
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
        assert!((0..8).all(|x| small.luma(x, 3) == 128));
        let (smallest, _) = page.light(0);
        assert_eq!((smallest.width(), smallest.height()), (1, 1));
    }
}
