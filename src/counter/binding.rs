//! Where the counter meets Slint: views become properties, presses become events. No decision.

use std::rc::Rc;
use std::sync::Arc;

use anjungan_hardware::qr_scanner::{WedgeKeys, keyboard_feed};
use anjungan_ui as ui;
use anjungan_ui::{CounterActions, CounterState, CounterWindow};
use slint::{ComponentHandle as _, Image, Model as _, ModelRc, Rgb8Pixel, SharedPixelBuffer, SharedString, VecModel};

use super::flow::{Collector, CounterEvent, HandoverPhase, Private};
use super::hall_lines::{AsideLine, QueueLine};
use super::stations::StationLine;
use super::view::{
    CaseMode, CounterScreen, CounterView, DocumentLine, DocumentMood, FallbackLine, NeedMood, ReasonLine, TileLine,
    TrailLine,
};
use crate::domain::hall::DeskState;
use crate::domain::ids::DocumentId;
use crate::domain::language::Language;
use crate::station::health::DeviceLine;
use crate::station::languages::speak;
use crate::station::pixels::Pixels;
use crate::wire::session::{ChangePassword, SignIn};

/// Copies views into one window. Lists live as long as the window and change row by row.
pub(super) struct Binding {
    window: CounterWindow,
    devices: Rc<VecModel<ui::DeviceData>>,
    waiting: Rc<VecModel<ui::QueueRow>>,
    places: Rc<VecModel<ui::PlaceRow>>,
    aside: Rc<VecModel<ui::AsideRow>>,
    found: Rc<VecModel<ui::QueueRow>>,
    notes: Rc<VecModel<SharedString>>,
    stations: Rc<VecModel<ui::StationRow>>,
    printed: Rc<VecModel<ui::QueueRow>>,
    documents: Rc<VecModel<ui::DocumentRow>>,
    tiles: Rc<VecModel<ui::TileRow>>,
    trail: Rc<VecModel<ui::TrailRow>>,
    reasons: Rc<VecModel<ui::ReasonRow>>,
    fallbacks: Rc<VecModel<ui::FallbackRow>>,
    scan: Option<DocumentId>,
    last: Option<CounterView>,
}

impl Binding {
    /// Makes the window; `tell` takes what is pressed.
    pub(super) fn new(tell: impl Fn(CounterEvent) + 'static) -> Result<Self, slint::PlatformError> {
        let window = CounterWindow::new()?;
        speak(Language::Indonesian);
        let binding = Self {
            devices: Rc::default(),
            waiting: Rc::default(),
            places: Rc::default(),
            aside: Rc::default(),
            found: Rc::default(),
            notes: Rc::default(),
            stations: Rc::default(),
            printed: Rc::default(),
            documents: Rc::default(),
            tiles: Rc::default(),
            trail: Rc::default(),
            reasons: Rc::default(),
            fallbacks: Rc::default(),
            scan: None,
            last: None,
            window,
        };
        let state = binding.window.global::<CounterState<'_>>();
        state.set_preview_mode(false);
        state.set_devices(ModelRc::from(Rc::clone(&binding.devices)));
        state.set_waiting(ModelRc::from(Rc::clone(&binding.waiting)));
        state.set_places(ModelRc::from(Rc::clone(&binding.places)));
        state.set_aside(ModelRc::from(Rc::clone(&binding.aside)));
        state.set_found(ModelRc::from(Rc::clone(&binding.found)));
        state.set_notes(ModelRc::from(Rc::clone(&binding.notes)));
        state.set_station_lines(ModelRc::from(Rc::clone(&binding.stations)));
        state.set_printed(ModelRc::from(Rc::clone(&binding.printed)));
        state.set_documents(ModelRc::from(Rc::clone(&binding.documents)));
        state.set_tiles(ModelRc::from(Rc::clone(&binding.tiles)));
        state.set_trail(ModelRc::from(Rc::clone(&binding.trail)));
        state.set_reasons(ModelRc::from(Rc::clone(&binding.reasons)));
        state.set_fallbacks(ModelRc::from(Rc::clone(&binding.fallbacks)));
        connect(&binding.window, Rc::new(tell));
        Ok(binding)
    }

    /// Takes the keys of a QR scanner that types like a keyboard, so that none of them reaches a field.
    pub(super) fn hear_typing_scanner(&self) {
        let mut keys = WedgeKeys::new(keyboard_feed());
        let tap = ui::KeyTap::new(&self.window, move |key| keys.judge(key));
        self.window.global::<CounterActions<'_>>().on_wedge_key(move |text, plain| tap.key(&text, plain));
    }

    pub(super) const fn window(&self) -> &CounterWindow {
        &self.window
    }

    /// Shows a view; `pixels` finds the scan it names.
    pub(super) fn show(&mut self, view: CounterView, pixels: impl Fn(DocumentId) -> Option<Arc<Pixels>>) {
        if self.last.as_ref() == Some(&view) {
            return;
        }
        let state = self.window.global::<CounterState<'_>>();
        show_frame(&state, &view);
        show_case(&state, &view);
        fill(&self.devices, &view.devices, device_row);
        fill(&self.waiting, &view.waiting, queue_row);
        fill(&self.places, &view.places, |line| ui::PlaceRow { key: text(&line.key), title: text(&line.title) });
        fill(&self.aside, &view.aside, aside_row);
        fill(&self.found, &view.found, queue_row);
        fill(&self.notes, &view.notes, |line| text(line));
        fill(&self.stations, &view.station_lines, station_row);
        fill(&self.printed, &view.printed, queue_row);
        fill(&self.documents, &view.documents, document_row);
        fill(&self.trail, &view.trail, trail_row);
        fill(&self.reasons, &view.reasons, reason_row);
        fill(&self.fallbacks, &view.fallbacks, fallback_row);
        if self.last.as_ref().is_none_or(|last| last.tiles != view.tiles) {
            let tile = |line: &TileLine| ui::TileRow {
                picture: line.scan.and_then(&pixels).map_or_else(Image::default, |pixels| image(&pixels)),
                loading: line.loading,
            };
            self.tiles.set_vec(view.tiles.iter().map(tile).collect::<Vec<_>>());
        }
        if self.scan != view.scan {
            let picture = view.scan.and_then(&pixels);
            state.set_scan(picture.map_or_else(Image::default, |pixels| image(&pixels)));
            self.scan = view.scan;
        }
        self.last = Some(view);
    }
}

fn image(pixels: &Pixels) -> Image {
    Image::from_rgb8(SharedPixelBuffer::<Rgb8Pixel>::clone_from_slice(&pixels.rgb, pixels.width, pixels.height))
}

/// Changes only the rows that differ.
fn fill<L, R: Clone + PartialEq + 'static>(model: &VecModel<R>, lines: &[L], row: impl Fn(&L) -> R) {
    while model.row_count() > lines.len() {
        model.remove(model.row_count() - 1);
    }
    for (at, line) in lines.iter().enumerate() {
        let row = row(line);
        match model.row_data(at) {
            Some(old) if old == row => {}
            Some(_) => model.set_row_data(at, row),
            None => model.push(row),
        }
    }
}

fn text(text: &str) -> SharedString {
    SharedString::from(text)
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn show_frame(state: &CounterState<'_>, view: &CounterView) {
    state.set_screen(match view.screen {
        CounterScreen::Login => ui::CounterScreen::Login,
        CounterScreen::Desk => ui::CounterScreen::Desk,
    });
    state.set_office_name(text(&view.office_name));
    state.set_counter_name(text(&view.counter_name));
    state.set_officer(text(&view.officer));
    state.set_clock(text(&view.clock));
    state.set_hub_online(view.hub_online);
    state.set_simulated(view.simulated);
    state.set_busy(view.busy);
    state.set_devices_troubled(count(view.devices.iter().filter(|line| !line.works).count()));
    state.set_devices_open(view.devices_open);
    state.set_card_forgotten(view.card_forgotten);
    state.set_login_message(text(&view.login_message));
    state.set_must_change_password(view.must_change_password);
    state.set_ready_count(count(view.ready_count));
    state.set_called_ticket(text(&view.called_ticket));
    state.set_called_queue(text(&view.called_queue));
    state.set_called_for_help(view.called_for_help);
    state.set_called_calls(text(&view.called_calls));
    state.set_can_no_show(view.can_no_show);
    state.set_desk_state(match view.desk_state {
        DeskState::Open => ui::DeskState::Open,
        DeskState::Break => ui::DeskState::Break,
        DeskState::Closed => ui::DeskState::Closed,
    });
    state.set_hall_open(view.hall_open);
    state.set_found_more(view.found_more);
    state.set_station_lines_more(count(view.station_lines_more));
    state.set_notice(text(&view.notice));
    state.set_failure(ui::FailureData {
        visible: view.failure.visible,
        code: text(&view.failure.code),
        title: text(&view.failure.title),
        cause: text(&view.failure.cause),
        action: text(&view.failure.action),
    });
}

fn show_case(state: &CounterState<'_>, view: &CounterView) {
    state.set_has_case(view.has_case);
    state.set_ticket(text(&view.ticket));
    state.set_case_title(text(&view.case_title));
    state.set_case_stage(text(&view.case_stage));
    state.set_applicant_nik(text(&view.applicant_nik));
    state.set_applicant_note(text(&view.applicant_note));
    state.set_applicant_phone(text(&view.applicant_phone));
    state.set_note_open(view.note_open);
    state.set_proxy_nik(text(&view.proxy_nik));
    state.set_selected_document(count(view.selected_document));
    state.set_scan_loading(view.scan_loading);
    state.set_overview(view.overview);
    state.set_mode(match view.mode {
        CaseMode::None => ui::CaseMode::None,
        CaseMode::Verify => ui::CaseMode::Verify,
        CaseMode::WaitingElsewhere => ui::CaseMode::WaitingElsewhere,
        CaseMode::Receive => ui::CaseMode::Receive,
        CaseMode::HandOver => ui::CaseMode::HandOver,
        CaseMode::Done => ui::CaseMode::Done,
    });
    state.set_can_accept(view.can_accept);
    state.set_return_panel(view.return_panel);
    state.set_can_return(view.can_return);
    state.set_return_needs_note(view.return_needs_note);
    state.set_handover(match view.handover {
        HandoverPhase::ChooseCollector => ui::HandoverPhase::ChooseCollector,
        HandoverPhase::WaitCard => ui::HandoverPhase::WaitCard,
        HandoverPhase::Reading => ui::HandoverPhase::Reading,
        HandoverPhase::Matched => ui::HandoverPhase::Matched,
        HandoverPhase::Mismatch => ui::HandoverPhase::Mismatch,
        HandoverPhase::Unreadable => ui::HandoverPhase::Unreadable,
        HandoverPhase::Fallback => ui::HandoverPhase::Fallback,
        HandoverPhase::Committing => ui::HandoverPhase::Committing,
        HandoverPhase::Done => ui::HandoverPhase::Done,
    });
    state.set_has_proxy(view.has_proxy);
    state.set_card_nik(text(&view.card_nik));
}

fn queue_row(line: &QueueLine) -> ui::QueueRow {
    ui::QueueRow {
        key: text(&line.key),
        ticket: text(&line.ticket),
        service: text(&line.service),
        queue: text(&line.queue),
        priority: text(&line.priority),
        waiting: text(&line.waiting),
        called_here: line.called_here,
    }
}

fn aside_row(line: &AsideLine) -> ui::AsideRow {
    ui::AsideRow {
        key: text(&line.key),
        ticket: text(&line.ticket),
        service: text(&line.service),
        state: text(&line.state),
    }
}

fn station_row(line: &StationLine) -> ui::StationRow {
    ui::StationRow { text: text(&line.text), icon: text(&line.icon), urgent: line.urgent }
}

fn document_row(line: &DocumentLine) -> ui::DocumentRow {
    ui::DocumentRow {
        key: text(&line.key),
        title: text(&line.title),
        need: match line.need {
            NeedMood::Mandatory => ui::Need::Mandatory,
            NeedMood::OneOf => ui::Need::OneOf,
            NeedMood::Practice => ui::Need::Practice,
        },
        state: match line.state {
            DocumentMood::Unknown => ui::DocumentState::Unknown,
            DocumentMood::Have => ui::DocumentState::Have,
            DocumentMood::Missing => ui::DocumentState::Missing,
            DocumentMood::Scanned => ui::DocumentState::Scanned,
            DocumentMood::Accepted => ui::DocumentState::Accepted,
            DocumentMood::Rejected => ui::DocumentState::Rejected,
            DocumentMood::Shown => ui::DocumentState::Shown,
        },
        reason: text(&line.reason),
        has_scan: line.has_scan,
        doubts: SharedString::from(&line.doubts),
        signature_qr: line.signature_qr,
        shown_only: line.shown_only,
    }
}

fn trail_row(line: &TrailLine) -> ui::TrailRow {
    ui::TrailRow {
        title: text(&line.title),
        when: text(&line.when),
        who: text(&line.who),
        done: line.done,
        current: line.current,
    }
}

fn device_row(line: &DeviceLine) -> ui::DeviceData {
    ui::DeviceData {
        title: text(line.title),
        state: text(&line.state),
        fix: text(line.fix),
        works: line.works,
        simulated: line.simulated,
    }
}

fn reason_row(line: &ReasonLine) -> ui::ReasonRow {
    ui::ReasonRow { key: text(&line.key), text: text(&line.text), checked: line.checked }
}

fn fallback_row(line: &FallbackLine) -> ui::FallbackRow {
    ui::FallbackRow { key: text(&line.key), title: text(&line.title), detail: text(&line.detail) }
}

type Tell = Rc<dyn Fn(CounterEvent)>;

fn connect(window: &CounterWindow, tell: Tell) {
    let actions = window.global::<CounterActions<'_>>();
    // One closure per callback, each with its own handle to `tell`; none holds the window.
    macro_rules! on {
        ($callback:ident, [$($argument:ident),*] $event:expr) => {{
            let tell = Rc::clone(&tell);
            actions.$callback(move |$($argument),*| tell($event));
        }};
    }
    on!(on_log_in, [name, password] CounterEvent::LogInAsked(SignIn { name: name.into(), password: password.into() }));
    on!(on_change_password, [new_password] CounterEvent::NewPasswordGiven(ChangePassword {
        new_password: new_password.into()
    }));
    on!(on_log_out, [] CounterEvent::LogOutAsked);
    on!(on_call_next, [] CounterEvent::NextAsked);
    on!(on_call_pickup, [] CounterEvent::PickupAsked);
    on!(on_recall, [] CounterEvent::RecallAsked);
    on!(on_no_show, [] CounterEvent::NoShowAsked);
    on!(on_finish_help, [] CounterEvent::HelpFinished);
    on!(on_toggle_hall, [] CounterEvent::HallToggled);
    on!(on_hold, [] CounterEvent::HoldAsked);
    on!(on_skip, [] CounterEvent::SkipAsked);
    on!(on_transfer, [key] CounterEvent::TransferAsked(key.into()));
    on!(on_call_number, [number] CounterEvent::NumberTyped(number.into()));
    on!(on_call_aside, [key] CounterEvent::AsideCalled(key.into()));
    on!(on_restore, [key] CounterEvent::AsideRestored(key.into()));
    on!(on_set_desk, [state] CounterEvent::DeskAsked(match state {
        ui::DeskState::Open => DeskState::Open,
        ui::DeskState::Break => DeskState::Break,
        ui::DeskState::Closed => DeskState::Closed,
    }));
    on!(on_toggle_break, [] CounterEvent::BreakToggled);
    on!(on_open_found, [index] CounterEvent::FoundOpened(position(index)));
    on!(on_close_found, [] CounterEvent::FoundClosed);
    on!(on_toggle_note, [] CounterEvent::NoteToggled);
    on!(on_write_note, [note] CounterEvent::NoteWritten(note.into()));
    on!(on_open_code, [code] CounterEvent::CodeTyped(Private(code.into())));
    on!(on_open_row, [key] CounterEvent::RowOpened(key.into()));
    on!(on_select_document, [index] CounterEvent::DocumentSelected(position(index)));
    on!(on_mark_document, [index, ok] CounterEvent::DocumentMarked { index: position(index), ok });
    on!(on_toggle_overview, [] CounterEvent::OverviewToggled);
    on!(on_mark_all, [] CounterEvent::AllMarked);
    on!(on_accept_case, [] CounterEvent::CaseAccepted);
    on!(on_start_return, [] CounterEvent::ReturnStarted);
    on!(on_toggle_reason, [key] CounterEvent::ReasonToggled(key.into()));
    on!(on_cancel_return, [] CounterEvent::ReturnCancelled);
    on!(on_confirm_return, [note] CounterEvent::ReturnConfirmed { note: note.into() });
    on!(on_receive_kk, [] CounterEvent::KkReceived);
    on!(on_choose_collector, [who] CounterEvent::CollectorChosen(match who {
        ui::Collector::Applicant => Collector::Applicant,
        ui::Collector::Proxy => Collector::Proxy,
    }));
    on!(on_read_card, [] CounterEvent::CardAsked);
    on!(on_hand_over, [] CounterEvent::HandOverAsked);
    on!(on_start_fallback, [] CounterEvent::FallbackStarted);
    on!(on_fallback, [key, nik, note] CounterEvent::FallbackChosen {
        key: key.into(),
        nik: Private(nik.into()),
        note: note.into()
    });
    on!(on_close_case, [] CounterEvent::CaseClosed);
    on!(on_dismiss_failure, [] CounterEvent::FailureDismissed);
    on!(on_toggle_devices, [] CounterEvent::StaffToggled);
}

/// A negative index names no row.
fn position(index: i32) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}
