//! Source packages as `rpmbuild` makes them, and how ours differ from those.

use super::tools::output;
use rpm::{Header, IndexData, Package};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};
use tempfile::TempDir;

/// BUILDTIME, and the modification time of every file.
pub(crate) const TIME: u32 = 1_700_000_000;
/// BUILDHOST.
pub(crate) const HOST: &str = "builder.example";

/// Tags of the main header that follow from who wrote it, when and with which compressor; a test
/// that fixes some of them may compare more.
pub(crate) const WRITERS_OWN: &[u32] = &[
    1006, // BUILDTIME
    1007, // BUILDHOST
    1064, // RPMVERSION
    1094, // COOKIE
    5092, // PAYLOADDIGEST
];

/// A folder with a spec and its sources.
pub(crate) struct SpecFolder {
    dir: TempDir,
    spec: PathBuf,
}

impl SpecFolder {
    /// Writes the spec and the sources; all get the modification time [`TIME`].
    pub(crate) fn new(spec_name: &str, spec: &str, sources: &[(&str, &[u8])]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let files = sources.iter().map(|it| (it.0, it.1));
        for (name, bytes) in files.chain([(spec_name, spec.as_bytes())]) {
            let path = dir.path().join(name);
            fs::write(&path, bytes).unwrap();
            let time = UNIX_EPOCH + Duration::from_secs(TIME.into());
            let file = File::options().write(true).open(path).unwrap();
            file.set_modified(time).unwrap();
        }
        Self {
            spec: dir.path().join(spec_name),
            dir,
        }
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Builds the source package with `rpmbuild`; `payload` is RPM's mode, such as `w9.gzdio`.
    pub(crate) fn rpmbuild(&self, payload: &str) -> PathBuf {
        let out = self.path().join(payload);
        let folder = self.path().display();
        let mut command = Command::new("rpmbuild");
        command.args(["-bs", "--nodeps", "--define"]);
        command.arg(format!("_topdir {folder}/top"));
        for define in [
            format!("_sourcedir {folder}"),
            format!("_srcrpmdir {}", out.display()),
            format!("_source_payload {payload}"),
            format!("_buildhost {HOST}"),
            "use_source_date_epoch_as_buildtime 1".to_owned(),
        ] {
            command.arg("--define").arg(define);
        }
        command.env("SOURCE_DATE_EPOCH", TIME.to_string());
        command.env("HOME", self.path());
        output(command.arg(&self.spec));
        let made = fs::read_dir(out).unwrap().next().unwrap();
        made.unwrap().path()
    }
}

/// The entries of a header, in their order. The region depends on the header's size, which is not
/// compared.
fn values<T: rpm::Tag>(header: &Header<T>) -> Vec<(u32, IndexData)> {
    let all = header.get_all_entries().unwrap();
    all.into_iter().filter(|it| it.0 > 63).collect()
}

/// One string value of a package's main header.
pub(crate) fn string(package: &Path, tag: u32) -> Option<String> {
    let package = Package::open(package).unwrap();
    match package.metadata.header.entry(tag) {
        Ok(IndexData::StringTag(text)) => Some(text),
        _ => None,
    }
}

/// Tags of the signature header that follow from the bytes of main header and payload.
const SUMS: &[u32] = &[
    269,  // SHA1
    273,  // SHA256
    1000, // SIZE
    1004, // MD5
];

/// A sentence for each tag that differs between two source packages: all of the main header but
/// `ignored`, all of the signature header but its sums, values, types and order.
pub(crate) fn differences(ours: &Path, theirs: &Path, ignored: &[u32]) -> Vec<String> {
    let (ours, theirs) = (Package::open(ours).unwrap(), Package::open(theirs).unwrap());
    let main = |it: &Package| values(&it.metadata.header);
    let signature = |it: &Package| values(&it.metadata.signature);
    let mut out = differing(&main(&ours), &main(&theirs), ignored);
    let signed = differing(&signature(&ours), &signature(&theirs), SUMS);
    out.extend(signed.into_iter().map(|it| format!("signature: {it}")));
    out
}

fn differing(
    ours: &[(u32, IndexData)],
    theirs: &[(u32, IndexData)],
    ignored: &[u32],
) -> Vec<String> {
    let mut out = Vec::new();
    let tags = |it: &[(u32, IndexData)]| it.iter().map(|it| it.0).collect::<Vec<_>>();
    if tags(ours) != tags(theirs) {
        let (ours, theirs) = (tags(ours), tags(theirs));
        out.push(format!("the tags: ours {ours:?}, theirs {theirs:?}"));
    }
    for (tag, value) in ours.iter().filter(|it| !ignored.contains(&it.0)) {
        let other = theirs.iter().find(|it| it.0 == *tag).map(|it| &it.1);
        if other.is_some_and(|it| it != value) {
            out.push(format!("tag {tag}: ours {value:?}, theirs {other:?}"));
        }
    }
    out
}
