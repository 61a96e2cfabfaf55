//! Where window types and ours meet: a view goes into the window's state. The way back is `actions`.

use std::rc::Rc;
use std::sync::Arc;

use anjungan_ui::slint::{
    ComponentHandle as _, Image, Model as _, ModelRc, Rgb8Pixel, SharedPixelBuffer, SharedString, VecModel,
};
use anjungan_ui::{
    Applicant, CardRow, ChecklistRow, ClosedReason, CodeIssue, DeviceData, DocumentState, FailureData, KioskScreen,
    KioskState, KioskWindow, Need, NikIssue, NikPurpose, PathRow, ReviewRow, ScanPhase, SlipKind, SlipPhase, Theme,
};

use super::flow::{Comfort, Contrast, Errand, ListPhase, PhoneIssue, PinState, TextSize, Who};
use super::view::{
    Card, ClosedReasonView, DocumentRow, KioskView, NikIssueView, PathLine, ReviewLine, RowNeed, ScanPhaseView, Screen,
    SlipPhaseView,
};
use crate::domain::language::Language;
use crate::failure::Failure;
use crate::station::health::DeviceLine;
use crate::station::languages::speak;
use crate::station::pixels::Pixels;
use crate::words;

/// The long-lived models of a window, and what it shows now.
pub struct Binding {
    cards: Rc<VecModel<CardRow>>,
    checklist: Rc<VecModel<ChecklistRow>>,
    review: Rc<VecModel<ReviewRow>>,
    path: Rc<VecModel<PathRow>>,
    devices: Rc<VecModel<DeviceData>>,
    nik_groups: Rc<VecModel<SharedString>>,
    shown: Option<KioskView>,
}

impl std::fmt::Debug for Binding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Binding")
    }
}

/// Pictures of the present view.
#[derive(Debug, Default)]
pub struct Pictures {
    /// The page that was scanned.
    pub preview: Option<Arc<Pixels>>,
    /// The code of the slip.
    pub slip_qr: Option<Arc<Pixels>>,
}

impl Binding {
    /// Puts the models into the window.
    #[must_use]
    pub fn new(window: &KioskWindow) -> Self {
        let binding = Self {
            cards: Rc::default(),
            checklist: Rc::default(),
            review: Rc::default(),
            path: Rc::default(),
            devices: Rc::default(),
            nik_groups: Rc::default(),
            shown: None,
        };
        let state = window.global::<KioskState<'_>>();
        state.set_preview_mode(false);
        state.set_cards(ModelRc::from(Rc::clone(&binding.cards)));
        state.set_checklist(ModelRc::from(Rc::clone(&binding.checklist)));
        state.set_review(ModelRc::from(Rc::clone(&binding.review)));
        state.set_status_path(ModelRc::from(Rc::clone(&binding.path)));
        state.set_devices(ModelRc::from(Rc::clone(&binding.devices)));
        state.set_nik_groups(ModelRc::from(Rc::clone(&binding.nik_groups)));
        binding
    }

    /// Puts a view into the window; what did not change is not touched.
    pub fn apply(&mut self, window: &KioskWindow, view: KioskView, pictures: impl FnOnce() -> Pictures) {
        if self.shown.as_ref() == Some(&view) {
            return;
        }
        let state = window.global::<KioskState<'_>>();
        let shown = self.shown.as_ref();
        self.apply_lists(&view);
        if shown.is_none_or(|old| old.comfort != view.comfort) {
            apply_comfort(window, view.comfort);
        }
        if shown.is_none_or(|old| (old.failure, old.comfort.language) != (view.failure, view.comfort.language)) {
            state.set_failure(failure(view.comfort.language, view.failure));
        }
        apply_frame(&state, &view, shown);
        apply_person(&state, &view, shown);
        apply_scan(&state, &view, shown);
        apply_slip(&state, &view, shown);
        let same_pictures =
            shown.is_some_and(|old| old.scan_preview == view.scan_preview && old.slip_qr == view.slip_qr);
        if !same_pictures {
            // Images are made here, on the window's thread, and dropped as soon as the screen is left.
            let Pictures { preview, slip_qr } = pictures();
            state.set_scan_preview(preview.map(|pixels| image(&pixels)).unwrap_or_default());
            state.set_slip_qr(slip_qr.map(|pixels| image(&pixels)).unwrap_or_default());
        }
        // Last, so that a screen never shows with the data of another one.
        if shown.is_none_or(|old| old.screen != view.screen) {
            state.set_screen(screen(view.screen));
        }
        self.shown = Some(view);
    }

    fn apply_lists(&self, view: &KioskView) {
        sync(&self.cards, view.cards.iter().map(card_row));
        sync(&self.checklist, view.checklist.iter().map(checklist_row));
        sync(&self.review, view.review.iter().map(review_row));
        sync(&self.path, view.status_path.iter().map(path_row));
        sync(&self.devices, view.devices.iter().map(device_row));
        sync(&self.nik_groups, view.nik_groups.iter().map(SharedString::from));
    }
}

/// Sets each property whose value differs from what is shown.
macro_rules! set {
    ($state:expr, $view:expr, $shown:expr; $($setter:ident <- $field:ident $(as $convert:expr)?;)+) => {$(
        if $shown.is_none_or(|old| old.$field != $view.$field) {
            $state.$setter(set!(@value $view.$field $(, $convert)?));
        }
    )+};
    (@value $value:expr) => { $value };
    (@value $value:expr, $convert:expr) => { $convert(&$value) };
}

/// Language and look; the place is kept.
fn apply_comfort(window: &KioskWindow, comfort: Comfort) {
    let theme = window.global::<Theme<'_>>();
    theme.set_text_size(match comfort.text_size {
        TextSize::Small => anjungan_ui::TextSize::Small,
        TextSize::Normal => anjungan_ui::TextSize::Normal,
        // Half a panel has no room for the largest letters.
        TextSize::Largest if comfort.low_reach => anjungan_ui::TextSize::Large,
        TextSize::Large => anjungan_ui::TextSize::Large,
        TextSize::Largest => anjungan_ui::TextSize::Largest,
    });
    theme.set_contrast(match comfort.contrast {
        Contrast::Standard => anjungan_ui::Contrast::Standard,
        Contrast::Dark => anjungan_ui::Contrast::Dark,
        Contrast::Light => anjungan_ui::Contrast::Light,
        Contrast::Soft => anjungan_ui::Contrast::Soft,
    });
    theme.set_low_reach(comfort.low_reach);
    let state = window.global::<KioskState<'_>>();
    state.set_by_ear(comfort.by_ear);
    state.set_language(match comfort.language {
        Language::Indonesian => anjungan_ui::Language::Indonesian,
        Language::Javanese => anjungan_ui::Language::Javanese,
        Language::English => anjungan_ui::Language::English,
    });
    speak(comfort.language);
}

fn apply_frame(state: &KioskState<'_>, view: &KioskView, shown: Option<&KioskView>) {
    set!(state, view, shown;
        set_office_name <- office_name as SharedString::from;
        set_kiosk_name <- kiosk_name as SharedString::from;
        set_simulated <- simulated;
        set_clock <- clock as SharedString::from;
        set_date <- date as SharedString::from;
        set_hub_online <- hub_online;
        set_printer_ready <- printer_ready;
        set_scanner_ready <- scanner_ready;
        set_qr_ready <- qr_ready;
        set_card_ready <- card_ready;
        set_voice_ready <- voice_ready;
        set_waiting_count <- waiting_count as number;
        set_wait_minutes <- wait_minutes;
        set_open_until <- open_until as SharedString::from;
        set_pause <- pause;
        set_closed_reason <- closed_reason as |reason: &ClosedReasonView| match reason {
            ClosedReasonView::Hours => ClosedReason::Hours,
            ClosedReasonView::Late => ClosedReason::Late,
            ClosedReasonView::Holiday => ClosedReason::Holiday,
        };
        set_holiday <- holiday as SharedString::from;
        set_opens_at <- opens_at as SharedString::from;
        set_can_reprint <- can_reprint;
        set_volume_step <- volume_step as |step: &u8| i32::from(*step);
        set_brightness_step <- brightness_step as |step: &u8| i32::from(*step);
        set_pin_dots <- pin_dots as SharedString::from;
        set_pin_state <- pin_state as |state: &PinState| match state {
            PinState::Typing => anjungan_ui::PinState::Typing,
            PinState::Wrong => anjungan_ui::PinState::Wrong,
            PinState::Locked => anjungan_ui::PinState::Locked,
            PinState::Unset => anjungan_ui::PinState::Unset,
        };
        set_step <- step as |step: &u8| i32::from(*step);
        set_can_back <- can_back;
        set_can_next <- can_next;
        set_idle_warning <- idle_warning;
        set_idle_seconds <- idle_seconds as |whole: &i64| i32::try_from(*whole).unwrap_or(0);
        set_idle_seconds_left <- idle_seconds_left as |left: &i64| i32::try_from(*left).unwrap_or(0);
    );
}

fn apply_person(state: &KioskState<'_>, view: &KioskView, shown: Option<&KioskView>) {
    set!(state, view, shown;
        set_group_title <- group_title as SharedString::from;
        set_variant_title <- variant_title as SharedString::from;
        set_question <- question as SharedString::from;
        set_question_help <- question_help as SharedString::from;
        set_question_number <- question_number as number;
        set_question_count <- question_count as number;
        set_checklist_open <- checklist_open as number;
        set_list_phase <- list_phase as |phase: &ListPhase| match phase {
            ListPhase::None => anjungan_ui::ListPhase::None,
            ListPhase::Printing => anjungan_ui::ListPhase::Printing,
            ListPhase::Printed => anjungan_ui::ListPhase::Printed,
            ListPhase::Failed => anjungan_ui::ListPhase::Failed,
        };
        set_applicant <- applicant as |who: &Option<Who>| match who {
            None => Applicant::None,
            Some(Who::InPerson) => Applicant::InPerson,
            Some(Who::Family) => Applicant::Family,
            Some(Who::Proxy) => Applicant::Proxy,
        };
        set_nik_purpose <- nik_for_proxy as |proxy: &bool| if *proxy { NikPurpose::Proxy } else { NikPurpose::Applicant };
        set_nik_length <- nik_length as number;
        set_nik_issue <- nik_issue as nik_issue;
        set_phone <- phone as SharedString::from;
        set_phone_issue <- phone_issue as |issue: &PhoneIssue| match issue {
            PhoneIssue::None => anjungan_ui::PhoneIssue::None,
            PhoneIssue::Incomplete => anjungan_ui::PhoneIssue::Incomplete,
            PhoneIssue::NotAPhone => anjungan_ui::PhoneIssue::NotAPhone,
        };
        set_code <- code as SharedString::from;
        set_code_length <- code_length as number;
        set_code_issue <- code_mistyped as |wrong: &bool| if *wrong { CodeIssue::Mistyped } else { CodeIssue::None };
    );
}

fn apply_scan(state: &KioskState<'_>, view: &KioskView, shown: Option<&KioskView>) {
    set!(state, view, shown;
        set_scan_title <- scan_title as SharedString::from;
        set_scan_hint <- scan_hint as SharedString::from;
        set_scan_number <- scan_number as number;
        set_scan_count <- scan_count as number;
        set_scan_phase <- scan_phase as |phase: &ScanPhaseView| match phase {
            ScanPhaseView::Guide => ScanPhase::Guide,
            ScanPhaseView::Scanning => ScanPhase::Scanning,
            ScanPhaseView::Preview => ScanPhase::Preview,
            ScanPhaseView::Failed => ScanPhase::Failed,
        };
        set_scan_progress <- scan_progress;
        set_scan_failure <- scan_failure as SharedString::from;
        set_scan_doubt <- scan_doubt as SharedString::from;
        set_scan_doubt_place <- scan_doubt_place as |place: &Option<[f32; 4]>| {
            let [left, top, width, height] = place.unwrap_or_default();
            anjungan_ui::PicturePlace { left, top, width, height }
        };
        set_scan_good <- scan_good;
    );
}

fn apply_slip(state: &KioskState<'_>, view: &KioskView, shown: Option<&KioskView>) {
    set!(state, view, shown;
        set_slip_kind <- slip_kind as |kind: &Errand| match kind {
            Errand::Application => SlipKind::Application,
            Errand::WalkIn => SlipKind::WalkIn,
            Errand::Pickup => SlipKind::Pickup,
        };
        set_priority <- priority as SharedString::from;
        set_ticket <- ticket as SharedString::from;
        set_slip_code <- slip_code as SharedString::from;
        set_slip_phase <- slip_phase as |phase: &SlipPhaseView| match phase {
            SlipPhaseView::Printing => SlipPhase::Printing,
            SlipPhaseView::Cooling => SlipPhase::Cooling,
            SlipPhaseView::Printed => SlipPhase::Printed,
            SlipPhaseView::TearOff => SlipPhase::TearOff,
            SlipPhaseView::NotPrinted => SlipPhase::NotPrinted,
            SlipPhaseView::Unknown => SlipPhase::Unknown,
        };
        set_slip_delivered <- slip_delivered;
        set_waiting_ahead <- waiting_ahead as number;
        set_status_title <- status_title as SharedString::from;
        set_status_detail <- status_detail as SharedString::from;
        set_status_now <- status_now as number;
        set_status_can_correct <- status_can_correct;
        set_status_can_collect <- status_can_collect;
    );
}

/// Changes a model row by row; a row that is the same is not touched.
fn sync<T: Clone + PartialEq + 'static>(model: &VecModel<T>, rows: impl Iterator<Item = T>) {
    let mut count = 0;
    for (at, row) in rows.enumerate() {
        count = at + 1;
        match model.row_data(at) {
            Some(shown) if shown == row => {}
            Some(_) => model.set_row_data(at, row),
            None => model.push(row),
        }
    }
    while model.row_count() > count {
        model.remove(model.row_count() - 1);
    }
}

fn number(value: &usize) -> i32 {
    i32::try_from(*value).unwrap_or(i32::MAX)
}

fn image(pixels: &Pixels) -> Image {
    Image::from_rgb8(SharedPixelBuffer::<Rgb8Pixel>::clone_from_slice(&pixels.rgb, pixels.width, pixels.height))
}

const fn screen(screen: Screen) -> KioskScreen {
    match screen {
        Screen::Attract => KioskScreen::Attract,
        Screen::Notice => KioskScreen::Notice,
        Screen::Need => KioskScreen::Need,
        Screen::Variant => KioskScreen::Variant,
        Screen::Unsure => KioskScreen::Unsure,
        Screen::Question => KioskScreen::Question,
        Screen::Checklist => KioskScreen::Checklist,
        Screen::Incomplete => KioskScreen::Incomplete,
        Screen::Applicant => KioskScreen::Applicant,
        Screen::Nik => KioskScreen::Nik,
        Screen::NikConfirm => KioskScreen::NikConfirm,
        Screen::Phone => KioskScreen::Phone,
        Screen::Priority => KioskScreen::Priority,
        Screen::Scan => KioskScreen::Scan,
        Screen::Review => KioskScreen::Review,
        Screen::Submitting => KioskScreen::Submitting,
        Screen::Slip => KioskScreen::Slip,
        Screen::Status => KioskScreen::Status,
        Screen::Code => KioskScreen::Code,
        Screen::Closed => KioskScreen::Closed,
        Screen::OutOfService => KioskScreen::OutOfService,
        Screen::StaffPin => KioskScreen::StaffPin,
        Screen::Staff => KioskScreen::Staff,
    }
}

fn nik_issue(issue: &NikIssueView) -> NikIssue {
    match issue {
        NikIssueView::None => NikIssue::None,
        NikIssueView::Incomplete => NikIssue::Incomplete,
        NikIssueView::AllSame => NikIssue::AllSame,
        NikIssueView::SerialZero => NikIssue::SerialZero,
        NikIssueView::UnknownProvince => NikIssue::UnknownProvince,
        NikIssueView::DateDoubtful => NikIssue::DateDoubtful,
        NikIssueView::LooksLikeNoKk => NikIssue::LooksLikeNoKk,
        NikIssueView::SameAsApplicant => NikIssue::SameAsApplicant,
        NikIssueView::CardUnreadable => NikIssue::CardUnreadable,
    }
}

fn failure(language: Language, failure: Option<Failure>) -> FailureData {
    let Some(failure) = failure else { return FailureData::default() };
    FailureData {
        visible: true,
        code: failure.code().into(),
        title: words::of(language, failure.title()).into(),
        cause: words::of(language, failure.cause()).into(),
        action: words::of(language, failure.action()).into(),
    }
}

fn card_row(card: &Card) -> CardRow {
    CardRow {
        key: (&card.key).into(),
        title: (&card.title).into(),
        detail: (&card.detail).into(),
        icon: (&card.icon).into(),
    }
}

fn checklist_row(row: &DocumentRow) -> ChecklistRow {
    ChecklistRow {
        key: (&row.key).into(),
        title: (&row.title).into(),
        hint: (&row.hint).into(),
        icon: (&row.icon).into(),
        need: match row.need {
            RowNeed::Mandatory => Need::Mandatory,
            RowNeed::OneOf => Need::OneOf,
            RowNeed::Practice => Need::Practice,
        },
        state: match row.have {
            None => DocumentState::Unknown,
            Some(true) => DocumentState::Have,
            Some(false) => DocumentState::Missing,
        },
        shown_only: row.shown_only,
    }
}

fn review_row(line: &ReviewLine) -> ReviewRow {
    ReviewRow {
        key: line.key.into(),
        label: (&line.label).into(),
        value: (&line.value).into(),
        icon: line.icon.into(),
        editable: line.editable,
    }
}

fn path_row(line: &PathLine) -> PathRow {
    PathRow { title: (&line.title).into(), done: line.done, current: line.current }
}

fn device_row(line: &DeviceLine) -> DeviceData {
    DeviceData {
        title: line.title.into(),
        state: (&line.state).into(),
        fix: line.fix.into(),
        works: line.works,
        simulated: line.simulated,
    }
}
