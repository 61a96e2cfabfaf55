//! The states of the kiosk that people meet: each is reached by touches, and by nothing else.

use std::sync::Arc;

use anjungan::clock::World;
use anjungan::domain::catalogue::Catalogue;
use anjungan::domain::device::DeviceKind;
use anjungan::domain::office::Zone;
use anjungan::domain::page_doubt::PageDoubt;
use anjungan::domain::slip_token::{SlipDigest, SlipToken};
use anjungan::domain::stage::Stage as CaseStage;
use anjungan::domain::ticket::{Series, TicketNumber};
use anjungan::failure::Failure;
use anjungan::kiosk::flow::{Application, Flow, KioskEffect, KioskEvent, Receipt, SeenDoubt, Setup, Touch, Turn, Who};
use anjungan::kiosk::headless::Visitor;
use anjungan::kiosk::panel::Brightness;
use anjungan::kiosk::view::{KioskView, NikIssueView, ScanPhaseView, Screen, view};
use anjungan::station::devices::DeviceState;
use anjungan::wire::case::{SlipStatus, StatusStep, WantedDocument};
use anjungan_hardware::{ErrorKind, FaultKind, Health, PrintFault, PrintOutcome};
use jiff::{SignedDuration, Timestamp};

/// One state, to be looked at from all sides.
pub struct State {
    pub name: String,
    pub flow: Flow,
    pub now: Timestamp,
    /// Drawn in every look; another state of the same screen is only measured.
    pub full: bool,
    /// What is pressed in the window itself before looking: its own overlays.
    pub press: Option<&'static str>,
}

/// A kiosk in a world that says yes, as far as a state wants it to.
#[derive(Clone)]
pub struct Walk {
    pub flow: Flow,
    pub now: Timestamp,
    issued: u16,
    scans: bool,
    keeps: bool,
    prints: Option<PrintOutcome>,
}

impl Walk {
    pub fn new() -> Self {
        Self::at("2026-11-25T01:31:00Z")
    }

    pub fn at(now: &str) -> Self {
        let now: Timestamp = now.parse().unwrap();
        let setup = Setup {
            catalogue: Arc::new(Catalogue::built_in()),
            office_name: "Dispendukcapil Kabupaten Grobogan".to_owned(),
            complaints: "SP4N-LAPOR! SMS 1708".to_owned(),
            kiosk_name: "K1".to_owned(),
            zone: Zone::Wib,
            url_base: None,
            idle: SignedDuration::from_secs(120),
            repeat_guard: SignedDuration::ZERO,
            can_scan: true,
            hours: Some(toml::from_str("holidays = [\"2026-12-25 Hari Raya Natal\"]").unwrap()),
            staff_pin: Some("2580".to_owned()),
        };
        let prints = Some(PrintOutcome::Printed);
        let mut walk = Self { flow: Flow::new(setup, now), now, issued: 0, scans: true, keeps: true, prints };
        walk.event(KioskEvent::HubOnline(true));
        walk.speaker(Health::Ready);
        let waiting = (1..=12).map(number).collect();
        walk.event(KioskEvent::HallSeen { waiting, wait_minutes: Some(35), no_numbers: None });
        walk
    }

    pub fn view(&self) -> KioskView {
        view(&self.flow, self.now)
    }

    fn speaker(&mut self, health: Health) {
        let state = DeviceState::of(health, false);
        self.event(KioskEvent::DeviceChanged { device: DeviceKind::Speaker, state });
    }

    pub fn event(&mut self, event: KioskEvent) {
        for effect in self.flow.step(event, self.now) {
            match effect {
                KioskEffect::StartScan { order, .. } if self.scans => self.event(KioskEvent::PageScanned { order }),
                KioskEffect::Keep { order, application } if self.keeps => self.kept(order, *application),
                KioskEffect::PrintSlip { order, .. } => {
                    if let Some(outcome) = self.prints.clone() {
                        self.event(KioskEvent::SlipPrinted { order, outcome });
                    }
                }
                _ => {}
            }
        }
    }

    fn kept(&mut self, order: u64, application: Application) {
        self.issued += 1;
        let token = SlipToken::from_random([7; 16]);
        let (case_id, token) = match application {
            Application::New { .. } => (Some(World::system().case_id()), Some(token)),
            Application::Correction { case_id, token, .. } => (Some(case_id), Some(token)),
            Application::Pickup { case_id, .. } => (Some(case_id), None),
            Application::WalkIn { .. } => (None, None),
        };
        let ticket = number(1000 + self.issued);
        let receipt = Box::new(Receipt { case_id, ticket, issued_at: self.now, token });
        self.event(KioskEvent::CaseKept { order, receipt });
    }

    pub fn touch(&mut self, touch: Touch) {
        self.event(KioskEvent::Touched(touch));
    }

    pub fn pick(&mut self, key: &str) {
        self.touch(Touch::PickCard(key.to_owned()));
    }

    pub fn to(&mut self, visitor: &Visitor, goal: impl Fn(&KioskView) -> bool) {
        for _ in 0..200 {
            let view = self.view();
            if goal(&view) {
                return;
            }
            self.touch(visitor.next_touch(&view).unwrap_or_else(|| panic!("nothing to touch on {:?}", view.screen)));
        }
        panic!("never reached; the last screen was {:?}", self.view().screen);
    }

    /// The service with the most documents, and somebody else's errand: the longest lists there are.
    fn long(goal: impl Fn(&KioskView) -> bool) -> Self {
        let mut walk = Self::new();
        walk.touch(Touch::Start);
        walk.touch(Touch::Next);
        walk.pick("tambah");
        walk.pick("kk.ubah.menumpang");
        // An odd number says no and a proxy comes with every third: this one says yes and is a proxy.
        walk.to(&Visitor::new(2), goal);
        walk
    }

    fn status(stage: CaseStage, wanted: bool) -> Self {
        let mut walk = Self::new();
        walk.event(KioskEvent::SlipSeen(SlipToken::from_random([9; 16]).qr_text(None)));
        let steps = Catalogue::built_in();
        let reached = match stage {
            CaseStage::Received => 7,
            CaseStage::Signed => 5,
            _ => 1,
        };
        let status = SlipStatus {
            case_id: World::system().case_id(),
            stage,
            ticket: number(7),
            title: "KK hilang".to_owned(),
            variant: "kk.hilang".parse().unwrap(),
            words: stage.plain_words().to_owned(),
            trail: steps
                .steps()
                .iter()
                .map(|step| StatusStep { title: step.name.clone(), done: step.number <= reached, at: None })
                .collect(),
            wanted: if wanted {
                vec![WantedDocument {
                    kind: Some("sk_hilang_polisi".parse().unwrap()),
                    title: "Surat keterangan hilang dari kepolisian".to_owned(),
                    what_to_do: Catalogue::built_in().return_reasons()[0].citizen.clone(),
                }]
            } else {
                Vec::new()
            },
            pickup: None,
            slip_token: SlipDigest::try_from("ab".repeat(32)).unwrap(),
        };
        walk.event(KioskEvent::StatusKnown { ask: 1, result: Ok(Box::new(status)) });
        walk
    }

    fn named(self, name: &str) -> State {
        State { name: name.to_owned(), flow: self.flow, now: self.now, full: false, press: None }
    }

    fn pressed(self, name: &str, press: &'static str) -> State {
        State { press: Some(press), ..self.named(name) }
    }
}

fn number(number: u16) -> TicketNumber {
    TicketNumber::new(Series::parse("A").unwrap(), number).unwrap()
}

fn on(screen: Screen) -> impl Fn(&KioskView) -> bool {
    move |view| view.screen == screen
}

/// Every state that is looked at.
pub fn all() -> Vec<State> {
    let mut states = Vec::new();
    around(&mut states);
    choices(&mut states);
    documents(&mut states);
    person(&mut states);
    scans(&mut states);
    ends(&mut states);
    overlays(&mut states);
    let mut met = std::collections::HashSet::new();
    for state in &mut states {
        let view = view(&state.flow, state.now);
        let kind = (
            view.screen,
            view.scan_phase,
            !view.scan_doubt.is_empty(),
            view.slip_phase,
            view.slip_kind,
            view.nik_issue,
            view.failure.is_some(),
        );
        state.full = met.insert((kind, view.idle_warning, view.closed_reason, state.press));
    }
    states
}

fn around(states: &mut Vec<State>) {
    states.push(Walk::new().named("attract"));
    let mut away = Walk::new();
    away.event(KioskEvent::HubOnline(false));
    for device in [DeviceKind::Printer, DeviceKind::QrScanner] {
        let state = DeviceState::of(Health::NotReachable, true);
        away.event(KioskEvent::DeviceChanged { device, state });
    }
    states.push(away.clone().named("attract_everything_away"));
    away.touch(Touch::Start);
    away.touch(Touch::Next);
    states.push(away.named("need_everything_away"));
    states.push(Walk::at("2026-11-27T05:00:00Z").named("attract_pause"));
    states.push(Walk::at("2026-11-25T07:50:00Z").named("closed_late"));
    states.push(Walk::at("2026-11-28T03:00:00Z").named("closed_weekend"));
    states.push(Walk::at("2026-12-25T03:00:00Z").named("closed_holiday"));
    let mut broken = Walk::new();
    broken.event(KioskEvent::StorageUsable(false));
    states.push(broken.named("out_of_service"));
    let mut staff = Walk::new();
    for (device, health) in [
        (DeviceKind::Printer, Health::MediaLow),
        (DeviceKind::QrScanner, Health::Ready),
        (DeviceKind::DocumentScanner, Health::Jammed),
        (DeviceKind::EktpReader, Health::NotReachable),
        (DeviceKind::Speaker, Health::Ready),
    ] {
        staff.event(KioskEvent::DeviceChanged { device, state: DeviceState::of(health, true) });
    }
    staff.touch(Touch::OpenStaff);
    states.push(staff.clone().named("staff_pin"));
    "2580".chars().for_each(|digit| staff.touch(Touch::Digit(digit)));
    staff.touch(Touch::Next);
    states.push(staff.clone().named("staff_monitor"));
    staff.event(KioskEvent::BrightnessKnown(Some(Brightness::nearest(0.6))));
    states.push(staff.named("staff"));
}

fn choices(states: &mut Vec<State>) {
    let mut walk = Walk::new();
    walk.touch(Touch::Start);
    states.push(walk.clone().named("notice"));
    walk.touch(Touch::Next);
    states.push(walk.clone().named("need"));
    for group in ["baru", "tambah", "kurang", "ubah"] {
        let mut walk = walk.clone();
        walk.pick(group);
        states.push(walk.named(&format!("variant_{group}")));
    }
    guide(&walk, states);
    for variant in Catalogue::built_in().variants() {
        let mut walk = walk.clone();
        walk.pick(variant.group.as_str());
        if walk.view().screen == Screen::Variant {
            walk.pick(variant.key.as_str());
        }
        let mut asked = 0;
        while walk.view().screen == Screen::Question {
            asked += 1;
            states.push(walk.clone().named(&format!("question_{}_{asked}", variant.key)));
            walk.touch(Touch::Answer(true));
        }
    }
    // One question is asked of many services: it is looked at once.
    let mut seen = std::collections::BTreeSet::new();
    states.retain(|state| {
        let view = view(&state.flow, state.now);
        view.screen != Screen::Question || seen.insert(view.question)
    });
}

/// Every question of the guide.
fn guide(walk: &Walk, states: &mut Vec<State>) {
    let mut open = vec![walk.clone()];
    open[0].pick("?");
    let mut seen = std::collections::BTreeSet::new();
    while let Some(walk) = open.pop() {
        let view = walk.view();
        if view.screen != Screen::Unsure || !seen.insert(view.question.clone()) {
            continue;
        }
        for card in &view.cards {
            let mut next = walk.clone();
            next.pick(&card.key);
            open.push(next);
        }
        states.push(walk.named(&format!("unsure_{}", seen.len())));
    }
    assert!(seen.len() >= 8, "the guide was walked");
}

fn documents(states: &mut Vec<State>) {
    for variant in Catalogue::built_in().variants() {
        let mut walk = Walk::new();
        walk.touch(Touch::Start);
        walk.touch(Touch::Next);
        walk.pick(variant.group.as_str());
        if walk.view().screen == Screen::Variant {
            walk.pick(variant.key.as_str());
        }
        while walk.view().screen == Screen::Question {
            walk.touch(Touch::Answer(true));
        }
        assert_eq!(walk.view().screen, Screen::Checklist, "{}", variant.key);
        states.push(walk.clone().named(&format!("checklist_{}", variant.key)));
        for row in walk.view().checklist {
            walk.touch(Touch::SetHave { key: row.key, have: false });
        }
        walk.touch(Touch::Next);
        states.push(walk.named(&format!("incomplete_{}", variant.key)));
    }
}

fn person(states: &mut Vec<State>) {
    states.push(Walk::long(on(Screen::Applicant)).named("applicant"));
    let mut proxy = Walk::long(on(Screen::Applicant));
    proxy.touch(Touch::PickApplicant(Who::Proxy));
    states.push(proxy.named("checklist_proxy"));
    let mut nik = Walk::long(on(Screen::Nik));
    states.push(nik.clone().named("nik_empty"));
    nik.event(KioskEvent::DeviceChanged {
        device: DeviceKind::EktpReader,
        state: DeviceState::of(Health::Ready, false),
    });
    states.push(nik.clone().named("nik_with_reader"));
    let mut unreadable = nik.clone();
    unreadable.event(KioskEvent::Ticked);
    unreadable.event(KioskEvent::CardWatched { watch: unreadable.flow.last_order(), result: Err(true) });
    assert_eq!(unreadable.view().nik_issue, NikIssueView::CardUnreadable);
    states.push(unreadable.named("nik_card_unreadable"));
    for (name, digits) in [
        ("typing", "331513"),
        ("complete", "3315135208909001"),
        ("same", "1111111111111111"),
        ("serial", "3315135208900000"),
    ] {
        let mut walk = nik.clone();
        digits.chars().for_each(|digit| walk.touch(Touch::Digit(digit)));
        states.push(walk.clone().named(&format!("nik_{name}")));
        if name == "typing" {
            walk.touch(Touch::Next);
            states.push(walk.named("nik_incomplete"));
        }
    }
    for (name, digits) in [("province", "0015135208909001"), ("date", "3315139908909001")] {
        let mut walk = nik.clone();
        digits.chars().for_each(|digit| walk.touch(Touch::Digit(digit)));
        walk.touch(Touch::Next);
        assert_eq!(walk.view().screen, Screen::NikConfirm, "{name}");
        states.push(walk.named(&format!("nik_confirm_{name}")));
    }
    states.push(Walk::long(|view| view.screen == Screen::Nik && view.nik_for_proxy).named("nik_proxy"));
    let mut phone = Walk::long(on(Screen::Phone));
    states.push(phone.clone().named("phone_empty"));
    "0812".chars().for_each(|digit| phone.touch(Touch::Digit(digit)));
    phone.touch(Touch::Next);
    states.push(phone.named("phone_incomplete"));
    states.push(Walk::long(on(Screen::Priority)).named("priority"));
}

fn scans(states: &mut Vec<State>) {
    let mut walk = Walk::long(on(Screen::Scan));
    walk.scans = false;
    states.push(walk.clone().named("scan_guide"));
    let mut away = walk.clone();
    let state = DeviceState::of(Health::NotReachable, false);
    away.event(KioskEvent::DeviceChanged { device: DeviceKind::DocumentScanner, state });
    states.push(away.named("scan_scanner_away"));
    walk.touch(Touch::Scan);
    let mut scanning = walk.clone();
    scanning.event(KioskEvent::ScanProgressed { order: scanning.flow.last_order(), part: 0.4 });
    states.push(scanning.named("scan_scanning"));
    let mut failed = walk.clone();
    failed.event(KioskEvent::ScanFailed { order: failed.flow.last_order(), kind: ErrorKind::Jammed });
    assert_eq!(failed.view().scan_phase, ScanPhaseView::Failed);
    states.push(failed.named("scan_failed"));
    walk.event(KioskEvent::PageScanned { order: walk.flow.last_order() });
    states.push(walk.clone().named("scan_preview"));
    let order = walk.flow.last_order();
    let mut good = walk.clone();
    good.event(KioskEvent::PageJudged { order, doubts: Vec::new() });
    states.push(good.named("scan_good"));
    for doubt in PageDoubt::ALL.into_iter().filter(|doubt| doubt.is_for_citizen()) {
        let mut doubtful = walk.clone();
        doubtful.event(KioskEvent::PageJudged { order, doubts: vec![SeenDoubt { doubt, place: None }] });
        states.push(doubtful.named(&format!("scan_doubt_{}", doubt.key())));
    }
}

fn ends(states: &mut Vec<State>) {
    states.push(Walk::long(on(Screen::Review)).named("review"));
    let mut walk = Walk::long(on(Screen::Review));
    walk.keeps = false;
    walk.touch(Touch::Submit);
    states.push(walk.named("submitting"));
    let fault = |kind| PrintFault { kind, detail: String::new() };
    for (name, outcome) in [
        ("printing", None),
        ("printed", Some(PrintOutcome::Printed)),
        ("tear_off", Some(PrintOutcome::Unknown(fault(FaultKind::Cutter)))),
        ("not_printed", Some(PrintOutcome::NotPrinted(fault(FaultKind::PaperOut)))),
        ("unknown", Some(PrintOutcome::Unknown(fault(FaultKind::NotResponding)))),
    ] {
        let mut walk = Walk::long(on(Screen::Review));
        walk.prints = outcome;
        walk.touch(Touch::Submit);
        if name == "printing" {
            let mut hot = walk.clone();
            hot.event(KioskEvent::PrinterCooling { order: hot.flow.last_order() });
            states.push(hot.named("slip_cooling"));
        }
        states.push(walk.named(&format!("slip_{name}")));
    }
    let mut number = Walk::new();
    number.touch(Touch::WalkIn);
    states.push(number.clone().named("priority_walk_in"));
    number.pick("pregnant");
    states.push(number.named("slip_walk_in"));
    for (name, stage, wanted) in [
        ("submitted", CaseStage::Submitted, false),
        ("signed", CaseStage::Signed, false),
        ("received", CaseStage::Received, false),
        ("returned", CaseStage::Returned, true),
    ] {
        let mut walk = Walk::status(stage, wanted);
        states.push(walk.clone().named(&format!("status_{name}")));
        if stage == CaseStage::Received {
            walk.touch(Touch::Collect);
            assert_eq!(walk.view().screen, Screen::Slip);
            states.push(walk.named("slip_pickup"));
        }
    }
    let mut code = Walk::new();
    code.touch(Touch::TypeCode);
    states.push(code.clone().named("code_empty"));
    "7K4M2XQ9PD0".chars().for_each(|sign| code.touch(Touch::Sign(sign)));
    code.touch(Touch::Next);
    states.push(code.named("code_mistyped"));
    let mut searching = Walk::new();
    searching.event(KioskEvent::SlipSeen(SlipToken::from_random([9; 16]).qr_text(None)));
    states.push(searching.named("status_searching"));
}

fn overlays(states: &mut Vec<State>) {
    for (name, button) in [("help", "help-btn"), ("display", "display-btn"), ("restart", "restart-btn")] {
        states.push(Walk::long(on(Screen::Applicant)).pressed(name, button));
    }
    let mut voiceless = Walk::long(on(Screen::Applicant));
    voiceless.touch(Touch::Turn(Turn::ByEar(true)));
    voiceless.speaker(Health::NotReachable);
    states.push(voiceless.named("voice_gone"));
    let mut idle = Walk::long(on(Screen::Nik));
    for _ in 0..125 {
        idle.now += SignedDuration::from_secs(1);
        idle.event(KioskEvent::Ticked);
    }
    assert!(idle.view().idle_warning);
    states.push(idle.named("idle"));
    for failure in Failure::ALL {
        let mut walk = Walk::new();
        walk.event(KioskEvent::SlipSeen(SlipToken::from_random([9; 16]).qr_text(None)));
        walk.event(KioskEvent::StatusKnown { ask: 1, result: Err(*failure) });
        assert_eq!(walk.view().failure, Some(*failure));
        states.push(walk.named(&format!("failure_{}", failure.code())));
    }
}
