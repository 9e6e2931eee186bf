//! Source packages of any content, true or not, with digests that fit.

use super::super::super::cpio;
use super::super::super::digest::{hasher, hex_of};
use super::super::super::header::HeaderBuilder;
use super::super::super::lead::source_lead;
use super::super::super::tag;
use sha1::Sha1;
use sha2::Sha256;

/// A file of the header's list, and its entry in the payload.
#[derive(Clone)]
pub(super) struct FakeFile {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    pub(super) mode: u16,
    pub(super) flags: u32,
    /// What the header says of its size, if not the truth.
    pub(super) size: Option<u32>,
    /// What the header says of its digest, if not the truth.
    pub(super) digest: Option<String>,
}

impl FakeFile {
    pub(super) fn new(name: &str, bytes: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            bytes: bytes.to_vec(),
            mode: 0o100_644,
            flags: 0,
            size: None,
            digest: None,
        }
    }

    pub(super) fn spec() -> Self {
        Self {
            flags: tag::FILE_SPEC,
            ..Self::new("a.spec", b"Name: a\n")
        }
    }

    /// Its entry in the payload, in the new ASCII form.
    pub(super) fn entry(&self) -> Vec<u8> {
        let size = u32::try_from(self.bytes.len()).unwrap();
        let mode = u32::from(self.mode);
        let mut out = cpio::newc_header(&self.name, 1, mode, 0, size);
        out.extend_from_slice(&self.bytes);
        out.resize(out.len().next_multiple_of(4), 0);
        out
    }
}

/// A package in parts, each of which a test may falsify.
pub(super) struct Fake {
    pub(super) files: Vec<FakeFile>,
    /// The payload, if not the files in order, uncompressed.
    pub(super) payload: Option<Vec<u8>>,
    pub(super) compressor: Option<&'static str>,
    pub(super) algorithm: u64,
    pub(super) folder: &'static str,
    /// What the signature says of the sizes, beside the truth.
    pub(super) size_lie: u32,
    pub(super) plain_size: Option<u32>,
    /// Further entries of both headers.
    pub(super) extra_main: fn(&mut HeaderBuilder),
    pub(super) extra_signature: fn(&mut HeaderBuilder),
    pub(super) with_md5: bool,
}

impl Default for Fake {
    fn default() -> Self {
        Self {
            files: vec![FakeFile::spec(), FakeFile::new("b.tar", b"some bytes")],
            payload: None,
            compressor: None,
            algorithm: 8,
            folder: "",
            size_lie: 0,
            plain_size: None,
            extra_main: |_| (),
            extra_signature: |_| (),
            with_md5: true,
        }
    }
}

impl Fake {
    /// The archive of these files.
    pub(super) fn archive(files: &[FakeFile]) -> Vec<u8> {
        let mut out: Vec<u8> = files.iter().flat_map(FakeFile::entry).collect();
        out.extend(cpio::trailer());
        out
    }

    fn main(&self) -> Vec<u8> {
        let files = &self.files;
        let digest = |it: &FakeFile| {
            let mut hasher = hasher(self.algorithm).unwrap();
            hasher.update(&it.bytes);
            let found = super::super::super::digest::hex(&hasher.finalize());
            it.digest.clone().unwrap_or(found)
        };
        let digests: Vec<String> = files.iter().map(digest).collect();
        let size = |it: &FakeFile| it.size.unwrap_or(it.bytes.len().try_into().unwrap());
        let mut out = HeaderBuilder::default();
        out.string(tag::NAME, "a");
        out.string(tag::VERSION, "1");
        out.string(tag::RELEASE, "2");
        out.u32s(tag::FILE_SIZES, files.iter().map(size));
        out.u16s(tag::FILE_MODES, files.iter().map(|it| it.mode));
        out.u32s(tag::FILE_MTIMES, files.iter().map(|_| 5));
        out.u32s(tag::FILE_FLAGS, files.iter().map(|it| it.flags));
        out.strings(tag::FILE_DIGESTS, digests.iter().map(String::as_str));
        out.u32s(tag::DIR_INDEXES, files.iter().map(|_| 0));
        out.strings(tag::BASE_NAMES, files.iter().map(|it| it.name.as_str()));
        out.strings(tag::DIR_NAMES, [self.folder]);
        if self.algorithm != 1 {
            out.u32s(tag::FILE_DIGEST_ALGO, [self.algorithm.try_into().unwrap()]);
        }
        out.optional(tag::PAYLOAD_COMPRESSOR, self.compressor);
        (self.extra_main)(&mut out);
        out.finish(tag::HEADER_IMMUTABLE).unwrap()
    }

    /// The whole file.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let payload = match &self.payload {
            Some(payload) => payload.clone(),
            None => Self::archive(&self.files),
        };
        let main = self.main();
        let mut signature = HeaderBuilder::default();
        signature.string(tag::SIG_SHA1, &hex_of::<Sha1>(&main));
        signature.string(tag::SIG_SHA256, &hex_of::<Sha256>(&main));
        let size = u32::try_from(main.len() + payload.len()).unwrap();
        signature.u32s(tag::SIG_SIZE, [size.wrapping_add(self.size_lie)]);
        signature.u32s(tag::SIG_PAYLOAD_SIZE, self.plain_size);
        if self.with_md5 {
            let mut md5 = hasher(1).unwrap();
            md5.update(&main);
            md5.update(&payload);
            signature.binary(tag::SIG_MD5, &md5.finalize());
        }
        (self.extra_signature)(&mut signature);
        let mut out = source_lead("a-1-2", "x86_64").to_vec();
        out.extend(signature.finish(tag::HEADER_SIGNATURES).unwrap());
        out.resize(out.len().next_multiple_of(8), 0);
        out.extend(main);
        out.extend(payload);
        out
    }
}
