//! Forms as browsers send them: pairs, where a name may come more than once.

use axum::body::Body;
use axum::extract::{FromRequest as _, Request};

use super::super::super::access::AnySession;
use super::super::super::extract::small_body;
use super::super::super::refusal::Refusal;
use super::super::super::secret::same;
use super::check_origin;
use crate::failure::Failure;

/// The fields of a form.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a form that was sent from our own pages.
    pub async fn read(request: Request) -> Result<Self, Refusal> {
        check_origin(request.headers())?;
        let (mut head, mut whole) = (Request::new(Body::empty()), request);
        std::mem::swap(head.headers_mut(), whole.headers_mut());
        *head.method_mut() = whole.method().clone();
        *head.body_mut() = Body::from(small_body(whole).await?);
        let pairs = axum::Form::<Vec<(String, String)>>::from_request(head, &()).await;
        pairs.map(|axum::Form(pairs)| Self(pairs)).map_err(|_| Failure::RequestMalformed.into())
    }

    /// Reads a form of a session: it carries the session's form token.
    pub async fn of(session: &AnySession, request: Request) -> Result<Self, Refusal> {
        let form = Self::read(request).await?;
        if same(form.text("form_token"), &session.form_token()) { Ok(form) } else { Err(Failure::FormExpired.into()) }
    }

    /// Returns a field, or nothing where it is absent.
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// Returns every field of a name.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Reads a field as a type.
    pub fn parsed<T: std::str::FromStr>(&self, name: &str) -> Result<T, Refusal> {
        self.text(name).parse().map_err(|_| Failure::RequestMalformed.into())
    }
}
