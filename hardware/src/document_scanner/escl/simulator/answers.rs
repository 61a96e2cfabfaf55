//! The XML the simulated scanner answers with, in the words of the eSCL Technical Specification.

use super::super::super::MAX_PAGES;

/// Resolutions on offer.
const RESOLUTIONS: [u16; 5] = [75, 150, 200, 300, 600];

/// A4 and Letter, in 1/300 inch.
const WIDTH: u32 = 2550;
const HEIGHT: u32 = 3508;

/// What a scanner with entities in its answers sends.
pub(super) const GARBAGE: &str = "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\">\
     <!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>\
     <scan:ScannerStatus><pwg:State>&c;</pwg:State></scan:ScannerStatus>";

const NAMESPACES: &str = "xmlns:scan=\"http://schemas.hp.com/imaging/escl/2011/05/03\" \
     xmlns:pwg=\"http://www.pwg.org/schemas/2010/12/sm\"";

/// `GET ScannerCapabilities`.
pub(super) fn capabilities(platen: bool) -> String {
    let resolutions: String = RESOLUTIONS
        .iter()
        .map(|dpi| {
            format!(
                "<scan:DiscreteResolution><scan:XResolution>{dpi}</scan:XResolution>\
                 <scan:YResolution>{dpi}</scan:YResolution></scan:DiscreteResolution>"
            )
        })
        .collect();
    let input = format!(
        "<scan:MinWidth>16</scan:MinWidth><scan:MaxWidth>{WIDTH}</scan:MaxWidth>\
         <scan:MinHeight>16</scan:MinHeight><scan:MaxHeight>{HEIGHT}</scan:MaxHeight>\
         <scan:MaxScanRegions>1</scan:MaxScanRegions><scan:SettingProfiles><scan:SettingProfile>\
         <scan:ColorModes><scan:ColorMode>Grayscale8</scan:ColorMode><scan:ColorMode>RGB24</scan:ColorMode></scan:ColorModes>\
         <scan:DocumentFormats><pwg:DocumentFormat>image/jpeg</pwg:DocumentFormat>\
         <scan:DocumentFormatExt>image/jpeg</scan:DocumentFormatExt></scan:DocumentFormats>\
         <scan:SupportedResolutions><scan:DiscreteResolutions>{resolutions}</scan:DiscreteResolutions>\
         </scan:SupportedResolutions></scan:SettingProfile></scan:SettingProfiles>\
         <scan:SupportedIntents><scan:Intent>Document</scan:Intent></scan:SupportedIntents>\
         <scan:MaxOpticalXResolution>600</scan:MaxOpticalXResolution>\
         <scan:MaxOpticalYResolution>600</scan:MaxOpticalYResolution>"
    );
    let glass = if platen {
        format!("<scan:Platen><scan:PlatenInputCaps>{input}</scan:PlatenInputCaps></scan:Platen>")
    } else {
        String::new()
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<scan:ScannerCapabilities {NAMESPACES}>\
         <pwg:Version>2.63</pwg:Version><pwg:MakeAndModel>Anjungan simulated scanner</pwg:MakeAndModel>\
         <pwg:SerialNumber>SIM-1</pwg:SerialNumber>{glass}\
         <scan:Adf><scan:AdfSimplexInputCaps>{input}</scan:AdfSimplexInputCaps>\
         <scan:AdfDuplexInputCaps>{input}</scan:AdfDuplexInputCaps>\
         <scan:FeederCapacity>{MAX_PAGES}</scan:FeederCapacity>\
         <scan:AdfOptions><scan:AdfOption>DetectPaperLoaded</scan:AdfOption><scan:AdfOption>Duplex</scan:AdfOption>\
         </scan:AdfOptions></scan:Adf></scan:ScannerCapabilities>\n"
    )
}

/// `GET ScannerStatus`. Jobs are path, state and reason.
pub(super) fn status(busy: bool, feeder: &str, jobs: &[(String, &str, &str, u32)]) -> String {
    let jobs: String = jobs
        .iter()
        .map(|(path, state, reason, done)| {
            format!(
                "<scan:JobInfo><pwg:JobUri>{path}</pwg:JobUri><scan:Age>1</scan:Age>\
                 <pwg:ImagesCompleted>{done}</pwg:ImagesCompleted><pwg:JobState>{state}</pwg:JobState>\
                 <pwg:JobStateReasons><pwg:JobStateReason>{reason}</pwg:JobStateReason></pwg:JobStateReasons></scan:JobInfo>"
            )
        })
        .collect();
    let state = if busy { "Processing" } else { "Idle" };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<scan:ScannerStatus {NAMESPACES}>\
         <pwg:Version>2.63</pwg:Version><pwg:State>{state}</pwg:State><scan:AdfState>{feeder}</scan:AdfState>\
         <scan:Jobs>{jobs}</scan:Jobs></scan:ScannerStatus>\n"
    )
}
