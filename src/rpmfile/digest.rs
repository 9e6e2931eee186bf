//! The digests that RPM files hold, by the numbers that the format gives to their algorithms.

use md5::Md5;
use sha1::Sha1;
use sha2::digest::DynDigest;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use sha3::{Sha3_256, Sha3_512};
use std::fmt::Write as _;

/// Takes bytes, then gives their digest.
pub(super) type Hasher = Box<dyn DynDigest + Send>;

/// The hasher of FILEDIGESTALGO or PAYLOADDIGESTALGO; the numbers are those of OpenPGP (RFC 4880,
/// section 9.4; RFC 9580, section 9.5).
pub(super) fn hasher(algorithm: u64) -> Option<Hasher> {
    Some(match algorithm {
        1 => Box::new(Md5::new()),
        2 => Box::new(Sha1::new()),
        8 => Box::new(Sha256::new()),
        9 => Box::new(Sha384::new()),
        10 => Box::new(Sha512::new()),
        11 => Box::new(Sha224::new()),
        12 => Box::new(Sha3_256::new()),
        14 => Box::new(Sha3_512::new()),
        _ => return None,
    })
}

/// The digest of some bytes, as lower-case hexadecimal digits.
pub(super) fn hex_of<D: Digest>(bytes: &[u8]) -> String {
    hex(&D::digest(bytes))
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            write!(text, "{byte:02x}").expect("writing into a String never fails");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_has_its_length() {
        for (algorithm, size) in [
            (1, 16),
            (2, 20),
            (8, 32),
            (9, 48),
            (10, 64),
            (11, 28),
            (12, 32),
            (14, 64),
        ] {
            assert_eq!(hasher(algorithm).unwrap().output_size(), size);
        }
        assert!(hasher(3).is_none());
        let empty = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
        assert_eq!(hex_of::<Sha1>(b""), empty);
    }
}
