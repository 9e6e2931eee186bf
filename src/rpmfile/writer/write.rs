//! Joins the parts: headers sized, payload streamed, headers written.

use super::super::compression::Compression;
use super::super::digest::hex_of;
use super::super::header::{BuildError, HeaderBuilder};
use super::super::lead::source_lead;
use super::super::source_header::SourceHeader;
use super::super::tag;
use super::error::WriteError;
use super::files::SourceFile;
use super::output::Output;
use super::payload::stream;
use super::plan::{LARGE, Plan};
use super::tags::{PayloadDigests, main_header};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;
use std::io::{Read, Seek, SeekFrom, Write};

/// Bytes of lead and signature header, with its padding. RPM fills the signature header up with
/// reserved space, so that a signature which is added later need not move the rest.
const PREFIX: usize = 4504;
/// Bytes of the reserved space, beside the ordinary size tags.
const RESERVED: usize = 4128;
/// The same beside the 64-bit ones.
const RESERVED_LONG: usize = 4115;

/// How a package is written. The same header, files and settings make the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteSettings {
    /// The compression of the payload.
    pub compression: Compression,
    /// BUILDTIME, in seconds since 1970.
    pub build_time: u32,
    /// BUILDHOST.
    pub build_host: String,
    /// The architecture of the machine that "builds": ARCH where the spec has no `BuildArch`, and
    /// the number in the lead.
    pub arch: String,
}

impl Default for WriteSettings {
    fn default() -> Self {
        Self {
            compression: Compression::default(),
            build_time: 0,
            build_host: "localhost".to_owned(),
            arch: host_arch().to_owned(),
        }
    }
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Bytes of the package.
    pub size: u64,
    /// Bytes of its payload before compression.
    pub payload_size: u64,
}

/// RPM's name of the architecture that this program was compiled for.
#[must_use]
pub const fn host_arch() -> &'static str {
    if cfg!(target_arch = "x86_64") {
        "x86_64"
    } else if cfg!(target_arch = "aarch64") {
        "aarch64"
    } else if cfg!(target_arch = "s390x") {
        "s390x"
    } else if cfg!(all(target_arch = "powerpc64", target_endian = "little")) {
        "ppc64le"
    } else if cfg!(target_arch = "riscv64") {
        "riscv64"
    } else if cfg!(target_arch = "x86") {
        "i686"
    } else {
        "noarch"
    }
}

/// Writes a source package into `out`, which must be an empty file. It is neither synced nor
/// renamed here.
///
/// # Errors
/// The files are not those that the header names, a file is not what was declared of it, or
/// reading or writing failed. What `out` holds then is no package.
pub fn write<F: Read + Write + Seek>(
    out: &mut F,
    header: &SourceHeader,
    files: &[SourceFile],
    settings: &WriteSettings,
) -> Result<Written, WriteError> {
    let plan = Plan::new(header, files)?;
    if out.seek(SeekFrom::End(0)).map_err(WriteError::Output)? != 0 {
        return Err(WriteError::NotEmpty);
    }
    let build = |digests: &PayloadDigests| {
        let built = main_header(header, &plan, settings, digests);
        built.map_err(|source| failed(header, source))
    };
    let head = PREFIX + build(&PayloadDigests::unknown())?.len();
    let mut output = Output::new(out, head, plan.payload_size + 4096);
    let digests = stream(&plan, settings.compression, &mut output)?;

    let main = build(&digests)?;
    let mut md5 = Md5::new_with_prefix(&main);
    output.hash_payload(&mut md5).map_err(WriteError::Output)?;
    let payload = output.payload_size();
    let size = main.len() as u64 + payload;
    let signature = signature(&main, &md5.finalize(), size, plan.payload_size);
    let signature = signature.map_err(|source| failed(header, source))?;

    let mut prefix = Vec::with_capacity(head);
    prefix.extend_from_slice(&source_lead(&header.nevr(), &settings.arch));
    prefix.extend_from_slice(&signature);
    prefix.resize(PREFIX, 0);
    prefix.extend_from_slice(&main);
    output.finish(&prefix).map_err(WriteError::Output)?;
    Ok(Written {
        size: head as u64 + payload,
        payload_size: plan.payload_size,
    })
}

fn failed(header: &SourceHeader, source: BuildError) -> WriteError {
    WriteError::Header {
        package: header.nevr(),
        source,
    }
}

/// The signature header: digests and sizes. `size` is of main header and payload.
fn signature(main: &[u8], md5: &[u8], size: u64, plain: u64) -> Result<Vec<u8>, BuildError> {
    let mut out = HeaderBuilder::default();
    out.string(tag::SIG_SHA1, &hex_of::<Sha1>(main));
    out.string(tag::SIG_SHA256, &hex_of::<Sha256>(main));
    out.binary(tag::SIG_MD5, md5);
    match (u32::try_from(size), u32::try_from(plain)) {
        (Ok(small), Ok(small_plain)) if size < LARGE && plain < LARGE => {
            out.u32s(tag::SIG_SIZE, [small]);
            out.u32s(tag::SIG_PAYLOAD_SIZE, [small_plain]);
            out.binary(tag::SIG_RESERVED_SPACE, &[0; RESERVED]);
        }
        _ => {
            out.u64s(tag::SIG_LONG_SIZE, [size]);
            out.u64s(tag::SIG_LONG_ARCHIVE_SIZE, [plain]);
            out.binary(tag::SIG_RESERVED_SPACE, &[0; RESERVED_LONG]);
        }
    }
    out.finish(tag::HEADER_SIGNATURES)
}
