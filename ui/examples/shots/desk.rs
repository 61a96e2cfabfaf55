//! Counter, board and rig: every mode, phase and panel, with the longest real words.
//! `ANJUNGAN_SHOT_SCAN` names a picture to show as the scanned page; without it a ruled sheet is drawn.

use std::rc::Rc;

use anjungan_ui::slint::platform::{Key, WindowEvent};
use anjungan_ui::slint::{
    ComponentHandle, Image, Model, ModelRc, Rgb8Pixel, SharedPixelBuffer, SharedString, VecModel, Window,
};
use anjungan_ui::{
    BoardState, BoardWindow, CallRow, CaseMode, CounterScreen, CounterState, CounterWindow, DocumentRow, DocumentState,
    FailureData, FallbackRow, HandoverPhase, Need, QueueRow, ReasonRow, RigFaultRow, RigSlipRow, RigState, RigWindow,
    StationRow, TrailRow,
};

use crate::Shots;

pub fn take(shots: &Shots) {
    counter(shots);
    board(shots);
    rig(shots);
}

fn model<T: Clone + 'static>(rows: Vec<T>) -> ModelRc<T> {
    ModelRc::from(Rc::new(VecModel::from(rows)))
}

/// A page with grey lines where the words would be.
fn sheet(width: u32, height: u32) -> Image {
    if let Some(path) = std::env::var_os("ANJUNGAN_SHOT_SCAN") {
        return Image::load_from_path(path.as_ref()).expect("ANJUNGAN_SHOT_SCAN is a picture");
    }
    let mut pixels = SharedPixelBuffer::<Rgb8Pixel>::new(width, height);
    let margin = width / 10;
    for (index, pixel) in pixels.make_mut_slice().iter_mut().enumerate() {
        let (x, y) = (index as u32 % width, index as u32 / width);
        let line = y / (height / 40);
        let end = width - margin - (line * 37 % 90) * width / 400;
        let inked =
            y % (height / 40) < height / 110 && (3..36).contains(&line) && line % 9 != 6 && (margin..end).contains(&x);
        *pixel = if inked { Rgb8Pixel::new(90, 90, 96) } else { Rgb8Pixel::new(252, 251, 247) };
    }
    Image::from_rgb8(pixels)
}

fn press(window: &Window, key: Key) {
    window.dispatch_event(WindowEvent::KeyPressed { text: key.into() });
    window.dispatch_event(WindowEvent::KeyReleased { text: key.into() });
}

fn queue_row(ticket: &str, service: &str, queue: &str, waiting: &str, called_here: bool) -> QueueRow {
    QueueRow {
        key: ticket.into(),
        ticket: ticket.into(),
        service: service.into(),
        queue: queue.into(),
        waiting: waiting.into(),
        called_here,
        priority: Default::default(),
    }
}

fn station_row(text: &str, icon: &str, urgent: bool) -> StationRow {
    StationRow { text: text.into(), icon: icon.into(), urgent }
}

fn document(
    title: &str,
    need: Need,
    state: DocumentState,
    reason: &str,
    has_scan: bool,
    shown_only: bool,
) -> DocumentRow {
    DocumentRow {
        key: title.into(),
        title: title.into(),
        need,
        state,
        reason: reason.into(),
        has_scan,
        shown_only,
        doubts: SharedString::new(),
        signature_qr: false,
    }
}

fn trail(done: usize) -> ModelRc<TrailRow> {
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
    model(
        titles
            .iter()
            .enumerate()
            .map(|(index, title)| TrailRow {
                title: (*title).into(),
                when: if index < done { format!("08.{:02}", 31 + index * 3).into() } else { SharedString::new() },
                who: if index < done { "petugas1".into() } else { SharedString::new() },
                done: index < done,
                current: index == done,
            })
            .collect(),
    )
}

fn counter(shots: &Shots) {
    if !shots.wants("counter") {
        return;
    }
    let window = CounterWindow::new().expect("the window is made");
    let state = window.global::<CounterState>();
    let take = |name: &str| shots.take(name, window.window(), 1366, 768);

    state.set_screen(CounterScreen::Login);
    take("counter_login");
    state.set_login_message("Nama atau kata sandi tidak cocok. Sisa percobaan 3 kali.".into());
    take("counter_login_refused");
    state.set_login_message(SharedString::new());
    state.set_must_change_password(true);
    take("counter_login_new_password");
    state.set_must_change_password(false);
    state.set_screen(CounterScreen::Desk);

    state.set_has_case(false);
    state.set_called_ticket(SharedString::new());
    state.set_mode(CaseMode::None);
    state.set_waiting(model(vec![]));
    state.set_ready_count(0);
    take("counter_empty");

    state.set_has_case(true);
    state.set_called_ticket("A-002".into());
    state.set_ready_count(2);
    state.set_mode(CaseMode::Verify);
    state.set_trail(trail(1));
    state.set_scan(sheet(1240, 1754));
    state.set_waiting(model(vec![
        queue_row("A-003", "KK hilang", "Verifikasi", "12 mnt", false),
        queue_row("A-004", "Tambah anggota karena kelahiran", "Verifikasi", "9 mnt", false),
        queue_row("P-001", "KK baru karena pindah datang", "Prioritas", "3 mnt", false),
        queue_row("A-005", "Ubah data pekerjaan", "Verifikasi", "2 mnt", false),
        queue_row("A-006", "KK rusak", "Verifikasi", "1 mnt", false),
    ]));
    take("counter_verify");

    state.set_documents(model(vec![
        document("Surat keterangan hilang dari kepolisian", Need::Mandatory, DocumentState::Accepted, "", true, false),
        document("KTP-el pemohon", Need::Mandatory, DocumentState::Shown, "", false, true),
        document("Surat pernyataan sebab hilang atau rusak", Need::Practice, DocumentState::Missing, "", false, false),
        document(
            "Buku nikah atau kutipan akta perkawinan",
            Need::OneOf,
            DocumentState::Rejected,
            "tulisan tidak terbaca",
            true,
            false,
        ),
        document(
            "Surat pernyataan tanggung jawab mutlak kebenaran data perkawinan (F-1.05)",
            Need::OneOf,
            DocumentState::Scanned,
            "",
            true,
            false,
        ),
        document("Kartu izin tinggal tetap", Need::Practice, DocumentState::Unknown, "", false, true),
    ]));
    state.set_selected_document(3);
    state.set_proxy_nik("3315 1344 0585 0002".into());
    state.set_case_title("KK baru karena membentuk keluarga baru (pisah KK)".into());
    state.set_applicant_note("Pemohon memakai kursi roda; layani di meja rendah. Minta surat kuasa asli.".into());
    state.set_printed(model(vec![
        queue_row("A-001", "KK hilang", "dari operator2", "08.39", false),
        queue_row("B-014", "Tambah anggota", "dari operator1", "08.41", false),
    ]));
    state.set_station_lines(model(vec![station_row("K1: kertas slip hampir habis", "receipt", false)]));
    take("counter_station_low");
    state.set_station_lines(model(vec![
        station_row("K2: tidak ada kabar sejak 22/11 16.02", "wifi-off", true),
        station_row("K1: kertas hampir habis, sekitar 12 slip lagi", "receipt", false),
    ]));
    state.set_station_lines_more(3);
    state.set_can_accept(true);
    take("counter_stations");
    shots.take("counter_stations_small", window.window(), 1280, 720);
    state.set_station_lines(model(vec![station_row(
        "K1: kertas hampir habis, sekitar 12 slip lagi",
        "receipt",
        false,
    )]));
    state.set_station_lines_more(0);
    state.set_notice("A-002 dipanggil di Loket 1.".into());
    take("counter_verify_long");
    shots.take("counter_verify_small", window.window(), 1280, 720);
    state.set_selected_document(1);
    take("counter_verify_shown_only");
    state.set_scan_loading(true);
    state.set_selected_document(0);
    take("counter_verify_scan_loading");
    state.set_scan_loading(false);

    press(window.window(), Key::F1);
    take("counter_scan_enlarged");
    press(window.window(), Key::F1);
    press(window.window(), Key::F9);
    take("counter_slip_code_focused");
    press(window.window(), Key::Tab);
    press(window.window(), Key::Tab);
    take("counter_list_focused");
    press(window.window(), Key::Escape);

    state.set_failure(FailureData {
        visible: true,
        code: "HUB-UNREACHABLE".into(),
        title: "Pusat data tidak menjawab".into(),
        cause: "Jaringan kantor terputus atau komputer pusat mati. Keputusan terakhir Anda belum tercatat.".into(),
        action: "Tunggu satu menit. Bila masih muncul, hubungi petugas TI dan sebutkan kodenya.".into(),
    });
    state.set_hub_online(false);
    take("counter_failure");
    state.set_failure(FailureData::default());
    state.set_hub_online(true);

    state.set_return_panel(true);
    state.set_can_return(true);
    let reasons = [
        "Dokumen wajib belum lengkap",
        "Hasil pindai tidak terbaca",
        "Dokumen bukan atas nama pemohon",
        "NIK pada dokumen berbeda dengan NIK pemohon",
        "Masa berlaku surat sudah lewat",
        "Surat kuasa belum ditandatangani",
        "Nama berbeda dengan akta kelahiran",
        "Perlu penetapan pengadilan",
        "Lain-lain, dijelaskan langsung",
    ];
    state.set_reasons(model(
        reasons
            .iter()
            .enumerate()
            .map(|(index, text)| ReasonRow {
                key: (*text).into(),
                text: (*text).into(),
                checked: index == 1 || index == 3,
            })
            .collect(),
    ));
    take("counter_return");
    state.set_return_needs_note(true);
    take("counter_return_note");
    state.set_return_needs_note(false);
    state.set_return_panel(false);
    state.set_notice(SharedString::new());

    state.set_mode(CaseMode::WaitingElsewhere);
    state.set_case_stage("Menunggu persetujuan Kepala Dinas".into());
    state.set_trail(trail(4));
    take("counter_waiting_elsewhere");

    state.set_mode(CaseMode::Receive);
    state.set_case_stage("KK sudah dicetak, belum diterima loket".into());
    state.set_trail(trail(6));
    take("counter_receive");

    state.set_mode(CaseMode::HandOver);
    state.set_case_stage("KK siap diserahkan".into());
    state.set_trail(trail(7));
    for (name, phase, has_proxy) in [
        ("choose", HandoverPhase::ChooseCollector, false),
        ("choose_proxy", HandoverPhase::ChooseCollector, true),
        ("wait_card", HandoverPhase::WaitCard, true),
        ("reading", HandoverPhase::Reading, true),
        ("matched", HandoverPhase::Matched, true),
        ("mismatch", HandoverPhase::Mismatch, true),
        ("unreadable", HandoverPhase::Unreadable, true),
        ("fallback", HandoverPhase::Fallback, true),
        ("committing", HandoverPhase::Committing, true),
        ("done", HandoverPhase::Done, true),
    ] {
        state.set_handover(phase);
        state.set_has_proxy(has_proxy);
        state.set_busy(phase == HandoverPhase::Committing);
        state.set_card_nik(
            if phase == HandoverPhase::Mismatch { "3315 0101 0180 0007" } else { "3315 1301 0190 9001" }.into(),
        );
        state.set_fallbacks(model(
            [
                ("retry", "Baca lagi di alat pembaca", "Bersihkan kartu, letakkan di tengah"),
                ("visual", "Cocokkan wajah dan data kartu", "Dua petugas melihat kartu dan orangnya"),
                ("ikd", "Identitas Kependudukan Digital", "Pemohon memperlihatkan IKD di ponselnya"),
            ]
            .iter()
            .map(|(key, title, detail)| FallbackRow {
                key: (*key).into(),
                title: (*title).into(),
                detail: (*detail).into(),
            })
            .collect(),
        ));
        take(&format!("counter_handover_{name}"));
        if phase == HandoverPhase::Fallback {
            let alt = SharedString::from(Key::Alt);
            window.window().dispatch_event(WindowEvent::KeyPressed { text: alt.clone() });
            window.window().dispatch_event(WindowEvent::KeyPressed { text: "2".into() });
            window.window().dispatch_event(WindowEvent::KeyReleased { text: "2".into() });
            window.window().dispatch_event(WindowEvent::KeyReleased { text: alt });
            take("counter_handover_fallback_chosen");
        }
    }
    state.set_busy(false);
    state.set_devices_open(true);
    take("counter_devices");
    state.set_devices_open(false);
    state.set_card_forgotten(true);
    take("counter_card_forgotten");
    state.set_card_forgotten(false);
    state.set_mode(CaseMode::Done);
    state.set_case_stage("KK sudah diserahkan".into());
    state.set_trail(trail(8));
    take("counter_done");
}

fn call(ticket: &str, counter: &str, queue: &str) -> CallRow {
    CallRow { ticket: ticket.into(), counter: counter.into(), queue: queue.into() }
}

fn board(shots: &Shots) {
    if !shots.wants("board") {
        return;
    }
    let window = BoardWindow::new().expect("the window is made");
    let state = window.global::<BoardState>();
    let take = |name: &str| shots.take(name, window.window(), 1920, 1080);
    take("board_call");
    state.set_now(call("A-1028", "Loket 12", "Pemeriksaan dokumen prioritas"));
    state.set_last(model(vec![
        call("A-1027", "Loket 11", ""),
        call("B-014", "Loket 1", ""),
        call("P-003", "Loket 2", ""),
        call("A-1026", "Loket 4", ""),
        call("A-1025", "Loket 4", ""),
    ]));
    state.set_ready(model((1..=9).map(|number| SharedString::from(format!("A-{number:03}"))).collect()));
    state.set_waiting_verification(38);
    state.set_waiting_pickup(12);
    state.set_age_s(25);
    state.set_call_serial(2);
    take("board_long_stale");
    // The second pulse of a call is lit from 1.4 to 2.1 seconds; `take` itself waits one.
    state.set_call_serial(3);
    window.window().take_snapshot().expect("the window renders");
    i_slint_backend_testing::mock_elapsed_time(std::time::Duration::from_millis(750));
    take("board_call_pulse");
    state.set_has_call(false);
    state.set_age_s(0);
    state.set_last(model(vec![]));
    state.set_ready(model(vec![]));
    state.set_waiting_verification(0);
    state.set_waiting_pickup(0);
    take("board_idle");
}

fn rig(shots: &Shots) {
    if !shots.wants("rig") {
        return;
    }
    let window = RigWindow::new().expect("the window is made");
    let state = window.global::<RigState>();
    let take = |name: &str| shots.take(name, window.window(), 1280, 800);
    take("rig_empty");
    state.set_paper(sheet(576, 1500));
    state.set_slip_count(5);
    state.set_slips(model(
        (1..=5)
            .map(|number| RigSlipRow {
                key: number.to_string().into(),
                ticket: format!("A-00{number}").into(),
                detail: format!("KK hilang · 08.3{number}").into(),
            })
            .collect(),
    ));
    let lists: [(&[&str], ModelRc<RigFaultRow>); 4] = [
        (&["printer.paper_out_mid_slip"], state.get_printer_paper_faults()),
        (&["printer.cutter"], state.get_printer_machine_faults()),
        (&["kiosk_scanner.babbling"], state.get_kiosk_scanner_faults()),
        (&["scanner.double_feed", "scanner.slow"], state.get_scanner_faults()),
    ];
    for (on, list) in &lists {
        for place in 0..list.row_count() {
            let row = list.row_data(place).expect("a row");
            list.set_row_data(place, RigFaultRow { active: on.contains(&row.key.as_str()), ..row });
        }
    }
    state.set_fault_count(5);
    state.set_scanner_fault_count(2);
    take("rig_busy");
    shots.take("rig_smallest", window.window(), 1260, 720);
}
