//! The kiosk as a program for somebody who does not see it: keys, the held glass, and a voice that goes away.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anjungan::clock::{System, Virtual, World};
use anjungan::config::Config;
use anjungan::kiosk::KioskProgram;
use anjungan::kiosk::view::{KioskView, Screen};
use anjungan::station::bridge::no_wake;
use anjungan_ui::KioskState;
use anjungan_ui::slint::platform::{Key, PointerEventButton, WindowEvent};
use anjungan_ui::slint::{ComponentHandle as _, LogicalPosition, PhysicalSize, SharedString};

use crate::support::office::PATIENCE;

const MORNING: &str = "2026-11-25T01:31:00Z";

struct Person {
    program: KioskProgram,
    _folder: tempfile::TempDir,
}

impl Person {
    fn at_a_kiosk(speaker: &str) -> Self {
        i_slint_backend_testing::init_no_event_loop();
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "[kiosk]\nname = \"K1\"\nseries = \"A\"\nhub = \"http://127.0.0.1:9\"\ntoken = \"\"\ndata = {:?}\n{speaker}",
            folder.path()
        );
        let config = Config::parse(&config).unwrap();
        let clock = Arc::new(Virtual::starting_at(MORNING.parse().unwrap()));
        let program = KioskProgram::open(&config, World::new(clock, Arc::new(System)), no_wake()).unwrap();
        program.with_shell(|shell| shell.set_repeat_guard(Duration::ZERO));
        program.window().window().set_size(PhysicalSize::new(1080, 1920));
        program.window().show().unwrap();
        Self { program, _folder: folder }
    }

    fn view(&self) -> KioskView {
        self.program.with_shell(|shell| shell.view())
    }

    fn until(&self, what: &str, holds: impl Fn(&KioskView) -> bool) {
        let began = Instant::now();
        while !holds(&self.view()) {
            assert!(began.elapsed() < PATIENCE, "waiting for {what}");
            self.program.pump(Duration::from_millis(10));
        }
    }

    /// Lets the window's own timers and changes happen.
    fn pass(&self, time: Duration) {
        for _ in 0..10 {
            i_slint_backend_testing::mock_elapsed_time(time / 10);
        }
    }

    fn strike(&self, text: impl Into<SharedString>) {
        let text = text.into();
        self.program.window().window().dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
        self.program.window().window().dispatch_event(WindowEvent::KeyReleased { text });
        self.pass(Duration::from_millis(100));
    }

    fn press_glass(&self, x: f32, y: f32, time: Duration) {
        let (window, position) = (self.program.window().window(), LogicalPosition::new(x, y));
        window.dispatch_event(WindowEvent::PointerPressed { position, button: PointerEventButton::Left });
        self.pass(time);
        window.dispatch_event(WindowEvent::PointerReleased { position, button: PointerEventButton::Left });
        self.pass(Duration::from_millis(100));
    }

    fn is_masked(&self) -> bool {
        self.program.window().global::<KioskState<'_>>().get_masked()
    }
}

#[test]
fn five_keys_lead_through_the_screens_and_the_voice_says_them() {
    let person = Person::at_a_kiosk("[speaker]\nurl = \"none:\"\n");
    person.strike(Key::F1);
    assert!(!person.view().comfort.by_ear, "nobody is guided by a voice that is not known to work");
    person.until("the voice", |view| view.voice_ready);
    person.strike(Key::RightArrow);
    assert!(!person.view().comfort.by_ear, "only the key for help begins it");
    person.strike(Key::F1);
    assert!(person.view().comfort.by_ear);
    // The first choice is the one that begins.
    person.strike(Key::Return);
    assert_eq!(person.view().screen, Screen::Notice);
    person.strike(Key::Return);
    assert_eq!(person.view().screen, Screen::Need);
    // Five cards on, one back.
    (0..5).for_each(|_| person.strike(Key::DownArrow));
    person.strike(Key::UpArrow);
    person.strike(Key::Return);
    assert_eq!((person.view().screen, person.view().variant_title.as_str()), (Screen::Checklist, "KK hilang"));
    // The sheets of the window itself are heard, too: help, the menu's last entry, leaving twice asked.
    person.strike(Key::F1);
    (0..5).for_each(|_| person.strike(Key::DownArrow));
    person.strike(Key::Return);
    assert!(person.view().comfort.by_ear, "leaving is asked about");
    person.strike(Key::Return);
    assert!(!person.view().comfort.by_ear);
    assert_eq!(person.view().screen, Screen::Checklist, "the place is kept");
}

#[test]
fn who_holds_the_glass_is_guided_and_the_glass_is_the_keys() {
    let person = Person::at_a_kiosk("[speaker]\nurl = \"none:\"\n");
    person.until("the voice", |view| view.voice_ready);
    person.press_glass(540.0, 300.0, Duration::from_millis(300));
    assert_eq!(person.view().screen, Screen::Notice, "a short touch begins as ever");
    person.strike(Key::F1);
    person.strike(Key::F1);
    // The menu of the keys: leave, and go back to the start by touch.
    (0..5).for_each(|_| person.strike(Key::DownArrow));
    person.strike(Key::Return);
    person.strike(Key::Return);
    person.program.with_shell(|shell| shell.touch(anjungan::kiosk::flow::Touch::Restart));
    assert_eq!((person.view().screen, person.view().comfort.by_ear), (Screen::Attract, false));
    person.press_glass(540.0, 300.0, Duration::from_millis(2_000));
    assert_eq!((person.view().screen, person.view().comfort.by_ear), (Screen::Attract, true), "a long one guides");
    let (left, right, top, middle, bottom) = (100.0, 980.0, 100.0, 960.0, 1_820.0);
    let touch = |x, y| person.press_glass(x, y, Duration::from_millis(60));
    touch(540.0, middle);
    assert_eq!(person.view().screen, Screen::Notice);
    touch(right, bottom);
    touch(left, bottom);
    touch(540.0, middle);
    assert_eq!(person.view().screen, Screen::Need);
    // Help, four on: the screen goes dark, and the glass still is the keys.
    touch(left, top);
    (0..4).for_each(|_| touch(right, bottom));
    touch(540.0, middle);
    assert!(person.is_masked());
    touch(left, top);
    touch(right, top);
    touch(540.0, middle);
    assert_ne!(person.view().screen, Screen::Need, "the card under the cursor was chosen in the dark");
}

#[test]
fn without_a_loudspeaker_nothing_offers_a_voice() {
    let person = Person::at_a_kiosk("");
    person.press_glass(540.0, 300.0, Duration::from_millis(2_000));
    assert_eq!((person.view().screen, person.view().comfort.by_ear), (Screen::Notice, false));
    person.strike(Key::F1);
    assert!(!person.view().comfort.by_ear && !person.view().voice_ready);
}
