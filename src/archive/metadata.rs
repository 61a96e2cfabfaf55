//! The XMP packet of an archived document (ISO 16684-1), with our own properties described as PDF/A-2 asks for
//! (ISO 19005-2, 6.6.2.3.3).

use super::pdf::Facts;

/// Name of our properties.
const NAMESPACE: &str = "urn:anjungan:archive:1#";

/// Writes the packet.
pub(super) fn packet(facts: &Facts<'_>) -> String {
    let date = facts.filed_at.to_string();
    let mut ours = vec![
        ("office", facts.office.to_owned(), "Region code of the office"),
        ("caseId", facts.case_id.to_owned(), "Identifier of the case"),
        ("documentId", facts.document_id.to_owned(), "Identifier of the document"),
        ("documentKind", facts.kind.to_owned(), "Key of the kind of document"),
        ("originalSha256", facts.original_sha256.to_owned(), "SHA-256 of the scan as the scanner delivered it"),
        ("pages", facts.pages.to_string(), "Number of pages"),
        ("dpi", facts.dpi.to_string(), "Resolution of the scan in dots per inch"),
        ("kiosk", facts.kiosk.to_owned(), "Name of the machine that scanned"),
        ("scannedAt", facts.scanned_at.to_string(), "When the scan arrived at the office server"),
    ];
    if let Some(device) = facts.device {
        ours.push(("device", device.to_owned(), "Scanner that delivered the scan"));
    }
    let values: String =
        ours.iter().map(|(name, value, _)| format!("   <anj:{name}>{}</anj:{name}>\n", escaped(value))).collect();
    let described: String = ours
        .iter()
        .map(|(name, _, words)| {
            format!(
                "        <rdf:li rdf:parseType=\"Resource\"><pdfaProperty:name>{name}</pdfaProperty:name>\
                 <pdfaProperty:valueType>Text</pdfaProperty:valueType>\
                 <pdfaProperty:category>internal</pdfaProperty:category>\
                 <pdfaProperty:description>{words}</pdfaProperty:description></rdf:li>\n"
            )
        })
        .collect();
    format!(
        "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>
<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">
 <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">
  <rdf:Description rdf:about=\"\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\">
   <pdfaid:part>2</pdfaid:part>
   <pdfaid:conformance>B</pdfaid:conformance>
  </rdf:Description>
  <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">
   <dc:format>application/pdf</dc:format>
   <dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{title}</rdf:li></rdf:Alt></dc:title>
   <dc:identifier>urn:uuid:{document}</dc:identifier>
  </rdf:Description>
  <rdf:Description rdf:about=\"\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\">
   <xmp:CreatorTool>anjungan</xmp:CreatorTool>
   <xmp:CreateDate>{date}</xmp:CreateDate>
   <xmp:ModifyDate>{date}</xmp:ModifyDate>
   <xmp:MetadataDate>{date}</xmp:MetadataDate>
  </rdf:Description>
  <rdf:Description rdf:about=\"\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\">
   <pdf:Producer>anjungan</pdf:Producer>
  </rdf:Description>
  <rdf:Description rdf:about=\"\" xmlns:anj=\"{NAMESPACE}\">
{values}  </rdf:Description>
  <rdf:Description rdf:about=\"\" xmlns:pdfaExtension=\"http://www.aiim.org/pdfa/ns/extension/\"
    xmlns:pdfaSchema=\"http://www.aiim.org/pdfa/ns/schema#\" xmlns:pdfaProperty=\"http://www.aiim.org/pdfa/ns/property#\">
   <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType=\"Resource\">
      <pdfaSchema:schema>Archive of anjungan</pdfaSchema:schema>
      <pdfaSchema:namespaceURI>{NAMESPACE}</pdfaSchema:namespaceURI>
      <pdfaSchema:prefix>anj</pdfaSchema:prefix>
      <pdfaSchema:property><rdf:Seq>
{described}      </rdf:Seq></pdfaSchema:property>
   </rdf:li></rdf:Bag></pdfaExtension:schemas>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end=\"r\"?>",
        title = escaped(facts.title),
        document = escaped(facts.document_id),
    )
}

/// Text for XML 1.0: what may not stand there at all is left out.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => {}
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_breaks_the_packet() {
        assert_eq!(escaped("a<b>&\"c\"\u{0}\n\u{FFFF}é"), "a&lt;b&gt;&amp;&quot;c&quot;é");
    }
}
