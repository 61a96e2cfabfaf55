//! The supervisor's page of the hall, and what its forms do.

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::super::super::Hub;
use super::super::super::access::{AnySession, Heads};
use super::super::super::extract::{Path, Query};
use super::super::super::operations::hall as decide;
use super::super::super::page;
use super::super::super::page_model::HallPage;
use super::super::super::refusal::Refusal;
use super::super::super::views;
use super::desk::done;
use super::form::Form;
use super::{Visitor, drawn, frame, html, notice};
use crate::domain::hall::Skills;
use crate::domain::role::Role;
use crate::domain::ticket::Queue;
use crate::failure::Failure;
use crate::store::StoredAnswer;
use crate::wire::hall::{Announce, MoveOfficer, SetCounter, SetQueue};

/// Most logins to choose from.
const OFFICERS_MAX: u32 = 200;

/// What a redirect tells the page.
#[derive(Debug, Deserialize)]
pub(super) struct Told {
    done: Option<String>,
}

/// `GET /antrean`
pub(super) async fn hall(State(hub): State<Hub>, Visitor(session): Visitor, Query(told): Query<Told>) -> Response {
    drawn(&hub, Some(&session), hall_page(&hub, &session, told.done.is_some(), None)).await
}

async fn hall_page(
    hub: &Hub,
    session: &AnySession,
    done: bool,
    refusal: Option<&Refusal>,
) -> Result<Response, Refusal> {
    session.prove::<Heads>()?;
    let (this, at) = (hub.clone(), hub.world.now());
    let (hall, stations, officers) = hub
        .store
        .read::<_, Refusal, _>(move |view| {
            let stations = views::every_station(view, this.listens_since, at)?;
            let officers = view.logins(Role::PetugasLoket.key(), OFFICERS_MAX)?;
            Ok((views::hall(&this, view, None, at)?, stations, officers))
        })
        .await?;
    let page = HallPage {
        frame: frame(hub, Some(session)),
        hall,
        stations,
        officers,
        request_id: hub.world.request_id(),
        done,
        notice: refusal.map(notice),
    };
    Ok(html(refusal.map_or(200, Refusal::status), page::hall_page(&page)))
}

/// `POST /antrean/{verb}`
pub(super) async fn act(
    State(hub): State<Hub>,
    Visitor(session): Visitor,
    Path(verb): Path<String>,
    request: Request,
) -> Response {
    drawn(&hub, Some(&session), async {
        let form = Form::of(&session, request).await?;
        match done(perform(&hub, &session, &verb, &form).await) {
            Ok(()) => Ok(Redirect::to("/antrean?done=1").into_response()),
            Err(refusal) => hall_page(&hub, &session, false, Some(&refusal)).await,
        }
    })
    .await
}

async fn perform(hub: &Hub, session: &AnySession, verb: &str, form: &Form) -> Result<StoredAnswer, Refusal> {
    let officer = session.prove::<Heads>()?;
    let (request_id, version) = (form.parsed("request_id")?, form.parsed("version")?);
    let text = |name: &str| Some(form.text(name).trim().to_owned()).filter(|text| !text.is_empty());
    match verb {
        "queue" => {
            let (queue, open) = (form.parsed("queue")?, form.parsed("open")?);
            decide::set_queue(hub, &officer, SetQueue { request_id, version, queue, open }).await
        }
        "counter" => {
            let queues = form.all("skill").map(|key| key.parse().map_err(|_| Failure::RequestMalformed.into()));
            let queues = queues.collect::<Result<Vec<Queue>, Refusal>>()?;
            let skills = Skills::try_from(queues).map_err(|_| {
                Refusal::new(Failure::RequestMalformed).with_fact("pilih sedikitnya satu antrean untuk loket")
            })?;
            let (counter, state) = (text("counter"), form.parsed("state")?);
            let body = SetCounter { request_id, version, counter, state, skills: Some(skills) };
            decide::set_counter(hub, &officer, body).await
        }
        "move" => {
            let body = MoveOfficer { request_id, officer: form.text("officer").to_owned(), counter: text("counter") };
            decide::move_officer(hub, &officer, body).await
        }
        "notice" => decide::announce(hub, &officer, Announce { request_id, version, text: text("text") }).await,
        _ => Err(Failure::NotFound.into()),
    }
}
