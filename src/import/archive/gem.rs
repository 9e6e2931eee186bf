//! A gem: a plain tar that holds `metadata.gz`, `data.tar.gz` and `checksums.yaml.gz`.
//!
//! Shown as `metadata`, `checksums` and, below `data/`, the entries of the data archive. The two
//! members that checksums speak of are hashed while they are read. Signatures are not looked at.

use super::budget::Budget;
use super::decoder::Decoder;
use super::entry::Entry;
use super::error::WalkError;
use super::stream::{BUFFER, Content, End, Stream};
use super::tar::{Visit, walk_tar};
use crate::import::description::MemberDigest;
use crate::model::Sha256;
use sha2::{Digest, Sha256 as Sha256Hasher, Sha512 as Sha512Hasher};
use std::fmt::Write as _;
use std::io::{self, BufReader, Read};

/// Bytes of the buffer before a member's decoder.
const INPUT: usize = 32 << 10;

/// Walks a gem whose bytes come from `stream`; returns the digests of its members.
pub(super) fn walk_gem<R: Read, E>(
    stream: &mut Stream<'_, R>,
    visit: &mut Visit<'_, E>,
) -> Result<Vec<MemberDigest>, WalkError<E>> {
    let budget = stream.budget();
    let mut members: Vec<MemberDigest> = Vec::new();
    let mut buffer = vec![0; BUFFER];
    walk_tar(stream, "", &mut |entry, content| {
        let name = entry.path;
        if !matches!(
            name,
            "metadata.gz" | "metadata" | "data.tar.gz" | "checksums.yaml.gz"
        ) {
            return Ok(());
        }
        if members.iter().any(|it| it.name == name) {
            let refused = budget.unsafe_entry(name.as_bytes(), "stands twice in the gem");
            return Err(refused.into());
        }
        let mut hashing = Hashing::new(content);
        let mut member = Member {
            budget,
            buffer: &mut buffer,
            input: &mut hashing,
        };
        match name {
            "metadata.gz" => member.show_text(entry, "metadata", visit)?,
            "checksums.yaml.gz" => member.show_text(entry, "checksums", visit)?,
            "data.tar.gz" => member.walk_data(visit)?,
            _ => visit(entry, &mut hashing)?,
        }
        // What the decoder left is part of the digests all the same.
        io::copy(&mut hashing, &mut io::sink()).map_err(|it| budget.of_io(it))?;
        members.push(hashing.finish(name));
        Ok(())
    })?;
    if !members.iter().any(|it| it.name == "data.tar.gz") {
        return Err(budget.malformed("the gem has no data.tar.gz").into());
    }
    Ok(members)
}

/// One compressed member about to be read.
struct Member<'m, 'a, 'c> {
    budget: &'a Budget<'a>,
    buffer: &'m mut [u8],
    input: &'m mut Hashing<'c>,
}

impl<'m> Member<'m, '_, '_> {
    /// Shows a compressed text under another name.
    fn show_text<E>(
        &mut self,
        outer: &Entry<'_>,
        path: &str,
        visit: &mut Visit<'_, E>,
    ) -> Result<(), WalkError<E>> {
        let input = BufReader::with_capacity(INPUT, &mut *self.input);
        let mut stream = Stream::new(Decoder::gzip(input), self.buffer, self.budget);
        let limit = self.budget.limits().max_metadata;
        let mut content = Content::new(&mut stream, limit, End::OfStream);
        let visited = visit(&Entry { path, ..*outer }, &mut content);
        content.finish(visited)
    }

    /// Walks the tar of the gem's files.
    fn walk_data<E>(&mut self, visit: &mut Visit<'_, E>) -> Result<(), WalkError<E>> {
        let input = BufReader::with_capacity(INPUT, &mut *self.input);
        let mut stream = Stream::new(Decoder::gzip(input), self.buffer, self.budget);
        walk_tar(&mut stream, "data/", visit)
    }
}

/// Hashes what is read through it.
struct Hashing<'c> {
    inner: &'c mut dyn Read,
    sha256: Sha256Hasher,
    sha512: Sha512Hasher,
}

impl<'c> Hashing<'c> {
    fn new(inner: &'c mut dyn Read) -> Self {
        Self {
            inner,
            sha256: Sha256Hasher::new(),
            sha512: Sha512Hasher::new(),
        }
    }

    fn finish(self, name: &str) -> MemberDigest {
        let mut sha512 = String::with_capacity(128);
        for byte in self.sha512.finalize() {
            write!(sha512, "{byte:02x}").expect("writing into a String never fails");
        }
        MemberDigest {
            name: name.to_owned(),
            sha256: Sha256(self.sha256.finalize().into()),
            sha512,
        }
    }
}

impl Read for Hashing<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.sha256.update(&buf[..n]);
        self.sha512.update(&buf[..n]);
        Ok(n)
    }
}
