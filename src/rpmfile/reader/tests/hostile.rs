//! Files that want to harm; each must be refused with its own code.

use super::super::super::cpio;
use super::super::super::tag;
use super::fake::{Fake, FakeFile};
use super::*;
use crate::model::Code;
use std::io::Write as _;

fn code(fake: &Fake) -> Code {
    read_all(&fake.bytes(), &Limits::default())
        .unwrap_err()
        .code()
}

fn with_file(change: impl FnOnce(&mut FakeFile)) -> Fake {
    let mut fake = Fake::default();
    change(&mut fake.files[1]);
    fake
}

/// The good package, but for its payload.
pub(super) fn with_payload(payload: Vec<u8>) -> Fake {
    Fake {
        payload: Some(payload),
        ..Fake::default()
    }
}

#[test]
fn a_binary_package_is_told_apart() {
    let mut bytes = Fake::default().bytes();
    bytes[7] = 0;
    let error = read_all(&bytes, &Limits::default()).unwrap_err();
    assert_eq!(error.code(), Code::NotASourcePackage);
    let fake = Fake {
        extra_main: |out| out.string(tag::SOURCE_RPM, "a-1-2.src.rpm"),
        ..Fake::default()
    };
    assert_eq!(code(&fake), Code::NotASourcePackage);
}

#[test]
fn names_that_leave_the_folder_are_refused() {
    for name in [
        "../b", "/etc/b", "..", ".", "", "a/b", ".git", "a\nb", "a\\b",
    ] {
        let fake = with_file(|it| it.name = name.to_owned());
        assert_eq!(code(&fake), Code::ArchiveUnsafe, "{name:?}");
    }
    let fake = Fake {
        folder: "/etc/",
        ..Fake::default()
    };
    assert_eq!(code(&fake), Code::ArchiveUnsafe);
    let fake = with_file(|it| it.name = "a.spec".to_owned());
    assert_eq!(code(&fake), Code::ArchiveUnsafe, "a name that stands twice");
}

#[test]
fn links_and_devices_are_refused() {
    for mode in [0o120_777, 0o020_600, 0o060_600, 0o010_600, 0o140_600, 0o644] {
        let fake = with_file(|it| it.mode = mode);
        assert_eq!(code(&fake), Code::ArchiveUnsafe, "{mode:o} in both");
        let mut files = Fake::default().files;
        files[1].mode = mode;
        let fake = with_payload(Fake::archive(&files));
        assert_eq!(code(&fake), Code::ArchiveUnsafe, "{mode:o} in the payload");
    }
}

#[test]
fn header_and_payload_must_hold_the_same_files() {
    let files = Fake::default().files;
    let extra = FakeFile::new("c", b"");
    let mut longer = files[1].clone();
    longer.bytes.push(0);
    for (entries, expected) in [
        (vec![files[0].clone()], Code::SrpmInvalid),
        (vec![], Code::SrpmInvalid),
        (
            vec![files[0].clone(), files[1].clone(), extra],
            Code::ArchiveUnsafe,
        ),
        (
            vec![files[0].clone(), files[1].clone(), files[1].clone()],
            Code::ArchiveUnsafe,
        ),
        (vec![files[0].clone(), longer], Code::ArchiveUnsafe),
    ] {
        let names: Vec<_> = entries.iter().map(|it| it.name.clone()).collect();
        let fake = with_payload(Fake::archive(&entries));
        assert_eq!(code(&fake), expected, "{names:?}");
    }
    let mut numbered = cpio::stripped_header(2);
    numbered.extend(cpio::trailer());
    assert_eq!(code(&with_payload(numbered)), Code::ArchiveUnsafe);
    let fake = with_file(|it| it.flags = tag::FILE_GHOST);
    assert_eq!(code(&fake), Code::ArchiveUnsafe, "left out, and yet there");
}

#[test]
fn wrong_digests_are_refused() {
    let fake = with_file(|it| it.digest = Some("0".repeat(64)));
    assert_eq!(code(&fake), Code::ChecksumMismatch, "of a file");
    for fake in [
        Fake {
            extra_main: |out| out.strings(tag::PAYLOAD_DIGEST, ["0"]),
            ..Fake::default()
        },
        Fake {
            extra_signature: |out| out.string(tag::SIG_SHA3_256, "0"),
            ..Fake::default()
        },
        Fake {
            with_md5: false,
            extra_signature: |out| out.binary(tag::SIG_MD5, &[0; 16]),
            ..Fake::default()
        },
    ] {
        assert_eq!(code(&fake), Code::ChecksumMismatch);
    }
    let fake = Fake {
        with_md5: false,
        ..Fake::default()
    };
    assert_eq!(code(&fake), Code::SrpmInvalid, "no digest at all");
}

#[test]
fn lists_that_do_not_fit_are_refused() {
    let fake = with_file(|it| it.digest = Some("0".repeat(63)));
    assert_eq!(code(&fake), Code::SrpmInvalid, "a short digest");
    let fake = with_file(|it| it.flags = tag::FILE_SPEC);
    assert_eq!(code(&fake), Code::SrpmInvalid, "two specs");
    let mut fake = Fake::default();
    fake.files[0].flags = 0;
    assert_eq!(code(&fake), Code::SrpmInvalid, "no spec");
    let fake = Fake {
        extra_main: |out| out.u64s(tag::LONG_FILE_SIZES, [8]),
        ..Fake::default()
    };
    assert_eq!(code(&fake), Code::SrpmInvalid, "a list that is too short");
}

#[test]
fn sizes_that_lie_are_refused() {
    for size_lie in [1, u32::MAX, 1 << 30, 1 << 31] {
        let fake = Fake {
            size_lie,
            ..Fake::default()
        };
        assert_eq!(code(&fake), Code::SrpmInvalid, "{size_lie}");
    }
    let size = u32::try_from(Fake::archive(&Fake::default().files).len()).unwrap();
    for plain_size in [0, size - 1, size + 1, u32::MAX] {
        let fake = Fake {
            plain_size: Some(plain_size),
            ..Fake::default()
        };
        assert_eq!(code(&fake), Code::SrpmInvalid, "{plain_size}");
    }
    let mut trailing = Fake::archive(&Fake::default().files);
    trailing.extend(b"more");
    assert_eq!(code(&with_payload(trailing)), Code::SrpmInvalid);
}

#[test]
fn limits_hold() {
    let bytes = Fake::default().bytes();
    for limits in [
        Limits {
            max_entries: 1,
            ..Limits::default()
        },
        Limits {
            max_bytes: 17,
            ..Limits::default()
        },
        Limits {
            max_metadata: 100,
            ..Limits::default()
        },
    ] {
        let error = read_all(&bytes, &limits).unwrap_err();
        assert_eq!(error.code(), Code::ArchiveTooLarge, "{error}");
    }
    let fake = with_file(|it| it.size = Some(u32::MAX));
    let limits = Limits {
        max_bytes: 1 << 30,
        ..Limits::default()
    };
    let error = read_all(&fake.bytes(), &limits).unwrap_err();
    assert_eq!(error.code(), Code::ArchiveTooLarge);
}

#[test]
fn a_bomb_is_refused_before_it_bursts() {
    let mut fake = with_file(|it| it.bytes = vec![0; 20 << 20]);
    let archive = Fake::archive(&fake.files);
    fake.payload = Some(zstd::encode_all(archive.as_slice(), 1).unwrap());
    fake.compressor = Some("zstd");
    let bytes = fake.bytes();
    let mut seen = 0;
    let package = SourcePackage::read(bytes.as_slice(), &Limits::default()).unwrap();
    let error = package.for_each_file(|_, bytes| {
        let mut piece = [0; 4096];
        while let Ok(size @ 1..) = bytes.read(&mut piece) {
            seen += size;
        }
        Ok::<(), ReadError>(())
    });
    assert_eq!(error.unwrap_err().code(), Code::ArchiveTooLarge);
    assert!((15 << 20..18 << 20).contains(&seen), "{seen}");
}

#[test]
fn decoders_that_want_much_memory_are_refused() {
    // A dictionary of 1 GiB, declared in the first bytes.
    let mut lzma = vec![0x5d, 0, 0, 0, 0x40];
    lzma.extend([0xff; 8]);
    lzma.extend([0; 32]);
    let fake = Fake {
        compressor: Some("lzma"),
        ..with_payload(lzma)
    };
    assert_eq!(code(&fake), Code::ArchiveTooLarge);
    // A window of 1 GiB, then one empty block.
    let window = (30 - 10) << 3;
    let fake = Fake {
        compressor: Some("zstd"),
        ..with_payload(vec![0x28, 0xb5, 0x2f, 0xfd, 0, window, 1, 0, 0])
    };
    let error = read_all(&fake.bytes(), &Limits::default()).unwrap_err();
    assert!(matches!(error, ReadError::Decompress(_)), "{error}");
    let options = lzma_rust2::XzOptions {
        lzma_options: lzma_rust2::LzmaOptions {
            dict_size: 512 << 20,
            ..lzma_rust2::LzmaOptions::with_preset(0)
        },
        ..lzma_rust2::XzOptions::with_preset(0)
    };
    let mut xz = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    xz.write_all(&Fake::archive(&Fake::default().files))
        .unwrap();
    let fake = Fake {
        compressor: Some("xz"),
        ..with_payload(xz.finish().unwrap())
    };
    assert_eq!(code(&fake), Code::ArchiveTooLarge);
}

#[test]
fn forms_that_nobody_reads_are_said() {
    let fake = Fake {
        compressor: Some("rot13"),
        ..Fake::default()
    };
    assert_eq!(code(&fake), Code::ArchiveUnsupported);
    let fake = Fake {
        extra_main: |out| out.string(tag::PAYLOAD_FORMAT, "drpm"),
        ..Fake::default()
    };
    assert_eq!(code(&fake), Code::ArchiveUnsupported);
}
