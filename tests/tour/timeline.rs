//! Minutes per step of the SOP against the standard, from the journal's own times.

use std::fmt::Write as _;
use std::path::Path;

use anjungan::domain::stage::Stage;
use anjungan::rig::Slip;
use anjungan::wire::case::CaseDetail;
use anjungan::wire::client::HubClient;
use anjungan::wire::session::SignIn;

use crate::office::{Office, PASSWORD};

/// What is written down of the cases.
#[derive(Default)]
pub struct Timeline(Vec<(String, CaseDetail, Vec<String>)>);

impl Timeline {
    /// Notes a finished case.
    pub fn add(&mut self, office: &Office, title: &str, slip: &Slip) {
        let (detail, events) = office.look_up(slip);
        assert_eq!(detail.row.stage.key(), "handed_over", "{title} did not end in the handover");
        self.0.push((title.to_owned(), detail, events));
    }

    /// Writes the report.
    pub fn write(&self, path: &Path) {
        let mut text = String::from(
            "# Timeline\n\nMinutes per step of SOP-DKC.IP-01, from the hub's journal. \
             The tour's clock is virtual: handling times are scripted, the order and the sums are real.\n",
        );
        for (title, detail, events) in &self.0 {
            let _ = write!(
                text,
                "\n## {title}: {} {}\n\n| Step | Output | By | Minutes | Standard |\n|---|---|---|---|---|\n",
                detail.row.ticket, detail.row.title
            );
            let (mut sum, mut standard) = (0.0, 0);
            for step in &detail.trail {
                let minutes = step.seconds.unwrap_or(0) as f64 / 60.0;
                sum += minutes;
                standard += step.standard_minutes;
                let _ = writeln!(
                    text,
                    "| {} | {} | {} | {minutes:.1} | {} |",
                    step.step,
                    step.title,
                    step.by.as_deref().unwrap_or("-"),
                    step.standard_minutes
                );
            }
            let _ = write!(text, "| | sum | | {sum:.1} | {standard} |\n\nJournal: {}\n", events.join(", "));
        }
        std::fs::write(path, text).expect("the timeline can be written");
    }
}

impl Office {
    /// Fetches a case and its events by its slip's number, as the operator may.
    fn look_up(&self, slip: &Slip) -> (CaseDetail, Vec<String>) {
        let station = HubClient::new(&self.base, "");
        let session = station
            .sign_in(&SignIn { name: "operator".to_owned(), password: PASSWORD.to_owned() })
            .expect("the operator signs in");
        let client = station.with_session(&session);
        let rows = client.cases(Stage::HandedOver).expect("the finished cases");
        let row = rows.iter().find(|row| row.ticket.to_string() == slip.ticket);
        let case_id = row.unwrap_or_else(|| panic!("{} is not among the finished cases", slip.ticket)).case_id;
        let events = client.journal(case_id).expect("the journal of the case");
        (client.case(case_id).expect("the case"), events.into_iter().map(|event| event.event).collect())
    }
}
