//! The least work on an archive: inflated once, and packed into a source package.

use super::objects::hex;
use md5::Md5;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Read, Write as _};
use std::path::Path;

/// What precedes the main header of a source package that `rpmbuild` makes.
const LEAD_AND_SIGNATURE: usize = 4504;
/// A main header of usual length.
const HEADER: usize = 4000;
/// The level that source packages are compressed with by default.
const LEVEL: i32 = 3;

/// A spec of usual length.
const SPEC: &str = "\
Name:           @NAME@
Version:        1.0
Release:        1%{?dist}
Summary:        A package to measure with
License:        MIT
URL:            https://example.org/@NAME@
Source0:        @FILE@
BuildArch:      noarch
BuildRequires:  python3-devel

%description
A package to measure with, described in a line or two, as most packages are, so that the header is
neither short nor long.

%package -n     python3-@NAME@
Summary:        %{summary}

%description -n python3-@NAME@
A package to measure with, described in a line or two, as most packages are, so that the header is
neither short nor long.

%prep
%autosetup -p1 -n @NAME@-1.0

%generate_buildrequires
%pyproject_buildrequires

%build
%pyproject_wheel

%install
%pyproject_install
%pyproject_save_files -l '*' +auto

%check
%pyproject_check_import -t

%files -n python3-@NAME@ -f %{pyproject_files}
%doc README.md

%changelog
* Tue Nov 14 2023 distmill <distmill@localhost> - 1.0-1
- Take in @NAME@ 1.0
";

/// The spec of an archive.
pub(super) fn spec(name: &str, file: &str) -> String {
    SPEC.replace("@NAME@", name).replace("@FILE@", file)
}

/// What inflates bytes, told from how they begin.
pub(super) fn decoder(bytes: &[u8]) -> Box<dyn Read + '_> {
    match bytes {
        [0x1f, 0x8b, ..] => Box::new(flate2::read::MultiGzDecoder::new(bytes)),
        [b'B', b'Z', b'h', ..] => Box::new(bzip2::read::MultiBzDecoder::new(bytes)),
        [0xfd, b'7', b'z', b'X', ..] => Box::new(lzma_rust2::XzReader::new(bytes, true)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => match zstd::Decoder::with_buffer(bytes) {
            Ok(decoder) => Box::new(decoder),
            Err(error) => Box::new(Broken(Some(error))),
        },
        plain => Box::new(plain),
    }
}

/// A stream that could not be begun.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Inflates all of an archive. The members of a zip are left as they are.
pub(super) fn inflate(name: &str, bytes: &[u8]) -> io::Result<()> {
    let run = |bytes: &[u8]| io::copy(&mut decoder(bytes), &mut io::sink()).map(drop);
    if !name.ends_with(".gem") {
        return run(bytes);
    }
    for member in tar::Archive::new(bytes).entries()? {
        let member = member?;
        let (start, size) = (member.raw_file_position(), member.size());
        let range = usize::try_from(start).ok().zip(usize::try_from(size).ok());
        let content = range.and_then(|(start, size)| bytes.get(start..start.checked_add(size)?));
        run(content.ok_or(io::ErrorKind::UnexpectedEof)?)?;
    }
    Ok(())
}

/// Packs files into a source package: its bytes are as many as those of a real one, and all that
/// costs time is there: a compressed payload, its digests, and the two headers' room.
pub(super) fn write_srpm(folder: &Path, name: &str, files: &[(&str, &[u8])]) -> io::Result<()> {
    let mut plain = Vec::with_capacity(files.iter().map(|it| it.1.len() + 512).sum());
    for (number, (name, bytes)) in (1..).zip(files) {
        entry(&mut plain, number, name, bytes);
    }
    entry(&mut plain, 0, "TRAILER!!!", b"");
    let payload = zstd::bulk::compress(&plain, LEVEL)?;
    let mut header = format!(
        "{} {}",
        hex(&Sha256::digest(&plain)),
        hex(&Sha256::digest(&payload))
    )
    .into_bytes();
    header.resize(HEADER, 0);
    let mut md5 = Md5::new_with_prefix(&header);
    md5.update(&payload);
    let mut head = hex(&md5.finalize()).into_bytes();
    head.extend(hex(&Sha256::digest(&header)).bytes());
    head.resize(LEAD_AND_SIGNATURE, 0);
    head.extend_from_slice(&header);
    fs::create_dir_all(folder)?;
    let mut out = fs::File::create(folder.join(format!("{name}-1.0-1.src.rpm")))?;
    out.write_all(&head)?;
    out.write_all(&payload)
}

/// An entry of a cpio archive of the new ASCII form.
fn entry(out: &mut Vec<u8>, number: u32, name: &str, bytes: &[u8]) {
    let pad = |out: &mut Vec<u8>| out.resize(out.len().next_multiple_of(4), 0);
    let fields = [
        number as usize,
        0o100_644,
        0,
        0,
        1,
        0,
        bytes.len(),
        0,
        0,
        0,
        0,
        name.len() + 1,
        0,
    ];
    out.extend_from_slice(b"070701");
    for field in fields {
        out.extend(format!("{field:08x}").bytes());
    }
    out.extend_from_slice(name.as_bytes());
    out.push(0);
    pad(out);
    out.extend_from_slice(bytes);
    pad(out);
}
