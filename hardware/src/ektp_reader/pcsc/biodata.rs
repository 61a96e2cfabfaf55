//! The biodata file of a card: quoted texts, separated by commas, in an order that public programs agree on.

use serde_json::{Map, Value};

use crate::{Error, ErrorKind};

/// Most fields that are looked at; a card has about twenty-five.
const MAX_FIELDS: usize = 64;

/// Names of [`super::super::Reading`]'s fields in the order of the card; an empty name is not used.
const ORDER: [&str; 16] = [
    "nik",
    "address",
    "rt",
    "rw",
    "birth_place",
    "district",
    "village",
    "regency",
    "gender",
    "",
    "religion",
    "marital_status",
    "occupation",
    "name",
    "birth_date",
    "province",
];

/// Reads the fields. Errors name no content.
pub(super) fn parse(bytes: &[u8]) -> Result<Map<String, Value>, Error> {
    let bad = |why: &str| Error::new(ErrorKind::Unreadable, format!("the card's biodata {why}"));
    // Cards are written in UTF-8 or in Latin-1; what is not UTF-8 is the latter, where every byte is a letter.
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0' || c == '\u{ff}');
    let fields = split(text).ok_or_else(|| bad("is not a list of quoted texts"))?;
    if fields.len() < ORDER.len() {
        return Err(bad("has fewer fields than a KTP-el"));
    }
    let named = ORDER.iter().zip(fields).filter(|(name, _)| !name.is_empty());
    Ok(named
        .map(|(name, value)| (name, value.trim().to_owned()))
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| ((*name).to_owned(), Value::from(value)))
        .collect())
}

/// Cuts `"a","b","c"`. A quote inside a text stays one, as long as no comma and no end follows it.
fn split(text: &str) -> Option<Vec<&str>> {
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start().strip_prefix('"')?;
        let (field, after) = closing_quote(rest)?;
        fields.push(field);
        if after.is_empty() || fields.len() == MAX_FIELDS {
            return Some(fields);
        }
        rest = after.strip_prefix(',')?;
    }
}

fn closing_quote(text: &str) -> Option<(&str, &str)> {
    text.match_indices('"').find_map(|(at, _)| {
        let after = text[at + 1..].trim_start();
        (after.is_empty() || after.starts_with(',')).then(|| (&text[..at], after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(fields: &[&str]) -> Vec<u8> {
        fields.iter().map(|field| format!("\"{field}\"")).collect::<Vec<_>>().join(",").into_bytes()
    }

    #[test]
    fn fields_come_in_the_order_of_the_card() {
        let mut fields: Vec<String> = (0..20).map(|index| format!("F{index}")).collect();
        fields[13] = "SITI \"ANI\" AMINAH, S.PD".into();
        fields[3] = String::new();
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let read = parse(&[card(&fields), vec![0; 12]].concat()).unwrap();
        assert_eq!(read["name"], "SITI \"ANI\" AMINAH, S.PD");
        assert_eq!((&read["nik"], &read["province"]), (&Value::from("F0"), &Value::from("F15")));
        assert!(!read.contains_key("rw") && !read.values().any(|value| value == "F9"));
    }

    #[test]
    fn latin_letters_of_old_cards_are_read() {
        let mut bytes = card(&["x"; 16]);
        bytes[1] = 0xE9;
        assert_eq!(parse(&bytes).unwrap()["nik"], "é");
    }

    #[test]
    fn what_is_no_list_is_refused_without_quoting_it() {
        for bytes in [&b""[..], b"SITI", b"\"SITI", b"\"SITI\"X", &card(&["SITI"; 15]), b"\"\",", &[0xFF; 40]] {
            let error = parse(bytes).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unreadable);
            assert!(!error.to_string().contains("SITI"));
        }
    }
}
