//! Good packages, cut and changed at random.

use super::fake::Fake;
use super::hostile::with_payload;
use super::*;
use crate::model::Code;
use proptest::prelude::*;
use std::io::Write as _;
use std::sync::OnceLock;

#[test]
fn a_file_that_ends_early_is_refused() {
    let bytes = Fake::default().bytes();
    for end in 0..bytes.len() {
        let error = read_all(&bytes[..end], &Limits::default()).unwrap_err();
        assert_eq!(error.code(), Code::SrpmInvalid, "{end}: {error}");
    }
    let mut longer = bytes;
    longer.push(0);
    let error = read_all(&longer, &Limits::default()).unwrap_err();
    assert_eq!(error.code(), Code::SrpmInvalid, "{error}");
}

/// A compressed package, so that flips hit a decompressor as well.
fn compressed(kind: usize) -> &'static [u8] {
    static PACKAGES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let make = || {
        let archive = Fake::archive(&Fake::default().files);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(&archive).unwrap();
        let options = lzma_rust2::XzOptions::with_preset(1);
        let mut xz = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
        xz.write_all(&archive).unwrap();
        let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
        bzip2.write_all(&archive).unwrap();
        let options = lzma_rust2::LzmaOptions::with_preset(1);
        let mut lzma = lzma_rust2::LzmaWriter::new_use_header(Vec::new(), &options, None).unwrap();
        lzma.write_all(&archive).unwrap();
        let payloads = [
            ("gzip", gzip.finish().unwrap()),
            ("xz", xz.finish().unwrap()),
            ("bzip2", bzip2.finish().unwrap()),
            ("lzma", lzma.finish().unwrap()),
            ("zstd", zstd::encode_all(archive.as_slice(), 3).unwrap()),
        ];
        let package = |(name, payload)| {
            let fake = Fake {
                compressor: Some(name),
                ..with_payload(payload)
            };
            fake.bytes()
        };
        payloads.into_iter().map(package).collect()
    };
    &PACKAGES.get_or_init(make)[kind]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn no_flipped_bit_gets_through(kind in 0_usize..5, at: prop::sample::Index, bit in 0_u32..8) {
        let good = compressed(kind);
        let expected = read_all(good, &Limits::default()).unwrap();
        let mut bad = good.to_vec();
        let at = at.index(bad.len());
        bad[at] ^= 1 << bit;
        // Some bits mean nothing, as in the lead's name; then all must be as it was.
        if let Ok(found) = read_all(&bad, &Limits::default()) {
            prop_assert!(found == expected, "byte {}, bit {}", at, bit);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(kind in 0_usize..5, at: prop::sample::Index, bytes: [u8; 8]) {
        let mut bad = compressed(kind).to_vec();
        let at = at.index(bad.len() - 8);
        bad[at..at + 8].copy_from_slice(&bytes);
        let _ = read_all(&bad, &Limits::default());
    }

    /// Behind good digests, where only the decoder and the archive's reader stand guard.
    #[test]
    fn no_payload_makes_it_panic(
        kind in 0_usize..5,
        at: prop::sample::Index,
        bytes: [u8; 4],
        end: prop::sample::Index,
    ) {
        let names = ["gzip", "xz", "bzip2", "lzma", "zstd"];
        let good = compressed(kind);
        let fake = Fake { compressor: Some(names[kind]), ..Fake::default() };
        let start = fake.bytes().len() - Fake::archive(&fake.files).len();
        let mut payload = good[start..].to_vec();
        let at = at.index(payload.len() - 4);
        payload[at..at + 4].copy_from_slice(&bytes);
        payload.truncate(payload.len() - end.index(payload.len()) / 8);
        let fake = Fake { payload: Some(payload), ..fake };
        if let Ok(found) = read_all(&fake.bytes(), &Limits::default()) {
            prop_assert_eq!(found.len(), 2);
        }
    }
}

#[test]
fn bytes_behind_the_compressed_payload_are_refused() {
    for kind in 0..5 {
        let names = ["gzip", "xz", "bzip2", "lzma", "zstd"];
        let fake = Fake {
            compressor: Some(names[kind]),
            ..Fake::default()
        };
        let start = fake.bytes().len() - Fake::archive(&fake.files).len();
        let mut payload = compressed(kind)[start..].to_vec();
        payload.extend(b"more bytes than there should be");
        let fake = Fake {
            payload: Some(payload),
            ..fake
        };
        let error = read_all(&fake.bytes(), &Limits::default()).expect_err(names[kind]);
        assert_eq!(error.code(), Code::SrpmInvalid, "{}", names[kind]);
    }
}
