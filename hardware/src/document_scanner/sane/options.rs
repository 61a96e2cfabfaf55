//! The options a SANE device has, from the text of `scanimage -A`; handing over one it lacks is an error.

use super::super::{ColourMode, PageSource};

/// Most lines and most values that are looked at; the longest list of a real driver has a few hundred.
const MAX_LINES: usize = 4000;
const MAX_VALUES: usize = 500;

/// What one option takes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Values {
    /// Any number from the first to the second.
    Range(f64, f64),
    /// One of these words or numbers.
    List(Vec<String>),
}

/// The options that matter for a page. An inactive one is left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Abilities {
    pub(super) resolution: Option<Values>,
    pub(super) width: Option<Values>,
    pub(super) height: Option<Values>,
    pub(super) modes: Vec<String>,
    pub(super) sources: Vec<String>,
    /// The source that is set.
    pub(super) source: Option<String>,
}

impl Abilities {
    pub(super) fn parse(text: &str) -> Self {
        let mut found = Self::default();
        for line in text.lines().take(MAX_LINES).map(str::trim) {
            let Some((name, rest)) = line.split_once(' ').filter(|(name, _)| name.starts_with('-')) else { continue };
            // The value that is set, and marks such as [advanced], stand in brackets at the end.
            let (values, marks) = rest.split_once(" [").unwrap_or((rest, ""));
            if marks.contains("inactive]") {
                continue;
            }
            match name {
                "--resolution" => found.resolution = numbers(values),
                "-x" => found.width = numbers(values),
                "-y" => found.height = numbers(values),
                "--mode" => found.modes = words(values),
                "--source" => {
                    found.sources = words(values);
                    found.source = marks.split(']').next().map(str::to_owned).filter(|name| !name.is_empty());
                }
                _ => {}
            }
        }
        found
    }

    /// The device's own word for a mode: `Gray`, `True Gray`, `24bit Color`.
    pub(super) fn mode(&self, colour: ColourMode) -> Option<&str> {
        let wanted = match colour {
            ColourMode::Gray => ["gray", "grey"],
            ColourMode::Colour => ["color", "colour"],
        };
        let fits = |mode: &&String| wanted.iter().any(|word| mode.to_ascii_lowercase().contains(word));
        self.modes.iter().find(fits).map(String::as_str)
    }

    /// The device's own word for a place of the paper. `None`: it has no such place.
    pub(super) fn source_name(&self, source: PageSource) -> Option<&str> {
        let fits = |name: &&String| kind_of(name) == Some(source);
        self.sources.iter().find(fits).map(String::as_str)
    }

    /// The supported resolution that is nearest; of two equally near ones the finer.
    pub(super) fn nearest_resolution(&self, dpi: u16) -> Option<u16> {
        let wanted = f64::from(dpi);
        let nearest = match self.resolution.as_ref()? {
            Values::Range(low, high) => wanted.clamp(*low, low.max(*high)),
            Values::List(list) => {
                let numbers = list.iter().filter_map(|value| value.parse::<f64>().ok());
                numbers.min_by(|a, b| (a - wanted).abs().total_cmp(&(b - wanted).abs()).then(b.total_cmp(a)))?
            }
        };
        // The range was checked, so nothing is lost.
        (1.0..=f64::from(u16::MAX)).contains(&nearest).then_some(nearest as u16)
    }
}

/// Where the paper lies for a source of this name. Each backend has its own words: `ADF`, `ADF Front`,
/// `Automatic Document Feeder(left aligned)`, `ADF Duplex`, `Document Table`.
pub(super) fn kind_of(name: &str) -> Option<PageSource> {
    let name = name.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    // The back side alone, single cards, films and a tray fed by hand are no stack of pages.
    if has(&["back", "card", "slide", "film", "transparen", "negative", "manual"]) {
        return None;
    }
    if has(&["adf", "feeder"]) {
        let both = has(&["duplex", "both", "two-sided", "2-sided", "double"]);
        return Some(if both { PageSource::FeederDuplex } else { PageSource::Feeder });
    }
    (has(&["flatbed", "platen", "table", "glass"]) || matches!(name.as_str(), "normal" | "fb"))
        .then_some(PageSource::Flatbed)
}

/// `75|150|300dpi`, `0..215.9mm (in steps of 0.1)`, `auto|75..600dpi`.
fn numbers(text: &str) -> Option<Values> {
    let text = text.split(" (").next().unwrap_or_default();
    let text = text.strip_prefix("auto|").unwrap_or(text);
    let text = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    if let Some((low, high)) = text.split_once("..") {
        let (low, high): (f64, f64) = (low.parse().ok()?, high.parse().ok()?);
        return (low.is_finite() && high.is_finite()).then_some(Values::Range(low, high));
    }
    let list: Vec<String> = words(text).into_iter().filter(|value| value.parse::<f64>().is_ok()).collect();
    (!list.is_empty()).then_some(Values::List(list))
}

fn words(text: &str) -> Vec<String> {
    let words = text.split('|').map(str::trim).filter(|word| !word.is_empty());
    words.take(MAX_VALUES).map(str::to_owned).collect()
}

/// A length within what the device can, in its own unit of millimetres.
pub(super) fn within(values: Option<&Values>, wanted: f32) -> Option<f64> {
    let wanted = f64::from(wanted);
    Some(match values? {
        Values::Range(low, high) => wanted.clamp(*low, low.max(*high)),
        Values::List(list) => {
            let numbers = list.iter().filter_map(|value| value.parse::<f64>().ok());
            numbers.min_by(|a, b| (a - wanted).abs().total_cmp(&(b - wanted).abs()))?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
    --mode Lineart|True Gray|24bit Color [24bit Color]
        Selects the scan mode
    --resolution 75|150|300dpi [75]
    --source Flatbed|Automatic Document Feeder(left aligned)|ADF Duplex|ADF Back [Flatbed]
    -x 0..215.9mm [215.9]
    -y 0..297.18mm (in steps of 0.01) [297.18]";

    #[test]
    fn abilities_come_from_the_option_list() {
        let abilities = Abilities::parse(TEXT);
        assert_eq!(abilities.width, Some(Values::Range(0.0, 215.9)));
        assert_eq!(abilities.height, Some(Values::Range(0.0, 297.18)));
        assert_eq!(abilities.mode(ColourMode::Gray), Some("True Gray"));
        assert_eq!(abilities.mode(ColourMode::Colour), Some("24bit Color"));
        assert_eq!(abilities.source.as_deref(), Some("Flatbed"));
        assert_eq!(abilities.source_name(PageSource::Flatbed), Some("Flatbed"));
        assert_eq!(abilities.source_name(PageSource::Feeder), Some("Automatic Document Feeder(left aligned)"));
        assert_eq!(abilities.source_name(PageSource::FeederDuplex), Some("ADF Duplex"));
        assert_eq!(Abilities::parse("    --mode Gray [inactive]"), Abilities::default());
        assert_eq!(Abilities::parse("    --mode Gray [Gray] [inactive]").mode(ColourMode::Gray), None);
        assert_eq!(Abilities::parse("usage: --\n-\n- x\n-x a..bmm\n"), Abilities::default());
    }

    #[test]
    fn the_nearest_resolution_is_taken() {
        let abilities = Abilities::parse(TEXT);
        for (wanted, got) in [(60, 75), (100, 75), (112, 75), (113, 150), (200, 150), (225, 300), (600, 300)] {
            assert_eq!(abilities.nearest_resolution(wanted), Some(got), "{wanted}");
        }
        let range = Abilities::parse("--resolution auto|100..600dpi (in steps of 1) [100] [advanced]");
        assert_eq!(range.nearest_resolution(75), Some(100));
        assert_eq!(range.nearest_resolution(300), Some(300));
        assert_eq!(Abilities::default().nearest_resolution(300), None);
    }

    #[test]
    fn a_page_stays_within_the_glass() {
        let abilities = Abilities::parse(TEXT);
        assert_eq!(within(abilities.width.as_ref(), 210.0), Some(210.0));
        assert_eq!(within(abilities.height.as_ref(), 420.0), Some(297.18));
        assert_eq!(within(Some(&Values::Range(5.0, 1.0)), 210.0), Some(5.0));
        assert_eq!(within(None, 210.0), None);
    }

    #[test]
    fn the_words_of_many_backends() {
        use PageSource::{Feeder, FeederDuplex, Flatbed};
        for (name, kind) in [
            ("Flatbed", Some(Flatbed)),
            ("FlatBed", Some(Flatbed)),
            ("Document Table", Some(Flatbed)),
            ("Normal", Some(Flatbed)),
            ("ADF", Some(Feeder)),
            ("ADF Front", Some(Feeder)),
            ("ADF Simplex", Some(Feeder)),
            ("Document Feeder", Some(Feeder)),
            ("Automatic Document Feeder", Some(Feeder)),
            ("Automatic Document Feeder(centrally aligned,Duplex)", Some(FeederDuplex)),
            ("Adf-duplex", Some(FeederDuplex)),
            ("ADF Duplex", Some(FeederDuplex)),
            ("ADF Back", None),
            ("Card Duplex", None),
            ("Transparency Unit", None),
            ("Auto", None),
        ] {
            assert_eq!(kind_of(name), kind, "{name}");
        }
    }
}
