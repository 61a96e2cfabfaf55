//! Two printers that count as one.

use anjungan_hardware::slip_printer::simulator::{PaperSupply, PrinterSimulator, PrinterState};
use anjungan_hardware::{
    FallbackPrinter, FaultKind, Health, PrintOutcome, PrintedOn, PrinterProfile, PrinterStatus, SlipPrinter,
    open_with_fallback,
};

use crate::slip_printer_faults::{not_printed, quick, slip, start, unknown};
use crate::support::{eventually, url};

fn two(first: &str, second: &str) -> FallbackPrinter {
    open_with_fallback(&url(first), quick(), Some((url(second), quick()))).unwrap()
}

#[test]
fn the_second_printer_helps_only_when_the_first_certainly_did_not_print() {
    let ((_one, first), (_two, second)) = (start(), start());
    let address = |of: &PrinterSimulator| format!("tcp://{}", of.addr().unwrap());
    let mut printer = two(&address(&first), &address(&second));
    assert_eq!(printer.print(&slip()), PrintOutcome::Printed);
    assert_eq!((printer.printed_on(), first.slips(), second.slips()), (Some(PrintedOn::First), 1, 0));

    first.update_state(|state| state.paper = PaperSupply::Out).unwrap();
    assert_eq!(printer.health(), Health::Ready, "the second can print");
    assert_eq!(printer.print(&slip()), PrintOutcome::Printed);
    assert_eq!((printer.printed_on(), first.slips(), second.slips()), (Some(PrintedOn::Second), 1, 1));

    // Both out: the first one's fault is told, and nothing waits in either.
    second.update_state(|state| state.cover_open = true).unwrap();
    assert_eq!(printer.health(), Health::MediaEmpty);
    assert_eq!(not_printed(printer.print(&slip())), FaultKind::PaperOut);
    assert_eq!((printer.printed_on(), first.slips(), second.slips()), (None, 1, 1));

    // Perhaps printed is perhaps printed.
    second.update_state(|state| state.cover_open = false).unwrap();
    let half = |state: &mut PrinterState| {
        (state.paper, state.paper_out_after_lines) = (PaperSupply::Ok, Some(1));
    };
    first.update_state(half).unwrap();
    assert_eq!(unknown(printer.print(&slip())), FaultKind::PaperOut);
    assert_eq!((printer.printed_on(), second.slips()), (Some(PrintedOn::First), 1));
}

#[test]
fn of_two_printers_the_one_in_use_tells_its_state_and_its_paper() {
    let ((_one, first), (_two, second)) = (start(), start());
    let address = |of: &PrinterSimulator| format!("tcp://{}", of.addr().unwrap());
    let narrow = PrinterProfile { columns: 32, ..quick() };
    let mut printer =
        open_with_fallback(&url(address(&first)), quick(), Some((url(address(&second)), narrow))).unwrap();
    assert_eq!(printer.profile().columns, 32, "a slip must fit both");
    first.update_state(|state| state.cutter_error = true).unwrap();
    second.update_state(|state| state.paper = PaperSupply::NearEnd).unwrap();
    assert_eq!(printer.health(), Health::MediaLow);
    assert_eq!(printer.slips_left(), Some(18));
    assert_eq!(printer.recover().unwrap().health(), Health::Ready);
    first.update_state(|state| state.cover_open = true).unwrap();
    // That the first had recovered may be told late; it is not the news waited for.
    let news = |status: &PrinterStatus| status.health() != Health::Ready;
    let told = eventually("the open cover of the first", || printer.watch().unwrap().filter(news));
    assert_eq!(told.health(), Health::MediaLow, "together they still print");
    second.update_state(|state| state.broken = true).unwrap();
    let told =
        eventually("the end of the second", || printer.watch().unwrap().filter(|status| !status.health().is_usable()));
    assert_eq!(told.health(), Health::Misplaced);
}
