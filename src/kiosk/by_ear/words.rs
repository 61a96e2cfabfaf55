//! What the screen reader itself says, as Indonesian source texts. `{}` stands for a number or a word.

/// Said once, before the first screen.
pub const KEYS: &str = "Mode suara menyala. Tombol Berikutnya dan Sebelumnya untuk berpindah. Tombol Pilih untuk memilih. Tombol Ulangi untuk mendengar lagi. Tombol Bantuan untuk mengatur suara.";
/// Said once, before the first screen, where the glass is the keys.
pub const GLASS: &str = "Mode suara menyala. Sentuh pojok kanan bawah untuk berikutnya. Sentuh pojok kiri bawah untuk sebelumnya. Sentuh bagian tengah untuk memilih. Sentuh pojok kanan atas untuk mendengar lagi. Sentuh pojok kiri atas untuk bantuan.";
/// What staff hear when they turn the loudness.
pub const SAMPLE: &str = "Suara pemandu terdengar sekeras ini";
/// The session is over, and so is the mode.
pub const ENDED: &str = "Selesai. Mode suara mati";
/// How many choices a screen has.
pub const CHOICES: &str = "Ada {} pilihan";
/// A screen without choices.
pub const NO_CHOICES: &str = "Tidak ada pilihan di layar ini";
/// A screen without anything.
pub const EMPTY: &str = "Layar ini kosong";
/// The place among the choices.
pub const PLACE: &str = "{} dari {}";
/// There is nothing behind this element.
pub const LAST: &str = "Ini yang terakhir";
/// There is nothing before this element.
pub const FIRST: &str = "Ini yang pertama";
/// State of a choice that is on.
pub const CHECKED: &str = "terpilih";
/// State of a choice that is off.
pub const UNCHECKED: &str = "belum terpilih";
/// A choice that is off duty.
pub const NOT_NOW: &str = "Tidak dapat dipilih sekarang";
/// A choice that can be chosen from now on.
pub const NOW: &str = "{} dapat dipilih sekarang";
/// Choose was pressed on something else.
pub const NO_CHOICE: &str = "Ini bukan pilihan. Tekan Berikutnya untuk mencari pilihan";
/// In place of a long number.
pub const PRIVATE: &str = "terisi {} angka. Tekan Ulangi untuk mendengarnya";
/// A number is there that was not typed.
pub const FILLED: &str = "{} terisi {} angka";
/// The last digits were taken away.
pub const DELETED: &str = "{} dihapus";
/// Nothing is left of a value.
pub const CLEARED: &str = "{} kosong";
/// In front of the words of a picture.
pub const PICTURE: &str = "Gambar";
/// In front of news.
pub const NEWS: &str = "Pemberitahuan";
/// The menu opens.
pub const HELP: &str = "Bantuan. Tombol Berikutnya dan Sebelumnya untuk berpindah. Tombol Pilih untuk memilih. Tombol Bantuan untuk kembali ke layar";
/// The menu closes.
pub const BACK: &str = "Kembali ke layar";
/// Entry of the menu.
pub const SLOWER: &str = "Lebih lambat";
/// Entry of the menu.
pub const FASTER: &str = "Lebih cepat";
/// Entry of the menu.
pub const LOUDER: &str = "Lebih keras";
/// Entry of the menu.
pub const SOFTER: &str = "Lebih pelan";
/// Entry of the menu.
pub const HIDE: &str = "Gelapkan layar";
/// Entry of the menu.
pub const SHOW: &str = "Tampilkan layar";
/// Entry of the menu.
pub const LEAVE: &str = "Keluar dari mode suara";
/// Pace or volume is at its end.
pub const SLOWEST: &str = "Ini yang paling lambat";
/// Pace or volume is at its end.
pub const FASTEST: &str = "Ini yang paling cepat";
/// Pace or volume is at its end.
pub const LOUDEST: &str = "Ini yang paling keras";
/// Pace or volume is at its end.
pub const SOFTEST: &str = "Ini yang paling pelan";
/// The screen is dark now.
pub const HIDDEN: &str = "Layar gelap. Orang lain tidak dapat membaca";
/// The screen is visible now.
pub const SHOWN: &str = "Layar tampil kembali";
/// Before the mode ends.
pub const LEAVE_SURE: &str = "Tekan Pilih sekali lagi untuk keluar dari mode suara";
/// The mode has ended.
pub const LEFT: &str = "Mode suara selesai";

/// Every source text, for whoever translates.
pub const ALL: &[&str] = &[
    KEYS, GLASS, SAMPLE, ENDED, CHOICES, NO_CHOICES, EMPTY, PLACE, LAST, FIRST, CHECKED, UNCHECKED, NOT_NOW, NOW,
    NO_CHOICE, PRIVATE, FILLED, DELETED, CLEARED, PICTURE, NEWS, HELP, BACK, SLOWER, FASTER, LOUDER, SOFTER, HIDE,
    SHOW, LEAVE, SLOWEST, FASTEST, LOUDEST, SOFTEST, HIDDEN, SHOWN, LEAVE_SURE, LEFT,
];

/// Words without their numbers: what is the same though it counts on.
pub(in crate::kiosk) fn without_digits(words: &str) -> String {
    words.chars().filter(|sign| !sign.is_ascii_digit()).collect()
}

/// A text as a sentence of its own: the voice makes a pause after it.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '!', '?', ':', '…']) { text.to_owned() } else { format!("{text}.") }
}

/// Sentences one after the other.
pub(super) fn join(parts: impl IntoIterator<Item = String>) -> String {
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

/// Words with a short pause between them.
pub(super) fn list(parts: &[String]) -> String {
    let parts: Vec<_> = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}
