//! The window's actions become touches.

use anjungan_hardware::qr_scanner::{WedgeKeys, keyboard_feed};
use anjungan_ui::slint::ComponentHandle as _;
use anjungan_ui::{Applicant, KeyTap, KioskActions, KioskWindow};

use super::by_ear::EarKey;
use super::flow::{Contrast, StaffAction, TextSize, Touch, Turn, Who};
use crate::domain::language::Language;

/// Takes the keys of a QR scanner that types like a keyboard.
pub(super) fn hear_typing_scanner(window: &KioskWindow) {
    let mut keys = WedgeKeys::new(keyboard_feed());
    let tap = KeyTap::new(window, move |key| keys.judge(key));
    window.global::<KioskActions<'_>>().on_wedge_key(move |text, plain| tap.key(&text, plain));
}

/// Turns each action of the window into a touch.
pub fn wire(window: &KioskWindow, touch: impl Fn(Touch) + Clone + 'static) {
    let actions = window.global::<KioskActions<'_>>();
    macro_rules! plain {
        ($($on:ident => $touch:expr;)+) => {$({
            let touch = touch.clone();
            actions.$on(move || touch($touch));
        })+};
    }
    plain! {
        on_start => Touch::Start;
        on_walk_in => Touch::WalkIn;
        on_type_code => Touch::TypeCode;
        on_print_list => Touch::PrintList;
        on_collect => Touch::Collect;
        on_back => Touch::Back;
        on_next => Touch::Next;
        on_restart => Touch::Restart;
        on_erase => Touch::Erase;
        on_clear => Touch::Clear;
        on_scan => Touch::Scan;
        on_cancel_scan => Touch::CancelScan;
        on_retake => Touch::Retake;
        on_accept_scan => Touch::AcceptScan;
        on_submit => Touch::Submit;
        on_reprint => Touch::Reprint;
        on_finish => Touch::Finish;
        on_correct => Touch::Correct;
        on_more_time => Touch::MoreTime;
        on_dismiss_failure => Touch::DismissFailure;
        on_open_staff => Touch::OpenStaff;
        on_close_staff => Touch::CloseStaff;
    }
    let to = touch.clone();
    actions.on_pick_card(move |key| to(Touch::PickCard(key.into())));
    let to = touch.clone();
    actions.on_answer(move |yes| to(Touch::Answer(yes)));
    let to = touch.clone();
    actions.on_set_have(move |key, have| to(Touch::SetHave { key: key.into(), have }));
    let to = touch.clone();
    actions.on_set_language(move |language| {
        to(Touch::Turn(Turn::Language(match language {
            anjungan_ui::Language::Indonesian => Language::Indonesian,
            anjungan_ui::Language::Javanese => Language::Javanese,
            anjungan_ui::Language::English => Language::English,
        })));
    });
    let to = touch.clone();
    actions.on_set_text_size(move |size| {
        to(Touch::Turn(Turn::TextSize(match size {
            anjungan_ui::TextSize::Small => TextSize::Small,
            anjungan_ui::TextSize::Normal => TextSize::Normal,
            anjungan_ui::TextSize::Large => TextSize::Large,
            anjungan_ui::TextSize::Largest => TextSize::Largest,
        })));
    });
    let to = touch.clone();
    actions.on_set_contrast(move |contrast| {
        to(Touch::Turn(Turn::Contrast(match contrast {
            anjungan_ui::Contrast::Standard => Contrast::Standard,
            anjungan_ui::Contrast::Dark => Contrast::Dark,
            anjungan_ui::Contrast::Light => Contrast::Light,
            anjungan_ui::Contrast::Soft => Contrast::Soft,
        })));
    });
    let to = touch.clone();
    actions.on_set_low_reach(move |low| to(Touch::Turn(Turn::LowReach(low))));
    let to = touch.clone();
    actions.on_set_by_ear(move |on| to(Touch::Turn(Turn::ByEar(on))));
    let to = touch.clone();
    actions.on_staff_act(move |action| {
        to(Touch::StaffAct(match action {
            anjungan_ui::StaffAction::Reprint => StaffAction::Reprint,
            anjungan_ui::StaffAction::Restart => StaffAction::Restart,
            anjungan_ui::StaffAction::Softer => StaffAction::Softer,
            anjungan_ui::StaffAction::Louder => StaffAction::Louder,
            anjungan_ui::StaffAction::Darker => StaffAction::Darker,
            anjungan_ui::StaffAction::Brighter => StaffAction::Brighter,
        }));
    });
    let to = touch.clone();
    actions.on_character(move |sign| {
        if let Some(sign) = sign.chars().next() {
            to(Touch::Sign(sign));
        }
    });
    let to = touch.clone();
    actions.on_pick_applicant(move |who| match who {
        Applicant::InPerson => to(Touch::PickApplicant(Who::InPerson)),
        Applicant::Family => to(Touch::PickApplicant(Who::Family)),
        Applicant::Proxy => to(Touch::PickApplicant(Who::Proxy)),
        Applicant::None => {}
    });
    let to = touch.clone();
    actions.on_digit(move |digit| {
        if let Some(digit) = digit.chars().next() {
            to(Touch::Digit(digit));
        }
    });
    actions.on_edit(move |key| touch(Touch::Edit(key.into())));
}

/// Gives each of the five keys of the guidance by ear.
pub(super) fn hear_keys(window: &KioskWindow, press: impl Fn(EarKey) + 'static) {
    window.global::<KioskActions<'_>>().on_ear_key(move |key| {
        press(match key {
            anjungan_ui::EarKey::Previous => EarKey::Previous,
            anjungan_ui::EarKey::Next => EarKey::Next,
            anjungan_ui::EarKey::Choose => EarKey::Choose,
            anjungan_ui::EarKey::Repeat => EarKey::Repeat,
            anjungan_ui::EarKey::Help => EarKey::Help,
        });
    });
}
