//! The graph of the kiosk's screens, walked through the window's own buttons until nothing new is found.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::Duration;

use anjungan::kiosk::flow::{KioskEvent, Touch};
use anjungan::kiosk::view::{KioskView, Screen};
use anjungan::kiosk::{Binding, Pictures, wire};
use anjungan_ui::KioskWindow;
use anjungan_ui::slint::{ComponentHandle as _, PhysicalSize};
use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementRoot as _};

use crate::states::Walk;

/// Most states the walk may meet: far more than there are.
const STATES_MAX: usize = 4000;

/// A button as somebody meets it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Button {
    id: String,
    label: String,
}

/// A window whose buttons give touches.
struct Hands {
    window: KioskWindow,
    binding: Binding,
    touches: Rc<RefCell<Vec<Touch>>>,
}

/// A standing window, and what its buttons give.
pub fn touchable_window() -> (KioskWindow, Binding, Rc<RefCell<Vec<Touch>>>) {
    let window = KioskWindow::new().unwrap();
    window.window().set_size(PhysicalSize::new(1080, 1920));
    let binding = Binding::new(&window);
    let touches = Rc::new(RefCell::new(Vec::new()));
    let to = Rc::clone(&touches);
    wire(&window, move |touch| to.borrow_mut().push(touch));
    (window, binding, touches)
}

impl Hands {
    fn new() -> Self {
        i_slint_backend_testing::init_no_event_loop();
        let (window, binding, touches) = touchable_window();
        Self { window, binding, touches }
    }

    fn show(&mut self, view: KioskView) {
        self.binding.apply(&self.window, view, Pictures::default);
        i_slint_backend_testing::mock_elapsed_time(Duration::from_millis(20));
    }

    fn elements(&self) -> Vec<(Button, ElementHandle)> {
        let mut buttons = Vec::new();
        let overlays = ["HelpOverlay", "DisplayOverlay", "RestartOverlay", "FailureOverlay", "IdleOverlay"];
        let root = overlays
            .iter()
            .find_map(|name| self.window.root_element().query_descendants().match_inherits(*name).find_first())
            .unwrap_or_else(|| self.window.root_element());
        let _ = root.visit_descendants::<()>(|element| {
            let pressable = element.accessible_role() == Some(AccessibleRole::Button)
                && element.accessible_enabled() != Some(false)
                && element.size().width > 1.0;
            if let (true, Some(id), Some(label)) = (pressable, element.id(), element.accessible_label()) {
                buttons.push((Button { id: id.to_string(), label: label.to_string() }, element));
            }
            ControlFlow::Continue(())
        });
        buttons
    }

    fn buttons(&self) -> Vec<Button> {
        self.elements().into_iter().map(|(button, _)| button).collect()
    }

    /// Presses a button; the touches it gave.
    fn press(&self, wanted: &Button) -> Vec<Touch> {
        let elements = self.elements();
        let (_, element) = elements.iter().find(|(button, _)| button == wanted).expect("the button is there");
        element.invoke_accessible_default_action();
        i_slint_backend_testing::mock_elapsed_time(Duration::from_millis(20));
        std::mem::take(&mut *self.touches.borrow_mut())
    }
}

/// What makes two states different to a person.
fn key(view: &KioskView) -> String {
    // Which of the documents is there matters less than how many: three answers to eight rows are 6,561 states.
    let said = |have: Option<bool>| view.checklist.iter().filter(|row| row.have == have).count();
    let rows = (view.checklist.first().map(|row| &row.key), said(None), said(Some(false)));
    let cards: Vec<_> = view.cards.iter().map(|card| &card.key).collect();
    format!(
        "{:?}|{cards:?}|{}|{rows:?}|{}|{}|{}|{:?}|{:?}|{:?}|{:?}|{}|{}",
        view.screen,
        view.question,
        view.nik_groups[0],
        view.nik_for_proxy,
        view.scan_number,
        view.scan_phase,
        view.slip_kind,
        view.failure,
        view.nik_issue,
        view.phone.len().min(1),
        view.code_length / 11 + view.code_length.min(1),
    )
}

/// Digits one by one say nothing new: a NIK is typed as a whole.
fn is_dull(button: &Button) -> bool {
    ["digit-btn", "zero-btn", "sign-btn", "indonesian-btn", "javanese-btn", "english-btn", "display-btn", "help-btn"]
        .iter()
        .any(|id| button.id.ends_with(id))
}

fn touched(walk: &Walk, touches: Vec<Touch>) -> Walk {
    let mut next = walk.clone();
    for touch in touches {
        next.touch(touch);
    }
    next
}

fn is_home(view: &KioskView) -> bool {
    view.screen == Screen::Attract && view.failure.is_none()
}

#[test]
fn every_screen_leads_home_in_two_touches_and_to_help_in_one_and_none_is_a_dead_end() {
    let mut hands = Hands::new();
    let mut open = VecDeque::from([Walk::new()]);
    let mut met = HashSet::new();
    let mut screens: BTreeMap<String, usize> = BTreeMap::new();
    let mut edges = 0;
    while let Some(walk) = open.pop_front() {
        let view = walk.view();
        if !met.insert(key(&view)) {
            continue;
        }
        assert!(met.len() < STATES_MAX, "the walk does not end");
        *screens.entry(format!("{:?}", view.screen)).or_default() += 1;
        hands.show(walk.view());
        let buttons = hands.buttons();
        let name = key(&view);
        assert!(!buttons.is_empty(), "a dead end: {name}");
        let staff = matches!(view.screen, Screen::Staff | Screen::StaffPin);
        let helps = buttons.iter().any(|button| button.id.ends_with("::help-btn"));
        assert!(helps || staff || view.failure.is_some(), "no help on {name}");
        assert!(home_in_two(&mut hands, &walk), "home is farther than two touches from {name}");
        for button in buttons.iter().filter(|button| !is_dull(button)) {
            hands.show(walk.view());
            let touches = hands.press(button);
            edges += 1;
            if !touches.is_empty() {
                open.push_back(touched(&walk, touches));
            }
            // The window's own overlays and pages are put away by showing another screen.
            hands.show(KioskView { screen: Screen::Submitting, ..walk.view() });
        }
        // A whole number, as the pad gives it.
        for digits in numbers_for(&view) {
            open.push_back(touched(&walk, digits));
        }
    }
    println!("{} states, {edges} touches tried, screens: {screens:?}", met.len());
    for wanted in [
        "Need",
        "Unsure",
        "Variant",
        "Question",
        "Checklist",
        "Incomplete",
        "Applicant",
        "Nik",
        "NikConfirm",
        "Phone",
        "Priority",
        "Scan",
        "Review",
        "Slip",
        "Code",
        "Notice",
    ] {
        assert!(screens.contains_key(wanted), "{wanted} was never met");
    }
}

fn numbers_for(view: &KioskView) -> Vec<Vec<Touch>> {
    let digits = |text: &str| text.chars().map(Touch::Digit).collect::<Vec<_>>();
    match view.screen {
        Screen::Nik if view.nik_length == 0 => {
            let own = if view.nik_for_proxy { "3315141102859001" } else { "3315135208909001" };
            vec![digits(own), digits("0015135208909001"), digits("1111111111111111")]
        }
        Screen::Phone if view.phone.is_empty() => vec![digits("0812")],
        Screen::Code if view.code_length == 0 => vec!["7K4M2XQ9PD0".chars().map(Touch::Sign).collect()],
        _ => Vec::new(),
    }
}

/// Whether some one or two touches lead to the start.
fn home_in_two(hands: &mut Hands, walk: &Walk) -> bool {
    if is_home(&walk.view()) || walk.view().screen == Screen::Submitting {
        return true;
    }
    hands.show(walk.view());
    let ways = ["::restart-btn", "::next-btn", "::back-btn", "::dismiss-btn", "::finished-btn"];
    for first in hands.buttons().into_iter().filter(|button| ways.iter().any(|way| button.id.ends_with(way))) {
        hands.show(walk.view());
        let after = touched(walk, hands.press(&first));
        if is_home(&after.view()) {
            hands.show(KioskView { screen: Screen::Submitting, ..walk.view() });
            return true;
        }
        let confirm = hands.buttons().into_iter().find(|button| button.id.ends_with("::confirm-restart-btn"));
        if let Some(confirm) = confirm {
            let home = touched(&after, hands.press(&confirm));
            hands.show(KioskView { screen: Screen::Submitting, ..walk.view() });
            if is_home(&home.view()) {
                return true;
            }
        }
        hands.show(KioskView { screen: Screen::Submitting, ..walk.view() });
    }
    false
}

/// Presses what a label begins with, and counts.
fn tap(hands: &mut Hands, walk: &mut Walk, label: &str, taps: &mut usize) {
    hands.show(walk.view());
    let buttons = hands.buttons();
    let button = buttons.iter().find(|button| button.label.starts_with(label));
    let button = button.unwrap_or_else(|| panic!("no {label:?} among {buttons:?}")).clone();
    let touches = hands.press(&button);
    *walk = touched(walk, touches);
    *taps += 1;
}

#[test]
fn a_number_to_be_helped_costs_three_touches_at_most() {
    let (mut hands, mut walk, mut taps) = (Hands::new(), Walk::new(), 0);
    tap(&mut hands, &mut walk, "Ambil nomor", &mut taps);
    tap(&mut hands, &mut walk, "Tidak perlu", &mut taps);
    assert_eq!(walk.view().screen, Screen::Slip);
    println!("walk-in: {taps} touches");
    assert!(taps <= 3, "{taps}");
}

#[test]
fn a_whole_application_with_two_documents_costs_twenty_touches_at_most() {
    let (mut hands, mut walk, mut taps) = (Hands::new(), Walk::new(), 0);
    for label in ["Sentuh untuk mulai", "Saya mengerti", "KK rusak"] {
        tap(&mut hands, &mut walk, label, &mut taps);
    }
    assert_eq!(walk.view().checklist.len(), 2);
    for label in ["Ada: KK yang rusak", "Ada: KTP-el", "Lanjut", "Saya sendiri"] {
        tap(&mut hands, &mut walk, label, &mut taps);
    }
    "3315135208909001".chars().for_each(|digit| walk.event(KioskEvent::Touched(Touch::Digit(digit))));
    for label in ["Lanjut", "Lewati", "Tidak perlu", "Pindai", "Gunakan", "Kirim"] {
        tap(&mut hands, &mut walk, label, &mut taps);
    }
    assert_eq!(walk.view().screen, Screen::Slip);
    tap(&mut hands, &mut walk, "Selesai", &mut taps);
    assert_eq!(walk.view().screen, Screen::Attract);
    println!("application with two documents: {taps} touches besides the NIK");
    assert!(taps <= 20, "{taps}");
}
