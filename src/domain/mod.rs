//! What is true in a civil-registry office: cases, stages, tickets, slips, numbers of identity, services, roles.
//!
//! Nothing here reads a clock, draws a random number or touches a file.

pub mod archive;
pub mod archive_search;
pub mod case;
pub mod case_search;
pub mod catalogue;
pub mod device;
pub mod hall;
pub mod hours;
pub mod ids;
pub mod language;
pub mod nik;
pub mod no_kk;
pub mod office;
pub mod pace;
pub mod page_doubt;
pub mod phone;
pub mod priority;
pub mod region;
pub mod role;
pub mod slip_token;
pub mod stage;
pub mod ticket;
pub mod unclaimed;
