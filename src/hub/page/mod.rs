//! Draws the hub's pages: plain values of `page_model` in, markup out.
//!
//! Nothing here reads the store, the clock or a request. Pages carry no inline style and no inline script, so that
//! [`CSP`] can forbid both. Every page works without JavaScript; `web/live.js` only saves the press on "Muat ulang".

mod archive_case;
mod archive_search;
mod asset;
mod case;
mod case_actions;
mod case_documents;
mod case_notes;
mod case_trail;
mod desk;
mod frame;
mod gate;
mod hall;
mod icon;
mod refused;
mod status;
mod unclaimed;
mod words;

pub use archive_case::archive_case_page;
pub use archive_search::archive_search_page;
pub use asset::{Asset, asset};
pub use case::case_page;
pub use desk::desk_page;
pub use gate::{login_page, password_page};
pub use hall::hall_page;
pub use refused::refused_page;
pub use status::status_page;
pub use unclaimed::unclaimed_page;

/// Value of the header `Content-Security-Policy` of every page.
pub const CSP: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; \
                       connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
