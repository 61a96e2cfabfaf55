//! The hall: who waits, who was called here.

use super::CounterFlow;
use super::asking::Decision;
use super::case::Next;
use super::messages::TicketStep;
use crate::domain::ids::{CaseId, TicketId};
use crate::domain::ticket::{Queue, TicketNumber, TicketState};
use crate::failure::Failure;
use crate::wire::queue::{Called, Hall, TicketRow};

impl CounterFlow {
    pub(super) fn hall_changed(&mut self, hall: Hall) {
        self.online = true;
        // A snapshot taken before our own call must not hide it.
        let ours = self.called.as_ref().and_then(|called| called.call_serial).unwrap_or(0);
        if hall.call_serial >= ours || self.hall.as_ref().is_some_and(|before| before.day != hall.day) {
            let counter = self.facts.counter.as_str();
            self.called = hall.called.iter().find(|row| row.counter.as_deref() == Some(counter)).cloned();
        }
        self.hall = Some(hall);
    }

    /// Rows of the waiting list: who was called here first, then who waits, in the hub's order.
    pub(in crate::counter) fn rows(&self) -> impl Iterator<Item = (&TicketRow, bool)> {
        let hall = self.hall.as_ref();
        let here = self.called.iter().map(|row| (row, true));
        let called_id = self.called.as_ref().map(|row| row.ticket_id);
        let waiting = hall.into_iter().flat_map(|hall| &hall.waiting);
        here.chain(waiting.filter(move |row| Some(row.ticket_id) != called_id).map(|row| (row, false)))
    }

    /// How many people wait to collect.
    pub(in crate::counter) fn ready_count(&self) -> usize {
        let waiting = self.hall.iter().flat_map(|hall| &hall.waiting);
        waiting.filter(|row| row.queue == Queue::Pickup).count()
    }

    pub(super) fn call(&mut self, queue: Queue) {
        self.decide(Decision::Call(queue));
    }

    /// Who was called here, as it was seen.
    pub(super) fn called_version(&self) -> Option<(TicketId, u32)> {
        self.called.as_ref().map(|row| (row.ticket_id, row.version))
    }

    /// Does something with whoever was called here.
    pub(super) fn step_called(&mut self, step: TicketStep) {
        if let Some((ticket, version)) = self.called_version() {
            self.decide(Decision::Step { step, ticket, version });
        }
    }

    /// Whether whoever was called here came without a case, for help in person.
    pub(in crate::counter) fn is_helping(&self) -> bool {
        self.called.as_ref().is_some_and(|row| row.case_id.is_none())
    }

    /// How often whoever was called here has been called, and how often is enough to say that nobody came; while they
    /// have not come to the counter.
    pub(in crate::counter) fn calls(&self) -> Option<(u32, u32)> {
        let enough = self.hall.as_ref().map_or(0, |hall| hall.floor.calls_before_no_show);
        self.called.as_ref().filter(|row| row.state == TicketState::Called).map(|row| (row.calls, enough))
    }

    pub(super) fn ticket_answered(&mut self, decision: &Decision, called: Called) {
        let counter = self.facts.counter.clone();
        match (decision, called.ticket) {
            (Decision::Step { step: TicketStep::Recall, .. }, Some(row)) => {
                self.tell(format!("{} dipanggil ulang ke {counter}.", row.number));
                self.called = Some(row);
            }
            (Decision::Step { step: TicketStep::Restore, .. }, Some(row)) => {
                self.tell(format!("{} masuk antrean lagi.", row.number));
            }
            (Decision::Step { step, .. }, row) => {
                let what = match step {
                    TicketStep::NoShow => "dicatat tidak hadir",
                    TicketStep::Hold => "ditahan sampai pemohon kembali",
                    TicketStep::Skip => "dilewati, mengantre lagi paling belakang",
                    TicketStep::Finish => "selesai dilayani",
                    // Without a row there is nothing to show; whoever was called stays called.
                    TicketStep::Recall | TicketStep::Restore => return,
                };
                if let Some(row) = self.gone(row) {
                    self.tell(format!("{} {what}.", row.number));
                }
            }
            (Decision::Transfer { queue, counter, .. }, row) => {
                let place = counter.clone().unwrap_or_else(|| format!("antrean {}", queue.title()));
                if let Some(row) = self.gone(row) {
                    self.tell(format!("{} dipindahkan ke {place}.", row.number));
                }
            }
            (_, Some(row)) => {
                self.tell(format!("{} dipanggil ke {counter}.", row.number));
                self.called = Some(row);
                // What the sheet was opened for is done; a call from the desk leaves it as it is.
                self.hall_open &= !matches!(decision, Decision::CallNumber { .. });
                // What is done or lies on another desk makes room; a case that is being checked stays.
                if self.case.as_ref().is_some_and(|case| matches!(case.next(), Next::Elsewhere | Next::Nothing)) {
                    self.put_away();
                }
            }
            (_, None) => self.tell("Tidak ada yang menunggu."),
        }
    }

    /// The called person is no longer here.
    fn gone(&mut self, row: Option<TicketRow>) -> Option<TicketRow> {
        let before = self.called.take();
        row.or(before)
    }

    pub(super) fn open_row(&mut self, key: &str) {
        if let Some(number) = self.help_number(key) {
            self.failing = None;
            self.tell(format!("{number} tidak membawa permohonan. Bantu langsung setelah dipanggil."));
            return;
        }
        let case = match key.split_once(':') {
            Some(("t", ticket)) => ticket.parse().ok().and_then(|ticket| self.case_of(ticket)),
            Some(("c", case)) => case.parse().ok(),
            _ => None,
        };
        match case {
            Some(case) => {
                self.failing = None;
                self.ask_case(case);
            }
            None => self.fail(Failure::TicketUnknown),
        }
    }

    /// The number of a row without a case.
    fn help_number(&self, key: &str) -> Option<TicketNumber> {
        let ticket: TicketId = key.strip_prefix("t:")?.parse().ok()?;
        let row = self.rows().map(|(row, _)| row).find(|row| row.ticket_id == ticket)?;
        row.case_id.is_none().then_some(row.number)
    }

    fn case_of(&self, ticket: TicketId) -> Option<CaseId> {
        self.rows().find(|(row, _)| row.ticket_id == ticket).and_then(|(row, _)| row.case_id)
    }
}
