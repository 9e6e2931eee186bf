//! Digests of a byte stream, all computed in one pass.
//!
//! [`Digester`] is an [`io::Write`] that passes bytes on and hashes them on the way, so that a
//! download or a copy is read exactly once.

use md5::Md5;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256 as Sha256Hasher, Sha512 as Sha512Hasher};
use std::fmt::{self, Write as _};
use std::io::{self, Write};

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sha256(pub [u8; 32]);

impl Sha256 {
    /// Parses 64 hexadecimal digits of either case.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 64 {
            return None;
        }
        let mut out = [0; 32];
        for (slot, pair) in out.iter_mut().zip(bytes.chunks_exact(2)) {
            let digit = |b: u8| {
                char::from(b)
                    .to_digit(16)
                    .and_then(|d| u8::try_from(d).ok())
            };
            *slot = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(out))
    }

    /// The digest of bytes in memory.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256Hasher::digest(bytes).into())
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256({self})")
    }
}

impl Serialize for Sha256 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The kinds of digest that a `sources` file names its files by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SumKind {
    /// 32 hexadecimal digits; the old form of `sources`.
    Md5,
    /// 128 hexadecimal digits; the new form.
    Sha512,
}

impl SumKind {
    /// Its name in a path of the lookaside cache.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha512 => "sha512",
        }
    }
}

/// The digest that a `sources` file names a file by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// Which digest it is.
    pub kind: SumKind,
    /// Lower-case hexadecimal digits.
    pub hex: String,
}

/// What is known of a file after one pass over its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    /// Length in bytes.
    pub size: u64,
    /// What registries declare and RPM headers hold.
    pub sha256: Sha256,
    /// What `sources` names, where that was asked for.
    pub sum: Option<Sum>,
}

/// Passes bytes on to `W` and computes [`Digests`] on the way.
pub struct Digester<W> {
    inner: W,
    size: u64,
    sha256: Sha256Source,
    sum: Option<SumHasher>,
}

enum Sha256Source {
    Hasher(Sha256Hasher),
    Known(Sha256),
}

enum SumHasher {
    Md5(Md5),
    Sha512(Sha512Hasher),
}

impl SumHasher {
    fn new(kind: SumKind) -> Self {
        match kind {
            SumKind::Md5 => Self::Md5(Md5::new()),
            SumKind::Sha512 => Self::Sha512(Sha512Hasher::new()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Md5(hasher) => hasher.update(bytes),
            Self::Sha512(hasher) => hasher.update(bytes),
        }
    }

    fn finish(self) -> Sum {
        let (kind, hex) = match self {
            Self::Md5(hasher) => (SumKind::Md5, hex(&hasher.finalize())),
            Self::Sha512(hasher) => (SumKind::Sha512, hex(&hasher.finalize())),
        };
        Sum { kind, hex }
    }
}

impl<W: Write> Digester<W> {
    /// Hashes everything that is written through it into `inner`: SHA-256 only.
    pub fn new(inner: W) -> Self {
        Self::with_sum(inner, None)
    }

    /// The same, and the digest that `sources` names beside it.
    pub fn with_sum(inner: W, sum: Option<SumKind>) -> Self {
        Self::knowing(inner, None, sum)
    }

    /// The same for bytes whose SHA-256 somebody else looks after, where it is given.
    pub fn knowing(inner: W, sha256: Option<Sha256>, sum: Option<SumKind>) -> Self {
        let hasher = || Sha256Source::Hasher(Sha256Hasher::new());
        Self {
            inner,
            size: 0,
            sha256: sha256.map_or_else(hasher, Sha256Source::Known),
            sum: sum.map(SumHasher::new),
        }
    }

    /// The inner writer and the digests of all that went into it.
    pub fn finish(self) -> (W, Digests) {
        let digests = Digests {
            size: self.size,
            sha256: match self.sha256 {
                Sha256Source::Hasher(hasher) => Sha256(hasher.finalize().into()),
                Sha256Source::Known(sha256) => sha256,
            },
            sum: self.sum.map(SumHasher::finish),
        };
        (self.inner, digests)
    }
}

impl Digests {
    /// The digests of bytes in memory.
    #[must_use]
    pub fn of(bytes: &[u8], sum: Option<SumKind>) -> Self {
        let mut digester = Digester::with_sum(io::sink(), sum);
        digester
            .write_all(bytes)
            .expect("writing into a sink never fails");
        digester.finish().1
    }
}

impl<W: Write> Write for Digester<W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(buf)?;
        let taken = &buf[..n];
        self.size += n as u64;
        if let Sha256Source::Hasher(hasher) = &mut self.sha256 {
            hasher.update(taken);
        }
        if let Some(sum) = &mut self.sum {
            sum.update(taken);
        }
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, b| {
            write!(text, "{b:02x}").expect("writing into a String never fails");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_of_abc_are_the_published_ones() {
        let digests = Digests::of(b"abc", Some(SumKind::Md5));
        assert_eq!(digests.size, 3);
        assert_eq!(
            digests.sha256.to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        let sum = |kind| Digests::of(b"abc", kind).sum;
        assert_eq!(
            sum(Some(SumKind::Md5)).unwrap().hex,
            "900150983cd24fb0d6963f7d28e17f72"
        );
        let sha512 = sum(Some(SumKind::Sha512)).unwrap();
        assert_eq!(sha512.kind, SumKind::Sha512);
        assert!(sha512.hex.starts_with("ddaf35a193617abacc417349ae204131"));
        assert_eq!(sum(None), None);
    }

    #[test]
    fn hex_survives_a_round_trip_and_refuses_the_rest() {
        let digest = Sha256::of(b"x");
        assert_eq!(Sha256::from_hex(&digest.to_string()), Some(digest));
        assert_eq!(
            Sha256::from_hex(&digest.to_string().to_uppercase()),
            Some(digest)
        );
        assert_eq!(Sha256::from_hex("12"), None);
        assert_eq!(Sha256::from_hex(&"zz".repeat(32)), None);
        assert_eq!(Sha256::from_hex(&"é".repeat(32)), None);
    }
}
