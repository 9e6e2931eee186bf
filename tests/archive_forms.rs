//! Every honest form of archive is read: what tools write, and what they leave out.

use crate::support::archive::{Seen, describe, entries, fixture};
use crate::support::pack::{MTIME, Tar, ZipEntry, bzip2, gem, gzip, xz, zip};
use distmill::config::Limits;
use distmill::import::archive::{EntryKind, Kind};
use std::fs;

fn seen(kind: Kind, bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let (seen, _) = entries(kind, bytes, &Limits::default()).unwrap();
    seen.into_iter().map(|it| (it.path, it.content)).collect()
}

fn file(path: &str, content: &[u8]) -> (String, Vec<u8>) {
    (path.to_owned(), content.to_vec())
}

fn two_files() -> Tar {
    Tar::default()
        .file(b"x/a", b"one")
        .file(b"x/b", &[b'y'; 2000])
}

#[test]
fn every_compression_is_told_from_its_bytes() {
    let want = [file("x/a", b"one"), file("x/b", &[b'y'; 2000])];
    let tar = two_files().end();
    for bytes in [tar.clone(), gzip(&tar), bzip2(&tar), xz(&tar)] {
        assert_eq!(seen(Kind::Tar, &bytes), want);
    }
}

#[test]
fn joined_members_are_one_stream() {
    let want = [file("x/a", b"one"), file("x/b", &[b'y'; 2000])];
    let tar = two_files().end();
    let (first, second) = tar.split_at(777);
    for pack in [gzip, bzip2, xz] {
        let joined = [pack(first), pack(b""), pack(second)].concat();
        assert_eq!(seen(Kind::Tar, &joined), want);
    }
}

#[test]
fn what_follows_the_end_is_no_entry() {
    let want = [file("x/a", b"one"), file("x/b", &[b'y'; 2000])];
    let behind_stream = [two_files().gz().as_slice(), b"\0\0\0signature"].concat();
    assert_eq!(seen(Kind::Tar, &behind_stream), want);
    let mut tar = two_files().end();
    tar.extend(Tar::default().file(b"../x", b"").end());
    assert_eq!(seen(Kind::Tar, &gzip(&tar)), want);
}

#[test]
fn an_end_mark_may_be_missing() {
    let mut tar = Tar::default().file(b"x/a", b"one").0;
    assert_eq!(seen(Kind::Tar, &gzip(&tar)), [file("x/a", b"one")]);
    tar.truncate(515);
    assert_eq!(seen(Kind::Tar, &gzip(&tar)), [file("x/a", b"one")]);
}

#[test]
fn long_names_come_in_two_forms() {
    let long = format!("x/{}", "n".repeat(300));
    let nul = [long.as_bytes(), b"\0"].concat();
    let gnu = Tar::default().header(b'L', b"././@LongLink", b"", nul.len() as u64);
    let gnu = gnu.content(&nul).file(b"short", b"1");
    assert_eq!(seen(Kind::Tar, &gnu.gz()), [file(&long, b"1")]);
    let pax = Tar::default().pax(b'g', &[("comment", b"0123abc")]);
    let pax = pax.pax(
        b'x',
        &[("path", long.as_bytes()), ("mtime", b"1700000000.5")],
    );
    let pax = pax.file(b"short", b"1").file(b"next", b"2");
    let (entries, summary) = entries(Kind::Tar, &pax.gz(), &Limits::default()).unwrap();
    let next = Seen {
        path: "next".to_owned(),
        kind: EntryKind::File,
        mtime: i64::try_from(MTIME).unwrap(),
        content: b"2".to_vec(),
    };
    assert_eq!(entries[0].path, long);
    assert_eq!(entries[0].mtime, 1_700_000_000);
    assert_eq!(entries[1], next);
    assert_eq!(summary.newest_mtime, Some(1_700_000_000));
    assert_eq!(summary.entries, 2);
}

#[test]
fn kinds_of_entries_are_told_apart() {
    let tar = Tar::default()
        .header(b'5', b"./", b"", 0)
        .header(b'5', b"./x/", b"", 0)
        .header(b'\0', b"x/old/", b"", 0)
        .file(b"./x//caf\xe9", b"1")
        .header(b'7', b"x/contiguous", b"", 1)
        .content(b"2")
        .symlink(b"x/old/link", b"../caf")
        .header(b'1', b"x/hard", b"x/contiguous", 999);
    let (seen, _) = entries(Kind::Tar, &tar.gz(), &Limits::default()).unwrap();
    let kinds: Vec<(&str, EntryKind, &[u8])> = seen
        .iter()
        .map(|it| (it.path.as_str(), it.kind, it.content.as_slice()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("x", EntryKind::Directory, &b""[..]),
            ("x/old", EntryKind::Directory, b""),
            ("x/caf\u{fffd}", EntryKind::File, b"1"),
            ("x/contiguous", EntryKind::File, b"2"),
            ("x/old/link", EntryKind::Link, b""),
            ("x/hard", EntryKind::Link, b""),
        ]
    );
}

#[test]
fn sparse_entries_are_passed_over() {
    let mut header = Tar::default().header(b'S', b"x/old-sparse", b"", 512).0;
    header[257..265].copy_from_slice(b"ustar  \0");
    header[482] = 1;
    header[483..495].copy_from_slice(b"00000400000\0");
    crate::support::pack::seal(&mut header);
    let mut map = [0; 512];
    map[..11].copy_from_slice(b"00000000000");
    map[12..23].copy_from_slice(b"00000000001");
    let tar = Tar(header).content(&map).content(&[b'x'; 512]);
    let records: [(&str, &[u8]); 2] = [
        ("GNU.sparse.name", b"x/new-sparse"),
        ("GNU.sparse.realsize", b"99999"),
    ];
    let tar = tar
        .pax(b'x', &records)
        .file(b"x/GNUSparseFile.1/s", b"1\n0\n1\n");
    let tar = tar.file(b"x/next", b"");
    let paths = crate::support::archive::paths(Kind::Tar, &tar.gz(), &Limits::default()).unwrap();
    assert_eq!(paths, ["x/old-sparse", "x/new-sparse", "x/next"]);
}

#[test]
fn contents_may_be_left_unread() {
    let bytes = fs::read(fixture("gem-plain", "plaingem-1.2.0.gem")).unwrap();
    let paths = crate::support::archive::paths(Kind::Gem, &bytes, &Limits::default()).unwrap();
    assert_eq!(
        paths,
        [
            "metadata",
            "data/LICENSE.txt",
            "data/README.md",
            "data/docs/guide.md",
            "data/lib/plaingem.rb",
            "checksums"
        ]
    );
}

#[test]
fn zips_have_stored_deflated_and_streamed_entries() {
    let stored = ZipEntry {
        method: 0,
        stored: b"two".to_vec(),
        ..ZipEntry::new(b"x/stored", b"two")
    };
    let streamed = ZipEntry {
        flags: 8,
        ..ZipEntry::new(b"x/streamed", &[b'z'; 3000])
    };
    let folder = ZipEntry {
        mode: 0o040_755,
        ..ZipEntry::new(b"x/", b"")
    };
    let link = ZipEntry::symlink(b"x/link", b"stored");
    let bytes = zip(
        &[
            folder,
            ZipEntry::new(b"x/a", b"one"),
            stored,
            streamed,
            link,
        ],
        0,
    );
    assert_eq!(
        seen(Kind::Zip, &bytes),
        [
            file("x", b""),
            file("x/a", b"one"),
            file("x/stored", b"two"),
            file("x/streamed", &[b'z'; 3000]),
            file("x/link", b""),
        ]
    );
}

#[test]
fn zip64_sizes_and_records_are_read() {
    let mut entry = ZipEntry::new(b"x/a", b"one");
    entry.size = u32::MAX;
    // The record's wide size goes into its extra field.
    let mut wide = vec![1, 0, 8, 0];
    wide.extend(3_u64.to_le_bytes());
    entry.extra = wide;
    let mut bytes = zip(std::slice::from_ref(&entry), 0);
    assert_eq!(seen(Kind::Zip, &bytes), [file("x/a", b"one")]);

    let at = bytes.len() - 22;
    let end = bytes.split_off(at);
    let (length, start) = (&end[12..16], &end[16..20]);
    let mut record = b"PK\x06\x06".to_vec();
    record.extend(44_u64.to_le_bytes());
    record.extend([45, 3, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    record.extend(1_u64.to_le_bytes());
    record.extend(1_u64.to_le_bytes());
    record.extend([length, &[0; 4], start, &[0; 4]].concat());
    let mut locator = b"PK\x06\x07\0\0\0\0".to_vec();
    locator.extend((bytes.len() as u64).to_le_bytes());
    locator.extend([1, 0, 0, 0]);
    let mut narrow = b"PK\x05\x06\0\0\0\0".to_vec();
    narrow.extend([0xff; 12]);
    narrow.extend([0, 0]);
    let all = [bytes, record, locator, narrow].concat();
    assert_eq!(seen(Kind::Zip, &all), [file("x/a", b"one")]);
}

#[test]
fn gems_show_their_members_and_hash_them() {
    let data = Tar::default().file(b"lib/x.rb", b"1").end();
    let bytes = gem(b"name: x\nversion: 1\n", &data);
    let (seen, summary) = entries(Kind::Gem, &bytes, &Limits::default()).unwrap();
    let paths: Vec<&str> = seen.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(paths, ["metadata", "data/lib/x.rb", "checksums"]);
    assert_eq!(seen[0].content, b"name: x\nversion: 1\n");
    let digests =
        distmill::model::Digests::of(&gzip(&data), Some(distmill::model::SumKind::Sha512));
    let member = summary
        .members
        .iter()
        .find(|it| it.name == "data.tar.gz")
        .unwrap();
    assert_eq!(member.sha256, digests.sha256);
    assert_eq!(member.sha512, digests.sum.unwrap().hex);
}

#[test]
fn gems_may_lack_checksums_and_be_in_any_order() {
    let data = Tar::default().file(b"lib/x.rb", b"1").gz();
    let tar = Tar::default().file(b"data.tar.gz", &data);
    let tar = tar
        .file(b"data.tar.gz.sig", b"s")
        .file(b"metadata.gz", &gzip(b"name: x\nversion: 1\n"));
    let description = describe("x-1.gem", &tar.end(), &Limits::default()).unwrap();
    assert_eq!(
        (description.name.as_str(), description.version.as_str()),
        ("x", "1")
    );
    let plain = Tar::default().file(b"metadata", b"name: x\nversion: 2\n");
    let plain = plain.file(b"data.tar.gz", &data).end();
    assert_eq!(
        describe("x-2.gem", &plain, &Limits::default())
            .unwrap()
            .version,
        "2"
    );
}
