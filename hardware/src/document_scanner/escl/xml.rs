//! The XML of eSCL: what a scanner can, how it is, and what it is asked for.
//!
//! Names and values are those of the eSCL Technical Specification of the Mopria Alliance and of the PWG's Semantic
//! Model (`pwg:` elements). Elements are found by their local names, because devices disagree about namespaces.

use roxmltree::{Document, Node, ParsingOptions};

use super::super::{ColourMode, MM_PER_INCH, PageFormat, PageSource, ScanRequest};
use crate::{Error, ErrorKind};

/// Most elements of an answer.
const MAX_NODES: u32 = 20_000;

/// Most values that are kept of one list.
const MAX_VALUES: usize = 500;

/// Lengths of eSCL are in 1/300 inch (`escl:ThreeHundredthsOfInches`).
const UNITS_PER_INCH: f64 = 300.0;

/// Longest side of an area that is believed, in 1/300 inch.
const MAX_UNITS: u32 = 20_000;

/// `scan:ScannerCapabilities`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Capabilities {
    /// `pwg:Version`, such as `2.63`; empty when it makes no sense.
    pub(super) version: String,
    /// `scan:Platen`: the glass.
    pub(super) platen: Option<Input>,
    /// `scan:AdfSimplexInputCaps`: the feeder, one side.
    pub(super) feeder: Option<Input>,
    /// `scan:AdfDuplexInputCaps`: the feeder, both sides.
    pub(super) duplex: Option<Input>,
}

/// What can be scanned from one place.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Input {
    max_width: Option<u32>,
    max_height: Option<u32>,
    colours: Vec<String>,
    formats: Vec<String>,
    resolutions: Vec<u16>,
    range: Option<(u16, u16)>,
}

impl Capabilities {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let text = text(bytes)?;
        let document = document(text)?;
        let root = document.root_element();
        if root.tag_name().name() != "ScannerCapabilities" {
            return Err(garbled("no ScannerCapabilities"));
        }
        let version = child_text(root, "Version").unwrap_or_default();
        let plain = version.len() <= 8 && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let input = |name| root.descendants().find(|node| node.tag_name().name() == name).map(Input::read);
        let capabilities = Self {
            version: if plain { version.to_owned() } else { String::new() },
            platen: input("PlatenInputCaps"),
            feeder: input("AdfSimplexInputCaps"),
            duplex: input("AdfDuplexInputCaps"),
        };
        if capabilities.platen.is_none() && capabilities.feeder.is_none() && capabilities.duplex.is_none() {
            return Err(garbled("capabilities without a place for paper"));
        }
        Ok(capabilities)
    }

    /// The place to scan from, for a request and the state of the feeder.
    pub(super) fn choose(&self, wanted: PageSource, feeder_loaded: bool) -> Result<(PageSource, &Input), Error> {
        let missing = |what: &str| Error::new(ErrorKind::InvalidRequest, format!("this scanner has no {what}"));
        match wanted {
            PageSource::Flatbed => self.platen.as_ref().ok_or_else(|| missing("glass")),
            PageSource::Feeder => self.feeder.as_ref().ok_or_else(|| missing("feeder")),
            PageSource::FeederDuplex => self.duplex.as_ref().ok_or_else(|| missing("feeder for both sides")),
            PageSource::Default => {
                return match (&self.platen, &self.feeder) {
                    (None, Some(feeder)) => Ok((PageSource::Feeder, feeder)),
                    (Some(_), Some(feeder)) if feeder_loaded => Ok((PageSource::Feeder, feeder)),
                    (Some(platen), _) => Ok((PageSource::Flatbed, platen)),
                    (None, None) => {
                        let duplex = self.duplex.as_ref().ok_or_else(|| missing("place for paper"))?;
                        Ok((PageSource::FeederDuplex, duplex))
                    }
                };
            }
        }
        .map(|input| (wanted, input))
    }
}

impl Input {
    fn read(node: Node<'_, '_>) -> Self {
        let number = |name| child_text(node, name).and_then(|text| text.parse::<u32>().ok());
        let length = |name| number(name).filter(|value| (1..=MAX_UNITS).contains(value));
        let texts = |name: &'static str| {
            let found = node.descendants().filter(move |child| child.tag_name().name() == name);
            found.filter_map(|child| child.text()).map(str::trim).take(MAX_VALUES)
        };
        // A range stands below XResolutionRange, single values below DiscreteResolution.
        let range = node.descendants().find(|child| child.tag_name().name() == "XResolutionRange").and_then(|range| {
            let part = |name| child_text(range, name).and_then(|text| text.parse::<u16>().ok());
            Some((part("Min")?, part("Max")?))
        });
        let mut formats: Vec<String> =
            texts("DocumentFormat").chain(texts("DocumentFormatExt")).map(str::to_owned).collect();
        formats.dedup();
        Self {
            max_width: length("MaxWidth"),
            max_height: length("MaxHeight"),
            colours: texts("ColorMode").map(str::to_owned).collect(),
            formats,
            resolutions: texts("XResolution").filter_map(|text| text.parse().ok()).filter(|dpi| *dpi > 0).collect(),
            range: range.filter(|(min, max)| *min > 0 && min <= max),
        }
    }

    /// The supported resolution that is nearest; of two equally near ones the finer.
    pub(super) fn nearest_resolution(&self, dpi: u16) -> u16 {
        let listed = self.resolutions.iter().copied().min_by_key(|value| (value.abs_diff(dpi), u16::MAX - value));
        match (listed, self.range) {
            (Some(value), _) => value,
            (None, Some((min, max))) => dpi.clamp(min, max),
            (None, None) => dpi,
        }
    }

    fn format(&self, wanted: PageFormat) -> &'static str {
        let has = |name: &str| self.formats.iter().any(|format| format.eq_ignore_ascii_case(name));
        match wanted {
            PageFormat::Png if has("image/png") => "image/png",
            // Every eSCL scanner must offer JPEG.
            _ => "image/jpeg",
        }
    }

    fn colour(&self, wanted: ColourMode) -> Option<&'static str> {
        let name = match wanted {
            ColourMode::Gray => "Grayscale8",
            ColourMode::Colour => "RGB24",
        };
        // A device that lists none decides itself.
        self.colours.iter().any(|colour| colour == name).then_some(name)
    }

    /// The body of `POST ScanJobs`: `scan:ScanSettings`.
    pub(super) fn settings(&self, request: &ScanRequest, source: PageSource, dpi: u16, version: &str) -> String {
        let units = |millimetres: f32, most: Option<u32>| {
            let wanted = (f64::from(millimetres) / MM_PER_INCH * UNITS_PER_INCH).round() as u32;
            wanted.min(most.unwrap_or(MAX_UNITS)).max(1)
        };
        let width = units(request.width_mm, self.max_width);
        let height = units(request.height_mm, self.max_height);
        let version = if version.is_empty() { "2.0" } else { version };
        let (place, duplex) = match source {
            PageSource::Feeder => ("Feeder", "<scan:Duplex>false</scan:Duplex>"),
            PageSource::FeederDuplex => ("Feeder", "<scan:Duplex>true</scan:Duplex>"),
            PageSource::Default | PageSource::Flatbed => ("Platen", ""),
        };
        let colour = self
            .colour(request.colour)
            .map_or(String::new(), |name| format!("<scan:ColorMode>{name}</scan:ColorMode>"));
        let format = self.format(request.format);
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<scan:ScanSettings xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm">
<pwg:Version>{version}</pwg:Version><scan:Intent>Document</scan:Intent>
<pwg:ScanRegions><pwg:ScanRegion><pwg:ContentRegionUnits>escl:ThreeHundredthsOfInches</pwg:ContentRegionUnits>
<pwg:XOffset>0</pwg:XOffset><pwg:YOffset>0</pwg:YOffset><pwg:Width>{width}</pwg:Width><pwg:Height>{height}</pwg:Height>
</pwg:ScanRegion></pwg:ScanRegions>
<pwg:InputSource>{place}</pwg:InputSource>{duplex}{colour}
<scan:XResolution>{dpi}</scan:XResolution><scan:YResolution>{dpi}</scan:YResolution>
<pwg:DocumentFormat>{format}</pwg:DocumentFormat><scan:DocumentFormatExt>{format}</scan:DocumentFormatExt>
</scan:ScanSettings>
"#
        )
    }
}

/// `scan:ScannerStatus`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Status {
    /// `pwg:State`: Idle, Processing, Testing, Stopped, Down.
    pub(super) state: String,
    /// `scan:AdfState`: `ScannerAdfLoaded`, `ScannerAdfEmpty`, `ScannerAdfJam`, …; empty without a feeder.
    pub(super) feeder: String,
    /// `scan:JobInfo`: path and `pwg:JobState` of each job.
    jobs: Vec<(String, String)>,
}

impl Status {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let text = text(bytes)?;
        let document = document(text)?;
        let root = document.root_element();
        if root.tag_name().name() != "ScannerStatus" {
            return Err(garbled("no ScannerStatus"));
        }
        let word = |name| child_text(root, name).unwrap_or_default().chars().take(80).collect::<String>();
        let job = |node: Node<'_, '_>| {
            Some((child_text(node, "JobUri")?.to_owned(), child_text(node, "JobState")?.to_owned()))
        };
        let jobs = root.descendants().filter(|node| node.tag_name().name() == "JobInfo").filter_map(job);
        Ok(Self { state: word("State"), feeder: word("AdfState"), jobs: jobs.take(MAX_VALUES).collect() })
    }

    /// `pwg:JobState` of a job by its path; devices give the URI in full or in part.
    pub(super) fn job(&self, path: &str) -> Option<&str> {
        let name = path.trim_end_matches('/').rsplit('/').next()?;
        let fits = |uri: &str| uri.trim_end_matches('/').rsplit('/').next() == Some(name);
        self.jobs.iter().find(|(uri, _)| fits(uri)).map(|(_, state)| state.as_str())
    }

    pub(super) fn feeder_loaded(&self) -> bool {
        self.feeder == "ScannerAdfLoaded"
    }

    /// What the feeder says is wrong, by `scan:AdfState`. An empty one is not wrong in itself.
    pub(super) fn feeder_fault(&self) -> Option<Error> {
        let (kind, what) = match self.feeder.as_str() {
            "ScannerAdfJam" => (ErrorKind::Jammed, "paper is stuck in the feeder"),
            "ScannerAdfMultipickDetected" => (ErrorKind::DoubleFeed, "the feeder took two sheets at once"),
            "ScannerAdfHatchOpen" | "ScannerAdfCoverOpen" => (ErrorKind::CoverOpen, "the cover of the feeder is open"),
            "ScannerAdfMispick" => (ErrorKind::Jammed, "the feeder could not take a sheet"),
            "ScannerAdfDuplexPageTooShort" | "ScannerAdfDuplexPageTooLong" => {
                (ErrorKind::Jammed, "a sheet is too short or too long for both sides")
            }
            "ScannerAdfInputTrayFailed" | "ScannerAdfInputTrayOverloaded" => {
                (ErrorKind::Device, "the tray of the feeder fails or is too full")
            }
            _ => return None,
        };
        Some(Error::new(kind, what))
    }

    /// What the scanner as a whole says is wrong, by `pwg:State`.
    pub(super) fn fault(&self) -> Option<Error> {
        let (kind, what) = match self.state.as_str() {
            "Idle" => return None,
            "Processing" | "Testing" => (ErrorKind::Busy, "the scanner is busy"),
            "Stopped" => (ErrorKind::Device, "the scanner has stopped with a fault"),
            "Down" => (ErrorKind::NotReachable, "the scanner says it is down"),
            _ => (ErrorKind::Garbled, "the scanner tells no state that eSCL knows"),
        };
        Some(Error::new(kind, what))
    }
}

fn text(bytes: &[u8]) -> Result<&str, Error> {
    let text = std::str::from_utf8(bytes).map_err(|_| garbled("an answer that is not UTF-8"))?;
    Ok(text.trim_start_matches('\u{feff}').trim_start())
}

/// No document type is accepted, so there are no entities to grow or to fetch.
fn document(text: &str) -> Result<Document<'_>, Error> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    // The parser's message may quote the answer, which may hold anything.
    Document::parse_with_options(text, options).map_err(|_| garbled("an answer that is not the XML of eSCL"))
}

fn child_text<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.children().find(|child| child.tag_name().name() == name)?.text().map(str::trim)
}

fn garbled(what: &str) -> Error {
    Error::new(ErrorKind::Garbled, format!("the scanner sent {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPABILITIES: &str = r#"<?xml version="1.0"?>
<s:ScannerCapabilities xmlns:s="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:p="http://www.pwg.org/schemas/2010/12/sm">
 <p:Version>2.63</p:Version>
 <s:Platen><s:PlatenInputCaps><s:MaxWidth>2550</s:MaxWidth><s:MaxHeight>3508</s:MaxHeight>
  <s:SettingProfiles><s:SettingProfile><s:ColorModes><s:ColorMode>Grayscale8</s:ColorMode></s:ColorModes>
   <s:DocumentFormats><p:DocumentFormat>image/jpeg</p:DocumentFormat></s:DocumentFormats>
   <s:SupportedResolutions><s:DiscreteResolutions>
    <s:DiscreteResolution><s:XResolution>75</s:XResolution><s:YResolution>75</s:YResolution></s:DiscreteResolution>
    <s:DiscreteResolution><s:XResolution>300</s:XResolution><s:YResolution>300</s:YResolution></s:DiscreteResolution>
   </s:DiscreteResolutions></s:SupportedResolutions></s:SettingProfile></s:SettingProfiles>
 </s:PlatenInputCaps></s:Platen>
 <s:Adf><s:AdfSimplexInputCaps><s:SupportedResolutions><s:ResolutionRange>
   <s:XResolutionRange><s:Min>100</s:Min><s:Max>600</s:Max></s:XResolutionRange></s:ResolutionRange></s:SupportedResolutions>
 </s:AdfSimplexInputCaps></s:Adf>
</s:ScannerCapabilities>"#;

    #[test]
    fn capabilities_decide_place_resolution_and_area() {
        let capabilities = Capabilities::parse(CAPABILITIES.as_bytes()).unwrap();
        assert_eq!(capabilities.version, "2.63");
        let (source, platen) = capabilities.choose(PageSource::Default, false).unwrap();
        assert_eq!((source, platen.nearest_resolution(200)), (PageSource::Flatbed, 300));
        let (source, feeder) = capabilities.choose(PageSource::Default, true).unwrap();
        assert_eq!((source, feeder.nearest_resolution(75)), (PageSource::Feeder, 100));
        assert!(capabilities.choose(PageSource::FeederDuplex, true).is_err());
        let request = ScanRequest { height_mm: 420.0, ..ScanRequest::a4("kk_lama") };
        let settings = platen.settings(&request, PageSource::Flatbed, 300, "2.63");
        for part in ["<pwg:Width>2480<", "<pwg:Height>3508<", ">Platen<", "<scan:XResolution>300<", ">image/jpeg<"] {
            assert!(settings.contains(part), "{part} in {settings}");
        }
        assert!(!settings.contains("ColorMode"), "RGB24 is not on offer");
        assert!(Document::parse(&settings).is_ok());
    }

    #[test]
    fn status_has_words_for_every_fault() {
        let status = |state: &str, feeder: &str| {
            let xml = format!(
                "<ScannerStatus><State>{state}</State><AdfState>{feeder}</AdfState><Jobs><JobInfo>\
                 <JobUri>http://x/eSCL/ScanJobs/7</JobUri><JobState>Aborted</JobState></JobInfo></Jobs></ScannerStatus>"
            );
            Status::parse(xml.as_bytes()).unwrap()
        };
        for (feeder, kind) in [
            ("ScannerAdfLoaded", None),
            ("ScannerAdfEmpty", None),
            ("ScannerAdfJam", Some(ErrorKind::Jammed)),
            ("ScannerAdfMispick", Some(ErrorKind::Jammed)),
            ("ScannerAdfMultipickDetected", Some(ErrorKind::DoubleFeed)),
            ("ScannerAdfHatchOpen", Some(ErrorKind::CoverOpen)),
        ] {
            assert_eq!(status("Idle", feeder).feeder_fault().map(|error| error.kind()), kind, "{feeder}");
        }
        for (state, kind) in [
            ("Idle", None),
            ("Processing", Some(ErrorKind::Busy)),
            ("Stopped", Some(ErrorKind::Device)),
            ("Down", Some(ErrorKind::NotReachable)),
            ("Sleepy", Some(ErrorKind::Garbled)),
        ] {
            assert_eq!(status(state, "").fault().map(|error| error.kind()), kind, "{state}");
        }
        assert_eq!(status("Idle", "").job("/eSCL/ScanJobs/7/"), Some("Aborted"));
        assert_eq!(status("Idle", "").job("/eSCL/ScanJobs/8"), None);
    }

    #[test]
    fn bombs_and_strangers_are_refused() {
        let laughs = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><ScannerStatus><State>&b;</State></ScannerStatus>";
        let outside = "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/hostname\">]><ScannerStatus><State>&a;</State></ScannerStatus>";
        let many = format!("<ScannerStatus>{}</ScannerStatus>", "<a/>".repeat(30_000));
        let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
        for xml in [laughs, outside, &many, &deep, "<html>login</html>", "", "{}"] {
            assert_eq!(Status::parse(xml.as_bytes()).unwrap_err().kind(), ErrorKind::Garbled);
            assert_eq!(Capabilities::parse(xml.as_bytes()).unwrap_err().kind(), ErrorKind::Garbled);
        }
    }
}
