//! A USB printer by its identity, in a tree that looks like the kernel's; its device file is a simulator's
//! pseudo-terminal. No real USB printer was at hand.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use anjungan_hardware::slip_printer::open_slip_printer_under;
use anjungan_hardware::slip_printer::simulator::PrinterSimulator;
use anjungan_hardware::{ErrorKind, Health, PrintJob, PrintOutcome, PrinterProfile, SlipPrinter};
use tempfile::TempDir;

use crate::support::{eventually, url};

/// A machine with a USB bus.
pub struct Machine {
    folder: TempDir,
}

impl Machine {
    pub fn new() -> Self {
        let machine = Self { folder: TempDir::new().unwrap() };
        fs::create_dir_all(machine.sysfs().join("class/usbmisc")).unwrap();
        fs::create_dir_all(machine.sysfs().join("bus/usb/devices")).unwrap();
        fs::create_dir_all(machine.dev().join("usb")).unwrap();
        machine
    }

    fn sysfs(&self) -> PathBuf {
        self.folder.path().join("sys")
    }

    fn dev(&self) -> PathBuf {
        self.folder.path().join("dev")
    }

    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// A device on the bus, as the kernel shows it: `devices/usb1/1-2` with its interface `1-2:1.0`.
    fn on_the_bus(&self, port: &str, identity: (&str, &str, &str)) -> PathBuf {
        let device = self.sysfs().join("devices/usb1").join(port);
        let interface = device.join(format!("{port}:1.0"));
        fs::create_dir_all(&interface).unwrap();
        for (name, text) in [("idVendor", identity.0), ("idProduct", identity.1), ("serial", identity.2)] {
            fs::write(device.join(name), format!("{text}\n")).unwrap();
        }
        let link = self.sysfs().join("bus/usb/devices").join(port);
        let _ = fs::remove_file(&link);
        symlink(&device, link).unwrap();
        interface
    }

    /// A printer that the kernel's driver has, as `lp<number>`.
    fn with_driver(&self, port: &str, identity: (&str, &str, &str), lp: &str) {
        let interface = self.on_the_bus(port, identity);
        let class = self.sysfs().join("class/usbmisc").join(lp);
        fs::create_dir_all(&class).unwrap();
        symlink(interface, class.join("device")).unwrap();
    }

    /// Plugs a printer in. Dropping the simulator pulls the plug; what the kernel shows is [`Machine::unplug`]ged.
    pub fn plug(&self, port: &str, identity: (&str, &str, &str), lp: &str) -> PrinterSimulator {
        self.with_driver(port, identity, lp);
        PrinterSimulator::start_pty(self.dev().join("usb").join(lp), self.state()).unwrap()
    }

    pub fn unplug(&self, port: &str, lp: &str) {
        fs::remove_dir_all(self.sysfs().join("class/usbmisc").join(lp)).unwrap();
        fs::remove_file(self.sysfs().join("bus/usb/devices").join(port)).unwrap();
        fs::remove_dir_all(self.sysfs().join("devices/usb1").join(port)).unwrap();
    }

    pub fn open(&self, text: &str, profile: PrinterProfile) -> Box<dyn SlipPrinter> {
        open_slip_printer_under(&url(text), profile, &self.sysfs(), &self.dev()).unwrap()
    }

    fn open_wide(&self, text: &str) -> Box<dyn SlipPrinter> {
        self.open(text, PrinterProfile::columns_48())
    }
}

pub const TM: (&str, &str, &str) = ("04b8", "0202", "J4XF012345");

fn job() -> PrintJob {
    PrintJob::new().text("A-014").cut()
}

#[test]
fn a_usb_printer_is_found_again_under_another_number() {
    let machine = Machine::new();
    let mut printer = machine.open_wide("usb:04b8:0202");
    assert_eq!(printer.health(), Health::NotReachable, "not plugged in yet");
    let simulator = machine.plug("1-2", TM, "lp0");
    assert_eq!(printer.health(), Health::Ready);
    assert_eq!(printer.print(&job()), PrintOutcome::Printed);
    assert!(!printer.simulated());

    drop(simulator);
    machine.unplug("1-2", "lp0");
    eventually("the unplug", || (printer.health() == Health::NotReachable).then_some(()));

    let simulator = machine.plug("1-3", TM, "lp1");
    // The first call after the replug finds it.
    assert_eq!(printer.health(), Health::Ready);
    assert_eq!(printer.print(&job()), PrintOutcome::Printed);
    assert_eq!(simulator.slips(), 2);
}

#[test]
fn a_replug_between_two_calls_goes_unnoticed() {
    let machine = Machine::new();
    let simulator = machine.plug("1-2", TM, "lp0");
    let mut printer = machine.open_wide("usb:04b8:0202:J4XF012345");
    assert_eq!(printer.health(), Health::Ready);
    drop(simulator);
    machine.unplug("1-2", "lp0");
    let _simulator = machine.plug("1-2", TM, "lp1");
    assert_eq!(printer.print(&job()), PrintOutcome::Printed);
}

#[test]
fn of_two_printers_the_serial_number_chooses() {
    let machine = Machine::new();
    machine.with_driver("1-1", ("04b8", "0202", "OTHER"), "lp0");
    let _simulator = machine.plug("1-2", TM, "lp1");
    assert_eq!(machine.open_wide("usb:04b8:0202:J4XF012345").health(), Health::Ready);
    let error = machine.open_wide("usb:04b8:0202").status().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidUrl);
    assert!(error.to_string().contains("lp0, lp1"), "{error}");
    let error = machine.open_wide("usb:04b8:0203").status().unwrap_err();
    assert!(error.to_string().contains("not plugged in"), "{error}");
}

#[test]
fn a_printer_without_its_kernel_driver_is_named_as_such() {
    let machine = Machine::new();
    machine.on_the_bus("1-2", TM);
    // Another driver of the same class, and a node whose device is gone.
    fs::create_dir_all(machine.sysfs().join("class/usbmisc/hiddev0")).unwrap();
    fs::create_dir_all(machine.sysfs().join("class/usbmisc/lp7")).unwrap();
    let error = machine.open_wide("usb:04b8:0202").status().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotReachable);
    assert!(error.to_string().contains("usblp"), "{error}");
}
