//! Devices of a service kiosk: slip printer, QR scanner, KTP-el reader, document scanner, speaker.
//!
//! Every device is one trait with drivers and a simulator as peers. The simulator stands at the far end of the
//! real protocol (a TCP port, a pseudo-terminal, a folder), so the driver under test is the driver that ships.
//!
//! | device | trait | opened by | URLs |
//! |---|---|---|---|
//! | slip printer | [`SlipPrinter`] | [`open_slip_printer`] | `tcp://host:9100`, `serial:///dev/ttyUSB0?baud=9600`, `usb:04b8:0202`, `file:///dev/usb/lp0`, `sim:<dir>` |
//! | QR scanner | [`QrScanner`] | [`open_qr_scanner`] | `serial:///dev/serial/by-id/…`, `keyboard:`, `sim:<dir>` |
//! | KTP-el reader | [`EktpReader`] | [`open_ektp_reader`] | `gateway+tcp://host:port`, `gateway+ws://host:port/path`, `gateway+serial:///path`, `pcsc:<reader>`, `sim:<dir>` |
//! | document scanner | [`DocumentScanner`] | [`open_document_scanner`] | `sane:<device>`, `escl://host`, `folder:///path`, `v4l:/dev/video0`, `sim:<dir>` |
//! | speaker | [`Speaker`] | [`open_speaker`] | `default`, `none:` |
//!
//! Rules that hold for every device:
//!
//! * `open_*` looks only at the URL and never touches the device: a device that is absent when the kiosk starts is
//!   a [`Health`], not a start-up failure. Drivers connect, and connect again after an unplug, when they are used.
//! * No call blocks longer than the timeout it was given, or than the fixed limit its documentation names.
//! * Every trait is `Send`, so a device can live on its own thread; calls take `&mut self`, so it has one owner.
//! * `simulated()` says whether the data or paper is not real, so a window can show a banner. A `sim:` URL always
//!   says yes; a simulator behind a real protocol announces itself, or its URL carries `?simulated=1`.
//! * A driver that can hang or crash runs in a [`helper`] process, which is killed at the deadline of the call.
//! * Nothing personal reaches a log: the `Debug` forms of [`Reading`] and [`Scan`] are masked.

#![forbid(unsafe_code)]

mod device_url;
mod error;
mod link;
mod simulation;
mod statefile;

pub mod backlight;
pub mod document_scanner;
pub mod ektp_reader;
pub mod helper;
pub mod qr_scanner;
pub mod slip_printer;
pub mod speaker;

/// How often a device is asked for its state unless its driver says otherwise: a fault is seen within half a second.
pub const LOOK_EVERY: std::time::Duration = std::time::Duration::from_millis(250);

pub use device_url::{Address, DeviceUrl};
pub use error::{Error, ErrorKind, Health};

pub use document_scanner::{
    ColourMode, DocumentScanner, Page, PageFormat, PageSource, ScanRequest, open_document_scanner,
};
pub use ektp_reader::{
    CancelHandle, CardEvent, EktpReader, FingerMatch, Origin, ReaderStatus, Reading, Scope, open_ektp_reader,
};
pub use qr_scanner::{QrScanner, Scan, open_qr_scanner};
pub use slip_printer::{
    Align, CodePage, Confirm, Cutter, FallbackPrinter, FaultKind, Paper, PrintFault, PrintJob, PrintOutcome, PrintedOn,
    PrinterProfile, PrinterStatus, QrMode, Raster, SlipLine, SlipPrinter, TextSize, open_slip_printer,
    open_with_fallback,
};
pub use speaker::{SoundStream, Speaker, open_speaker};
