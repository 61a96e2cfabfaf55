//! The two code pages a slip may use, in both directions: the driver makes text printable, the simulator reads it.

/// Character table of the printer for bytes 128 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodePage {
    /// The first IBM PC table, the power-on table of every ESC/POS printer.
    Pc437,
    /// Windows Western European.
    #[default]
    Wpc1252,
}

const PC437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// Windows 1252 from 0x80 to 0x9f; U+FFFD marks the five unassigned places.
const WPC1252_HIGH: &str = "€\u{fffd}‚ƒ„…†‡ˆ‰Š‹Œ\u{fffd}Ž\u{fffd}\u{fffd}‘’“”•–—˜™š›œ\u{fffd}žŸ";

impl CodePage {
    /// The number of the table in `ESC t n`.
    pub fn number(self) -> u8 {
        match self {
            Self::Pc437 => 0,
            Self::Wpc1252 => 16,
        }
    }

    /// The table with a number in `ESC t n`, when it is one of ours.
    pub fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Pc437),
            16 => Some(Self::Wpc1252),
            _ => None,
        }
    }

    /// The character a byte prints.
    pub fn decode(self, byte: u8) -> char {
        if byte < 0x80 {
            return char::from(byte);
        }
        let index = usize::from(byte - 0x80);
        match self {
            Self::Pc437 => PC437.chars().nth(index).unwrap_or('\u{fffd}'),
            Self::Wpc1252 if byte >= 0xa0 => char::from(byte),
            Self::Wpc1252 => WPC1252_HIGH.chars().nth(index).unwrap_or('\u{fffd}'),
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

    /// Text of which every character has a byte: control characters become spaces, typographic signs their plain
    /// form where the table lacks them, and the rest `?`.
    pub(super) fn printable(self, text: &str) -> String {
        text.chars()
            .flat_map(|character| {
                let plain = match character {
                    _ if character.is_control() => " ",
                    _ if self.encode(character).is_some() => return vec![character],
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tables_are_whole_and_go_both_ways() {
        assert_eq!(PC437.chars().count(), 128);
        assert_eq!(WPC1252_HIGH.chars().count(), 32);
        for page in [CodePage::Pc437, CodePage::Wpc1252] {
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
    }

    #[test]
    fn what_the_table_lacks_is_replaced() {
        assert_eq!(CodePage::Wpc1252.printable("Café – 5 € 漢"), "Café – 5 € ?");
        assert_eq!(CodePage::Pc437.printable("Café – “a”… €"), "Café - \"a\"... ?");
    }
}
