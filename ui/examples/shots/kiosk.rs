//! The kiosk: every screen and phase, with the longest real words.

use anjungan_ui::slint::{ComponentHandle, Image, ModelRc, Rgb8Pixel, SharedPixelBuffer, SharedString, VecModel};
use anjungan_ui::{
    CardRow, ChecklistRow, Contrast, DocumentState, FailureData, KioskActions, KioskScreen, KioskState, KioskWindow,
    Need, NikIssue, NikPurpose, PathRow, PicturePlace, ReviewRow, ScanPhase, SlipKind, SlipPhase, TextSize, Theme,
};

use crate::Shots;

/// How the kiosk may stand and look: name, size, text size, colours, everything in the lower half.
type Look = (&'static str, (u32, u32), TextSize, Contrast, bool);

const LOOKS: &[Look] = &[
    ("portrait", (1080, 1920), TextSize::Normal, Contrast::Standard, false),
    ("portrait_largest", (1080, 1920), TextSize::Largest, Contrast::Dark, false),
    ("landscape", (1920, 1080), TextSize::Normal, Contrast::Standard, false),
    ("landscape_largest", (1920, 1080), TextSize::Largest, Contrast::Light, false),
    ("portrait_low", (1080, 1920), TextSize::Normal, Contrast::Soft, true),
];

/// Takes all pictures of the kiosk.
pub fn take(shots: &Shots) {
    take_choices(shots);
    take_documents(shots);
    take_person(shots);
    take_scan(shots);
    take_end(shots);
    take_overlays(shots);
}

/// Takes one picture of a fresh window in each look; `prepare` sets what stands on it.
fn shot(shots: &Shots, name: &str, screen: KioskScreen, step: i32, prepare: impl Fn(&KioskState<'_>)) {
    shot_after(shots, name, screen, step, prepare, |_| ());
}

/// The same, after something was pressed.
fn shot_after(
    shots: &Shots,
    name: &str,
    screen: KioskScreen,
    step: i32,
    prepare: impl Fn(&KioskState<'_>),
    press: impl Fn(&KioskWindow),
) {
    for (look, size, text_size, contrast, low_reach) in LOOKS {
        let name = format!("kiosk_{look}_{name}");
        if !shots.wants(&name) {
            continue;
        }
        let window = KioskWindow::new().expect("the window is made");
        let theme = window.global::<Theme>();
        theme.set_text_size(*text_size);
        theme.set_contrast(*contrast);
        theme.set_low_reach(*low_reach);
        let state = window.global::<KioskState>();
        state.set_screen(screen);
        state.set_step(step);
        prepare(&state);
        window.global::<KioskActions>().on_start(|| ());
        window.window().set_size(anjungan_ui::slint::PhysicalSize::new(size.0, size.1));
        i_slint_backend_testing::mock_elapsed_time(std::time::Duration::from_secs(1));
        press(&window);
        shots.take(&name, window.window(), size.0, size.1);
    }
}

fn take_choices(shots: &Shots) {
    shot(shots, "attract", KioskScreen::Attract, 0, |_| ());
    shot(shots, "attract_quiet", KioskScreen::Attract, 0, |state| {
        state.set_simulated(false);
        state.set_waiting_count(0);
    });
    shot(shots, "notice", KioskScreen::Notice, 0, |_| ());
    shot(shots, "need", KioskScreen::Need, 1, |state| state.set_simulated(false));
    shot(shots, "need_offline", KioskScreen::Need, 1, |state| state.set_hub_online(false));
    shot(shots, "variant", KioskScreen::Variant, 1, |state| {
        state.set_cards(rows(vec![
            card("Baru menikah", "Membentuk keluarga baru dengan KK sendiri.", "rings"),
            card("Kepala keluarga meninggal", "Mengganti kepala keluarga di KK.", "grave-2"),
            card("Pisah KK, alamat tetap", "Membuat KK sendiri di alamat yang sama.", "users-group"),
            card("Pindah datang", "Pindah alamat dan membuat KK sendiri.", "truck"),
            card("Pulang dari luar negeri", "WNI yang pindah kembali ke Indonesia.", "plane-arrival"),
            card(
                "Peristiwa penting lain",
                "Ganti nama, angkat anak, kewarganegaraan, atau akta dibetulkan.",
                "help-circle",
            ),
        ]));
    });
    shot(shots, "question", KioskScreen::Question, 2, |state| {
        state.set_question_help("Hitung umur pada hari ini.".into());
        state.set_question_count(2);
    });
    shot(shots, "question_short", KioskScreen::Question, 2, |state| {
        state.set_question("Apakah alamat Anda berubah?".into());
    });
}

fn take_documents(shots: &Shots) {
    shot(shots, "checklist", KioskScreen::Checklist, 2, |state| state.set_variant_title("KK hilang".into()));
    shot(shots, "checklist_long", KioskScreen::Checklist, 2, |state| {
        state.set_variant_title("KK baru: pindah datang tanpa kepala keluarga lama".into());
        state.set_checklist(rows(vec![
            document(
                "Surat pernyataan tidak keberatan dari pemilik rumah (menumpang/sewa/kontrak/kos)",
                "Pemilik rumah menyatakan tidak keberatan alamatnya dipakai.",
                "home-check",
                Need::Mandatory,
                DocumentState::Have,
                false,
            ),
            document(
                "Surat Keterangan Pindah WNI (SKPWNI)",
                "Dari Dinas Dukcapil daerah asal",
                "truck",
                Need::OneOf,
                DocumentState::Missing,
                false,
            ),
            document(
                "SPTJM perkawinan/perceraian belum tercatat (F-1.05)",
                "Surat pernyataan kedua pihak dan dua saksi. KTP-el saksi tidak perlu difotokopi.",
                "file-pencil",
                Need::OneOf,
                DocumentState::Have,
                false,
            ),
            document(
                "KTP-el atau Identitas Kependudukan Digital (IKD)",
                "Fotokopi tidak diperlukan",
                "id",
                Need::Mandatory,
                DocumentState::Unknown,
                true,
            ),
            document(
                "Bukti perubahan elemen data (ijazah, SK/surat kerja, surat golongan darah, akta, dst.)",
                "Bawa dokumen asli",
                "file-text",
                Need::Practice,
                DocumentState::Unknown,
                false,
            ),
        ]));
        state.set_can_next(false);
    });
    shot(shots, "checklist_offline", KioskScreen::Checklist, 2, |state| {
        state.set_hub_online(false);
        state.set_checklist(rows(
            (0..5)
                .map(|_| {
                    document(
                        "Bukti perubahan elemen data (ijazah, SK/surat kerja, surat golongan darah, akta, dst.)",
                        "Bawa dokumen asli",
                        "file-text",
                        Need::OneOf,
                        DocumentState::Unknown,
                        true,
                    )
                })
                .collect(),
        ));
    });
    shot(shots, "incomplete", KioskScreen::Incomplete, 2, |state| {
        state.set_checklist(rows(vec![
            document(
                "Surat keterangan hilang dari kepolisian",
                "Dari kantor polisi terdekat",
                "shield",
                Need::Mandatory,
                DocumentState::Missing,
                false,
            ),
            document(
                "Surat pernyataan tidak keberatan dari pemilik rumah (menumpang/sewa/kontrak/kos)",
                "Pemilik rumah menyatakan tidak keberatan alamatnya dipakai.",
                "home-check",
                Need::OneOf,
                DocumentState::Missing,
                false,
            ),
        ]));
    });
    shot(shots, "incomplete_five", KioskScreen::Incomplete, 2, |state| {
        state.set_checklist(rows(
            (0..5)
                .map(|_| {
                    document(
                        "Surat pernyataan tidak keberatan dari pemilik rumah (menumpang/sewa/kontrak/kos)",
                        "Pemilik rumah menyatakan tidak keberatan alamatnya dipakai.",
                        "home-check",
                        Need::OneOf,
                        DocumentState::Missing,
                        false,
                    )
                })
                .collect(),
        ));
    });
}

fn take_person(shots: &Shots) {
    shot(shots, "applicant", KioskScreen::Applicant, 3, |_| ());
    shot(shots, "phone", KioskScreen::Phone, 3, |_| ());
    shot(shots, "phone_empty", KioskScreen::Phone, 3, |state| state.set_phone("".into()));
    shot(shots, "code", KioskScreen::Code, 0, |_| ());
    shot(shots, "priority", KioskScreen::Priority, 3, |state| {
        state.set_cards(rows(vec![
            card("Tidak perlu", "Saya antre biasa.", "user"),
            card("Lansia", "Umur 60 tahun atau lebih.", "cane"),
            card("Disabilitas", "Penyandang disabilitas dan pendampingnya.", "wheelchair"),
            card("Hamil atau menyusui", "", "baby-bottle"),
            card("Membawa balita", "", "baby-carriage"),
            card("Sedang sakit", "", "stethoscope"),
        ]));
    });
    shot(shots, "nik_empty", KioskScreen::Nik, 3, |state| {
        set_nik(state, ["", "", "", ""]);
        state.set_can_next(false);
    });
    shot(shots, "nik_typing", KioskScreen::Nik, 3, |state| state.set_can_next(false));
    shot(shots, "nik_complete", KioskScreen::Nik, 3, |state| set_nik(state, ["3315", "1352", "0890", "0001"]));
    shot(shots, "nik_proxy_same", KioskScreen::Nik, 3, |state| {
        set_nik(state, ["3315", "1352", "0890", "0001"]);
        state.set_nik_purpose(NikPurpose::Proxy);
        state.set_nik_issue(NikIssue::SameAsApplicant);
        state.set_can_next(false);
    });
    for (name, issue) in
        [("incomplete", NikIssue::Incomplete), ("all_same", NikIssue::AllSame), ("serial_zero", NikIssue::SerialZero)]
    {
        shot(shots, &format!("nik_{name}"), KioskScreen::Nik, 3, |state| {
            set_nik(state, ["3333", "3333", "3333", "33"]);
            state.set_nik_issue(issue);
            state.set_can_next(false);
        });
    }
    for (name, issue) in
        [("province", NikIssue::UnknownProvince), ("date", NikIssue::DateDoubtful), ("no_kk", NikIssue::LooksLikeNoKk)]
    {
        shot(shots, &format!("nik_confirm_{name}"), KioskScreen::NikConfirm, 3, |state| {
            set_nik(state, ["3315", "0000", "0890", "0001"]);
            state.set_nik_issue(issue);
        });
    }
}

fn take_scan(shots: &Shots) {
    shot(shots, "scan_guide", KioskScreen::Scan, 4, |_| ());
    shot(shots, "scan_guide_long", KioskScreen::Scan, 4, |state| {
        state.set_scan_title("Surat pernyataan tidak keberatan dari pemilik rumah (menumpang/sewa/kontrak/kos)".into());
    });
    shot(shots, "scan_scanning", KioskScreen::Scan, 4, |state| state.set_scan_phase(ScanPhase::Scanning));
    shot(shots, "scan_preview", KioskScreen::Scan, 4, |state| {
        state.set_scan_phase(ScanPhase::Preview);
        state.set_scan_preview(sheet_of_paper());
    });
    shot(shots, "scan_doubt", KioskScreen::Scan, 4, |state| {
        state.set_scan_phase(ScanPhase::Preview);
        state.set_scan_preview(sheet_of_paper());
        state.set_scan_doubt("Ada pantulan cahaya di atas tulisan. Silakan geser kertas sedikit.".into());
        state.set_scan_doubt_place(PicturePlace { left: 0.3, top: 0.2, width: 0.4, height: 0.25 });
    });
    shot(shots, "scan_failed", KioskScreen::Scan, 4, |state| {
        state.set_scan_phase(ScanPhase::Failed);
        state.set_scan_failure("Pemindai macet, terbuka, atau tidak menemukan kertas.".into());
    });
}

fn take_end(shots: &Shots) {
    shot(shots, "review", KioskScreen::Review, 4, |_| ());
    shot(shots, "review_six", KioskScreen::Review, 4, |state| state.set_review(long_review()));
    shot(shots, "submitting", KioskScreen::Submitting, 5, |_| ());
    shot(shots, "status_searching", KioskScreen::Status, 0, |state| {
        state.set_status_title(SharedString::new());
        state.set_status_detail(SharedString::new());
        state.set_status_path(rows(Vec::<PathRow>::new()));
    });
    for (name, phase) in [
        ("printing", SlipPhase::Printing),
        ("cooling", SlipPhase::Cooling),
        ("tear_off", SlipPhase::TearOff),
        ("printed", SlipPhase::Printed),
        ("not_printed", SlipPhase::NotPrinted),
        ("unknown", SlipPhase::Unknown),
    ] {
        shot(shots, &format!("slip_{name}"), KioskScreen::Slip, 5, |state| {
            state.set_slip_phase(phase);
            state.set_slip_qr(checkered_code());
        });
    }
    shot(shots, "slip_worst", KioskScreen::Slip, 5, |state| {
        state.set_slip_phase(SlipPhase::NotPrinted);
        state.set_slip_qr(checkered_code());
        state.set_slip_delivered(false);
        state.set_hub_online(false);
        state.set_ticket("A-1024".into());
    });
    shot(shots, "status", KioskScreen::Status, 0, |_| ());
    shot(shots, "status_correct", KioskScreen::Status, 0, |state| {
        state.set_status_title("Dokumen perlu diperbaiki".into());
        state.set_status_detail("Surat keterangan hilang tidak terbaca. Pindai ulang di sini.".into());
        state.set_status_can_correct(true);
        let titles = [
            "Permohonan",
            "Dokumen diperiksa",
            "Data diajukan",
            "Diperiksa Kepala Bidang",
            "Disetujui Kepala Dinas",
            "KK dicetak",
            "KK di loket",
            "KK diserahkan",
        ];
        state.set_status_path(rows(
            titles
                .iter()
                .enumerate()
                .map(|(i, title)| PathRow { title: (*title).into(), done: i == 0, current: i == 1 })
                .collect(),
        ));
    });
    shot(shots, "closed", KioskScreen::Closed, 0, |_| ());
    shot(shots, "staff_pin", KioskScreen::StaffPin, 0, |_| ());
    shot(shots, "status_collect", KioskScreen::Status, 0, |state| state.set_status_can_collect(true));
    shot(shots, "slip_walk_in", KioskScreen::Slip, 0, |state| {
        state.set_slip_kind(SlipKind::WalkIn);
        state.set_priority("Lansia".into());
    });
    shot(shots, "out_of_service", KioskScreen::OutOfService, 0, |_| ());
    shot(shots, "staff", KioskScreen::Staff, 0, |state| state.set_can_back(true));
    shot(shots, "scan_scanner_away", KioskScreen::Scan, 4, |state| {
        state.set_scan_phase(ScanPhase::Guide);
        state.set_scanner_ready(false);
    });
    shot(shots, "attract_devices_away", KioskScreen::Attract, 0, |state| {
        state.set_qr_ready(false);
        state.set_printer_ready(false);
    });
}

fn take_overlays(shots: &Shots) {
    shot(shots, "failure", KioskScreen::Scan, 4, |state| {
        state.set_failure(FailureData {
            visible: true,
            code: "SCANNER-OFFLINE".into(),
            title: "Pemindai tidak menjawab".into(),
            cause: "Kabel pemindai mungkin terlepas.".into(),
            action: "Panggil petugas. Jawaban Anda tetap tersimpan di layar ini.".into(),
        });
    });
    shot(shots, "idle", KioskScreen::Nik, 3, |state| {
        state.set_idle_warning(true);
        state.set_idle_seconds_left(22);
    });
    for (name, label) in [("help", "Bantuan"), ("restart", "Mulai dari awal"), ("display", "Tampilan")] {
        shot_after(
            shots,
            name,
            KioskScreen::Applicant,
            3,
            |_| (),
            |window| {
                i_slint_backend_testing::ElementHandle::find_by_accessible_label(window, label)
                    .next()
                    .expect("the button is on the screen")
                    .invoke_accessible_default_action();
            },
        );
    }
}

/// Every line that a review can have, for a proxy.
fn long_review() -> ModelRc<ReviewRow> {
    let line = |label: &str, value: &str, icon: &str| ReviewRow {
        key: label.into(),
        label: label.into(),
        value: value.into(),
        icon: icon.into(),
        editable: true,
    };
    rows(vec![
        line("Layanan", "KK baru: pindah datang tanpa kepala keluarga lama", "file-text"),
        line("Yang mengajukan", "Penerima kuasa", "user"),
        line("NIK pemohon", "3315 13•• •••• ••01", "id"),
        line("NIK penerima kuasa", "3315 13•• •••• ••51", "user-share"),
        line("Dokumen yang dibawa", "6", "files"),
        line("Dokumen dipindai", "5/5", "scan"),
    ])
}

fn rows<T: Clone + 'static>(rows: Vec<T>) -> ModelRc<T> {
    ModelRc::new(VecModel::from(rows))
}

fn card(title: &str, detail: &str, icon: &str) -> CardRow {
    CardRow { key: title.into(), title: title.into(), detail: detail.into(), icon: icon.into() }
}

fn document(title: &str, hint: &str, icon: &str, need: Need, state: DocumentState, shown_only: bool) -> ChecklistRow {
    ChecklistRow {
        key: title.into(),
        title: title.into(),
        hint: hint.into(),
        icon: icon.into(),
        need,
        state,
        shown_only,
    }
}

fn set_nik(state: &KioskState<'_>, groups: [&str; 4]) {
    state.set_nik_length(groups.iter().map(|group| i32::try_from(group.len()).unwrap_or(0)).sum());
    state.set_nik_groups(rows(groups.iter().map(|group| SharedString::from(*group)).collect()));
}

/// A grey page with lines, as a scanner would give it.
fn sheet_of_paper() -> Image {
    let (width, height) = (620_u32, 877_u32);
    let mut page = SharedPixelBuffer::<Rgb8Pixel>::new(width, height);
    for (i, pixel) in page.make_mut_slice().iter_mut().enumerate() {
        let (x, y) = (i as u32 % width, i as u32 / width);
        let in_line =
            (60..width - 60).contains(&x) && y > 90 && y < height - 120 && y % 34 < 9 && (x / 13 + y / 34) % 7 != 0;
        let grey = if in_line { 70 } else { 244 };
        *pixel = Rgb8Pixel { r: grey, g: grey, b: grey - 4 };
    }
    Image::from_rgb8(page)
}

/// Something the size and density of a QR code; it says nothing.
fn checkered_code() -> Image {
    let side = 37_u32;
    let mut code = SharedPixelBuffer::<Rgb8Pixel>::new(side, side);
    let finder = |x: u32, y: u32| -> Option<bool> {
        for (left, top) in [(2, 2), (side - 9, 2), (2, side - 9)] {
            if (left..left + 7).contains(&x) && (top..top + 7).contains(&y) {
                let edge = x - left == 0 || x - left == 6 || y - top == 0 || y - top == 6;
                let core = (2..5).contains(&(x - left)) && (2..5).contains(&(y - top));
                return Some(edge || core);
            }
        }
        None
    };
    for (i, pixel) in code.make_mut_slice().iter_mut().enumerate() {
        let (x, y) = (i as u32 % side, i as u32 / side);
        let inside = (2..side - 2).contains(&x) && (2..side - 2).contains(&y);
        let dark = inside && finder(x, y).unwrap_or((x * 7 + y * 13 + x * y) % 5 < 2);
        let grey = if dark { 0 } else { 255 };
        *pixel = Rgb8Pixel { r: grey, g: grey, b: grey };
    }
    Image::from_rgb8(code)
}
