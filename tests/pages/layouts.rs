//! The papers of the office: KK, birth certificate, letter of statement, KTP-el; what stands on each is known.

use super::Chance;
use super::paint::{BLACK, BOLD, Colour, MONO, PLAIN, Sheet};

/// What a page truly is.
#[derive(Debug, Clone, Default)]
pub struct Truth {
    /// Key of the kind in the service file.
    pub kind: &'static str,
    pub niks: Vec<String>,
    pub no_kk: Option<String>,
    pub names: Vec<String>,
    /// Whether a QR code of a KK's signature stands on it.
    pub signature: bool,
}

const FIRST: [&str; 24] = [
    "SITI", "BUDI", "WARSINI", "SLAMET", "RINA", "AGUS", "DEWI", "PARJO", "NUR", "EKO", "LESTARI", "HADI", "SRI",
    "TONO", "MULYANI", "JOKO", "ENDANG", "RUDI", "YANTI", "KARDI", "FITRI", "GALIH", "WAHYU", "UTAMI",
];
const LAST: [&str; 12] = [
    "CONTOH",
    "PERCOBAAN",
    "REKAAN",
    "MISALKAN",
    "UMPAMA",
    "SEMISAL",
    "ANDAIKAN",
    "KARANGAN",
    "ILUSTRASI",
    "LATIHAN",
    "PERAGAAN",
    "SIMULASI",
];
const JOBS: [&str; 6] = ["PETANI", "WIRASWASTA", "PELAJAR", "KARYAWAN", "GURU", "PEDAGANG"];
const FAITHS: [&str; 3] = ["ISLAM", "KRISTEN", "KATHOLIK"];
const SCHOOLS: [&str; 4] = ["TAMAT SD", "SLTP", "SLTA", "STRATA I"];
const MONTHS: [&str; 12] = [
    "JANUARI",
    "FEBRUARI",
    "MARET",
    "APRIL",
    "MEI",
    "JUNI",
    "JULI",
    "AGUSTUS",
    "SEPTEMBER",
    "OKTOBER",
    "NOVEMBER",
    "DESEMBER",
];

struct Person {
    name: String,
    nik: String,
    woman: bool,
    born: (u32, u32, u32),
}

impl Person {
    fn of(chance: &mut Chance) -> Self {
        let woman = chance.yes(0.5);
        let born = (1 + chance.below(28) as u32, 1 + chance.below(12) as u32, 1950 + chance.below(60) as u32);
        let day = born.0 + if woman { 40 } else { 0 };
        let (district, serial) = (1 + chance.below(19), 9000 + chance.below(999));
        let nik = format!("3315{district:02}{day:02}{:02}{:02}{serial:04}", born.1, born.2 % 100);
        Self { name: format!("{} {}", chance.of(&FIRST), chance.of(&LAST)), nik, woman, born }
    }

    fn birthday(&self) -> String {
        format!("{:02}-{:02}-{}", self.born.0, self.born.1, self.born.2)
    }
}

/// One of the four, at a resolution.
pub fn any(chance: &mut Chance, dpi: f64) -> (Sheet, Truth) {
    match chance.below(10) {
        0..=3 => family_card(chance, dpi),
        4..=5 => birth(chance, dpi),
        6..=7 => statement(chance, dpi),
        _ => identity_card(chance, dpi),
    }
}

fn white(chance: &mut Chance) -> Colour {
    let level = 238 + chance.below(14) as u8;
    [level, level, level - chance.below(8) as u8]
}

/// Kartu Keluarga (F-1.09), A4 across, as it is printed since 2020.
pub fn family_card(chance: &mut Chance, dpi: f64) -> (Sheet, Truth) {
    let mut sheet = Sheet::new(297.0, 210.0, dpi, white(chance));
    let members: Vec<Person> = (0..2 + chance.below(6)).map(|_| Person::of(chance)).collect();
    let no_kk = format!(
        "3315{:02}{:02}{:02}{:02}{}",
        1 + chance.below(19),
        1 + chance.below(28),
        1 + chance.below(12),
        10 + chance.below(16),
        9000 + chance.below(999)
    );
    let red = [176, 38, 30];
    sheet.ring(30.0, 20.0, 8.0, red);
    sheet.centred(&BOLD, 20.0, 18.0, "KARTU KELUARGA", BLACK);
    sheet.centred(&BOLD, 13.0, 26.0, &format!("No. {no_kk}"), BLACK);
    let head = &members[0];
    let lines = [
        ("Nama Kepala Keluarga", head.name.as_str()),
        ("Alamat", "DUSUN CONTOH"),
        ("RT/RW", "000/000"),
        ("Kode Pos", "00000"),
    ];
    let right = [
        ("Desa/Kelurahan", "DESA CONTOH"),
        ("Kecamatan", "KECAMATAN CONTOH"),
        ("Kabupaten/Kota", "GROBOGAN"),
        ("Provinsi", "JAWA TENGAH"),
    ];
    for (at, ((left, text), (label, place))) in lines.iter().zip(right).enumerate() {
        let y = 35.0 + at as f64 * 5.0;
        sheet.text(&PLAIN, 8.5, 14.0, y, left, BLACK);
        sheet.text(&PLAIN, 8.5, 55.0, y, &format!(": {text}"), BLACK);
        sheet.text(&PLAIN, 8.5, 190.0, y, label, BLACK);
        sheet.text(&PLAIN, 8.5, 222.0, y, &format!(": {place}"), BLACK);
    }
    let columns = [12.0, 20.0, 72.0, 112.0, 130.0, 158.0, 180.0, 202.0, 232.0, 264.0, 285.0];
    let heads = [
        "No",
        "Nama Lengkap",
        "NIK",
        "Jenis Kelamin",
        "Tempat Lahir",
        "Tanggal Lahir",
        "Agama",
        "Pendidikan",
        "Jenis Pekerjaan",
        "Gol. Drh",
    ];
    table(&mut sheet, 58.0, &columns, &heads, 10, |row, column| {
        let Some(person) = members.get(row) else {
            return if column == 0 { (row + 1).to_string() } else { "-".to_owned() };
        };
        match column {
            0 => (row + 1).to_string(),
            1 => person.name.clone(),
            2 => person.nik.clone(),
            3 => if person.woman { "PEREMPUAN" } else { "LAKI-LAKI" }.to_owned(),
            4 => "GROBOGAN".to_owned(),
            5 => person.birthday(),
            6 => FAITHS[person.born.0 as usize % 3].to_owned(),
            7 => SCHOOLS[person.born.1 as usize % 4].to_owned(),
            8 => JOBS[person.born.2 as usize % 6].to_owned(),
            _ => ["A", "B", "O", "AB"][person.born.0 as usize % 4].to_owned(),
        }
    });
    let columns = [12.0, 20.0, 52.0, 82.0, 122.0, 150.0, 172.0, 195.0, 240.0, 285.0];
    let heads = [
        "No",
        "Status",
        "Tgl Perkawinan",
        "Status Hubungan",
        "Kewarganegaraan",
        "No. Paspor",
        "No. KITAP",
        "Ayah",
        "Ibu",
    ];
    table(&mut sheet, 116.0, &columns, &heads, 10, |row, column| match (members.get(row), column) {
        (_, 0) => (row + 1).to_string(),
        (None, _) | (_, 5 | 6) => "-".to_owned(),
        (_, 1) => ["KAWIN", "BELUM KAWIN"][usize::from(row > 1)].to_owned(),
        (_, 2) => if row < 2 { "12-05-2001" } else { "-" }.to_owned(),
        (_, 3) => ["KEPALA KELUARGA", "ISTRI", "ANAK"][row.min(2)].to_owned(),
        (_, 4) => "WNI".to_owned(),
        (Some(person), 7) => format!("{} {}", FIRST[(person.born.0 as usize) % 24], LAST[person.born.1 as usize - 1]),
        (Some(person), _) => format!("{} {}", FIRST[(person.born.1 as usize) % 24], LAST[person.born.0 as usize % 12]),
    });
    sheet.text(&PLAIN, 8.0, 14.0, 176.0, "Dikeluarkan Tanggal : 12-03-2024", BLACK);
    sheet.text(&PLAIN, 8.0, 205.0, 176.0, "KEPALA DINAS KEPENDUDUKAN", BLACK);
    sheet.text(&PLAIN, 8.0, 205.0, 180.0, "DAN PENCATATAN SIPIL", BLACK);
    sheet.text(&BOLD, 8.0, 205.0, 200.0, "CONTOH PEJABAT", BLACK);
    sheet.text(
        &PLAIN,
        6.0,
        14.0,
        203.0,
        "Dokumen ini telah ditandatangani secara elektronik menggunakan sertifikat elektronik.",
        BLACK,
    );
    let text =
        format!("https://layananonline.dukcapil.kemendagri.go.id/Terpusat/Pindai/CNT3315_{:016x}", chance.next());
    sheet.qr(255.0, 178.0, 25.0, &text);
    let names = vec![head.name.clone()];
    let niks = members.into_iter().map(|person| person.nik).collect();
    (sheet, Truth { kind: "kk_lama", niks, no_kk: Some(no_kk), names, signature: true })
}

fn table(
    sheet: &mut Sheet,
    top: f64,
    columns: &[f64],
    heads: &[&str],
    rows: usize,
    cell: impl Fn(usize, usize) -> String,
) {
    let (high, row_high) = (8.0, 4.6);
    for (column, head) in heads.iter().enumerate() {
        sheet.frame(columns[column], top, columns[column + 1] - columns[column], high, BLACK);
        sheet.text(&BOLD, 6.5, columns[column] + 1.0, top + 5.0, head, BLACK);
    }
    for row in 0..rows {
        let y = top + high + row as f64 * row_high;
        for column in 0..heads.len() {
            sheet.frame(columns[column], y, columns[column + 1] - columns[column], row_high, BLACK);
            let text = cell(row, column);
            let font = if heads[column] == "NIK" { &MONO } else { &PLAIN };
            sheet.text(font, 7.0, columns[column] + 1.0, y + 3.4, &text, BLACK);
        }
    }
}

/// Kutipan Akta Kelahiran, A4 upright.
pub fn birth(chance: &mut Chance, dpi: f64) -> (Sheet, Truth) {
    let mut sheet = Sheet::new(210.0, 297.0, dpi, white(chance));
    let child = Person::of(chance);
    let (mother, father) = (Person::of(chance), Person::of(chance));
    sheet.ring(105.0, 24.0, 9.0, [150, 120, 30]);
    sheet.centred(&BOLD, 12.0, 42.0, "REPUBLIK INDONESIA", BLACK);
    sheet.centred(&BOLD, 12.0, 50.0, "PENCATATAN SIPIL", BLACK);
    sheet.text(&PLAIN, 10.0, 20.0, 60.0, &format!("NIK : {}", child.nik), BLACK);
    sheet.centred(&BOLD, 16.0, 74.0, "KUTIPAN AKTA KELAHIRAN", BLACK);
    let lines = [
        format!(
            "Berdasarkan Akta Kelahiran Nomor 3315-LU-{:08}-{:04}",
            chance.below(99_999_999),
            9000 + chance.below(99)
        ),
        "menurut stbld. -".to_owned(),
        format!("bahwa di GROBOGAN pada tanggal {} {}", child.born.0, MONTHS[child.born.1 as usize - 1]),
        format!("tahun {} telah lahir", child.born.2),
        child.name.clone(),
        format!("anak ke {} {} dari", 1 + chance.below(4), if child.woman { "PEREMPUAN" } else { "LAKI-LAKI" }),
        format!("ayah {} dan ibu {}", father.name, mother.name),
        "Kutipan ini dikeluarkan di GROBOGAN".to_owned(),
        "oleh Pejabat Pencatatan Sipil Kabupaten Grobogan".to_owned(),
        "sesuai dengan register yang disimpan pada kantor kami.".to_owned(),
    ];
    for (at, line) in lines.iter().enumerate() {
        sheet.text(if at == 4 { &BOLD } else { &PLAIN }, 11.0, 24.0, 92.0 + at as f64 * 10.0, line, BLACK);
    }
    sheet.text(&PLAIN, 10.0, 118.0, 215.0, "Pejabat Pencatatan Sipil", BLACK);
    sheet.text(&BOLD, 10.0, 118.0, 250.0, "CONTOH PEJABAT", BLACK);
    sheet.qr(
        24.0,
        220.0,
        28.0,
        &format!("https://layananonline.dukcapil.kemendagri.go.id/Terpusat/Pindai/AKT_{:016x}", chance.next()),
    );
    sheet.text(
        &PLAIN,
        7.0,
        24.0,
        280.0,
        "Dokumen ini ditandatangani secara elektronik dan tidak memerlukan cap basah.",
        BLACK,
    );
    let names = vec![child.name];
    (sheet, Truth { kind: "akta_kelahiran", niks: vec![child.nik], no_kk: None, names, signature: true })
}

/// Surat pernyataan, A4 upright, with a stamp in some.
pub fn statement(chance: &mut Chance, dpi: f64) -> (Sheet, Truth) {
    let mut sheet = Sheet::new(210.0, 297.0, dpi, white(chance));
    let person = Person::of(chance);
    sheet.centred(&BOLD, 14.0, 32.0, "SURAT PERNYATAAN", BLACK);
    sheet.text(&PLAIN, 11.5, 25.0, 48.0, "Yang bertanda tangan di bawah ini:", BLACK);
    let rows = [
        ("Nama", person.name.clone()),
        ("NIK", person.nik.clone()),
        ("Tempat, tanggal lahir", format!("Grobogan, {}", person.birthday())),
        ("Pekerjaan", chance.of(&JOBS).to_owned()),
        ("Alamat", "Dusun Contoh RT 00 RW 00".to_owned()),
    ];
    for (at, (label, text)) in rows.iter().enumerate() {
        let y = 58.0 + at as f64 * 8.0;
        sheet.text(&PLAIN, 11.5, 30.0, y, label, BLACK);
        sheet.text(&PLAIN, 11.5, 78.0, y, &format!(": {text}"), BLACK);
    }
    let body = [
        "dengan ini menyatakan dengan sesungguhnya bahwa kartu keluarga atas nama",
        "saya telah hilang di sekitar rumah dan sampai sekarang tidak ditemukan",
        "kembali. Saya sudah mencari di semua tempat dan bertanya kepada tetangga,",
        "tetapi tidak ada yang mengetahuinya.",
        "",
        "Demikian surat pernyataan ini saya buat dengan sebenarnya, dalam keadaan",
        "sadar dan tanpa paksaan dari siapa pun. Apabila di kemudian hari ternyata",
        "pernyataan ini tidak benar, saya bersedia dituntut menurut hukum yang",
        "berlaku di Negara Kesatuan Republik Indonesia.",
    ];
    for (at, line) in body.iter().enumerate() {
        sheet.text(&PLAIN, 11.5, 25.0, 108.0 + at as f64 * 8.0, line, BLACK);
    }
    sheet.text(&PLAIN, 11.5, 125.0, 196.0, "Grobogan, 3 Maret 2026", BLACK);
    sheet.text(&PLAIN, 11.5, 125.0, 204.0, "Yang menyatakan,", BLACK);
    sheet.text(&BOLD, 11.5, 125.0, 240.0, &person.name, BLACK);
    if chance.yes(0.5) {
        sheet.ring(60.0, 225.0, 16.0, [60, 50, 150]);
    }
    sheet.text(&PLAIN, 11.5, 25.0, 268.0, "Catatan: dibuat dalam rangkap dua dan diserahkan di loket.", BLACK);
    (
        sheet,
        Truth { kind: "sp_sebab_hilang_rusak", niks: vec![person.nik], names: vec![person.name], ..Truth::default() },
    )
}

/// KTP-el, front.
pub fn identity_card(chance: &mut Chance, dpi: f64) -> (Sheet, Truth) {
    let mut sheet = Sheet::new(85.6, 53.98, dpi, [186, 214, 232]);
    let person = Person::of(chance);
    let ink = [24, 34, 60];
    sheet.centred(&BOLD, 7.5, 5.5, "PROVINSI JAWA TENGAH", ink);
    sheet.centred(&BOLD, 7.5, 9.2, "KABUPATEN GROBOGAN", ink);
    sheet.text(&BOLD, 8.5, 4.0, 14.5, "NIK", ink);
    sheet.text(&MONO, 9.5, 20.0, 14.5, &format!(": {}", person.nik), ink);
    let rows = [
        ("Nama", person.name.clone()),
        ("Tempat/Tgl Lahir", format!("GROBOGAN, {}", person.birthday())),
        ("Jenis Kelamin", format!("{}   Gol Darah : O", if person.woman { "PEREMPUAN" } else { "LAKI-LAKI" })),
        ("Alamat", "DUSUN CONTOH".to_owned()),
        ("   RT/RW", "000/000".to_owned()),
        ("   Kel/Desa", "DESA CONTOH".to_owned()),
        ("   Kecamatan", "CONTOH".to_owned()),
        ("Agama", chance.of(&FAITHS).to_owned()),
        ("Status Perkawinan", "KAWIN".to_owned()),
        ("Pekerjaan", chance.of(&JOBS).to_owned()),
        ("Kewarganegaraan", "WNI".to_owned()),
        ("Berlaku Hingga", "SEUMUR HIDUP".to_owned()),
    ];
    for (at, (label, text)) in rows.iter().enumerate() {
        let y = 18.4 + at as f64 * 2.95;
        sheet.text(&PLAIN, 5.6, 4.0, y, label, ink);
        sheet.text(&PLAIN, 5.6, 22.5, y, &format!(": {text}"), ink);
    }
    sheet.block(62.0, 17.0, 20.0, 25.0, [168, 60, 50]);
    sheet.block(68.0, 21.0, 8.0, 10.0, [196, 160, 136]);
    sheet.block(65.0, 31.0, 14.0, 11.0, [60, 66, 90]);
    sheet.text(&PLAIN, 5.0, 64.0, 46.0, "GROBOGAN", ink);
    sheet.text(&PLAIN, 5.0, 63.0, 49.0, "12-03-2018", ink);
    (sheet, Truth { kind: "ktp_el", niks: vec![person.nik], names: vec![person.name], ..Truth::default() })
}
