//! The window's contract: its state follows the flow, its actions reach it. No pixels here; those are in `tests/screens`.

use std::time::{Duration, Instant};

use anjungan_ui::slint::{ComponentHandle as _, Model as _};
use anjungan_ui::{KioskActions, KioskScreen, KioskState, SlipPhase};
use tempfile::TempDir;

use crate::clock::World;
use crate::config::Config;
use crate::kiosk::KioskProgram;
use crate::station::bridge::no_wake;

fn open(folder: &TempDir) -> KioskProgram {
    i_slint_backend_testing::init_no_event_loop();
    let config = Config::parse(&format!(
        "[kiosk]\nname = \"K7\"\nseries = \"B\"\nhub = \"http://127.0.0.1:9\"\ntoken = \"\"\ndata = {:?}\n",
        folder.path()
    ))
    .unwrap();
    let program = KioskProgram::open(&config, World::system(), no_wake()).unwrap();
    program.with_shell(|shell| shell.set_repeat_guard(Duration::ZERO));
    program
}

#[test]
fn a_session_by_the_windows_own_actions() {
    let folder = TempDir::new().unwrap();
    let program = open(&folder);
    let (state, act) = (program.window().global::<KioskState<'_>>(), program.window().global::<KioskActions<'_>>());
    assert_eq!((state.get_screen(), state.get_preview_mode()), (KioskScreen::Attract, false));
    assert_eq!(state.get_kiosk_name(), "K7");
    act.invoke_start();
    assert_eq!(state.get_screen(), KioskScreen::Notice);
    act.invoke_next();
    let cards = state.get_cards();
    assert_eq!((state.get_screen(), cards.row_count()), (KioskScreen::Need, 7));
    act.invoke_pick_card("rusak".into());
    assert_eq!(cards.row_count(), 0, "the model lives on, its rows change");
    assert_eq!((state.get_checklist().row_count(), state.get_can_next()), (2, false));
    act.invoke_set_have("kk_rusak".into(), true);
    act.invoke_set_have("ktp_el".into(), true);
    assert!(state.get_can_next());
    act.invoke_next();
    act.invoke_pick_applicant(anjungan_ui::Applicant::InPerson);
    for digit in "3315135208909001".chars() {
        act.invoke_digit(digit.to_string().into());
    }
    assert_eq!(state.get_nik_groups().iter().collect::<Vec<_>>(), ["3315", "1352", "0890", "9001"]);
    act.invoke_next();
    assert_eq!(state.get_screen(), KioskScreen::Phone);
    act.invoke_next();
    act.invoke_pick_card("elderly".into());
    assert_eq!((state.get_screen(), state.get_review().row_count()), (KioskScreen::Review, 6), "nothing to scan with");
    act.invoke_submit();
    let began = Instant::now();
    while state.get_slip_phase() != SlipPhase::NotPrinted {
        assert!(began.elapsed() < Duration::from_secs(20), "no slip: {:?}", state.get_screen());
        program.pump(Duration::from_millis(20));
    }
    assert_eq!((state.get_screen(), state.get_ticket().as_str()), (KioskScreen::Slip, "B-001"));
    assert!(state.get_slip_qr().size().width > 100);
    act.invoke_finish();
    assert_eq!((state.get_screen(), state.get_ticket().as_str()), (KioskScreen::Attract, ""));
    assert_eq!((state.get_slip_qr().size().width, state.get_nik_length()), (0, 0), "nothing is left behind");
}

#[test]
fn a_display_that_goes_and_comes_back_loses_nothing() {
    let folder = TempDir::new().unwrap();
    let program = open(&folder);
    let (state, act) = (program.window().global::<KioskState<'_>>(), program.window().global::<KioskActions<'_>>());
    program.window().show().unwrap();
    act.invoke_start();
    act.invoke_next();
    act.invoke_pick_card("rusak".into());
    program.window().hide().unwrap();
    program.pump(Duration::ZERO);
    act.invoke_set_have("kk_rusak".into(), true);
    program.window().show().unwrap();
    // Turned by a quarter, as a panel that was remounted.
    program.window().window().set_size(anjungan_ui::slint::PhysicalSize::new(1920, 1080));
    program.pump(Duration::ZERO);
    assert_eq!((state.get_screen(), state.get_checklist().row_count()), (KioskScreen::Checklist, 2));
    act.invoke_set_have("ktp_el".into(), true);
    assert!(state.get_can_next(), "what was said while the display was away still counts");
}
