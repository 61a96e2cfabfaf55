//! The code pages a slip may use, in both directions: the driver makes text printable, the simulator reads it.
//!
//! [`CodePage::Auto`] looks at the text: it takes one page that carries the whole job, and changes the page inside a
//! job only where no single page does.

/// Character table of the printer for bytes 128 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodePage {
    /// Whichever of the others carries the text. By itself, before there is a text, it is the power-on table
    /// [`CodePage::Pc437`].
    #[default]
    Auto,
    /// The first IBM PC table, the power-on table of every ESC/POS printer.
    Pc437,
    /// Western European with box drawing.
    Pc850,
    /// Central European.
    Pc852,
    /// [`CodePage::Pc850`] with the euro sign.
    Pc858,
    /// Windows Western European.
    Wpc1252,
}

const PC437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

const PC850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";
const PC852: &str = "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}";

/// Where PC858 has the euro sign and PC850 the dotless i.
const PC858_EURO: u8 = 0xd5;

/// Windows 1252 from 0x80 to 0x9f; U+FFFD marks the five unassigned places.
const WPC1252_HIGH: &str = "€\u{fffd}‚ƒ„…†‡ˆ‰Š‹Œ\u{fffd}Ž\u{fffd}\u{fffd}‘’“”•–—˜™š›œ\u{fffd}žŸ";

impl CodePage {
    /// Every real page, the one that most printers have first.
    pub const ALL: [Self; 5] = [Self::Pc437, Self::Pc858, Self::Wpc1252, Self::Pc850, Self::Pc852];

    /// The number of the table in `ESC t n`, as Epson counts them and most makers follow.
    pub fn number(self) -> u8 {
        match self {
            Self::Auto | Self::Pc437 => 0,
            Self::Pc850 => 2,
            Self::Wpc1252 => 16,
            Self::Pc852 => 18,
            Self::Pc858 => 19,
        }
    }

    /// The table with a number in `ESC t n`, when it is one of ours.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|page| page.number() == number)
    }

    /// The page a configuration names: `auto`, `pc437`, `pc850`, `pc852`, `pc858` or `wpc1252`.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "auto" => Self::Auto,
            "pc437" => Self::Pc437,
            "pc850" => Self::Pc850,
            "pc852" => Self::Pc852,
            "pc858" => Self::Pc858,
            "wpc1252" => Self::Wpc1252,
            _ => return None,
        })
    }

    /// The character a byte prints.
    pub fn decode(self, byte: u8) -> char {
        if byte < 0x80 {
            return char::from(byte);
        }
        let at = |table: &str| table.chars().nth(usize::from(byte - 0x80)).unwrap_or('\u{fffd}');
        match self {
            Self::Auto | Self::Pc437 => at(PC437),
            Self::Pc858 if byte == PC858_EURO => '€',
            Self::Pc850 | Self::Pc858 => at(PC850),
            Self::Pc852 => at(PC852),
            Self::Wpc1252 if byte >= 0xa0 => char::from(byte),
            Self::Wpc1252 => at(WPC1252_HIGH),
        }
    }

    /// The byte that prints a character, when there is one.
    pub fn encode(self, character: char) -> Option<u8> {
        if character.is_ascii() {
            return u8::try_from(character).ok();
        }
        if character == '\u{fffd}' {
            return None;
        }
        (0x80..=u8::MAX).find(|byte| self.decode(*byte) == character)
    }

    /// The pages this choice may use.
    fn choices(self) -> &'static [Self] {
        match self {
            Self::Auto => &Self::ALL,
            Self::Pc437 => &[Self::Pc437],
            Self::Pc850 => &[Self::Pc850],
            Self::Pc852 => &[Self::Pc852],
            Self::Pc858 => &[Self::Pc858],
            Self::Wpc1252 => &[Self::Wpc1252],
        }
    }

    /// Text of which every character has a byte in one of the pages: control characters become spaces, typographic
    /// signs their plain form where no page has them, and the rest `?`.
    pub(super) fn printable(self, text: &str) -> String {
        text.chars()
            .flat_map(|character| {
                let plain = match character {
                    _ if character.is_control() => " ",
                    _ if self.choices().iter().any(|page| page.encode(character).is_some()) => return vec![character],
                    '‘' | '’' | 'ʼ' | '`' => "'",
                    '“' | '”' => "\"",
                    '–' | '—' | '‐' | '‑' | '−' => "-",
                    '…' => "...",
                    '\u{a0}' | '\u{2009}' | '\u{202f}' => " ",
                    '•' => "*",
                    _ => "?",
                };
                plain.chars().collect()
            })
            .collect()
    }

    /// The page for each part of a text, as (characters, page): as few changes as can be. The text must be
    /// [`CodePage::printable`].
    pub(super) fn runs(self, text: &str) -> Vec<(usize, Self)> {
        let all = self.choices();
        let mut runs = Vec::new();
        let mut fitting = all.to_vec();
        let mut length = 0;
        for character in text.chars() {
            let still: Vec<Self> = fitting.iter().copied().filter(|page| page.encode(character).is_some()).collect();
            if still.is_empty() {
                // The longest run for one page ends here; taking the longest each time gives the fewest runs.
                runs.push((length, fitting[0]));
                length = 0;
                fitting = all.iter().copied().filter(|page| page.encode(character).is_some()).collect();
                if fitting.is_empty() {
                    fitting = all.to_vec();
                }
            } else {
                fitting = still;
            }
            length += 1;
        }
        runs.push((length, fitting[0]));
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_whole_and_goes_both_ways() {
        assert!([PC437, PC850, PC852].iter().all(|table| table.chars().count() == 128));
        assert_eq!(WPC1252_HIGH.chars().count(), 32);
        for page in CodePage::ALL {
            assert_eq!(CodePage::from_number(page.number()), Some(page));
            for byte in 0..=u8::MAX {
                let character = page.decode(byte);
                if character != '\u{fffd}' {
                    assert_eq!(page.encode(character), Some(byte), "{page:?} {byte:02x}");
                }
            }
        }
    }

    #[test]
    fn text_can_never_carry_a_command() {
        let hostile = "Budi\u{1b}@\u{1d}V\u{0}\u{10}\u{4}\u{1}";
        assert_eq!(CodePage::Wpc1252.printable(hostile), "Budi @ V    ");
        assert_eq!(CodePage::Auto.printable(hostile), "Budi @ V    ");
    }

    #[test]
    fn what_the_table_lacks_is_replaced() {
        assert_eq!(CodePage::Wpc1252.printable("Café – 5 € 漢"), "Café – 5 € ?");
        assert_eq!(CodePage::Pc437.printable("Café – “a”… €"), "Café - \"a\"... ?");
        assert_eq!(CodePage::Auto.printable("Café – 5 € Łódź α 漢"), "Café – 5 € Łódź α ?");
    }

    #[test]
    fn one_page_for_the_whole_text_when_there_is_one() {
        for (text, page) in [
            ("", CodePage::Pc437),
            ("GRATIS", CodePage::Pc437),
            ("Café", CodePage::Pc437),
            ("Café 5 €", CodePage::Pc858),
            ("Café – 5 €", CodePage::Wpc1252),
            ("Łódź é", CodePage::Pc852),
        ] {
            assert_eq!(CodePage::Auto.runs(text), [(text.chars().count(), page)], "{text}");
        }
    }

    #[test]
    fn the_page_changes_only_where_it_must() {
        // The en dash is in no page with Ł.
        assert_eq!(CodePage::Auto.runs("Kafe – 5 €, Łódź, é"), [(12, CodePage::Wpc1252), (7, CodePage::Pc852)]);
        assert_eq!(CodePage::Pc850.runs("Café"), [(4, CodePage::Pc850)]);
    }
}
