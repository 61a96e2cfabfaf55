//! The printer of KK and letters: IPP (RFC 8011), as CUPS and driverless printers speak it.

use std::io::Cursor;
use std::thread;
use std::time::{Duration, Instant};

use ipp::prelude::*;

use super::Finding;

/// Longest wait for one answer of a printer.
const ANSWER_LIMIT: Duration = Duration::from_secs(4);
/// Longest wait for a page; a printer that warms up takes a minute.
const PAGE_LIMIT: Duration = Duration::from_secs(120);
/// Pause between two questions about a job.
const ASK_EVERY: Duration = Duration::from_millis(500);

/// What a printer says about itself.
struct Answer {
    state: i32,
    reasons: Vec<String>,
    model: String,
    takes_pdf: bool,
}

fn client(uri: &Uri) -> IppClient {
    IppClient::builder(uri.clone()).request_timeout(ANSWER_LIMIT).build()
}

fn ask(uri: &Uri) -> Result<Answer, String> {
    let wanted = ["printer-state", "printer-state-reasons", "printer-make-and-model", "document-format-supported"];
    let question = IppOperationBuilder::get_printer_attributes(uri.clone())
        .attributes(wanted)
        .build()
        .map_err(|error| error.to_string())?;
    let answer = client(uri).send(question).map_err(|error| error.to_string())?;
    let status = answer.header().status_code();
    if !status.is_success() {
        return Err(format!("IPP status {status}"));
    }
    let group = answer.attributes().first_of(DelimiterTag::PrinterAttributes);
    let group = group.ok_or_else(|| "the answer says nothing about a printer".to_owned())?;
    let texts = |name: &str| -> Vec<String> {
        let value = group.get(name).map(IppAttribute::value);
        value.map(|value| value.into_iter().take(64).map(ToString::to_string).collect()).unwrap_or_default()
    };
    let state = group.get("printer-state").and_then(|state| state.value().as_enum().copied()).unwrap_or_default();
    Ok(Answer {
        state,
        reasons: texts("printer-state-reasons").into_iter().filter(|reason| reason != "none").collect(),
        model: texts("printer-make-and-model").join(" ").chars().filter(|c| !c.is_control()).take(80).collect(),
        takes_pdf: texts("document-format-supported").iter().any(|format| format == "application/pdf"),
    })
}

/// The health word of a printer and what to do, from its state and its reasons (RFC 8011, 5.4.11 and 5.4.12).
fn judge(answer: &Answer) -> (&'static str, &'static str) {
    const STOPPED: i32 = 5;
    let has = |word: &str| answer.reasons.iter().any(|reason| reason.starts_with(word));
    if has("media-empty") || has("media-needed") {
        ("media_empty", "Isi kertas A4.")
    } else if has("media-jam") {
        ("jammed", "Keluarkan kertas yang tersangkut.")
    } else if has("cover-open") || has("door-open") {
        ("misplaced", "Tutup penutup pencetak.")
    } else if has("toner-empty") || has("marker-supply-empty") {
        ("media_empty", "Ganti toner atau tinta.")
    } else if answer.state == STOPPED {
        ("not_responding", "Pencetak dihentikan. Jalankan lagi dari panelnya atau dari CUPS.")
    } else if has("media-low") || has("toner-low") || has("marker-supply-low") {
        ("media_low", "Siapkan kertas atau toner pengganti.")
    } else {
        ("ready", "")
    }
}

/// Checks the printer a URL names.
pub(super) fn check(url: &str) -> Finding {
    let asked = url.parse::<Uri>().map_err(|error| error.to_string()).and_then(|uri| ask(&uri));
    let (health, detail, fix) = match asked {
        Ok(answer) => {
            let (health, fix) = judge(&answer);
            let reasons =
                if answer.reasons.is_empty() { String::new() } else { format!("; {}", answer.reasons.join(", ")) };
            (health, format!("{}{reasons}", answer.model), fix)
        }
        Err(error) => ("not_reachable", error, "Periksa alamat ipp:// pencetak, listrik, dan jaringannya."),
    };
    Finding {
        device: "page_printer".to_owned(),
        url: url.to_owned(),
        health: health.to_owned(),
        detail,
        fix: fix.to_owned(),
    }
}

/// Prints a test page and waits for its end.
///
/// # Errors
/// Says why no page came out.
pub(super) fn print_test_page(url: &str, office: &str, stamp: &str) -> Result<(), String> {
    let uri: Uri = url.parse().map_err(|error| format!("{url}: {error}"))?;
    let answer = ask(&uri)?;
    if !answer.takes_pdf {
        return Err("the printer takes no PDF; set it up as a driverless queue in CUPS".to_owned());
    }
    // Sent now, the page would wait in the printer for whoever fills it in, and the installer for the page.
    let (health, fix) = judge(&answer);
    if !matches!(health, "ready" | "media_low") {
        return Err(format!("the printer is not ready ({}). {fix}", answer.reasons.join(", ")));
    }
    let payload = IppPayload::new(Cursor::new(test_page(office, stamp)));
    let job = IppOperationBuilder::print_job(uri.clone(), payload)
        .user_name("anjungan")
        .job_title("anjungan doctor page")
        .document_format("application/pdf")
        .build()
        .map_err(|error| error.to_string())?;
    let answer = client(&uri).send(job).map_err(|error| error.to_string())?;
    let status = answer.header().status_code();
    if !status.is_success() {
        return Err(format!("the printer does not take the page: {status}"));
    }
    let group = answer.attributes().first_of(DelimiterTag::JobAttributes);
    let number = group.and_then(|group| group.get("job-id")).and_then(|id| id.value().as_integer().copied());
    let number = number.ok_or_else(|| "the printer gives the job no number".to_owned())?;
    let until = Instant::now() + PAGE_LIMIT;
    while Instant::now() < until {
        match job_state(&uri, number)? {
            9 => return Ok(()),
            7 => return Err("the job was cancelled at the printer".to_owned()),
            8 => return Err("the printer aborted the job".to_owned()),
            _ => thread::sleep(ASK_EVERY),
        }
    }
    let why = ask(&uri).map_or_else(|error| error, |answer| answer.reasons.join(", "));
    Err(format!("the page did not come out within two minutes ({why}); cancel the job at the printer"))
}

/// The state of a job: 3 pending … 7 cancelled, 8 aborted, 9 completed (RFC 8011, 5.3.7).
fn job_state(uri: &Uri, number: i32) -> Result<i32, String> {
    let question = IppOperationBuilder::get_job_attributes(uri.clone(), number).build().map_err(|e| e.to_string())?;
    let answer = client(uri).send(question).map_err(|error| error.to_string())?;
    let group = answer.attributes().first_of(DelimiterTag::JobAttributes);
    let state = group.and_then(|group| group.get("job-state")).and_then(|state| state.value().as_enum().copied());
    state.ok_or_else(|| "the printer does not say how the job is".to_owned())
}

/// One A4 page with a frame 10 mm from the edge, so that margins and scale can be measured.
fn test_page(office: &str, stamp: &str) -> Vec<u8> {
    use pdf_writer::{Content, Name, Pdf, Rect, Ref, Str};
    const MM: f32 = 72.0 / 25.4;
    let (catalogue, pages, page, font, content) = (Ref::new(1), Ref::new(2), Ref::new(3), Ref::new(4), Ref::new(5));
    let face = Name(b"F1");
    let mut pdf = Pdf::new();
    pdf.catalog(catalogue).pages(pages);
    pdf.pages(pages).kids([page]).count(1);
    {
        let mut page = pdf.page(page);
        page.media_box(Rect::new(0.0, 0.0, 210.0 * MM, 297.0 * MM)).parent(pages).contents(content);
        page.resources().fonts().pair(face, font);
    }
    pdf.type1_font(font).base_font(Name(b"Helvetica"));
    let mut drawing = Content::new();
    drawing.set_line_width(1.0).rect(10.0 * MM, 10.0 * MM, 190.0 * MM, 277.0 * MM).stroke();
    let lines = [
        (24.0, 260.0, "Halaman uji pencetak"),
        (13.0, 248.0, office),
        (13.0, 241.0, stamp),
        (13.0, 229.0, "Bingkai berjarak 10 mm dari tepi kertas A4. Garis di bawah ini 100 mm."),
    ];
    for (size, y, text) in lines {
        // The built-in face knows Latin letters; nothing else is asked of it here.
        let plain: Vec<u8> = text.chars().map(|c| u8::try_from(c).ok().filter(u8::is_ascii).unwrap_or(b'?')).collect();
        drawing.begin_text().set_font(face, size).next_line(20.0 * MM, y * MM).show(Str(&plain)).end_text();
    }
    drawing.move_to(20.0 * MM, 222.0 * MM).line_to(120.0 * MM, 222.0 * MM).stroke();
    pdf.stream(content, &drawing.finish());
    pdf.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_become_words_and_remedies() {
        let answer = |state, reasons: &[&str]| Answer {
            state,
            reasons: reasons.iter().map(|reason| (*reason).to_owned()).collect(),
            model: String::new(),
            takes_pdf: true,
        };
        for (state, reasons, health) in [
            (3, vec![], "ready"),
            (4, vec!["media-low-report"], "media_low"),
            (5, vec!["media-empty-warning", "media-needed-warning"], "media_empty"),
            (5, vec!["media-jam-error"], "jammed"),
            (5, vec!["cover-open"], "misplaced"),
            (5, vec!["paused"], "not_responding"),
        ] {
            assert_eq!(judge(&answer(state, &reasons)).0, health, "{reasons:?}");
        }
    }
}
