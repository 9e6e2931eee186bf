//! Source packages of any content, true or not, with digests that fit.

use super::super::super::cpio;
use super::super::super::digest::{hasher, hex_of};
use super::super::super::header::HeaderBuilder;
use super::super::super::lead::source_lead;
use super::super::super::tag;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use sha3::Sha3_256;

/// RPMFORMAT: the version of the package's format.
const RPM_FORMAT: u32 = 5114;

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
    /// As rpm 6 writes it: sizes of 64 bits, numbered entries, no old digest and no size in the
    /// signature header.
    pub(super) version_six: bool,
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
            version_six: false,
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

    /// The archive of these files in the form that names them by their numbers.
    pub(super) fn numbered_archive(files: &[FakeFile]) -> Vec<u8> {
        let mut out = Vec::new();
        for (file, index) in files.iter().zip(0..) {
            out.extend(cpio::stripped_header(index));
            out.extend(&file.bytes);
            out.resize(out.len().next_multiple_of(4), 0);
        }
        out.extend(cpio::trailer());
        out
    }

    fn main(&self, payload: &[u8]) -> Vec<u8> {
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
        if self.version_six {
            out.u64s(tag::LONG_FILE_SIZES, files.iter().map(|it| size(it).into()));
            out.u32s(RPM_FORMAT, [6]);
            out.u64s(tag::PAYLOAD_SIZE, [payload.len() as u64]);
            out.u64s(tag::PAYLOAD_SIZE_ALT, [payload.len() as u64]);
            out.strings(tag::PAYLOAD_DIGEST, [hex_of::<Sha256>(payload).as_str()]);
            let (sha512, sha3) = (hex_of::<Sha512>(payload), hex_of::<Sha3_256>(payload));
            out.string(tag::PAYLOAD_SHA512, &sha512);
            out.string(tag::PAYLOAD_SHA3_256, &sha3);
        } else {
            out.u32s(tag::FILE_SIZES, files.iter().map(size));
        }
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
            None if self.version_six => Self::numbered_archive(&self.files),
            None => Self::archive(&self.files),
        };
        let main = self.main(&payload);
        let mut signature = HeaderBuilder::default();
        signature.string(tag::SIG_SHA256, &hex_of::<Sha256>(&main));
        if self.version_six {
            signature.string(tag::SIG_SHA3_256, &hex_of::<Sha3_256>(&main));
        } else {
            self.sign_old(&mut signature, &main, &payload);
        }
        (self.extra_signature)(&mut signature);
        let mut out = source_lead("a-1-2", "x86_64").to_vec();
        out.extend(signature.finish(tag::HEADER_SIGNATURES).unwrap());
        out.resize(out.len().next_multiple_of(8), 0);
        out.extend(main);
        out.extend(payload);
        out
    }

    fn sign_old(&self, signature: &mut HeaderBuilder, main: &[u8], payload: &[u8]) {
        signature.string(tag::SIG_SHA1, &hex_of::<Sha1>(main));
        let size = u32::try_from(main.len() + payload.len()).unwrap();
        signature.u32s(tag::SIG_SIZE, [size.wrapping_add(self.size_lie)]);
        signature.u32s(tag::SIG_PAYLOAD_SIZE, self.plain_size);
        if self.with_md5 {
            let mut md5 = hasher(1).unwrap();
            md5.update(main);
            md5.update(payload);
            signature.binary(tag::SIG_MD5, &md5.finalize());
        }
    }
}
