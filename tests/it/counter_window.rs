//! The counter's window by its keys alone: no hub, no shell.

use std::cell::RefCell;
use std::rc::Rc;

use anjungan_ui::slint::platform::{Key, WindowEvent, update_timers_and_animations};
use anjungan_ui::slint::{ComponentHandle as _, ModelRc, SharedString, VecModel};
use anjungan_ui::{CaseMode, CounterActions, CounterState, CounterWindow, ReasonRow, StationRow};
use i_slint_backend_testing::ElementHandle;

/// A window with the return panel open over one reason that needs a note, and what it told.
fn returning() -> (CounterWindow, Rc<RefCell<Vec<String>>>) {
    i_slint_backend_testing::init_no_event_loop();
    let window = CounterWindow::new().unwrap();
    let told: Rc<RefCell<Vec<String>>> = Rc::default();
    let actions = window.global::<CounterActions<'_>>();
    let log = Rc::clone(&told);
    actions.on_confirm_return(move |note| log.borrow_mut().push(format!("return {note}")));
    let log = Rc::clone(&told);
    actions.on_toggle_reason(move |key| log.borrow_mut().push(format!("toggle {key}")));
    let log = Rc::clone(&told);
    actions.on_cancel_return(move || log.borrow_mut().push("cancel".to_owned()));
    let state = window.global::<CounterState<'_>>();
    state.set_mode(CaseMode::Verify);
    let reason = ReasonRow { key: "*/lainnya".into(), text: "Lainnya".into(), checked: true };
    state.set_reasons(ModelRc::new(VecModel::from(vec![reason])));
    window.show().unwrap();
    settle(&window);
    state.set_return_panel(true);
    state.set_can_return(true);
    settle(&window);
    state.set_return_needs_note(true);
    settle(&window);
    (window, told)
}

/// Lets the window react to what changed.
fn settle(window: &CounterWindow) {
    for _ in 0..3 {
        window.window().request_redraw();
        i_slint_backend_testing::mock_elapsed_time(std::time::Duration::from_millis(50));
        update_timers_and_animations();
    }
}

fn strike(window: &CounterWindow, text: impl Into<SharedString>) {
    let text = text.into();
    window.window().dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
    window.window().dispatch_event(WindowEvent::KeyReleased { text });
    settle(window);
}

fn write(window: &CounterWindow, text: &str) {
    text.chars().for_each(|letter| strike(window, letter));
}

#[test]
fn a_return_waits_for_its_note_and_keys_work_while_it_is_written() {
    let (window, told) = returning();
    strike(&window, Key::F7);
    assert!(told.borrow().is_empty(), "no note yet");
    write(&window, "Cap belum ada");
    // Somebody else's KK is printed meanwhile, and a failure comes and goes: the cursor stays where it is.
    let state = window.global::<CounterState<'_>>();
    let row = anjungan_ui::QueueRow { key: "c:1".into(), ticket: "A-001".into(), ..Default::default() };
    state.set_printed(ModelRc::new(VecModel::from(vec![row])));
    settle(&window);
    state.set_failure(anjungan_ui::FailureData { visible: true, code: "X".into(), ..Default::default() });
    settle(&window);
    state.set_failure(anjungan_ui::FailureData::default());
    settle(&window);
    write(&window, ".");
    window.window().dispatch_event(WindowEvent::KeyPressed { text: Key::Alt.into() });
    strike(&window, "1");
    window.window().dispatch_event(WindowEvent::KeyReleased { text: Key::Alt.into() });
    strike(&window, Key::F7);
    assert_eq!(*told.borrow(), ["toggle */lainnya", "return Cap belum ada."]);
    strike(&window, Key::Escape);
    assert_eq!(told.borrow().last().map(String::as_str), Some("cancel"));
}

#[test]
fn a_note_has_at_most_two_hundred_characters_and_is_forgotten_with_its_panel() {
    let (window, told) = returning();
    write(&window, &"x".repeat(205));
    strike(&window, Key::F7);
    assert_eq!(*told.borrow(), [format!("return {}", "x".repeat(200))]);
    let state = window.global::<CounterState<'_>>();
    state.set_return_panel(false);
    state.set_return_needs_note(false);
    settle(&window);
    state.set_return_panel(true);
    settle(&window);
    strike(&window, Key::F7);
    assert_eq!(told.borrow().last().map(String::as_str), Some("return "), "the next case starts without a note");
}

#[test]
fn a_kiosk_that_needs_paper_stands_on_the_desk_in_words_and_leaves_the_keys_alone() {
    let (window, told) = returning();
    let state = window.global::<CounterState<'_>>();
    let said = |words: &str| ElementHandle::find_by_accessible_label(&window, words).count();
    let (empty, low) = ("K1: kertas slip habis", "K2: kertas hampir habis, sekitar 12 slip lagi");
    assert_eq!(said(empty), 0);
    write(&window, "Cap belum");
    let row = |text: &str, urgent| StationRow { text: text.into(), icon: "printer-off".into(), urgent };
    state.set_station_lines(ModelRc::new(VecModel::from(vec![row(empty, true), row(low, false)])));
    state.set_station_lines_more(3);
    settle(&window);
    assert_eq!((said(empty), said(low), said("+3 lagi")), (1, 1, 1));
    // The note is still being written while the notice comes and goes.
    write(&window, " ada");
    state.set_station_lines(ModelRc::default());
    state.set_station_lines_more(0);
    settle(&window);
    assert_eq!((said(empty), said("+3 lagi")), (0, 0));
    write(&window, ".");
    strike(&window, Key::F7);
    assert_eq!(*told.borrow(), ["return Cap belum ada."]);
}

#[test]
fn help_in_person_ends_with_its_key_and_only_while_somebody_is_helped() {
    let (window, told) = returning();
    let state = window.global::<CounterState<'_>>();
    let log = Rc::clone(&told);
    window.global::<CounterActions<'_>>().on_finish_help(move || log.borrow_mut().push("finished".to_owned()));
    state.set_return_panel(false);
    state.set_has_case(false);
    let finish = || {
        window.window().dispatch_event(WindowEvent::KeyPressed { text: Key::Control.into() });
        strike(&window, "s");
        window.window().dispatch_event(WindowEvent::KeyReleased { text: Key::Control.into() });
    };
    let said = |words: &str| ElementHandle::find_by_accessible_label(&window, words).count();
    settle(&window);
    finish();
    assert!(told.borrow().is_empty() && said("Selesai dilayani") == 0, "somebody with a case was called");
    state.set_called_for_help(true);
    settle(&window);
    assert!(said("Selesai dilayani") > 0 && said("Bantuan petugas") > 0);
    finish();
    assert_eq!(*told.borrow(), ["finished"]);
    state.set_busy(true);
    settle(&window);
    finish();
    assert_eq!(told.borrow().len(), 1, "one thing at a time");
}

#[test]
fn why_somebody_should_not_wait_is_said_with_their_number() {
    let (window, _) = returning();
    let row = |ticket: &str, priority: &str| anjungan_ui::QueueRow {
        ticket: ticket.into(),
        service: "Bantuan petugas".into(),
        priority: priority.into(),
        ..Default::default()
    };
    let rows = vec![row("A-003", "Lansia"), row("A-004", "")];
    window.global::<CounterState<'_>>().set_waiting(ModelRc::new(VecModel::from(rows)));
    settle(&window);
    let said = |words: &str| ElementHandle::find_by_accessible_label(&window, words).count();
    assert_eq!((said("A-003, Bantuan petugas, Lansia"), said("A-004, Bantuan petugas")), (1, 1));
}
