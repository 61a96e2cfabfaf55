//! Icons drawn into the page, from the set of `assets/icons`. Always beside words, so hidden from screen readers.

use maud::{Markup, PreEscaped, html};

macro_rules! icons {
    ($($(#[$doc:meta])* $name:ident = $file:literal;)+) => {
        /// An icon of the set.
        #[derive(Debug, Clone, Copy)]
        pub(super) enum Icon { $($(#[$doc])* $name,)+ }

        impl Icon {
            const fn source(self) -> &'static str {
                match self {
                    $(Self::$name => include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/icons/", $file, ".svg")),)+
                }
            }
        }
    };
}

icons! {
    Alert = "alert-triangle";
    Archive = "archive";
    Back = "arrow-left";
    Bell = "bell-ringing";
    Check = "check";
    Done = "circle-check";
    Clock = "clock";
    Document = "file-text";
    Download = "download";
    Enlarge = "search";
    Eye = "eye";
    Forward = "arrow-right";
    Go = "chevron-right";
    Hourglass = "hourglass";
    Info = "info-circle";
    Leave = "logout";
    Lock = "lock";
    Printer = "printer";
    Refresh = "refresh";
    Return = "corner-up-left-double";
    Search = "search";
    Send = "send";
    SignIn = "login";
    Signature = "signature";
    Stop = "circle-x";
    Ready = "home-check";
}

/// Draws an icon.
pub(super) fn icon(icon: Icon) -> Markup {
    let source = icon.source();
    // From `<svg` on; the numbers of the file are enough, its class and name are not needed on a page.
    let drawing = source.find('>').map_or("", |at| &source[at + 1..]).trim_end().trim_end_matches("</svg>");
    html! {
        span.icon aria-hidden="true" {
            svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"
                stroke-linejoin="round" { (PreEscaped(drawing)) }
        }
    }
}
