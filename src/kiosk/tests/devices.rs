//! Devices that fail, and what the person and the staff then meet.

use anjungan_hardware::{FaultKind, Health, PrintFault};

use super::*;
use crate::kiosk::flow::StaffAction;
use crate::kiosk::panel::Brightness;
use crate::kiosk::view::{ScanPhaseView, SlipPhaseView};
use crate::slip::Paper;
use crate::station::voice::Volume;

impl Stage {
    fn device(&mut self, device: DeviceKind, health: Health) {
        self.event(KioskEvent::DeviceChanged { device, state: DeviceState::of(health, false) });
    }

    /// Submits, and gives the number of the print job.
    fn submit_and_print(&mut self) -> u64 {
        self.touch(Touch::Submit);
        let effects = self.take_effects();
        let Some(KioskEffect::Keep { order, application }) = effects.into_iter().next_back() else { panic!() };
        self.kept(order, *application);
        self.print_order()
    }

    fn print_order(&mut self) -> u64 {
        let printing = |effect: KioskEffect| match effect {
            KioskEffect::PrintSlip { order, .. } => Some(order),
            _ => None,
        };
        self.take_effects().into_iter().find_map(printing).expect("a print job")
    }
}

fn unkind(goal: Screen) -> Stage {
    let mut stage = Stage::lost_card(goal);
    stage.obliging = false;
    stage.take_effects();
    stage
}

#[test]
fn a_scanner_that_is_away_need_not_be_tried_first() {
    let mut stage = unkind(Screen::Scan);
    assert_eq!((stage.view().scan_phase, stage.view().scanner_ready), (ScanPhaseView::Guide, true));
    stage.device(DeviceKind::DocumentScanner, Health::NotReachable);
    let view = stage.view();
    assert!(!view.scanner_ready && view.can_next);
    while stage.screen() == Screen::Scan {
        stage.touch(Touch::Next);
    }
    assert_eq!(stage.screen(), Screen::Review);
    let scans = stage.view().review.into_iter().find(|line| line.key == "scans").unwrap();
    assert!(scans.value.starts_with("0/"), "the documents are shown at the counter: {}", scans.value);
}

#[test]
fn an_empty_glass_is_a_sound_scanner() {
    let mut stage = unkind(Screen::Scan);
    stage.device(DeviceKind::DocumentScanner, Health::MediaAbsent);
    assert!(stage.view().scanner_ready && stage.view().can_next);
}

#[test]
fn a_stuck_cutter_is_told_as_a_slip_to_tear_off() {
    let mut stage = unkind(Screen::Review);
    let order = stage.submit_and_print();
    let fault = PrintFault { kind: FaultKind::Cutter, detail: String::new() };
    stage.event(KioskEvent::SlipPrinted { order, outcome: PrintOutcome::Unknown(fault) });
    assert_eq!(stage.view().slip_phase, SlipPhaseView::TearOff);
    stage.printer(Health::Ready);
    assert!(stage.take_effects().is_empty(), "what is on paper is not printed twice by itself");
}

#[test]
fn a_hot_head_is_waited_for_and_the_person_reads_it() {
    let mut stage = unkind(Screen::Review);
    let order = stage.submit_and_print();
    stage.event(KioskEvent::PrinterCooling { order });
    assert_eq!(stage.view().slip_phase, SlipPhaseView::Cooling);
    stage.touch(Touch::Reprint);
    assert!(stage.take_effects().is_empty(), "a job that waits is not given twice");
    stage.event(KioskEvent::PrinterCooling { order: order + 9 });
    stage.event(KioskEvent::SlipPrinted { order, outcome: PrintOutcome::Printed });
    assert_eq!(stage.view().slip_phase, SlipPhaseView::Printed);
}

#[test]
fn staff_see_every_device_and_the_screen_closes_by_itself() {
    let mut stage = Stage::new();
    stage.device(DeviceKind::DocumentScanner, Health::Jammed);
    let paper = DeviceState { health: Health::MediaLow, simulated: false, slips_left: Some(12) };
    stage.event(KioskEvent::DeviceChanged { device: DeviceKind::Printer, state: paper });
    assert!(stage.view().devices.is_empty(), "only on their own screen");
    stage.touch(Touch::OpenStaff);
    stage.digits("2580");
    stage.touch(Touch::Next);
    let view = stage.view();
    assert_eq!((view.screen, view.devices.len()), (Screen::Staff, 2));
    assert_eq!(view.devices[0].state, "kertas hampir habis, sekitar 12 slip lagi");
    assert!(view.devices[0].works && !view.devices[1].works);
    stage.pass_s(61);
    assert_eq!(stage.screen(), Screen::Attract);
    // Nobody gets there out of a session.
    stage.touch(Touch::Start);
    stage.touch(Touch::OpenStaff);
    assert_eq!(stage.screen(), Screen::Notice);
}

fn at_the_staff_screen(stage: &mut Stage) {
    stage.touch(Touch::OpenStaff);
    stage.digits("2580");
    stage.touch(Touch::Next);
    assert_eq!(stage.screen(), Screen::Staff);
    stage.take_effects();
}

#[test]
fn staff_print_a_number_again_and_it_says_that_it_is_a_copy() {
    let mut stage = Stage::new();
    stage.touch(Touch::WalkIn);
    stage.touch(Touch::PickCard("none".to_owned()));
    stage.touch(Touch::Finish);
    at_the_staff_screen(&mut stage);
    assert!(stage.view().can_reprint);
    stage.touch(Touch::StaffAct(StaffAction::Reprint));
    let printed = stage.take_effects().into_iter().find_map(|effect| match effect {
        KioskEffect::PrintSlip { content, .. } => Some(*content),
        _ => None,
    });
    let Some(Paper::Number(number)) = printed else { panic!("{printed:?}") };
    assert_eq!((number.ticket.to_string().as_str(), number.copy), ("A-001", true));
    // Once somebody else has begun, it is nobody's business.
    stage.touch(Touch::CloseStaff);
    stage.touch(Touch::Start);
    stage.touch(Touch::Restart);
    at_the_staff_screen(&mut stage);
    assert!(!stage.view().can_reprint);
}

#[test]
fn staff_turn_loudness_and_light_step_by_step() {
    let mut stage = Stage::new();
    at_the_staff_screen(&mut stage);
    assert_eq!((stage.view().volume_step, stage.view().brightness_step), (0, 0), "neither voice nor light is known");
    stage.touch(Touch::StaffAct(StaffAction::Brighter));
    assert!(stage.take_effects().is_empty());
    stage.device(DeviceKind::Speaker, Health::Ready);
    stage.event(KioskEvent::BrightnessKnown(Some(Brightness::nearest(0.8))));
    stage.event(KioskEvent::VolumeKnown(Volume::of_step(3).unwrap()));
    assert_eq!((stage.view().volume_step, stage.view().brightness_step), (4, 4));
    for action in [StaffAction::Louder, StaffAction::Louder, StaffAction::Brighter] {
        stage.touch(Touch::StaffAct(action));
    }
    let asked: Vec<_> = stage.take_effects().iter().map(|effect| format!("{effect:?}")).collect();
    assert_eq!(asked, ["SetVolume(Volume(4))", "SetBrightness(Brightness(5))"], "the loudest stays the loudest");
    assert_eq!(stage.view().volume_step, 5);
    assert_eq!(stage.view().brightness_step, 4, "the panel has not said it yet");
    // Nobody turns anything from outside.
    stage.touch(Touch::CloseStaff);
    stage.touch(Touch::StaffAct(StaffAction::Softer));
    assert!(stage.take_effects().is_empty());
}

#[test]
fn a_panel_that_touches_itself_closes_the_kiosk_until_it_is_quiet() {
    let mut stage = Stage::lost_card(Screen::Nik);
    stage.take_effects();
    for _ in 0..60 {
        stage.pass_ms(50);
        stage.event(KioskEvent::Touched(Touch::Digit('1')));
    }
    assert_eq!((stage.screen(), stage.view().nik_length), (Screen::OutOfService, 0));
    let told = |stage: &mut Stage| -> Vec<bool> {
        let panel = |effect| match effect {
            KioskEffect::TellPanel { works } => Some(works),
            _ => None,
        };
        stage.take_effects().into_iter().filter_map(panel).collect()
    };
    assert_eq!(told(&mut stage), [false], "staff are told once");
    stage.touch(Touch::OpenStaff);
    stage.pass_s(15);
    assert_eq!(stage.screen(), Screen::OutOfService);
    stage.pass_s(6);
    assert_eq!((stage.screen(), told(&mut stage)), (Screen::Attract, vec![true]));
}

#[test]
fn the_fastest_fingers_are_no_ghosts() {
    let mut stage = Stage::lost_card(Screen::Nik);
    for _ in 0..20 {
        // Seven touches a second, for as long as a person lasts.
        for _ in 0..7 {
            stage.pass_ms(143);
            stage.event(KioskEvent::Touched(Touch::Digit('1')));
            stage.event(KioskEvent::Ticked);
        }
    }
    assert_eq!(stage.screen(), Screen::Nik);
}
