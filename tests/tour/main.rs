//! The tour: five cases through a whole office without a display, with a picture of every screen.
//!
//! Everything is real but the people: windows and their programs, the hub over HTTP, ESC/POS over TCP, scanners and
//! the KTP-el reader on PTYs, pages in Chromium. Only the clock is virtual: handling times are scripted.
//! `make tour` leaves pictures, `slip.png` and `timeline.md` under `target/tour/`.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

#[path = "../it/support/browser.rs"]
#[allow(dead_code)]
mod browser;
mod counter_acts;
mod gestures;
mod hands;
mod kiosk_acts;
mod office;
mod page_acts;
mod timeline;

use std::path::Path;
use std::process::Command;

use anjungan::rig::Slip;

use hands::{Album, photograph};
use kiosk_acts::Visit;
use office::Office;
use timeline::Timeline;

fn main() {
    hands::without_a_display();
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tour");
    let data = tempfile::tempdir().expect("a folder for the office");
    let mut office = Office::open(data.path(), Album::open(&target));
    let mut timeline = Timeline::default();
    office.sign_in_at_desks();

    println!("1. straight through");
    let slip = straight_through(&mut office);
    timeline.add(&office, "Straight through", &slip);

    println!("2. returned and corrected");
    let returned = returned_and_corrected(&mut office);
    timeline.add(&office, "Returned and corrected", &returned);

    println!("3. by proxy");
    let proxied = by_proxy(&mut office);
    timeline.add(&office, "By proxy, signature deferred once", &proxied);

    println!("4. another person's card is refused");
    let refused = refused_then_right(&mut office);
    timeline.add(&office, "Another card refused first", &refused);

    println!("5. looks and languages, the guide, a list to take home, a number for help");
    helped_in_person(&mut office);

    println!("6. the door of the staff, the closed office, a number to collect the KK next morning");
    collected_next_morning(&mut office);

    timeline.write(&target.join("timeline.md"));
    if std::env::var_os("ANJUNGAN_README_PICTURES").is_some() {
        hands::keep_for_readme(&target, &Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures"));
    }
    println!("pictures, slip.png and timeline.md are in {}", target.display());
}

const LOST: [&str; 1] = ["KK hilang"];

fn straight_through(office: &mut Office) -> Slip {
    let visit = Visit { cards: &LOST, answers: &[], by_proxy: false, pictures: Some("") };
    let slip = office.apply(&visit);
    keep_slip(office, &slip);
    photograph(&mut office.board, &office.album, "board-idle");
    office.sign_in_at_counter();
    office.pass(90);
    office.call_and_open(&slip, true);
    office.pass(35);
    office.accept(Some("verify")).at_most(6);
    office.look_at_status(&slip, "phone-status-verified");
    office.look_up_code(&slip);
    office.propose("3315-KK-2026-000123", true);
    office.endorse(true);
    office.sign(false, true);
    office.print(true);
    office.pass(50);
    office.receive(&slip, true);
    office.pass(40);
    office.look_at_status(&slip, "phone-status-ready");
    office.call_for_pickup(&slip, true);
    office.show_card("pemohon", "KTP-el cocok", "handover-match");
    office.pass(20);
    office.hand_over(Some("handed-over")).at_most(3);
    slip
}

fn returned_and_corrected(office: &mut Office) -> Slip {
    let visit = Visit { cards: &LOST, answers: &[], by_proxy: false, pictures: None };
    let first = office.apply(&visit);
    office.pass(60);
    office.call_and_open(&first, false);
    office.pass(30);
    office.reject();
    office.look_at_status(&first, "phone-status-returned");
    office.pass(600);
    let second = office.correct(&first);
    office.pass(60);
    office.call_and_open(&second, false);
    office.accept(None);
    office.through_the_desks("3315-KK-2026-000124", false);
    office.pass(45);
    // The register, the case and every list keep the first number.
    office.receive(&first, false);
    office.call_for_pickup(&second, false);
    office.show_card("pemohon", "KTP-el cocok", "corrected-match");
    office.hand_over(None);
    first
}

fn by_proxy(office: &mut Office) -> Slip {
    let visit = Visit {
        cards: &["Tambah anggota", "Tambah anak (kelahiran)"],
        answers: &["Tidak"],
        by_proxy: true,
        pictures: Some("proxy-"),
    };
    let slip = office.apply(&visit);
    office.pass(75);
    office.call_and_open(&slip, false);
    office.pass(40);
    office.accept_at_a_glance("verify-all").at_most(6);
    office.through_the_desks("3315-KK-2026-000125", true);
    office.pass(55);
    office.receive(&slip, false);
    office.call_for_pickup(&slip, false);
    office.shoot_counter("handover-who");
    office.gestures.pointing();
    hands::press(&mut office.counter, "Penerima kuasa");
    office.show_card("kuasa", "KTP-el cocok", "handover-proxy");
    office.hand_over(None);
    slip
}

fn refused_then_right(office: &mut Office) -> Slip {
    let visit = Visit { cards: &["KK rusak"], answers: &[], by_proxy: false, pictures: None };
    let slip = office.apply(&visit);
    office.pass(30);
    office.call_and_open(&slip, false);
    office.accept(None);
    office.through_the_desks("3315-KK-2026-000126", false);
    office.receive(&slip, false);
    office.call_for_pickup(&slip, false);
    office.show_card("lain", "KTP-el tidak cocok", "handover-mismatch");
    office.devices.remove_card();
    office.show_card("rusak", "Chip belum terbaca", "handover-unreadable");
    office.devices.remove_card();
    office.show_card("pemohon", "KTP-el cocok", "handover-right-card");
    office.hand_over(None);
    slip
}

fn helped_in_person(office: &mut Office) {
    office.turn_everything();
    office.be_guided_by_ear();
    let number = office.be_led_and_turned_away();
    office.set_aside_and_rest(&number);
    office.help_in_person(&number);
}

fn collected_next_morning(office: &mut Office) {
    let visit = Visit { cards: &LOST, answers: &[], by_proxy: false, pictures: None };
    let slip = office.apply(&visit);
    office.let_staff_in();
    office.call_and_open(&slip, false);
    office.accept(None);
    office.through_the_desks("3315-KK-2026-000127", false);
    office.receive(&slip, false);
    office.find_and_note(kiosk_acts::APPLICANT);
    office.look_at_what_stays();
    // 15.31: the counters have closed.
    office.pass_until(7);
    office.find_it_closed();
    // 08.31 on Tuesday.
    office.pass_until(24);
    office.wait_until_open();
    office.number_for_pickup(&slip);
}

/// Keeps the paper, and has an independent decoder read its QR.
fn keep_slip(office: &Office, slip: &Slip) {
    let path = office.keep_paper(slip, "slip");
    let read = Command::new("zbarimg").args(["--quiet", "--raw"]).arg(&path).output().expect("zbarimg (zbar-tools)");
    let text = String::from_utf8_lossy(&read.stdout);
    assert_eq!(text.trim(), slip.qr, "an independent decoder reads what was printed");
    println!("  slip.png: zbarimg reads its QR");
}
