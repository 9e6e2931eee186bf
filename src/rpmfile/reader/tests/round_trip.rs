//! What the writer writes, the reader reads; and the forms that others write.

use super::super::super::header::Header;
use super::super::super::source_header::SourceHeader;
use super::super::super::tag;
use super::super::super::writer::{SourceFile, WriteSettings, write};
use super::fake::{Fake, FakeFile};
use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};

const COMPRESSIONS: [&str; 5] = ["zstd", "gzip:1", "xz:0", "bzip2:1", "none"];

fn contents() -> impl Strategy<Value = BTreeMap<String, Vec<u8>>> {
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        (any::<u8>(), 0_usize..70_000).prop_map(|(byte, size)| vec![byte; size]),
    ];
    prop::collection::btree_map("[a-zA-Z0-9_+~ é-]{1,40}", bytes, 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_written_is_read(
        contents in contents(),
        which in 0..COMPRESSIONS.len(),
        epoch: Option<u32>,
        mtime: u32,
    ) {
        let header = SourceHeader {
            name: "name".to_owned(),
            epoch,
            version: "1~rc".to_owned(),
            release: "2".to_owned(),
            sources: contents.keys().cloned().collect(),
            ..SourceHeader::default()
        };
        let mut files: Vec<SourceFile> = contents
            .iter()
            .map(|(name, bytes)| SourceFile::from_bytes(name, bytes.clone(), mtime))
            .collect();
        files.push(SourceFile::from_bytes("the.spec", *b"spec", 1).as_spec());
        let settings = WriteSettings {
            compression: COMPRESSIONS[which].parse().unwrap(),
            ..WriteSettings::default()
        };
        let mut out = Cursor::new(Vec::new());
        let written = write(&mut out, &header, &files, &settings).unwrap();
        let bytes = out.into_inner();
        prop_assert_eq!(written.size, bytes.len() as u64);

        let limits = Limits::default();
        let package = SourcePackage::read(bytes.as_slice(), &limits).unwrap();
        prop_assert_eq!(package.name(), "name");
        prop_assert_eq!(package.epoch(), epoch);
        prop_assert_eq!((package.version(), package.release()), ("1~rc", "2"));
        for file in package.files() {
            prop_assert_eq!(file.is_spec, file.name == "the.spec");
            prop_assert_eq!(file.mode, 0o100_644);
            prop_assert_eq!(file.mtime, if file.is_spec { 1 } else { mtime });
        }
        let mut expected = contents;
        expected.insert("the.spec".to_owned(), b"spec".to_vec());
        let found: BTreeMap<_, _> = read_all(&bytes, &limits).unwrap().into_iter().collect();
        prop_assert!(found == expected);
    }
}

/// A fake that must be read, and hold its files.
fn reads(fake: &Fake) {
    let found = read_all(&fake.bytes(), &Limits::default()).unwrap();
    let expected = fake
        .files
        .iter()
        .map(|it| (it.name.clone(), it.bytes.clone()));
    assert_eq!(found, expected.collect::<Vec<_>>());
}

#[test]
fn old_digests_and_sums_are_read() {
    reads(&Fake::default());
    for algorithm in [1, 2, 9, 10] {
        reads(&Fake {
            algorithm,
            ..Fake::default()
        });
    }
    let mut payload = Fake::archive(&Fake::default().files);
    payload[5] = b'2';
    reads(&Fake {
        payload: Some(payload),
        ..Fake::default()
    });
}

#[test]
fn paths_of_old_versions_are_read() {
    let mut dotted = Fake::default().files;
    for file in &mut dotted {
        file.name.insert_str(0, "./");
    }
    reads(&Fake {
        payload: Some(Fake::archive(&dotted)),
        ..Fake::default()
    });
}

#[test]
fn numbered_entries_are_read() {
    let payload = Fake::numbered_archive(&Fake::default().files);
    reads(&Fake {
        payload: Some(payload),
        ..Fake::default()
    });
}

#[test]
fn packages_of_version_six_are_read() {
    let six = || Fake {
        version_six: true,
        ..Fake::default()
    };
    reads(&six());
    reads(&Fake {
        algorithm: 12,
        ..six()
    });
    for wrong in [tag::PAYLOAD_SHA512, tag::PAYLOAD_SHA3_256] {
        let fake = Fake {
            extra_main: match wrong {
                tag::PAYLOAD_SHA512 => |out| out.string(tag::PAYLOAD_SHA512, "0"),
                _ => |out| out.string(tag::PAYLOAD_SHA3_256, "0"),
            },
            ..Fake::default()
        };
        let error = read_all(&fake.bytes(), &Limits::default()).unwrap_err();
        assert!(matches!(error, ReadError::Digest("digest of the payload")));
    }
}

#[test]
fn directories_are_skipped() {
    let mut fake = Fake::default();
    let mut folder = FakeFile::new("folder", b"");
    folder.mode = 0o040_755;
    fake.files.insert(1, folder);
    let found = read_all(&fake.bytes(), &Limits::default()).unwrap();
    let names: Vec<_> = found.iter().map(|it| it.0.as_str()).collect();
    assert_eq!(names, ["a.spec", "b.tar"]);
}

#[test]
fn a_file_that_was_left_out_is_listed_and_not_visited() {
    let mut fake = Fake::default();
    let mut secret = FakeFile::new("secret", b"");
    secret.flags = tag::FILE_GHOST;
    secret.size = Some(99);
    secret.digest = Some(String::new());
    fake.payload = Some(Fake::archive(&fake.files));
    fake.files.push(secret);
    let bytes = fake.bytes();
    let package = SourcePackage::read(bytes.as_slice(), &Limits::default()).unwrap();
    assert!(package.files()[2].left_out);
    assert_eq!(read_all(&bytes, &Limits::default()).unwrap().len(), 2);
}

#[test]
fn a_visitor_may_read_nothing_and_may_fail() {
    let bytes = Fake::default().bytes();
    let open = || SourcePackage::read(bytes.as_slice(), &Limits::default()).unwrap();
    let skip = |_: &FileEntry, _: &mut dyn Read| Ok::<(), ReadError>(());
    open().for_each_file(skip).unwrap();

    #[derive(Debug, PartialEq)]
    struct Mine;
    impl From<ReadError> for Mine {
        fn from(error: ReadError) -> Self {
            panic!("{error}")
        }
    }
    assert_eq!(open().for_each_file(|_, _| Err(Mine)), Err(Mine));
}

#[test]
fn payloads_of_lzma_are_read() {
    let files = Fake::default().files;
    let archive = Fake::archive(&files);
    let options = lzma_rust2::LzmaOptions::with_preset(1);
    let size = Some(archive.len() as u64);
    let mut writer = lzma_rust2::LzmaWriter::new_use_header(Vec::new(), &options, size).unwrap();
    writer.write_all(&archive).unwrap();
    reads(&Fake {
        payload: Some(writer.finish().unwrap()),
        compressor: Some("lzma"),
        ..Fake::default()
    });
}

#[test]
fn md5_is_looked_at_only_where_nothing_stronger_proves_the_same() {
    let files = [SourceFile::from_bytes("the.spec", *b"spec", 1).as_spec()];
    let header = SourceHeader {
        name: "name".to_owned(),
        version: "1".to_owned(),
        release: "2".to_owned(),
        ..SourceHeader::default()
    };
    let mut out = Cursor::new(Vec::new());
    write(&mut out, &header, &files, &WriteSettings::default()).unwrap();
    let good = out.into_inner();
    let signature = Header::read(
        &mut &good[96..],
        tag::HEADER_SIGNATURES,
        Limits::default().max_metadata,
    )
    .unwrap();
    let place_of = |value: &[u8]| {
        let place = good.windows(value.len()).position(|it| it == value);
        place.expect("the digest stands in the package")
    };
    let md5 = place_of(signature.binary(tag::SIG_MD5).unwrap().unwrap());
    let strong = place_of(
        signature
            .string(tag::SIG_SHA256)
            .unwrap()
            .unwrap()
            .as_bytes(),
    );
    let mut of_md5 = good.clone();
    of_md5[md5] ^= 1;
    read_all(&of_md5, &Limits::default()).unwrap();
    let mut of_header = good.clone();
    of_header[strong] ^= 1;
    let error = read_all(&of_header, &Limits::default()).unwrap_err();
    assert!(matches!(error, ReadError::Digest("SHA-256 of the header")));
    let mut of_payload = good.clone();
    *of_payload.last_mut().unwrap() ^= 1;
    assert!(read_all(&of_payload, &Limits::default()).is_err());
}

#[test]
fn who_wants_the_files_alone_relies_on_their_digests() {
    let files_of = |fake: &Fake| {
        let bytes = fake.bytes();
        let package = SourcePackage::read_for_files(bytes.as_slice(), &Limits::default())?;
        package.for_each_file(|_, content| {
            std::io::copy(content, &mut std::io::sink()).map_err(ReadError::Io)?;
            Ok(())
        })
    };
    let wrong_payload = || Fake {
        extra_main: |out| out.strings(tag::PAYLOAD_DIGEST, ["0"]),
        ..Fake::default()
    };
    assert!(read_all(&wrong_payload().bytes(), &Limits::default()).is_err());
    files_of(&wrong_payload()).unwrap();
    // Where the files have old digests only, those of the payload count.
    let old = Fake {
        algorithm: 1,
        ..wrong_payload()
    };
    let error = files_of(&old).unwrap_err();
    assert!(matches!(error, ReadError::Digest("digest of the payload")));
    let mut wrong_file = Fake::default();
    wrong_file.files[1].digest = Some("0".repeat(64));
    let error = files_of(&wrong_file).unwrap_err();
    assert!(matches!(error, ReadError::FileDigest(_)));
    files_of(&Fake::default()).unwrap();
}
