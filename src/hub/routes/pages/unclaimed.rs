//! The page of the KK that lie at the counter, and the button that notes a reminder.

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::super::super::Hub;
use super::super::super::access::{AnySession, CaseRoles};
use super::super::super::extract::{Path, Query};
use super::super::super::operations;
use super::super::super::page;
use super::super::super::page_model::UnclaimedPage;
use super::super::super::refusal::Refusal;
use super::super::unclaimed::lying;
use super::desk::done;
use super::form::Form;
use super::{Visitor, drawn, frame, html, notice};
use crate::domain::ids::CaseId;
use crate::wire::unclaimed::Remind;

/// Rows of one part: each has a form of its own, and with more the page would be heavy on a phone.
const PAGE_ROWS_MAX: usize = 25;

/// Which part of the list, and what a redirect tells it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Part {
    days: u16,
    page: usize,
    done: Option<String>,
}

/// `GET /belum-diambil`
pub(super) async fn list(State(hub): State<Hub>, Visitor(session): Visitor, Query(part): Query<Part>) -> Response {
    drawn(&hub, Some(&session), list_page(&hub, &session, &part, None)).await
}

async fn list_page(
    hub: &Hub,
    session: &AnySession,
    part: &Part,
    refusal: Option<&Refusal>,
) -> Result<Response, Refusal> {
    session.prove::<CaseRoles>()?;
    let list = lying(hub, part.days).await?;
    let (listed, due) = (list.rows.len(), list.rows.iter().filter(|row| row.due).count());
    let (page, shown) = cut(listed, part.page);
    let rows: Vec<_> = list.rows.into_iter().skip(shown.start).take(shown.len()).collect();
    let page = UnclaimedPage {
        frame: frame(hub, Some(session)),
        rows: rows.into_iter().map(|row| (row, hub.world.request_id())).collect(),
        days: part.days,
        page,
        before: shown.start,
        listed,
        total: usize::try_from(list.total).unwrap_or(usize::MAX),
        due,
        has_next: shown.end < listed,
        done: part.done.is_some(),
        notice: refusal.map(notice),
    };
    Ok(html(refusal.map_or(200, Refusal::status), page::unclaimed_page(&page)))
}

/// The rows of one part; a part that is not there shows the last one.
fn cut(listed: usize, page: usize) -> (usize, std::ops::Range<usize>) {
    let page = page.min(listed.saturating_sub(1) / PAGE_ROWS_MAX);
    let before = page * PAGE_ROWS_MAX;
    (page, before..listed.min(before + PAGE_ROWS_MAX))
}

/// `POST /belum-diambil/{case_id}`
pub(super) async fn remind(
    State(hub): State<Hub>,
    Visitor(session): Visitor,
    Path(case_id): Path<CaseId>,
    request: Request,
) -> Response {
    drawn(&hub, Some(&session), async {
        let form = Form::of(&session, request).await?;
        let officer = session.prove::<CaseRoles>()?;
        let part = Part { days: form.parsed("days")?, page: form.parsed("page")?, done: None };
        let body = Remind { request_id: form.parsed("request_id")?, way: form.parsed("way")? };
        match done(operations::remind::remind(&hub, &officer, case_id, body).await) {
            Ok(()) => {
                let address = format!("/belum-diambil?days={}&page={}&done=1", part.days, part.page);
                Ok(Redirect::to(&address).into_response())
            }
            Err(refusal) => list_page(&hub, &session, &part, Some(&refusal)).await,
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_every_row_once_and_end() {
        assert_eq!(cut(0, 0), (0, 0..0));
        assert_eq!(cut(25, 0), (0, 0..25));
        assert_eq!(cut(26, 0), (0, 0..25));
        assert_eq!(cut(26, 1), (1, 25..26));
        assert_eq!(cut(26, usize::MAX), (1, 25..26), "a part that is not there is the last one");
    }
}
