//! The places of the kiosk where a fault can meet somebody, and the way to each.

use anjungan::domain::catalogue::Catalogue;
use anjungan::domain::device::DeviceKind;
use anjungan::kiosk::flow::{KioskEvent, Touch};
use anjungan::kiosk::headless::Visitor;
use anjungan::kiosk::view::{ScanPhaseView, Screen, SlipPhaseView};
use anjungan_hardware::Health;
use anjungan_hardware::document_scanner::ScannerFault;

use crate::lane::{Lane, STAFF_PIN};

/// Microseconds a byte at a printer that is slow enough to be met inside a job.
const SLOW_PRINTER_US: u64 = 400;
/// Lines of a roll that does not end inside a slip.
const LONG_ROLL: u32 = 5_000;
/// A NIK whose date of birth cannot be: the keypad asks once more. The serial is invented.
const DOUBTFUL_NIK: &str = "3315139913909001";
/// The card of whoever is not sure what they need.
const GUIDE_CARD: &str = "?";

/// Every place a person or a fault can meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Attract,
    Notice,
    Need,
    Variant,
    Unsure,
    Question,
    Checklist,
    Incomplete,
    Applicant,
    Nik,
    NikConfirm,
    Phone,
    Priority,
    /// The same question on the way to a number without an application.
    HelpPriority,
    ScanGuide,
    Scanning,
    ScanPreview,
    ScanFailed,
    Review,
    Submitting,
    SlipPrinting,
    SlipPrinted,
    Status,
    Code,
    Closed,
    OutOfService,
    StaffPin,
    Staff,
}

impl State {
    pub const ALL: [Self; 28] = [
        Self::Attract,
        Self::Notice,
        Self::Need,
        Self::Variant,
        Self::Unsure,
        Self::Question,
        Self::Checklist,
        Self::Incomplete,
        Self::Applicant,
        Self::Nik,
        Self::NikConfirm,
        Self::Phone,
        Self::Priority,
        Self::HelpPriority,
        Self::ScanGuide,
        Self::Scanning,
        Self::ScanPreview,
        Self::ScanFailed,
        Self::Review,
        Self::Submitting,
        Self::SlipPrinting,
        Self::SlipPrinted,
        Self::Status,
        Self::Code,
        Self::Closed,
        Self::OutOfService,
        Self::StaffPin,
        Self::Staff,
    ];
}

fn touch_to_need(lane: &mut Lane) {
    lane.kiosk.touch(Touch::Start);
    lane.kiosk.touch(Touch::Next);
    assert_eq!(lane.kiosk.view().screen, Screen::Need);
}

/// Walks somebody with a lost KK.
pub fn walk(lane: &mut Lane, goal: Screen) {
    if lane.kiosk.view().screen == Screen::Attract {
        touch_to_need(lane);
    }
    if lane.kiosk.view().screen == Screen::Need {
        lane.kiosk.touch(Touch::PickCard("hilang".to_owned()));
    }
    assert!(Visitor::new(0).walk_to(&mut lane.kiosk, goal), "stuck on {:?}", lane.kiosk.view().screen);
}

/// Leads somebody there.
pub fn go(lane: &mut Lane, state: State) {
    lane.kiosk_home();
    match state {
        State::Attract => {}
        State::Notice => lane.kiosk.touch(Touch::Start),
        State::Need => touch_to_need(lane),
        State::Variant => {
            touch_to_need(lane);
            let catalogue = Catalogue::built_in();
            let groups = catalogue.groups();
            let group = groups.iter().find(|group| catalogue.variants_in(&group.key).len() > 1).expect("a group");
            lane.kiosk.touch(Touch::PickCard(group.key.to_string()));
        }
        State::Unsure => {
            touch_to_need(lane);
            lane.kiosk.touch(Touch::PickCard(GUIDE_CARD.to_owned()));
        }
        State::Question => {
            touch_to_need(lane);
            let catalogue = Catalogue::built_in();
            let asks = |group: &&anjungan::domain::catalogue::Group| {
                catalogue
                    .variants_in(&group.key)
                    .iter()
                    .any(|variant| !catalogue.questions_for(&variant.key).is_empty())
            };
            let groups = catalogue.groups();
            let group = groups.into_iter().find(|group| asks(group)).expect("a variant with a question");
            lane.kiosk.touch(Touch::PickCard(group.key.to_string()));
            let variants = catalogue.variants_in(&group.key);
            let variant = variants.iter().find(|variant| !catalogue.questions_for(&variant.key).is_empty());
            if lane.kiosk.view().screen == Screen::Variant {
                lane.kiosk.touch(Touch::PickCard(variant.expect("one with a question").key.to_string()));
            }
        }
        State::Checklist => walk(lane, Screen::Checklist),
        State::Incomplete => {
            walk(lane, Screen::Checklist);
            for row in lane.kiosk.view().checklist {
                lane.kiosk.touch(Touch::SetHave { key: row.key, have: false });
            }
            lane.kiosk.touch(Touch::Next);
        }
        State::Applicant => walk(lane, Screen::Applicant),
        State::Nik => walk(lane, Screen::Nik),
        State::NikConfirm => {
            walk(lane, Screen::Nik);
            DOUBTFUL_NIK.chars().for_each(|digit| lane.kiosk.touch(Touch::Digit(digit)));
            lane.kiosk.touch(Touch::Next);
        }
        State::Phone => walk(lane, Screen::Phone),
        State::Priority => walk(lane, Screen::Priority),
        State::HelpPriority => lane.kiosk.touch(Touch::WalkIn),
        State::ScanGuide => walk(lane, Screen::Scan),
        State::Scanning => {
            walk(lane, Screen::Scan);
            lane.slow_pages();
            lane.kiosk.touch(Touch::Scan);
            lane.view_until("the scan under way", |view| {
                view.scan_phase == ScanPhaseView::Scanning && view.scan_progress > 0.0
            });
        }
        State::ScanPreview => {
            walk(lane, Screen::Scan);
            lane.kiosk.touch(Touch::Scan);
            lane.view_until("the page", |view| view.scan_phase == ScanPhaseView::Preview);
        }
        State::ScanFailed => {
            walk(lane, Screen::Scan);
            lane.pages_take(0, ScannerFault::CutOff);
            lane.kiosk.touch(Touch::Scan);
            lane.view_until("the failed scan", |view| view.scan_phase == ScanPhaseView::Failed);
            lane.pages_take(0, ScannerFault::None);
        }
        State::Review | State::Submitting => walk(lane, Screen::Review),
        State::SlipPrinting => {
            lane.printer_is(|printer| {
                printer.latency_us_per_byte = SLOW_PRINTER_US;
                printer.paper_out_after_lines = Some(LONG_ROLL);
            });
            walk(lane, Screen::Slip);
            // The roll counts its lines: now the first one is on paper and the job is under way.
            lane.kiosk_until("the first line", |lane| {
                lane.printer.as_ref().is_some_and(|printer| printer.state().paper_out_after_lines < Some(LONG_ROLL))
            });
            assert_eq!(lane.kiosk.view().slip_phase, SlipPhaseView::Printing);
        }
        State::SlipPrinted => {
            walk(lane, Screen::Slip);
            lane.view_until("the paper", |view| view.slip_phase == SlipPhaseView::Printed);
        }
        State::Status => {
            let text = lane.cases.submitted.token.qr_text(None);
            lane.kiosk_until("the hub", |lane| lane.kiosk.view().hub_online);
            show(lane, &text);
            lane.view_until("the status", |view| view.screen == Screen::Status && !view.status_path.is_empty());
        }
        State::Code => lane.kiosk.touch(Touch::TypeCode),
        State::Closed => lane.close_office(),
        State::OutOfService => lane.kiosk.handle(KioskEvent::StorageUsable(false)),
        State::StaffPin => lane.kiosk.touch(Touch::OpenStaff),
        State::Staff => {
            lane.kiosk.touch(Touch::OpenStaff);
            STAFF_PIN.chars().for_each(|digit| lane.kiosk.touch(Touch::Digit(digit)));
            lane.kiosk.touch(Touch::Next);
        }
    }
    let expected = match state {
        State::Attract => Screen::Attract,
        State::Notice => Screen::Notice,
        State::Need => Screen::Need,
        State::Variant => Screen::Variant,
        State::Unsure => Screen::Unsure,
        State::Question => Screen::Question,
        State::Checklist => Screen::Checklist,
        State::Incomplete => Screen::Incomplete,
        State::Applicant => Screen::Applicant,
        State::Nik => Screen::Nik,
        State::NikConfirm => Screen::NikConfirm,
        State::Phone => Screen::Phone,
        State::Priority | State::HelpPriority => Screen::Priority,
        State::ScanGuide | State::Scanning | State::ScanPreview | State::ScanFailed => Screen::Scan,
        State::Review | State::Submitting => Screen::Review,
        State::SlipPrinting | State::SlipPrinted => Screen::Slip,
        State::Status => Screen::Status,
        State::Code => Screen::Code,
        State::Closed => Screen::Closed,
        State::OutOfService => Screen::OutOfService,
        State::StaffPin => Screen::StaffPin,
        State::Staff => Screen::Staff,
    };
    assert_eq!(lane.kiosk.view().screen, expected, "the way to {state:?}");
}

/// Holds a code to the kiosk's scanner; the repeat guard of an earlier cell must not swallow it.
fn show(lane: &mut Lane, text: &str) {
    lane.plug_kiosk_qr(false);
    lane.kiosk_until("the scanner away", |lane| lane.kiosk_health(DeviceKind::QrScanner) != Some(Health::Ready));
    lane.plug_kiosk_qr(true);
    lane.kiosk_until("the scanner back", |lane| lane.kiosk_health(DeviceKind::QrScanner) == Some(Health::Ready));
    lane.kiosk_qr.as_mut().expect("a scanner").scan(text).expect("the scanner sends");
}
