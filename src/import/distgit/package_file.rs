//! One file of a source package on its way into dist-git.
//!
//! A file arrives as a stream of unknown length. [`Spool`] keeps a small one in memory and a
//! large one in a temporary file of the lookaside's file system, hashes it on the way, and tells
//! text from binary by its beginning: the bytes are passed over once.

use super::encoding;
use crate::import::root::Root;
use crate::model::{Code, Digester, Digests, Sha256, Sum, SumKind, is_safe_file_name};
use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom, Write};
use tempfile::NamedTempFile;

/// The longest file that is kept in memory.
const IN_MEMORY: u64 = 256 * 1024;

/// What all files of one package may take in memory together.
const MEMORY_BUDGET: u64 = 4 * 1024 * 1024;

const BUFFER: usize = 64 * 1024;

/// A file of a source package, with all that dist-git needs to know of it.
#[derive(Debug)]
pub struct PackageFile {
    /// One safe path component.
    pub name: String,
    /// Its bytes.
    pub content: Content,
    /// Its size and digests, where they were computed on the way.
    pub digests: Option<Digests>,
    /// Its SHA-256, where somebody else looked after it.
    sha256: Option<Sha256>,
    /// Whether it goes to git; otherwise to the lookaside cache.
    pub is_text: bool,
    /// Whether git records it as executable.
    pub is_executable: bool,
}

/// Where a file's bytes are.
#[derive(Debug)]
pub enum Content {
    /// In memory.
    Bytes(Vec<u8>),
    /// In a temporary file in the lookaside's file system.
    File(NamedTempFile),
}

/// Takes the files of one package in, one after the other.
#[derive(Debug)]
pub struct Spool<'a> {
    root: &'a Root,
    memory_left: u64,
    files: Vec<PackageFile>,
}

/// Why a file could not be taken in.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The stream failed.
    #[error("cannot read file {name:?}: {source}")]
    Read {
        /// The file's name.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// The temporary file failed.
    #[error("cannot keep file {name:?}: {source}")]
    Write {
        /// The file's name.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// The name is not one safe path component.
    #[error("file name {0:?} is not safe")]
    Name(String),
}

impl SpoolError {
    /// The stable code of this failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Read { .. } => Code::SrpmInvalid,
            Self::Write { source, .. } => Code::of_io(source),
            Self::Name(_) => Code::ArchiveUnsafe,
        }
    }
}

impl PackageFile {
    /// A file that is in memory already. It is hashed when that is needed.
    #[must_use]
    pub fn of_bytes(name: &str, bytes: Vec<u8>) -> Self {
        Self {
            name: name.to_owned(),
            digests: None,
            sha256: None,
            is_text: encoding::is_text(&bytes),
            content: Content::Bytes(bytes),
            is_executable: false,
        }
    }

    /// A file that was fetched into a temporary file and hashed on the way.
    ///
    /// # Errors
    /// When its beginning cannot be read.
    pub fn of_temporary(name: &str, mut file: NamedTempFile, digests: Digests) -> io::Result<Self> {
        let mut head = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        (&mut file)
            .take(encoding::HEAD as u64)
            .read_to_end(&mut head)?;
        Ok(Self {
            name: name.to_owned(),
            is_text: encoding::is_text(&head),
            content: Content::File(file),
            sha256: Some(digests.sha256),
            digests: Some(digests),
            is_executable: false,
        })
    }
}

impl PackageFile {
    /// The digests with the one that a layout's `sources` names; computed now if they were not.
    pub(super) fn digest(&self, kind: SumKind) -> io::Result<(Digests, Sum)> {
        let known = self.digests.clone();
        if let Some(digests) = known
            && let Some(sum) = digests.sum.clone().filter(|it| it.kind == kind)
        {
            return Ok((digests, sum));
        }
        let mut digester = Digester::knowing(io::sink(), self.sha256, Some(kind));
        match &self.content {
            Content::Bytes(bytes) => digester.write_all(bytes)?,
            Content::File(file) => {
                io::copy(&mut File::open(file.path())?, &mut digester)?;
            }
        }
        let digests = digester.finish().1;
        let sum = digests.sum.clone();
        Ok((digests, sum.expect("the digest was asked for")))
    }
}

impl<'a> Spool<'a> {
    /// An empty spool that puts large files into `root`.
    #[must_use]
    pub const fn new(root: &'a Root) -> Self {
        Self {
            root,
            memory_left: MEMORY_BUDGET,
            files: Vec::new(),
        }
    }

    /// Takes one file in to its end. Whoever gives its SHA-256 holds the bytes against it, and
    /// drops the spool where they differ.
    ///
    /// # Errors
    /// Tells a failing stream from a failing temporary file: the one is the package's fault, the
    /// other the host's.
    pub fn take(
        &mut self,
        name: &str,
        is_executable: bool,
        sha256: Option<Sha256>,
        stream: &mut dyn Read,
    ) -> Result<(), SpoolError> {
        if !is_safe_file_name(name) {
            return Err(SpoolError::Name(name.to_owned()));
        }
        let read = |source| SpoolError::Read {
            name: name.to_owned(),
            source,
        };
        let write = |source| SpoolError::Write {
            name: name.to_owned(),
            source,
        };
        let in_memory = IN_MEMORY.min(self.memory_left);
        let mut head = Vec::new();
        stream
            .take(in_memory + 1)
            .read_to_end(&mut head)
            .map_err(read)?;
        let file = if head.len() as u64 <= in_memory {
            self.memory_left -= head.len() as u64;
            PackageFile::of_bytes(name, head)
        } else {
            let temporary = self.root.temporary_source().map_err(write)?;
            let sum = self.root.layout().sum();
            let mut digester = Digester::knowing(temporary, sha256, Some(sum));
            digester.write_all(&head).map_err(write)?;
            drop(head);
            let mut buffer = vec![0; BUFFER];
            loop {
                match stream.read(&mut buffer).map_err(read)? {
                    0 => break,
                    n => digester.write_all(&buffer[..n]).map_err(write)?,
                }
            }
            let (temporary, digests) = digester.finish();
            PackageFile::of_temporary(name, temporary, digests).map_err(write)?
        };
        self.files.push(PackageFile {
            is_executable,
            sha256: sha256.or(file.sha256),
            ..file
        });
        Ok(())
    }

    /// Everything that was taken in, in that order.
    #[must_use]
    pub fn finish(self) -> Vec<PackageFile> {
        self.files
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_files_stay_in_memory_and_large_ones_do_not() {
        let dir = tempfile::TempDir::new().unwrap();
        let root = Root::open(dir.path()).unwrap();
        let mut spool = Spool::new(&root);
        let large = vec![7_u8; 300_000];
        spool
            .take("a.spec", false, None, &mut &b"Name: a\n"[..])
            .unwrap();
        spool.take("run", true, None, &mut &large[..]).unwrap();
        for i in 0..20 {
            let mut stream = &[0_u8; 250_000][..];
            spool
                .take(&format!("f{i}"), false, None, &mut stream)
                .unwrap();
        }
        assert!(matches!(
            spool.take("../x", false, None, &mut io::empty()),
            Err(SpoolError::Name(_))
        ));
        let files = spool.finish();
        assert!(matches!(files[0].content, Content::Bytes(_)));
        assert!(matches!(files[1].content, Content::File(_)));
        let of_large = Digests::of(&large, Some(SumKind::Sha512));
        assert_eq!(files[1].digests, Some(of_large.clone()));
        assert_eq!(files[1].digest(SumKind::Sha512).unwrap().0, of_large);
        let md5 = files[1].digest(SumKind::Md5).unwrap().1;
        assert_eq!(Some(md5), Digests::of(&large, Some(SumKind::Md5)).sum);
        assert!(files[1].is_text && files[1].is_executable);
        assert!(!files[2].is_text);
        let spilled = files[2..]
            .iter()
            .filter(|it| matches!(it.content, Content::File(_)));
        assert!(spilled.count() >= 4, "the budget for memory was not kept");
    }
}
