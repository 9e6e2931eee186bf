//! Lead and headers of a source package; the way to its files.

use super::super::digest::{Hasher, hasher, hex, hex_of};
use super::super::header::Header;
use super::super::lead::{Kind, LEAD_SIZE, read_lead};
use super::super::tag;
use super::decompress::Format;
use super::error::ReadError;
use super::files::{FileEntry, FileList, STRONG};
use super::payload::{Expected, Payload};
use crate::config::Limits;
use sha1::Sha1;
use sha2::Sha256;
use sha3::Sha3_256;
use std::fmt;
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::Path;

/// What a package is read for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Proof {
    /// All of it, as it lies there.
    Package,
    /// Its files.
    Files,
}

/// A source package whose headers were read and checked, at the start of its payload.
pub struct SourcePackage<R> {
    name: String,
    epoch: Option<u32>,
    version: String,
    release: String,
    payload: Payload<BufReader<R>>,
}

impl<R> fmt::Debug for SourcePackage<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourcePackage")
            .field("name", &self.name)
            .field("epoch", &self.epoch)
            .field("version", &self.version)
            .field("release", &self.release)
            .finish_non_exhaustive()
    }
}

impl SourcePackage<File> {
    /// Opens the package in a file.
    ///
    /// # Errors
    /// The file cannot be opened, or its headers are refused.
    pub fn open(path: &Path, limits: &Limits) -> Result<Self, ReadError> {
        let file = File::open(path).map_err(|source| ReadError::Open {
            path: path.to_owned(),
            source,
        })?;
        Self::read(file, limits)
    }
}

impl<R: Read> SourcePackage<R> {
    /// Reads the headers of a package.
    ///
    /// # Errors
    /// The headers are refused, or the source cannot be read.
    pub fn read(source: R, limits: &Limits) -> Result<Self, ReadError> {
        Self::read_as(source, Proof::Package, limits)
    }

    /// The same for who wants nothing but the files: where the headers prove each of them by a
    /// strong digest, those of the payload as it lies in the package are left alone.
    ///
    /// # Errors
    /// The headers are refused, or the source cannot be read.
    pub fn read_for_files(source: R, limits: &Limits) -> Result<Self, ReadError> {
        Self::read_as(source, Proof::Files, limits)
    }

    fn read_as(source: R, proof: Proof, limits: &Limits) -> Result<Self, ReadError> {
        let mut source = BufReader::with_capacity(32 << 10, source);
        let mut lead = [0; LEAD_SIZE];
        fill(&mut source, &mut lead)?;
        let kind = read_lead(&lead).map_err(|_| ReadError::NotAPackage)?;
        let max = limits.max_metadata;
        let signature = Header::read(&mut source, tag::HEADER_SIGNATURES, max)
            .map_err(ReadError::in_signature)?;
        let padding = signature.bytes().len().next_multiple_of(8) - signature.bytes().len();
        fill(&mut source, &mut [0; 8][..padding])?;
        let main =
            Header::read(&mut source, tag::HEADER_IMMUTABLE, max).map_err(ReadError::in_main)?;
        check_header_digests(&signature, &main)?;
        if kind == Kind::Binary || main.has(tag::SOURCE_RPM) {
            return Err(ReadError::Binary);
        }
        check_format(&main)?;
        let text = |tag, what| match main.string(tag) {
            Ok(Some(text)) => Ok(text.to_owned()),
            Ok(None) => Err(ReadError::Incomplete(what)),
            Err(error) => Err(ReadError::in_main(error)),
        };
        let compressor = main.string(tag::PAYLOAD_COMPRESSOR);
        let list = FileList::read(&main, limits)?;
        let mut expected = expected(&signature, &main)?;
        if proof == Proof::Files && has_strong_digest(&signature) && list.is_proven() {
            expected.digests.clear();
        }
        Ok(Self {
            name: text(tag::NAME, "name")?,
            epoch: epoch(&main)?,
            version: text(tag::VERSION, "version")?,
            release: text(tag::RELEASE, "release")?,
            payload: Payload {
                source,
                format: Format::of_tag(compressor.map_err(ReadError::in_main)?)?,
                expected,
                list,
                limits: *limits,
            },
        })
    }

    /// NAME, as it stands in the header.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// EPOCH, where there is one.
    #[must_use]
    pub fn epoch(&self) -> Option<u32> {
        self.epoch
    }

    /// VERSION, as it stands in the header.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// RELEASE, as it stands in the header.
    #[must_use]
    pub fn release(&self) -> &str {
        &self.release
    }

    /// The files that the header lists; exactly one is the spec, and all names are safe and
    /// unique.
    #[must_use]
    pub fn files(&self) -> &[FileEntry] {
        &self.payload.list.files
    }

    /// Reads the payload and shows each file with its bytes, in the order of the payload. A
    /// visitor may leave bytes unread.
    ///
    /// # Errors
    /// The visitor's own error, or what is wrong with the package. In both cases, and also where
    /// the visitor was content with every file, all that it took must be discarded: digests of
    /// the whole are known only behind the last file.
    pub fn for_each_file<E: From<ReadError>>(
        self,
        visit: impl FnMut(&FileEntry, &mut dyn Read) -> Result<(), E>,
    ) -> Result<(), E> {
        self.payload.visit(visit)
    }
}

fn fill(source: &mut impl Read, out: &mut [u8]) -> Result<(), ReadError> {
    source.read_exact(out).map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => ReadError::NotAPackage,
        _ => ReadError::Io(error),
    })
}

fn epoch(main: &Header) -> Result<Option<u32>, ReadError> {
    let number = main.number(tag::EPOCH).map_err(ReadError::in_main)?;
    let small = number.map(u32::try_from).transpose();
    small.map_err(|_| ReadError::Incomplete("epoch of 32 bits"))
}

fn check_format(main: &Header) -> Result<(), ReadError> {
    match main
        .string(tag::PAYLOAD_FORMAT)
        .map_err(ReadError::in_main)?
    {
        None | Some("cpio") => Ok(()),
        Some(other) => Err(ReadError::Unsupported {
            what: "payload format",
            value: other.to_owned(),
        }),
    }
}

/// Digests of the main header, which the signature header holds.
fn check_header_digests(signature: &Header, main: &Header) -> Result<(), ReadError> {
    type OfBytes = fn(&[u8]) -> String;
    let known: [(u32, &'static str, OfBytes); 3] = [
        (tag::SIG_SHA1, "SHA-1 of the header", hex_of::<Sha1>),
        (tag::SIG_SHA256, "SHA-256 of the header", hex_of::<Sha256>),
        (
            tag::SIG_SHA3_256,
            "SHA3-256 of the header",
            hex_of::<Sha3_256>,
        ),
    ];
    for (tag, what, of_bytes) in known {
        let declared = signature.string(tag).map_err(ReadError::in_signature)?;
        if declared.is_some_and(|it| !it.eq_ignore_ascii_case(&of_bytes(main.bytes()))) {
            return Err(ReadError::Digest(what));
        }
    }
    Ok(())
}

/// Whether the signature header holds a digest of the main one that nobody can make two for.
fn has_strong_digest(signature: &Header) -> bool {
    signature.has(tag::SIG_SHA256) || signature.has(tag::SIG_SHA3_256)
}

/// What both headers say of the payload.
fn expected(signature: &Header, main: &Header) -> Result<Expected, ReadError> {
    let signed = |tag| signature.number(tag).map_err(ReadError::in_signature);
    let listed = |tag| main.number(tag).map_err(ReadError::in_main);
    let whole = signed(tag::SIG_LONG_SIZE)?.or(signed(tag::SIG_SIZE)?);
    let size = match whole {
        Some(whole) => {
            let payload = whole.checked_sub(main.bytes().len() as u64);
            Some(payload.ok_or(ReadError::PayloadSize)?)
        }
        None => listed(tag::PAYLOAD_SIZE)?,
    };
    let plain_size = signed(tag::SIG_LONG_ARCHIVE_SIZE)?
        .or(signed(tag::SIG_PAYLOAD_SIZE)?)
        .or(listed(tag::PAYLOAD_SIZE_ALT)?);
    Ok(Expected {
        size,
        plain_size,
        digests: payload_digests(signature, main)?,
    })
}

/// RPM's numbers of digests that headers of version 6 bring.
const ALGO_SHA512: u64 = 10;
const ALGO_SHA3_256: u64 = 12;

/// Digests of the payload; at least one, and together with those of the header they cover all.
///
/// The MD5 over header and payload is left alone where two strong digests, one of each, prove the
/// same bytes: it adds nothing that they do not say, and costs more than both.
fn payload_digests(
    signature: &Header,
    main: &Header,
) -> Result<Vec<(&'static str, String, Hasher)>, ReadError> {
    let mut out = Vec::new();
    let mut strong_payload = false;
    let algorithm = main.number(tag::PAYLOAD_DIGEST_ALGO);
    let algorithm = algorithm.map_err(ReadError::in_main)?;
    for (tag, algorithm) in [
        (
            tag::PAYLOAD_DIGEST,
            algorithm.unwrap_or(tag::ALGO_SHA256.into()),
        ),
        (tag::PAYLOAD_SHA512, ALGO_SHA512),
        (tag::PAYLOAD_SHA3_256, ALGO_SHA3_256),
    ] {
        let Some(declared) = main.string(tag).map_err(ReadError::in_main)? else {
            continue;
        };
        let Some(hasher) = hasher(algorithm) else {
            return Err(ReadError::Unsupported {
                what: "payload digest",
                value: algorithm.to_string(),
            });
        };
        strong_payload |= hasher.output_size() >= STRONG;
        let declared = declared.to_ascii_lowercase();
        out.push(("digest of the payload", declared, hasher));
    }
    let header_digests = [tag::SIG_SHA1, tag::SIG_SHA256, tag::SIG_SHA3_256];
    let covers_header = header_digests.iter().any(|it| signature.has(*it));
    let md5 = signature.binary(tag::SIG_MD5);
    match md5.map_err(ReadError::in_signature)? {
        Some(_) if strong_payload && has_strong_digest(signature) => {}
        Some(declared) => {
            let mut hasher = hasher(1).expect("1 is MD5");
            hasher.update(main.bytes());
            out.push(("MD5 of header and payload", hex(declared), hasher));
        }
        None if out.is_empty() || !covers_header => return Err(ReadError::NoDigest),
        None => {}
    }
    Ok(out)
}
