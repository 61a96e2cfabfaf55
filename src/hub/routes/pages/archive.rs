//! The archive on pages: searched by form, looked at, opened, taken along. Every step is a line in the journal.

use std::collections::BTreeSet;

use axum::extract::{Request, State};
use axum::response::Response;

use super::super::super::Hub;
use super::super::super::access::{AnySession, CaseRoles, Heads, Officer};
use super::super::super::extract::{Json, Path};
use super::super::super::operations::archive::FOUND_MAX;
use super::super::super::operations::archive::find::Query;
use super::super::super::page;
use super::super::super::page_model::{ArchiveCasePage, ArchiveFound, ArchiveOutcome, ArchiveSearchPage, ArchiveTyped};
use super::super::super::refusal::Refusal;
use super::super::archive;
use super::form::Form;
use super::{Visitor, drawn, frame, html, notice};
use crate::domain::archive_search::Sought;
use crate::domain::ids::{CaseId, DocumentId};
use crate::wire::archive::ArchiveRow;

/// Rows of one page: with more it would be heavy on a phone.
const PAGE_ROWS_MAX: usize = 50;
/// What was typed is kept up to this many characters.
const TYPED_LENGTH_MAX: usize = 60;
/// Status of a page that asks for the form to be filled in anew.
const UNPROCESSABLE: u16 = 422;

/// `GET /arsip`
pub(super) async fn blank(State(hub): State<Hub>, Visitor(session): Visitor) -> Response {
    drawn(&hub, Some(&session), async {
        session.prove::<CaseRoles>()?;
        Ok(search_page(&hub, &session, 200, ArchiveTyped::default(), ArchiveOutcome::Blank))
    })
    .await
}

fn search_page(hub: &Hub, session: &AnySession, status: u16, typed: ArchiveTyped, outcome: ArchiveOutcome) -> Response {
    html(status, page::archive_search_page(&ArchiveSearchPage { frame: frame(hub, Some(session)), typed, outcome }))
}

/// `POST /arsip`
pub(super) async fn search(State(hub): State<Hub>, Visitor(session): Visitor, request: Request) -> Response {
    drawn(&hub, Some(&session), async {
        let officer = session.prove::<CaseRoles>()?;
        let form = Form::of(&session, request).await?;
        let kept = |name: &str| form.text(name).chars().take(TYPED_LENGTH_MAX).collect::<String>();
        let by_days = form.text("by") == "days";
        let typed = ArchiveTyped { text: kept("text"), from: kept("from"), to: kept("to"), by_days };
        let sought =
            if by_days { Sought::days(form.text("from"), form.text("to")) } else { Sought::typed(form.text("text")) };
        let sought = match sought {
            Ok(sought) => sought,
            Err(fault) => {
                return Ok(search_page(&hub, &session, UNPROCESSABLE, typed, ArchiveOutcome::Wrong(fault)));
            }
        };
        Ok(match find(&hub, &officer, sought).await {
            Ok((rows, cut_off)) => {
                let found = part(sought, rows, cut_off, form.parsed("page").unwrap_or(0));
                search_page(&hub, &session, 200, typed, ArchiveOutcome::Found(found))
            }
            Err(refusal) => {
                let outcome = ArchiveOutcome::Refused(notice(&refusal));
                search_page(&hub, &session, refusal.status(), typed, outcome)
            }
        })
    })
    .await
}

/// Searches, and tells whether it stopped at the limit.
async fn find(hub: &Hub, officer: &Officer<CaseRoles>, sought: Sought) -> Result<(Vec<ArchiveRow>, bool), Refusal> {
    let queries = match sought {
        Sought::Number(number) => vec![Query::Number(number)],
        Sought::Identity { nik, no_kk } => vec![Query::Nik(nik), Query::NoKk(no_kk)],
        Sought::Days { from, to } => vec![Query::Registered { from, to }],
    };
    let mut rows = Vec::new();
    let (mut seen, mut cut_off) = (BTreeSet::new(), false);
    for query in queries {
        let found = archive::found(hub, officer, query).await?;
        cut_off |= u32::try_from(found.len()).is_ok_and(|rows| rows >= FOUND_MAX);
        rows.extend(found.into_iter().filter(|row| seen.insert(row.case_id)));
    }
    if matches!(sought, Sought::Identity { .. }) {
        // Each search comes newest first, so their union does too.
        rows.sort_by_key(|row| std::cmp::Reverse(row.number));
    }
    Ok((rows, cut_off))
}

/// Cuts out the rows of one page; a page that is not there shows the last one.
fn part(sought: Sought, mut rows: Vec<ArchiveRow>, cut_off: bool, page: usize) -> ArchiveFound {
    let total = rows.len();
    let page = page.min(total.saturating_sub(1) / PAGE_ROWS_MAX);
    let before = page * PAGE_ROWS_MAX;
    let rows: Vec<ArchiveRow> = rows.drain(before..total.min(before + PAGE_ROWS_MAX)).collect();
    let next_page = (before + rows.len() < total).then_some(page + 1);
    ArchiveFound { sought, rows, before, total, cut_off, next_page }
}

/// `GET /arsip/{case_id}`
pub(super) async fn case(State(hub): State<Hub>, Visitor(session): Visitor, Path(case_id): Path<CaseId>) -> Response {
    drawn(&hub, Some(&session), async {
        let officer = session.prove::<CaseRoles>()?;
        let Json(detail) = archive::look(State(hub.clone()), officer, Path(case_id)).await?;
        let may_take_along = session.prove::<Heads>().is_ok();
        let page = ArchiveCasePage { frame: frame(&hub, Some(&session)), detail, may_take_along };
        Ok(html(200, page::archive_case_page(&page)))
    })
    .await
}

/// `GET /arsip/{case_id}/dokumen/{document_id}`
pub(super) async fn document(
    State(hub): State<Hub>,
    Visitor(session): Visitor,
    Path(ids): Path<(CaseId, DocumentId)>,
) -> Response {
    drawn(&hub, Some(&session), async {
        archive::document(State(hub.clone()), session.prove::<CaseRoles>()?, Path(ids)).await
    })
    .await
}

/// `GET /arsip/{case_id}/zip`
pub(super) async fn export(State(hub): State<Hub>, Visitor(session): Visitor, Path(case_id): Path<CaseId>) -> Response {
    drawn(&hub, Some(&session), async {
        archive::export(State(hub.clone()), session.prove::<Heads>()?, Path(case_id)).await
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue::VariantKey;

    fn rows(count: u32) -> Vec<ArchiveRow> {
        let row = |number| ArchiveRow {
            case_id: CaseId::new(uuid::Uuid::from_u128(u128::from(number))),
            number: format!("2026-{number:06}").parse().expect("a number"),
            rack: 1,
            r#box: 1,
            shelf: String::new(),
            filed_at: jiff::Timestamp::UNIX_EPOCH,
            filed_by: String::new(),
            variant: VariantKey::parse("kk.hilang").expect("a variant"),
            title: String::new(),
            state: "kept".to_owned(),
            destroyed_at: None,
            register: None,
        };
        (1..=count).map(row).collect()
    }

    #[test]
    fn parts_cover_every_row_once_and_end() {
        let sought = Sought::typed("2026-000001").expect("a number");
        let part = |count, page| {
            let part = part(sought, rows(count), false, page);
            (part.before, part.rows.len(), part.total, part.next_page)
        };
        assert_eq!(part(0, 0), (0, 0, 0, None));
        assert_eq!(part(50, 0), (0, 50, 50, None));
        assert_eq!(part(51, 0), (0, 50, 51, Some(1)));
        assert_eq!(part(51, 1), (50, 1, 51, None));
        assert_eq!(part(200, 3), (150, 50, 200, None));
        assert_eq!(part(51, usize::MAX), (50, 1, 51, None), "a page that is not there is the last one");
    }
}
