//! The Huffman tables a camera leaves out of its pictures.

/// The typical tables of ITU-T T.81, annex K.3, as one DHT segment. Motion-JPEG means these where a picture has none,
/// and a decoder of plain JPEG files needs to be given them.
const TABLES: &str = "\
    ffc401a20000010501010101010100000000000000000102030405060708090a0b01000301010101010101010100000000000001\
    02030405060708090a0b100002010303020403050504040000017d01020300041105122131410613516107227114328191a10823\
    42b1c11552d1f02433627282090a161718191a25262728292a3435363738393a434445464748494a535455565758595a63646566\
    6768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6\
    c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa11000201020404030407050404000102770001\
    02031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f11718191a262728292a3536\
    3738393a434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92939495969798\
    999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6\
    f7f8f9fa\
    ";

/// Puts the tables into a picture that has none; any other bytes come back as they are.
pub(super) fn complete(bytes: Vec<u8>) -> Vec<u8> {
    let Some(at) = scan_without_tables(&bytes) else { return bytes };
    let digit = |at: usize| TABLES.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let tables = (0..TABLES.len()).step_by(2).filter_map(digit);
    let (head, rest) = bytes.split_at(at);
    head.iter().copied().chain(tables).chain(rest.iter().copied()).collect()
}

/// Where the scan (SOS) begins, when no Huffman table (DHT) stands before it.
fn scan_without_tables(bytes: &[u8]) -> Option<usize> {
    const START: [u8; 2] = [0xff, 0xd8];
    const TABLE: u8 = 0xc4;
    const SCAN: u8 = 0xda;
    let mut at = bytes.starts_with(&START).then_some(2)?;
    loop {
        let segment = bytes.get(at..at + 4)?;
        let (0xff, kind, high, low) = (segment[0], segment[1], segment[2], segment[3]) else { return None };
        match kind {
            TABLE => return None,
            SCAN => return Some(at),
            _ => at += 2 + usize::from(u16::from_be_bytes([high, low])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, Rgb, RgbImage};

    /// A picture as many cameras send it.
    fn without_tables(bytes: &[u8]) -> Vec<u8> {
        let (mut at, mut out) = (2, bytes[..2].to_vec());
        while bytes[at + 1] != 0xda {
            let end = at + 2 + usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
            if bytes[at + 1] != 0xc4 {
                out.extend(&bytes[at..end]);
            }
            at = end;
        }
        out.extend(&bytes[at..]);
        out
    }

    #[test]
    fn a_picture_without_tables_can_be_read_again() {
        let picture = RgbImage::from_fn(64, 48, |x, y| Rgb([x as u8 * 4, y as u8 * 5, (x ^ y) as u8]));
        let mut encoded = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut encoded, ImageFormat::Jpeg).unwrap();
        let encoded = encoded.into_inner();
        assert_eq!(complete(encoded.clone()), encoded, "nothing to add");
        let bare = without_tables(&encoded);
        assert!(image::load_from_memory(&bare).is_err());
        let again = image::load_from_memory(&complete(bare.clone())).unwrap();
        assert_eq!(again, image::load_from_memory(&encoded).unwrap());
        for cut in 0..bare.len() {
            complete(bare[..cut].to_vec());
        }
    }
}
