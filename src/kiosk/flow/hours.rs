//! Whether numbers are given now, by the office's hours.

use jiff::Timestamp;

use super::Flow;
use crate::domain::hours::ServiceState;

impl Flow {
    /// How the service is now; none where the office has no hours in its configuration and is always open.
    pub(in crate::kiosk) fn service(&self, now: Timestamp) -> Option<ServiceState> {
        self.setup.hours.as_ref().map(|hours| hours.state(self.setup.zone.local(now)))
    }

    /// Whether a number is given now.
    pub(super) fn gives_tickets(&self, now: Timestamp) -> bool {
        self.service(now).is_none_or(|state| state.gives_tickets())
    }
}
