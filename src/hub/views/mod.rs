//! From rows of the store to the shapes of the wire. Nothing here writes.

mod archive;
mod case;
mod hall;
mod stations;
mod trail;
mod unclaimed;
mod waiting;

pub(super) use archive::archive_document;
pub(crate) use archive::archive_row;
pub(super) use case::{case_detail, case_row, requirements, slip_status};
pub(super) use hall::{hall, queue_state, ticket_row};
pub(super) use stations::{every_station, is_old};
pub(super) use unclaimed::unclaimed;
