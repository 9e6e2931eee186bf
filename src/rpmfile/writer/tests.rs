use super::super::compression::Compression;
use super::super::header::Header;
use super::super::source_header::SourceHeader;
use super::super::tag;
use super::plan::Plan;
use super::tags::{PayloadDigests, main_header};
use super::*;
use crate::model::{Code, Sha256};
use std::io::{Cursor, Write as _};
use std::path::Path;

fn header() -> SourceHeader {
    SourceHeader {
        name: "demo".to_owned(),
        version: "1".to_owned(),
        release: "1".to_owned(),
        sources: vec!["a.tar".to_owned()],
        ..SourceHeader::default()
    }
}

fn spec() -> SourceFile {
    SourceFile::from_bytes("demo.spec", *b"Name: demo\n", 1).as_spec()
}

fn source(bytes: Vec<u8>) -> SourceFile {
    SourceFile::from_bytes("a.tar", bytes, 2)
}

fn try_write(header: &SourceHeader, files: &[SourceFile]) -> Result<Vec<u8>, WriteError> {
    let mut out = Cursor::new(Vec::new());
    write(&mut out, header, files, &WriteSettings::default())?;
    Ok(out.into_inner())
}

/// Bytes that do not compress.
fn noise(size: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(size).collect()
}

#[test]
fn the_same_input_makes_the_same_bytes() {
    let mut files = vec![spec(), source(noise(100_000))];
    let first = try_write(&header(), &files).unwrap();
    files.reverse();
    assert!(first == try_write(&header(), &files).unwrap());
}

#[test]
fn a_path_and_bytes_make_the_same_package() {
    for size in [0, 1, 3, 128 << 10, (128 << 10) + 1, 300_000] {
        let bytes = noise(size);
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        let in_memory = source(bytes);
        let mut on_disk = in_memory.clone();
        on_disk.content = Content::Path(file.path().to_owned());
        let own = on_disk.clone().as_own();
        let one = try_write(&header(), &[spec(), in_memory]).unwrap();
        for file in [on_disk, own] {
            let other = try_write(&header(), &[spec(), file]).unwrap();
            assert!(one == other, "{size}");
        }
    }
}

#[test]
fn a_payload_larger_than_the_buffer_is_complete() {
    let bytes = noise(3_000_000);
    let package = try_write(&header(), &[spec(), source(bytes)]).unwrap();
    let limits = crate::config::Limits::default();
    let read = super::super::SourcePackage::read(package.as_slice(), &limits).unwrap();
    let skip = |_: &_, _: &mut dyn std::io::Read| Ok::<(), super::super::ReadError>(());
    read.for_each_file(skip).unwrap();
}

#[test]
fn a_file_that_is_not_what_was_declared_is_refused() {
    let good = source(b"good bytes".to_vec());
    let check = |change: fn(&mut SourceFile), what: &str| {
        let mut file = good.clone();
        change(&mut file);
        let error = try_write(&header(), &[spec(), file]).unwrap_err();
        assert_eq!(error.code(), Code::ChecksumMismatch, "{what}");
        assert!(error.to_string().contains("a.tar"), "{what}: {error}");
    };
    check(|it| it.size += 1, "too short");
    check(|it| it.size -= 1, "too long");
    check(|it| it.sha256 = Sha256([0; 32]), "another digest");
    check(
        |it| it.content = Content::Bytes(Vec::from(b"evil bytes").into()),
        "other bytes",
    );
}

#[test]
fn the_digest_of_an_own_file_is_believed_and_its_size_is_not() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"good bytes").unwrap();
    let mut own = source(b"evil bytes".to_vec());
    own.content = Content::Own(file.path().to_owned());
    let bytes = try_write(&header(), &[spec(), own.clone()]).unwrap();
    let limits = crate::config::Limits::default();
    let read = super::super::SourcePackage::read(bytes.as_slice(), &limits).unwrap();
    let skip = |_: &_, _: &mut dyn std::io::Read| Ok::<(), super::super::ReadError>(());
    let error = read.for_each_file(skip).unwrap_err();
    assert!(error.to_string().contains("a.tar"), "{error}");
    own.size += 1;
    let error = try_write(&header(), &[spec(), own]).unwrap_err();
    assert!(matches!(error, WriteError::Size { .. }), "{error}");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let mut file = source(Vec::new());
    file.content = Content::Path(Path::new("no/such/file").to_owned());
    let error = try_write(&header(), &[spec(), file]).unwrap_err();
    assert!(error.to_string().contains("no/such/file"));
}

#[test]
fn files_and_header_must_agree() {
    let named = |name: &str| SourceFile::from_bytes(name, *b"", 0);
    let good = || source(Vec::new());
    type Expected = fn(&WriteError) -> bool;
    let cases: [(Vec<SourceFile>, Expected); 7] = [
        (vec![good()], |it| matches!(it, WriteError::Specs(0))),
        (vec![good(), spec(), named("b.spec").as_spec()], |it| {
            matches!(it, WriteError::Specs(2))
        }),
        (vec![spec()], |it| matches!(it, WriteError::Missing(_))),
        (vec![spec(), good(), named("b")], |it| {
            matches!(it, WriteError::Unlisted(_))
        }),
        (vec![spec(), good(), good()], |it| {
            matches!(it, WriteError::Duplicate(_))
        }),
        (vec![spec(), good(), named("../b")], |it| {
            matches!(it, WriteError::Name(_))
        }),
        (vec![spec(), good(), named("TRAILER!!!")], |it| {
            matches!(it, WriteError::Name(_))
        }),
    ];
    for (files, expected) in cases {
        let error = try_write(&header(), &files).unwrap_err();
        assert!(expected(&error), "{error}");
    }
    let mut stray = header();
    stray.left_out.push("demo.spec".to_owned());
    let error = try_write(&stray, &[spec(), good()]).unwrap_err();
    assert!(matches!(error, WriteError::Missing(_)), "{error}");
}

#[test]
fn a_zero_byte_does_not_reach_a_header() {
    let mut bad = header();
    bad.summary = "a\0b".to_owned();
    let error = try_write(&bad, &[spec(), source(Vec::new())]).unwrap_err();
    assert_eq!(error.code(), Code::MetadataInvalid);
}

#[test]
fn a_file_that_is_not_empty_is_not_written_over() {
    let mut out = Cursor::new(vec![1]);
    let files = [spec(), source(Vec::new())];
    let error = write(&mut out, &header(), &files, &WriteSettings::default());
    assert!(matches!(error, Err(WriteError::NotEmpty)));
    assert_eq!(out.into_inner(), [1]);
}

/// The main header of a package with a source of this size, which is never read.
fn header_of_size(size: u64) -> Header {
    let mut file = source(Vec::new());
    file.size = size;
    let files = [spec(), file];
    let header = header();
    let plan = Plan::new(&header, &files).unwrap();
    let settings = WriteSettings::default();
    let bytes = main_header(&header, &plan, &settings, &PayloadDigests::unknown()).unwrap();
    Header::read(&mut bytes.as_slice(), tag::HEADER_IMMUTABLE, 1 << 20).unwrap()
}

#[test]
fn files_of_4_gib_take_the_long_tags() {
    let small = header_of_size(u64::from(u32::MAX) - 12);
    assert!(small.has(tag::SIZE) && small.has(tag::FILE_SIZES));
    // Together they are too large, but none of them is.
    let sum = header_of_size(u64::from(u32::MAX) - 11);
    assert!(sum.has(tag::LONG_SIZE) && sum.has(tag::FILE_SIZES));
    let large = header_of_size(u64::from(u32::MAX));
    assert!(large.has(tag::LONG_SIZE) && !large.has(tag::SIZE));
    let sizes = large.numbers(tag::LONG_FILE_SIZES).unwrap().unwrap();
    assert_eq!(sizes, [u64::from(u32::MAX), 11]);
    let requires = large.strings(tag::REQUIRE_NAME).unwrap().unwrap();
    assert!(requires.contains(&"rpmlib(LargeFiles)"));
}

#[test]
fn names_of_packages() {
    let mut it = header();
    assert_eq!(it.file_name(), "demo-1-1.src.rpm");
    assert_eq!(it.nevr(), "demo-1-1");
    it.epoch = Some(0);
    it.no_patch = vec![3];
    assert_eq!(it.file_name(), "demo-1-1.nosrc.rpm");
    assert_eq!(it.nevr(), "demo-0:1-1");
}

#[test]
fn every_compression_writes_its_own_magic() {
    let magics: [(&str, &[u8]); 4] = [
        ("zstd", &[0x28, 0xb5, 0x2f, 0xfd]),
        ("gzip", &[0x1f, 0x8b]),
        ("xz", &[0xfd, b'7', b'z']),
        ("bzip2", b"BZh"),
    ];
    for (name, magic) in magics {
        let settings = WriteSettings {
            compression: name.parse::<Compression>().unwrap(),
            ..WriteSettings::default()
        };
        let mut out = Cursor::new(Vec::new());
        let files = [spec(), source(Vec::new())];
        write(&mut out, &header(), &files, &settings).unwrap();
        let bytes = out.into_inner();
        let found = bytes.windows(magic.len()).any(|it| it == magic);
        assert!(found, "{name}");
    }
}
