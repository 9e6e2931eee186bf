//! The whole of one commit: lookaside, blobs, trees, branches, all or nothing.

use super::branches::{BranchResult, Branches};
use super::keep::RepositoryId;
use super::lookaside::Lookaside;
use super::objects::NewObjects;
use super::package_file::{Content, PackageFile};
use super::{Error, ProjectLock, Repository, cgit, shared, sources_file, tree};
use crate::config::Identity;
use crate::import::root::Root;
use crate::model::{BranchName, Layout, PackageName, Project};
use crate::sync::StopToken;
use git2::{FileMode, ObjectType, Oid};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use tempfile::NamedTempFile;

/// A text longer than this is handed to git as a stream.
const STREAMED: u64 = 1024 * 1024;

/// What is to be committed, and where.
#[derive(Debug)]
pub struct Import<'a> {
    /// The project that the repository belongs to.
    pub project: &'a Project,
    /// The package, and so the repository.
    pub package: &'a PackageName,
    /// The branches, in order: the first one gets the commit, the others follow it.
    pub branches: &'a [BranchName],
    /// Every file of the source package.
    pub files: Vec<PackageFile>,
    /// Who commits.
    pub identity: &'a Identity,
}

/// Takes a package's files into its repository and the lookaside cache. Every branch has its own
/// result; where no branch could be moved, nothing is left behind.
///
/// # Errors
/// When it fails before the first branch, or the stop token was raised before the repository was
/// free: nothing is left behind then either.
pub fn commit(
    root: &Root,
    held: &ProjectLock,
    import: Import<'_>,
    stop: &StopToken,
) -> Result<Vec<BranchResult>, Error> {
    let (project, package) = (import.project, import.package);
    let id = RepositoryId::new(project, package);
    let repository = Repository::open(root, project, held, package, import.identity, stop)?;
    let mut lookaside = Lookaside::open(root, import.project, import.package, &repository);
    match update(&repository, &mut lookaside, root.layout(), import) {
        Ok(results) if results.iter().any(|it| it.tip.is_ok()) => {
            lookaside.keep();
            shared::share_branches(&repository, &results);
            if let Some(list) = root.cgit_list()
                && repository.is_new()
            {
                cgit::add(list, root, &id)?;
            }
            Ok(results)
        }
        other => {
            drop(lookaside);
            repository.discard_if_new();
            other
        }
    }
}

fn update(
    repository: &Repository,
    lookaside: &mut Lookaside<'_>,
    layout: Layout,
    import: Import<'_>,
) -> Result<Vec<BranchResult>, Error> {
    let mut objects = NewObjects::new(repository)?;
    let mut content = tree::Content::default();
    let mut files = import.files;
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let mut sums = Vec::new();
    for file in files {
        if file.is_text {
            let mode = match file.is_executable {
                true => FileMode::BlobExecutable,
                false => FileMode::Blob,
            };
            let blob = write_blob(&mut objects, &file.name, file.content)?;
            content.blobs.insert(file.name, (blob, mode));
        } else {
            content.uploaded.push(file.name.clone());
            sums.push(lookaside.place(file)?);
        }
    }
    let hashes = sums.iter().map(|it| it.hex.as_str());
    let lines = content.uploaded.iter().map(String::as_str).zip(hashes);
    content.sources = sources_file::render(layout, lines);
    let branches = Branches {
        repository,
        objects,
        content: &content,
        identity: import.identity,
        message: &format!("automatic import of {}", import.package),
    };
    Ok(branches.update(import.branches))
}

fn write_blob(objects: &mut NewObjects<'_>, name: &str, content: Content) -> Result<Oid, Error> {
    let bytes = match content {
        Content::Bytes(bytes) => bytes,
        Content::File(mut file) => {
            let io = |error| Error::io("read", Path::new(name))(error);
            let size = file.seek(SeekFrom::End(0)).map_err(io)?;
            file.seek(SeekFrom::Start(0)).map_err(io)?;
            if size > STREAMED {
                return stream_blob(objects.repository(), file);
            }
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(io)?;
            bytes
        }
    };
    objects.add(ObjectType::Blob, bytes)
}

fn stream_blob(repository: &Repository, mut file: NamedTempFile) -> Result<Oid, Error> {
    let failed = || Error::git("write a file", &repository.path);
    let mut writer = repository.git.blob_writer(None).map_err(failed())?;
    io::copy(&mut file, &mut writer).map_err(Error::io("write", &repository.path))?;
    let blob = writer.commit().map_err(failed())?;
    shared::share_folder_of(repository, blob);
    Ok(blob)
}
