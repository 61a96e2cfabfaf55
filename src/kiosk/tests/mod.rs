//! Tests of the kiosk's flow: events in, view and effects out, no window and no device.

mod card;
mod devices;
mod faults;
mod numbers;
mod property;
mod walks;
mod window;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use anjungan_hardware::{Health, PrintOutcome};
use jiff::{SignedDuration, Timestamp};

use super::flow::{Application, Flow, KioskEffect, KioskEvent, Receipt, Setup, Touch};
use super::headless::Visitor;
use super::view::{KioskView, NikIssueView, ScanPhaseView, Screen, view};
use crate::clock::World;
use crate::domain::catalogue::Catalogue;
use crate::domain::device::DeviceKind;
use crate::domain::ids::CaseId;
use crate::domain::office::Zone;
use crate::domain::slip_token::SlipToken;
use crate::domain::ticket::{Series, TicketNumber};
use crate::slip::{Paper, TicketFor};
use crate::station::devices::DeviceState;

/// A kiosk whose world always says yes, at once: scans succeed, the disk keeps, the printer prints.
#[derive(Clone)]
struct Stage {
    flow: Flow,
    now: Timestamp,
    issued: u16,
    /// Answer effects by themselves.
    obliging: bool,
    effects: Vec<KioskEffect>,
    applications: Vec<Application>,
}

impl Stage {
    fn new() -> Self {
        let now: Timestamp = "2026-11-23T01:31:00Z".parse().unwrap();
        let setup = Setup {
            catalogue: Arc::new(Catalogue::built_in()),
            office_name: "Dispendukcapil Kabupaten Grobogan".to_owned(),
            complaints: "SP4N-LAPOR! SMS 1708".to_owned(),
            kiosk_name: "K1".to_owned(),
            zone: Zone::Wib,
            url_base: None,
            idle: SignedDuration::from_secs(120),
            repeat_guard: SignedDuration::from_millis(300),
            can_scan: true,
            hours: None,
            staff_pin: Some("2580".to_owned()),
        };
        let mut stage = Self {
            flow: Flow::new(setup, now),
            now,
            issued: 0,
            obliging: true,
            effects: Vec::new(),
            applications: Vec::new(),
        };
        stage.event(KioskEvent::HubOnline(true));
        stage
    }

    fn view(&self) -> KioskView {
        view(&self.flow, self.now)
    }

    fn screen(&self) -> Screen {
        self.view().screen
    }

    fn pass_ms(&mut self, ms: i64) {
        self.now += SignedDuration::from_millis(ms);
    }

    /// Lets seconds pass with a tick in each.
    fn pass_s(&mut self, seconds: u32) {
        for _ in 0..seconds {
            self.pass_ms(1000);
            self.event(KioskEvent::Ticked);
        }
    }

    fn event(&mut self, event: KioskEvent) {
        let effects = self.flow.step(event, self.now);
        for effect in effects {
            self.effects.push(effect.clone());
            if self.obliging {
                self.oblige(effect);
            }
        }
    }

    fn oblige(&mut self, effect: KioskEffect) {
        match effect {
            KioskEffect::StartScan { order, .. } => self.event(KioskEvent::PageScanned { order }),
            KioskEffect::Keep { order, application } => self.kept(order, *application),
            KioskEffect::PrintSlip { order, .. } => {
                self.event(KioskEvent::SlipPrinted { order, outcome: PrintOutcome::Printed });
            }
            _ => {}
        }
    }

    fn kept(&mut self, order: u64, application: Application) {
        self.issued += 1;
        let (case_id, token) = match &application {
            Application::New { .. } => {
                let token = SlipToken::from_random([u8::try_from(self.issued % 250).unwrap(); 16]);
                (Some(World::system().case_id()), Some(token))
            }
            Application::Correction { case_id, token, .. } => (Some(*case_id), Some(token.clone())),
            Application::WalkIn { .. } => (None, None),
            Application::Pickup { case_id, .. } => (Some(*case_id), None),
        };
        self.applications.push(application);
        let ticket = TicketNumber::new(Series::parse("A").unwrap(), self.issued).unwrap();
        let receipt = Box::new(Receipt { case_id, ticket, issued_at: self.now, token });
        self.event(KioskEvent::CaseKept { order, receipt });
    }

    /// Touches once, as a person does: well after the touch before.
    fn touch(&mut self, touch: Touch) {
        self.pass_ms(500);
        self.event(KioskEvent::Touched(touch));
    }

    fn digits(&mut self, digits: &str) {
        for digit in digits.chars() {
            self.touch(Touch::Digit(digit));
        }
    }

    fn pick(&mut self, key: &str) {
        self.touch(Touch::PickCard(key.to_owned()));
    }

    fn have(&mut self, key: &str, have: bool) {
        self.touch(Touch::SetHave { key: key.to_owned(), have });
    }

    /// Lets a scripted applicant walk until a screen is shown; the number of touches needed.
    fn walk_to(&mut self, visitor: &Visitor, goal: Screen) -> usize {
        for touches in 0..200 {
            let view = self.view();
            if view.screen == goal {
                return touches;
            }
            let touch = visitor.next_touch(&view).unwrap_or_else(|| panic!("nothing to touch on {:?}", view.screen));
            self.touch(touch);
        }
        panic!("{goal:?} is never reached; the last screen was {:?}", self.screen());
    }

    /// Walks the service of a lost KK up to a screen.
    fn lost_card(goal: Screen) -> Self {
        let mut stage = Self::new();
        stage.touch(Touch::Start);
        stage.touch(Touch::Next);
        stage.pick("hilang");
        stage.walk_to(&Visitor::new(0), goal);
        stage
    }

    fn take_effects(&mut self) -> Vec<KioskEffect> {
        std::mem::take(&mut self.effects)
    }

    fn printer(&mut self, health: Health) {
        let state = DeviceState::of(health, false);
        self.event(KioskEvent::DeviceChanged { device: DeviceKind::Printer, state });
    }
}

fn some_case() -> CaseId {
    "0193a5a0-0000-7000-8000-000000000001".parse().unwrap()
}

fn name(effect: &KioskEffect) -> String {
    match effect {
        KioskEffect::ReadyDevices => "ready devices".to_owned(),
        KioskEffect::StartScan { kind, .. } => format!("scan {kind}"),
        KioskEffect::CancelScan { .. } => "cancel scan".to_owned(),
        KioskEffect::WatchForCard { .. } => "watch for card".to_owned(),
        KioskEffect::ForgetCard => "forget card".to_owned(),
        KioskEffect::ForgetPage { .. } => "forget page".to_owned(),
        KioskEffect::SetVolume(_) => "set volume".to_owned(),
        KioskEffect::SetBrightness(_) => "set brightness".to_owned(),
        KioskEffect::Keep { .. } => "keep".to_owned(),
        KioskEffect::WakeCourier => "wake courier".to_owned(),
        KioskEffect::PrintSlip { content, .. } => match &**content {
            Paper::Slip(slip) if slip.copy => "print copy".to_owned(),
            Paper::Slip(_) => "print slip".to_owned(),
            Paper::Number(number) if number.purpose == TicketFor::Pickup => "print pickup number".to_owned(),
            Paper::Number(_) => "print number".to_owned(),
            Paper::List(list) => format!("print list of {}", list.entries.len()),
        },
        KioskEffect::RestartProgram => "restart".to_owned(),
        KioskEffect::AskNumber { .. } => "ask for a number".to_owned(),
        KioskEffect::AskStatus { .. } => "ask status".to_owned(),
        KioskEffect::TellPanel { works } => format!("panel {works}"),
        KioskEffect::Wipe => "wipe".to_owned(),
    }
}

/// What a person would tell of a screen.
fn tell(view: &KioskView) -> String {
    let mut text = format!("[{:?}] step {}", view.screen, view.step);
    let mut add = |what: &str, said: String| {
        if !said.is_empty() {
            let _ = write!(text, "\n  {what}: {said}");
        }
    };
    let buttons: Vec<_> =
        [(view.can_back, "back"), (view.can_next, "next")].iter().filter(|(on, _)| *on).map(|(_, b)| *b).collect();
    add("buttons", buttons.join(" "));
    add("cards", view.cards.iter().map(|card| card.key.as_str()).collect::<Vec<_>>().join(" "));
    add("question", view.question.clone());
    let row = |row: &super::view::DocumentRow| format!("{}={:?}/{:?}", row.key, row.need, row.have);
    add("checklist", view.checklist.iter().map(row).collect::<Vec<_>>().join(" "));
    if view.screen == Screen::Nik || view.screen == Screen::NikConfirm {
        add("nik", format!("{} digits, proxy {}, {:?}", view.nik_length, view.nik_for_proxy, view.nik_issue));
    }
    if view.screen == Screen::Scan {
        let of = format!("{} of {}: {} {:?}", view.scan_number, view.scan_count, view.scan_title, view.scan_phase);
        add("scan", of);
    }
    for line in &view.review {
        add(&line.label, line.value.clone());
    }
    add("ticket", view.ticket.clone());
    if view.screen == Screen::Slip {
        add("paper", format!("{:?}, delivered {}, ahead {}", view.slip_phase, view.slip_delivered, view.waiting_ahead));
    }
    add("status", view.status_title.clone());
    add("failure", view.failure.map(|failure| failure.code().to_owned()).unwrap_or_default());
    text
}

/// Compares with the golden file; `UPDATE_GOLDEN=1` writes it and fails all the same.
fn assert_golden(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        panic!("{name} was written; look at it and run again without UPDATE_GOLDEN");
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, golden, "{name} differs; UPDATE_GOLDEN=1 writes it anew");
}
