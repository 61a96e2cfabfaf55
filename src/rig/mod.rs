//! The rig: simulated devices as real endpoints, and the hands that move them. For developers, training and demos.
//!
//! Everything it holds is invented: cards of people who do not exist, pages marked CONTOH.

mod binding;
mod devices;
mod run;
mod seed;
mod words;

pub use devices::{
    Devices, Endpoints, EsclTrouble, Fault, PrinterFault, QrFault, ReaderFault, RigError, RigOptions, ScannerTrouble,
    Slip,
};
pub use run::run;
pub use seed::{Card, lay_pages};
