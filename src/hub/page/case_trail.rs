//! The eight steps of a case: who, when, and the minutes against the standard of the SOP.

use maud::{Markup, html};

use super::icon::{Icon, icon};
use super::words;
use crate::hub::page_model::Frame;
use crate::wire::case::{CaseDetail, TrailStep};

/// Draws the steps, folded away until somebody wants them.
pub(super) fn trail(frame: &Frame, detail: &CaseDetail) -> Markup {
    let done = detail.trail.iter().filter(|step| step.at.is_some()).count();
    let spent: i64 = detail.trail.iter().filter_map(|step| step.seconds).sum();
    let standard: i64 = detail.trail.iter().map(|step| i64::from(step.standard_minutes)).sum();
    let next = detail.trail.iter().position(|step| step.at.is_none());
    html! {
        details.card id="langkah" {
            summary { "Langkah " (done) " dari " (detail.trail.len()) }
            p.soft {
                "Berjalan " (words::length(spent)) "; standar SOP " (standard) " menit."
            }
            ol.path {
                @for (at, step) in detail.trail.iter().enumerate() {
                    li class=(state(step, next == Some(at))) {
                        span.dot aria-hidden="true" { @if step.at.is_some() { (icon(Icon::Check)) } @else { (step.step) } }
                        div.step { b { (step.title) } (minutes(frame, step)) }
                    }
                }
            }
        }
    }
}

const fn state(step: &TrailStep, next: bool) -> &'static str {
    match (step.at, next) {
        (Some(_), _) => "done",
        (None, true) => "now",
        (None, false) => "later",
    }
}

fn minutes(frame: &Frame, step: &TrailStep) -> Markup {
    let Some(at) = step.at else {
        return html! { span { "Standar " (step.standard_minutes) " menit" } };
    };
    let limit = i64::from(step.standard_minutes) * 60;
    html! {
        span {
            (words::moment(frame, at))
            @if let Some(by) = &step.by { " oleh " (by) }
        }
        @if let Some(seconds) = step.seconds {
            span {
                (words::length(seconds)) " dari standar " (step.standard_minutes) " menit"
                @if seconds > limit { ", lewat standar" }
            }
            (pace(seconds, limit))
        }
    }
}

/// A bar of the time spent; the mark in the middle is the standard. The words beside it say the same.
fn pace(seconds: i64, limit: i64) -> Markup {
    let width = (seconds.max(0) * 50 / limit.max(1)).clamp(2, 100);
    html! {
        svg.pace viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
            rect.track x="0" y="0" width="100" height="8" {}
            rect class=(if seconds > limit { "over" } else { "good" }) x="0" y="0" width=(width) height="8" {}
            rect.mark x="49.5" y="0" width="1" height="8" {}
        }
    }
}
