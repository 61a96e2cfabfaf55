//! Where the board meets Slint: views become properties. It takes no input.

use crate::domain::language::Language;
use crate::station::languages::speak;
use std::rc::Rc;

use anjungan_ui as ui;
use anjungan_ui::{BoardState, BoardWindow};
use slint::{ComponentHandle as _, Model as _, ModelRc, SharedString, VecModel};

use super::view::{BoardView, CallLine};

/// Copies views into one window. Lists live as long as the window and change row by row.
pub(super) struct Binding {
    window: BoardWindow,
    last_calls: Rc<VecModel<ui::CallRow>>,
    ready: Rc<VecModel<SharedString>>,
    last: Option<BoardView>,
}

impl Binding {
    /// Makes the window.
    pub(super) fn new() -> Result<Self, slint::PlatformError> {
        let window = BoardWindow::new()?;
        speak(Language::Indonesian);
        let binding = Self { last_calls: Rc::default(), ready: Rc::default(), last: None, window };
        let state = binding.window.global::<BoardState<'_>>();
        state.set_preview_mode(false);
        state.set_last(ModelRc::from(Rc::clone(&binding.last_calls)));
        state.set_ready(ModelRc::from(Rc::clone(&binding.ready)));
        Ok(binding)
    }

    pub(super) const fn window(&self) -> &BoardWindow {
        &self.window
    }

    pub(super) fn show(&mut self, view: BoardView) {
        if self.last.as_ref() == Some(&view) {
            return;
        }
        let state = self.window.global::<BoardState<'_>>();
        state.set_office_name(SharedString::from(&view.office_name));
        state.set_clock(SharedString::from(&view.clock));
        state.set_date(SharedString::from(&view.date));
        state.set_has_call(view.now.is_some());
        if let Some(now) = &view.now {
            state.set_now(call_row(now));
        }
        fill(&self.last_calls, view.last.iter().map(call_row));
        fill(&self.ready, view.ready.iter().map(SharedString::from));
        state.set_waiting_verification(count(view.waiting_verification));
        state.set_waiting_pickup(count(view.waiting_pickup));
        state.set_desks(SharedString::from(&view.desks));
        state.set_wait_minutes(view.wait_minutes);
        state.set_notice(SharedString::from(&view.notice));
        state.set_age_s(i32::try_from(view.age_s).unwrap_or(i32::MAX));
        state.set_simulated(view.simulated);
        // Last: the flash shows the number that belongs to it.
        state.set_call_serial(i32::try_from(view.call_serial).unwrap_or(i32::MAX));
        self.last = Some(view);
    }
}

/// Changes only the rows that differ.
fn fill<R: Clone + PartialEq + 'static>(model: &VecModel<R>, rows: impl ExactSizeIterator<Item = R>) {
    while model.row_count() > rows.len() {
        model.remove(model.row_count() - 1);
    }
    for (at, row) in rows.enumerate() {
        match model.row_data(at) {
            Some(old) if old == row => {}
            Some(_) => model.set_row_data(at, row),
            None => model.push(row),
        }
    }
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn call_row(line: &CallLine) -> ui::CallRow {
    ui::CallRow {
        ticket: SharedString::from(&line.ticket),
        counter: SharedString::from(&line.counter),
        queue: SharedString::from(&line.queue),
    }
}
