//! Hostile archives, built in code: one function an attack, each giving a file's bytes.
//!
//! [`SDISTS`], [`ZIPS`] and [`GEMS`] list them with the code that an import must end with. All
//! hold what an importer looks for (a `PKG-INFO`, a specification), so that nothing but the
//! attack is wrong with them.

use super::pack::{Tar, ZipEntry, gem, gzip, seal, xz, zip};
use distmill::model::Code;

/// A name, the attack, and what must come of it.
pub(crate) type Attack = (&'static str, fn() -> Vec<u8>, Code);

/// An honest file's account of itself.
pub(crate) const PKG_INFO: &[u8] = b"Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n";
/// The same for a gem.
pub(crate) const SPECIFICATION: &str = "--- !ruby/object:Gem::Specification\nname: evil\n\
    version: !ruby/object:Gem::Version\n  version: '1.0'\nplatform: ruby\n";

/// Attacks by a `.tar.gz`.
pub(crate) const SDISTS: &[Attack] = &[
    ("empty file", Vec::new, Code::ArchiveEmpty),
    ("no entries", no_entries, Code::ArchiveEmpty),
    ("parent folder", parent_folder, Code::ArchiveUnsafe),
    (
        "parent folder within",
        parent_folder_within,
        Code::ArchiveUnsafe,
    ),
    ("absolute name", absolute_name, Code::ArchiveUnsafe),
    ("backslash", backslash, Code::ArchiveUnsafe),
    ("drive letter", drive_letter, Code::ArchiveUnsafe),
    ("empty name", empty_name, Code::ArchiveUnsafe),
    ("root as a file", root_as_file, Code::ArchiveUnsafe),
    ("NUL in a pax name", nul_in_pax_name, Code::ArchiveUnsafe),
    (
        "parent folder in a pax name",
        parent_in_pax_name,
        Code::ArchiveUnsafe,
    ),
    (
        "parent folder in a long name",
        parent_in_long_name,
        Code::ArchiveUnsafe,
    ),
    (
        "parent folder in a sparse name",
        parent_in_sparse_name,
        Code::ArchiveUnsafe,
    ),
    ("name of 5000 bytes", name_too_long, Code::ArchiveUnsafe),
    ("absolute link", absolute_link, Code::ArchiveUnsafe),
    ("link out", link_out, Code::ArchiveUnsafe),
    (
        "link out by a long target",
        link_out_by_long_target,
        Code::ArchiveUnsafe,
    ),
    (
        "link with a later parent",
        link_with_later_parent,
        Code::ArchiveUnsafe,
    ),
    ("hard link out", hard_link_out, Code::ArchiveUnsafe),
    (
        "hard link to a link",
        hard_link_to_link,
        Code::ArchiveUnsafe,
    ),
    (
        "file through a link",
        file_through_link,
        Code::ArchiveUnsafe,
    ),
    ("device", device, Code::ArchiveUnsafe),
    ("pipe", pipe, Code::ArchiveUnsafe),
    (
        "long name of a gigabyte",
        long_name_of_a_gigabyte,
        Code::ArchiveTooLarge,
    ),
    (
        "pax header of a gigabyte",
        pax_header_of_a_gigabyte,
        Code::ArchiveTooLarge,
    ),
    (
        "file of an exabyte",
        file_of_an_exabyte,
        Code::ArchiveTooLarge,
    ),
    (
        "sparse file of an exabyte",
        sparse_file_of_an_exabyte,
        Code::ArchiveTooLarge,
    ),
    ("bomb", bomb, Code::ArchiveTooLarge),
    (
        "bomb behind the end",
        bomb_behind_the_end,
        Code::ArchiveTooLarge,
    ),
    ("metadata of 9 MB", metadata_of_9_mb, Code::ArchiveTooLarge),
    (
        "dictionary of 4 GB",
        dictionary_of_4_gb,
        Code::ArchiveTooLarge,
    ),
    ("cut compression", cut_compression, Code::ArchiveCorrupt),
    ("cut entry", cut_entry, Code::ArchiveCorrupt),
    ("cut header", cut_header, Code::ArchiveCorrupt),
    (
        "wrong gzip checksum",
        wrong_gzip_checksum,
        Code::ArchiveCorrupt,
    ),
    (
        "wrong header checksum",
        wrong_header_checksum,
        Code::ArchiveCorrupt,
    ),
    (
        "folder with content",
        folder_with_content,
        Code::ArchiveCorrupt,
    ),
    (
        "size hidden in a global header",
        global_size,
        Code::ArchiveCorrupt,
    ),
    (
        "size that is no number",
        size_no_number,
        Code::ArchiveCorrupt,
    ),
    ("negative size", negative_size, Code::ArchiveCorrupt),
    ("web page", web_page, Code::ArchiveCorrupt),
    (
        "part of a larger archive",
        part_of_larger,
        Code::ArchiveUnsupported,
    ),
    ("sparse metadata", sparse_metadata, Code::ArchiveUnsupported),
    ("no metadata", no_metadata, Code::MetadataMissing),
    (
        "name that is a path",
        name_that_is_a_path,
        Code::MetadataInvalid,
    ),
    (
        "version that is a macro",
        version_that_is_a_macro,
        Code::VersionInvalid,
    ),
];

/// Attacks by a `.zip`.
pub(crate) const ZIPS: &[Attack] = &[
    ("empty file", Vec::new, Code::ArchiveEmpty),
    ("no entries", || zip(&[], 0), Code::ArchiveEmpty),
    (
        "parent folder",
        || zip_with(b"evil-1.0/../../x"),
        Code::ArchiveUnsafe,
    ),
    ("absolute name", || zip_with(b"/etc/x"), Code::ArchiveUnsafe),
    ("backslash", || zip_with(b"..\\x"), Code::ArchiveUnsafe),
    ("drive letter", || zip_with(b"C:/x"), Code::ArchiveUnsafe),
    ("empty name", || zip_with(b""), Code::ArchiveUnsafe),
    ("NUL in a name", || zip_with(b"x\0.py"), Code::ArchiveUnsafe),
    ("link out", zip_link_out, Code::ArchiveUnsafe),
    (
        "file through a link",
        zip_file_through_link,
        Code::ArchiveUnsafe,
    ),
    ("device", zip_device, Code::ArchiveUnsafe),
    ("one name twice", zip_name_twice, Code::ArchiveUnsafe),
    ("second name", zip_second_name, Code::ArchiveUnsafe),
    ("bomb", zip_bomb, Code::ArchiveTooLarge),
    ("overlapping contents", zip_overlap, Code::ArchiveCorrupt),
    (
        "size too small",
        || zip_lying(|it| it.size -= 1),
        Code::ArchiveCorrupt,
    ),
    (
        "size too large",
        || zip_lying(|it| it.size += 1),
        Code::ArchiveCorrupt,
    ),
    (
        "wrong checksum",
        || zip_lying(|it| it.crc ^= 1),
        Code::ArchiveCorrupt,
    ),
    (
        "more data than content",
        || zip_lying(|it| it.stored.push(0)),
        Code::ArchiveCorrupt,
    ),
    (
        "two names",
        || zip_lying(|it| it.local_name[0] = b'x'),
        Code::ArchiveCorrupt,
    ),
    (
        "encrypted",
        || zip_lying(|it| it.flags = 1),
        Code::ArchiveUnsupported,
    ),
    (
        "other compression",
        || zip_lying(|it| it.method = 12),
        Code::ArchiveUnsupported,
    ),
    (
        "more entries than there are",
        zip_too_many,
        Code::ArchiveCorrupt,
    ),
    (
        "fewer entries than there are",
        zip_too_few,
        Code::ArchiveCorrupt,
    ),
    ("cut", zip_cut, Code::ArchiveCorrupt),
    ("bytes before", zip_bytes_before, Code::ArchiveCorrupt),
    ("bytes behind", zip_bytes_behind, Code::ArchiveCorrupt),
    ("not a zip", no_entries, Code::ArchiveCorrupt),
];

/// Attacks by a `.gem`.
pub(crate) const GEMS: &[Attack] = &[
    ("empty file", Vec::new, Code::ArchiveEmpty),
    ("parent folder", gem_parent_folder, Code::ArchiveUnsafe),
    ("link out", gem_link_out, Code::ArchiveUnsafe),
    (
        "outer parent folder",
        gem_outer_parent_folder,
        Code::ArchiveUnsafe,
    ),
    ("metadata twice", gem_metadata_twice, Code::ArchiveUnsafe),
    ("metadata bomb", gem_metadata_bomb, Code::ArchiveTooLarge),
    ("data bomb", gem_data_bomb, Code::ArchiveTooLarge),
    ("no data", gem_without_data, Code::ArchiveCorrupt),
    ("cut data", gem_cut_data, Code::ArchiveCorrupt),
    ("cut", gem_cut, Code::ArchiveCorrupt),
    (
        "other data than was checked",
        gem_other_data,
        Code::ChecksumMismatch,
    ),
    (
        "other metadata than was checked",
        gem_other_metadata,
        Code::ChecksumMismatch,
    ),
    ("no metadata", gem_without_metadata, Code::MetadataMissing),
    (
        "name in Latin-1",
        || specified(b"name: caf\xe9\nversion: 1\n"),
        Code::MetadataInvalid,
    ),
    ("nested lists", gem_nested_lists, Code::MetadataInvalid),
    (
        "too many values",
        gem_too_many_values,
        Code::MetadataInvalid,
    ),
    (
        "stairs of aliases",
        gem_stairs_of_aliases,
        Code::MetadataInvalid,
    ),
    (
        "value within itself",
        gem_value_within_itself,
        Code::MetadataInvalid,
    ),
    (
        "foreign class",
        || with_field("summary: !ruby/object:Kernel {}"),
        Code::MetadataInvalid,
    ),
    (
        "code in the platform",
        gem_code_in_platform,
        Code::MetadataInvalid,
    ),
    (
        "other platform",
        || with_field("platform: java"),
        Code::NoRubyPlatform,
    ),
    (
        "version with a line break",
        || specified(b"name: x\nversion: \"1\\n%x\"\n"),
        Code::VersionInvalid,
    ),
    (
        "executable outside",
        || with_field("executables: [../sh]"),
        Code::MetadataInvalid,
    ),
];

/// A tar with an honest `PKG-INFO`, to be made hostile.
fn sdist() -> Tar {
    Tar::default().file(b"evil-1.0/PKG-INFO", PKG_INFO)
}

fn no_entries() -> Vec<u8> {
    Tar::default().gz()
}

fn parent_folder() -> Vec<u8> {
    sdist().file(b"../evil", b"x").gz()
}

fn parent_folder_within() -> Vec<u8> {
    sdist().file(b"evil-1.0/a/../../../evil", b"x").gz()
}

fn absolute_name() -> Vec<u8> {
    sdist().file(b"/etc/evil", b"x").gz()
}

fn backslash() -> Vec<u8> {
    sdist().file(b"evil-1.0\\..\\..\\evil", b"x").gz()
}

fn drive_letter() -> Vec<u8> {
    sdist().file(b"C:evil", b"x").gz()
}

fn empty_name() -> Vec<u8> {
    sdist().file(b"", b"x").gz()
}

fn root_as_file() -> Vec<u8> {
    sdist().file(b"./.", b"x").gz()
}

fn nul_in_pax_name() -> Vec<u8> {
    sdist()
        .pax(b'x', &[("path", b"a\0b")])
        .file(b"a", b"x")
        .gz()
}

fn parent_in_pax_name() -> Vec<u8> {
    sdist()
        .pax(b'x', &[("path", b"../evil")])
        .file(b"a", b"x")
        .gz()
}

fn parent_in_long_name() -> Vec<u8> {
    let name = b"../evil\0";
    let tar = sdist().header(b'L', b"././@LongLink", b"", name.len() as u64);
    tar.content(name).file(b"a", b"x").gz()
}

fn parent_in_sparse_name() -> Vec<u8> {
    let records: [(&str, &[u8]); 2] = [("GNU.sparse.name", b"../evil"), ("path", b"fine")];
    sdist().pax(b'x', &records).file(b"a", b"x").gz()
}

fn name_too_long() -> Vec<u8> {
    let name = vec![b'a'; 5000];
    sdist().pax(b'x', &[("path", &name)]).file(b"a", b"x").gz()
}

fn absolute_link() -> Vec<u8> {
    sdist().symlink(b"evil-1.0/l", b"/etc/passwd").gz()
}

fn link_out() -> Vec<u8> {
    sdist().symlink(b"evil-1.0/l", b"../../etc").gz()
}

fn link_out_by_long_target() -> Vec<u8> {
    let target = [b"./".repeat(100).as_slice(), b"../../x"].concat();
    let tar = sdist().header(b'K', b"././@LongLink", b"", target.len() as u64);
    tar.content(&target).symlink(b"evil-1.0/l", b"fine").gz()
}

fn link_with_later_parent() -> Vec<u8> {
    let tar = sdist().symlink(b"a/b/up", b"../..");
    tar.symlink(b"a/b/out", b"up/../x").gz()
}

fn hard_link_out() -> Vec<u8> {
    sdist().hard_link(b"evil-1.0/l", b"../etc/passwd").gz()
}

fn hard_link_to_link() -> Vec<u8> {
    let tar = sdist().symlink(b"a/b/c/l", b"../../../x");
    tar.hard_link(b"h", b"a/b/c/l").gz()
}

fn file_through_link() -> Vec<u8> {
    let tar = sdist().symlink(b"evil-1.0/l", b".");
    tar.file(b"evil-1.0/l/x", b"x").gz()
}

fn device() -> Vec<u8> {
    sdist().header(b'3', b"evil-1.0/null", b"", 0).gz()
}

fn pipe() -> Vec<u8> {
    sdist().header(b'6', b"evil-1.0/pipe", b"", 0).gz()
}

fn long_name_of_a_gigabyte() -> Vec<u8> {
    sdist().header(b'L', b"././@LongLink", b"", 1 << 30).gz()
}

fn pax_header_of_a_gigabyte() -> Vec<u8> {
    sdist().header(b'x', b"pax", b"", 1 << 30).gz()
}

fn file_of_an_exabyte() -> Vec<u8> {
    let tar = sdist().pax(b'x', &[("size", b"1152921504606846976")]);
    tar.file(b"evil-1.0/x", b"").gz()
}

fn sparse_file_of_an_exabyte() -> Vec<u8> {
    let records: [(&str, &[u8]); 3] = [
        ("GNU.sparse.major", b"1"),
        ("GNU.sparse.name", b"evil-1.0/x"),
        ("GNU.sparse.realsize", b"1152921504606846976"),
    ];
    sdist().pax(b'x', &records).file(b"a", b"0\n").gz()
}

fn bomb() -> Vec<u8> {
    sdist().file(b"evil-1.0/zeros", &vec![0; 40 << 20]).gz()
}

fn bomb_behind_the_end() -> Vec<u8> {
    let mut bytes = sdist().end();
    bytes.resize(bytes.len() + (40 << 20), 0);
    gzip(&bytes)
}

fn metadata_of_9_mb() -> Vec<u8> {
    let mut metadata = PKG_INFO.to_vec();
    let line = b"Platform: any\n";
    metadata.extend(line.repeat((9 << 20) / line.len()));
    Tar::default().file(b"evil-1.0/PKG-INFO", &metadata).gz()
}

/// An xz file whose header asks for a dictionary of 4 GB.
fn dictionary_of_4_gb() -> Vec<u8> {
    let mut bytes = xz(&sdist().end());
    let (start, length) = (12, (usize::from(bytes[12]) + 1) * 4);
    let header = &mut bytes[start..start + length];
    let filter = header.windows(2).position(|it| it == [0x21, 1]).unwrap();
    header[filter + 2] = 40;
    let mut crc = flate2::Crc::new();
    crc.update(&header[..length - 4]);
    header[length - 4..].copy_from_slice(&crc.sum().to_le_bytes());
    bytes
}

fn cut_compression() -> Vec<u8> {
    let mut bytes = sdist().gz();
    bytes.truncate(bytes.len() - 12);
    bytes
}

fn cut_entry() -> Vec<u8> {
    gzip(&sdist().header(b'0', b"evil-1.0/x", b"", 5000).0)
}

fn cut_header() -> Vec<u8> {
    let mut bytes = sdist().0;
    bytes.extend([b'x'; 100]);
    gzip(&bytes)
}

fn wrong_gzip_checksum() -> Vec<u8> {
    let mut bytes = sdist().gz();
    let at = bytes.len() - 8;
    bytes[at] ^= 1;
    bytes
}

fn wrong_header_checksum() -> Vec<u8> {
    let mut bytes = sdist().end();
    bytes[0] = b'E';
    gzip(&bytes)
}

fn folder_with_content() -> Vec<u8> {
    let tar = sdist().header(b'5', b"evil-1.0/d/", b"", 512);
    tar.content(&[0; 512]).gz()
}

fn global_size() -> Vec<u8> {
    sdist()
        .pax(b'g', &[("size", b"0")])
        .file(b"evil-1.0/x", b"x")
        .gz()
}

/// The size field of the last header, replaced.
fn with_size(field: &[u8; 12]) -> Vec<u8> {
    let mut bytes = sdist().header(b'0', b"evil-1.0/x", b"", 0).0;
    let at = bytes.len() - 512;
    bytes[at + 124..at + 136].copy_from_slice(field);
    seal(&mut bytes[at..]);
    gzip(&Tar(bytes).end())
}

fn size_no_number() -> Vec<u8> {
    with_size(b"0000000099x\0")
}

fn negative_size() -> Vec<u8> {
    with_size(&[0xff; 12])
}

fn web_page() -> Vec<u8> {
    b"<!DOCTYPE html>\n<html><body>Not found</body></html>\n".repeat(20)
}

fn part_of_larger() -> Vec<u8> {
    sdist().header(b'M', b"evil-1.0/x", b"", 0).gz()
}

fn sparse_metadata() -> Vec<u8> {
    let records: [(&str, &[u8]); 2] = [
        ("GNU.sparse.name", b"evil-1.0/PKG-INFO"),
        ("GNU.sparse.realsize", b"45"),
    ];
    let tar = Tar::default().pax(b'x', &records);
    tar.file(b"a", b"1\n0\n45\n").gz()
}

fn no_metadata() -> Vec<u8> {
    Tar::default().file(b"evil-1.0/evil.py", b"").gz()
}

fn described(metadata: &[u8]) -> Vec<u8> {
    Tar::default().file(b"evil-1.0/PKG-INFO", metadata).gz()
}

fn name_that_is_a_path() -> Vec<u8> {
    described(b"Name: ../../evil\nVersion: 1.0\n")
}

fn version_that_is_a_macro() -> Vec<u8> {
    described(b"Name: evil\nVersion: %(id)\n")
}

fn honest() -> ZipEntry {
    ZipEntry::new(b"evil-1.0/PKG-INFO", PKG_INFO)
}

/// A zip with one more file of this name.
fn zip_with(name: &[u8]) -> Vec<u8> {
    zip(&[honest(), ZipEntry::new(name, b"x")], 0)
}

/// A zip whose second entry says something untrue.
fn zip_lying(change: fn(&mut ZipEntry)) -> Vec<u8> {
    let mut entry = ZipEntry::new(b"evil-1.0/x", b"some content");
    change(&mut entry);
    zip(&[honest(), entry], 0)
}

fn zip_link_out() -> Vec<u8> {
    zip(&[honest(), ZipEntry::symlink(b"evil-1.0/l", b"../../x")], 0)
}

fn zip_file_through_link() -> Vec<u8> {
    let link = ZipEntry::symlink(b"evil-1.0/l", b".");
    zip(&[honest(), link, ZipEntry::new(b"evil-1.0/l/x", b"x")], 0)
}

fn zip_device() -> Vec<u8> {
    let device = ZipEntry {
        mode: 0o020_644,
        ..ZipEntry::new(b"evil-1.0/null", b"")
    };
    zip(&[honest(), device], 0)
}

fn zip_name_twice() -> Vec<u8> {
    zip(&[honest(), ZipEntry::new(b"evil-1.0/./PKG-INFO", b"x")], 0)
}

/// A harmless name, and another in the field that some tools take instead.
fn zip_second_name() -> Vec<u8> {
    let name = b"../../evil";
    let mut entry = ZipEntry::new(b"evil-1.0/x", b"x");
    entry.extra.extend(0x7075_u16.to_le_bytes());
    entry
        .extra
        .extend(u16::try_from(name.len() + 5).unwrap().to_le_bytes());
    entry.extra.extend([1, 0, 0, 0, 0]);
    entry.extra.extend(name);
    zip(&[honest(), entry], 0)
}

fn zip_bomb() -> Vec<u8> {
    zip(
        &[
            honest(),
            ZipEntry::new(b"evil-1.0/zeros", &vec![0; 40 << 20]),
        ],
        0,
    )
}

/// A stored file whose content is the local header and the content of a second one.
fn zip_overlap() -> Vec<u8> {
    let inner = ZipEntry::new(b"evil-1.0/inner", b"x");
    let whole = zip(std::slice::from_ref(&inner), 0);
    let end = whole.windows(4).position(|it| it == b"PK\x01\x02").unwrap();
    let outer = ZipEntry {
        method: 0,
        stored: whole[..end].to_vec(),
        ..ZipEntry::new(b"evil-1.0/outer", &whole[..end])
    };
    let before = 30 + outer.name.len();
    let inner = ZipEntry {
        local: Some(u32::try_from(before).unwrap()),
        ..inner
    };
    zip(&[outer, inner], 0)
}

fn zip_too_many() -> Vec<u8> {
    zip(&[honest()], 1)
}

fn zip_too_few() -> Vec<u8> {
    zip(&[honest(), ZipEntry::new(b"evil-1.0/x", b"x")], u16::MAX)
}

fn zip_cut() -> Vec<u8> {
    let mut bytes = zip(&[honest()], 0);
    bytes.truncate(bytes.len() - 5);
    bytes
}

fn zip_bytes_before() -> Vec<u8> {
    [b"#!/bin/sh\n".as_slice(), &zip(&[honest()], 0)].concat()
}

fn zip_bytes_behind() -> Vec<u8> {
    [zip(&[honest()], 0).as_slice(), b"and more"].concat()
}

/// A gem with this metadata and honest data.
fn specified(metadata: &[u8]) -> Vec<u8> {
    gem(metadata, &Tar::default().file(b"lib/evil.rb", b"x").end())
}

/// A gem with one more field, or another value of it.
fn with_field(field: &str) -> Vec<u8> {
    specified(format!("{SPECIFICATION}{field}\n").as_bytes())
}

fn gem_with(data: Tar) -> Vec<u8> {
    gem(SPECIFICATION.as_bytes(), &data.end())
}

fn gem_parent_folder() -> Vec<u8> {
    gem_with(Tar::default().file(b"../evil", b"x"))
}

fn gem_link_out() -> Vec<u8> {
    gem_with(Tar::default().symlink(b"lib/l", b"../../evil"))
}

/// The honest parts of a gem, to be put together in other ways.
fn parts() -> (Vec<u8>, Vec<u8>) {
    let data = Tar::default().file(b"lib/evil.rb", b"x").gz();
    (gzip(SPECIFICATION.as_bytes()), data)
}

fn gem_outer_parent_folder() -> Vec<u8> {
    let (metadata, data) = parts();
    let tar = Tar::default().file(b"metadata.gz", &metadata);
    tar.file(b"data.tar.gz", &data).file(b"../evil", b"x").end()
}

fn gem_metadata_twice() -> Vec<u8> {
    let (metadata, data) = parts();
    let tar = Tar::default().file(b"metadata.gz", &metadata);
    tar.file(b"data.tar.gz", &data)
        .file(b"./metadata.gz", &metadata)
        .end()
}

fn gem_metadata_bomb() -> Vec<u8> {
    let mut metadata = SPECIFICATION.as_bytes().to_vec();
    metadata.resize(9 << 20, b'\n');
    specified(&metadata)
}

fn gem_data_bomb() -> Vec<u8> {
    gem_with(Tar::default().file(b"zeros", &vec![0; 40 << 20]))
}

fn gem_without_data() -> Vec<u8> {
    Tar::default().file(b"metadata.gz", &parts().0).end()
}

fn gem_without_metadata() -> Vec<u8> {
    Tar::default().file(b"data.tar.gz", &parts().1).end()
}

fn gem_cut_data() -> Vec<u8> {
    let (metadata, mut data) = parts();
    data.truncate(data.len() / 2);
    let tar = Tar::default().file(b"metadata.gz", &metadata);
    tar.file(b"data.tar.gz", &data).end()
}

fn gem_cut() -> Vec<u8> {
    let mut bytes = gem_with(Tar::default().file(b"x", b"x"));
    bytes.truncate(1200);
    bytes
}

/// A gem with the checksums of another one.
fn gem_mixed(metadata: &[u8], data: &[u8]) -> Vec<u8> {
    let honest = gem_with(Tar::default().file(b"lib/evil.rb", b"x"));
    let at = honest
        .windows(17)
        .position(|it| it == b"checksums.yaml.gz")
        .unwrap();
    let tar = Tar::default()
        .file(b"metadata.gz", metadata)
        .file(b"data.tar.gz", data);
    [tar.0.as_slice(), &honest[at..]].concat()
}

fn gem_other_data() -> Vec<u8> {
    gem_mixed(&parts().0, &Tar::default().file(b"lib/other.rb", b"x").gz())
}

fn gem_other_metadata() -> Vec<u8> {
    let metadata = format!("{SPECIFICATION}summary: other\n");
    gem_mixed(&gzip(metadata.as_bytes()), &parts().1)
}

fn gem_nested_lists() -> Vec<u8> {
    with_field(&format!("authors: {}", "[".repeat(100_000)))
}

fn gem_too_many_values() -> Vec<u8> {
    with_field(&format!("authors: [{}]", "a,".repeat(300_000)))
}

fn gem_stairs_of_aliases() -> Vec<u8> {
    let stairs: String = (1..1000)
        .map(|i| format!("a{i}: &a{i} [*a{}]\n", i - 1))
        .collect();
    with_field(&format!("a0: &a0 [x]\n{stairs}"))
}

fn gem_value_within_itself() -> Vec<u8> {
    with_field("authors: &a [*a]")
}

fn gem_code_in_platform() -> Vec<u8> {
    with_field("platform: !ruby/object:Gem::Platform\n  - \"x86-mswin32\\n system('id')#\"")
}
