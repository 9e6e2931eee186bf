//! What is known of a source package before its archive is: names, spec, headers, and what lies
//! around the archive in the payload. Taken from one that an import made of the same archive.

use super::hex;
use super::place::File;
use super::srpm::{self, Entry};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::io::Read as _;

/// A source package without what depends on the bytes of its archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// The name of the package, and so of its repository.
    pub(super) package: String,
    /// The file's name.
    pub(super) file_name: String,
    spec_name: String,
    spec: Bytes,
    /// Lead and both headers.
    head: Bytes,
    /// The payload before compression, up to the archive's bytes.
    pub(super) before: Bytes,
    /// And what follows them.
    pub(super) after: Bytes,
    digests: Digests,
}

/// Where digests begin in lead and headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Digests {
    /// The main header itself.
    main: usize,
    /// Of the main header: SHA-1, SHA-256; with the payload: MD5.
    sha1: usize,
    sha256: usize,
    md5: usize,
    /// SHA-256 of the archive, of the payload, and of that before compression.
    archive: usize,
    payload: usize,
    plain: usize,
}

/// Tags of the signature header.
const SIG_SHA1: usize = 269;
const SIG_SHA256: usize = 273;
const SIG_MD5: usize = 1004;
/// Tags of the main header.
const FILE_DIGESTS: usize = 1035;
const PAYLOAD_DIGEST: usize = 5092;
const PAYLOAD_DIGEST_ALT: usize = 5097;
/// Digits of a SHA-256, and the zero byte behind them.
const DIGEST: usize = 64 + 1;

impl Recipe {
    /// The recipe of a source package of this name; none where it is not one of a spec and an
    /// archive as an import makes them.
    #[must_use]
    pub fn of(file_name: &str, bytes: &[u8]) -> Option<Self> {
        let (main, payload) = srpm::parts(bytes)?;
        let at = bytes.len() - payload.len() - main.len();
        let mut plain = Vec::new();
        let mut decoder = super::archive::decoder(payload);
        decoder.read_to_end(&mut plain).ok()?;
        let entries = srpm::entries(main, &plain)?;
        let is_spec = |it: &&Entry<'_>| it.name.ends_with(".spec");
        let spec = entries.iter().find(is_spec)?;
        let archive = entries.iter().position(|it| !is_spec(&it))?;
        let range = entries[archive].bytes.clone();
        let of_signature = |tag| Some(srpm::LEAD + srpm::find(bytes.get(srpm::LEAD..at)?, tag)?);
        let of_main = |tag| Some(at + srpm::find(main, tag)?);
        (entries.len() == 2).then_some(())?;
        Some(Self {
            package: srpm::name(main)?.to_owned(),
            file_name: file_name.to_owned(),
            spec_name: spec.name.to_owned(),
            spec: Bytes(plain[spec.bytes.clone()].to_vec()),
            digests: Digests {
                main: at,
                sha1: of_signature(SIG_SHA1)?,
                sha256: of_signature(SIG_SHA256)?,
                md5: of_signature(SIG_MD5)?,
                archive: of_main(FILE_DIGESTS)? + archive * DIGEST,
                payload: of_main(PAYLOAD_DIGEST)?,
                plain: of_main(PAYLOAD_DIGEST_ALT)?,
            },
            head: Bytes(bytes[..bytes.len() - payload.len()].to_vec()),
            before: Bytes(plain[..range.start].to_vec()),
            after: Bytes(plain[range.end..].to_vec()),
        })
    }

    /// The spec as a file.
    pub(super) fn spec(&self) -> File<'_> {
        File {
            name: &self.spec_name,
            bytes: &self.spec.0,
            is_executable: false,
        }
    }

    /// Lead and headers of the package with this archive, this payload, and that before
    /// compression.
    pub(super) fn head(&self, archive: &[u8], payload: &[u8], plain: &[u8]) -> Vec<u8> {
        let (mut out, at) = (self.head.0.clone(), &self.digests);
        let mut set = |at: usize, digest: &[u8]| out[at..at + digest.len()].copy_from_slice(digest);
        for (at, bytes) in [
            (at.archive, archive),
            (at.payload, payload),
            (at.plain, plain),
        ] {
            set(at, hex(&Sha256::digest(bytes)).as_bytes());
        }
        let (signature, main) = out.split_at_mut(at.main);
        let mut set =
            |at: usize, digest: &[u8]| signature[at..at + digest.len()].copy_from_slice(digest);
        set(at.sha1, hex(&Sha1::digest(&*main)).as_bytes());
        set(at.sha256, hex(&Sha256::digest(&*main)).as_bytes());
        set(
            at.md5,
            &Md5::new_with_prefix(main).chain_update(payload).finalize(),
        );
        out
    }
}

/// Bytes that are base64 in JSON.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Bytes(pub(super) Vec<u8>);

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD.decode(text);
        bytes.map(Self).map_err(serde::de::Error::custom)
    }
}
