//! Why a job failed: a stable code, whose fault it is, and whether trying again can help.
//!
//! Every error of every module maps to one [`Code`]. Codes are a public interface: they are
//! stored, counted and filtered by, so a code never changes its meaning. Nothing decides by
//! searching an error's text.

use serde::{Serialize, Serializer};
use std::fmt;

/// Who has to act for the failure to go away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fault {
    /// The request itself: a name that does not exist, a file that is not there.
    Request,
    /// The package as its authors published it.
    Upstream,
    /// The registry or the way to it.
    Network,
    /// This machine: disk, permissions, an existing repository.
    Host,
    /// distmill.
    Bug,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "request",
            Self::Upstream => "upstream",
            Self::Network => "network",
            Self::Host => "host",
            Self::Bug => "bug",
        })
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])+ $variant:ident = $text:literal, $fault:ident, $retry:literal, $hint:literal;)+) => {
        /// A stable failure code. [`Code::as_str`] is its spelling everywhere outside Rust.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $($(#[$doc])+ $variant,)+ }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The kebab-case spelling that is stored and printed.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// Whose fault it is.
            #[must_use]
            pub const fn fault(self) -> Fault {
                match self { $(Self::$variant => Fault::$fault,)+ }
            }

            /// Whether the same job may succeed later with nothing changed by hand.
            #[must_use]
            pub const fn retry(self) -> bool {
                match self { $(Self::$variant => $retry,)+ }
            }

            /// One sentence on what a person can do about it.
            #[must_use]
            pub const fn hint(self) -> &'static str {
                match self { $(Self::$variant => $hint,)+ }
            }
        }
    };
}

codes! {
    /// The text that names a source has none of the known forms.
    BadSource = "bad-source", Request, false,
        "Write pypi:NAME, gem:NAME, pkg:pypi/NAME@VERSION, or the path or URL of a source RPM, sdist, wheel or gem. A task of a frontend needs the http or https address of a source RPM, and a branch.";
    /// A name is not safe as a path component or a git ref.
    UnsafeName = "unsafe-name", Request, false,
        "Names are at most 100 characters of letters, digits and . _ + - (no leading dot or dash, no `..`, no `.lock`).";
    /// A file named on the command line cannot be read.
    FileNotReadable = "file-not-readable", Request, false,
        "Check the path and its permissions.";
    /// A file is not the one that was queued under its path.
    SourceChanged = "source-changed", Request, false,
        "The file was replaced after it was queued: add it again, and it is imported as it is now.";
    /// The registry does not know the name.
    UnknownPackage = "unknown-package", Request, false,
        "Check the spelling of the name at the registry.";
    /// The registry knows the name, but not this version.
    UnknownVersion = "unknown-version", Request, false,
        "Leave the version out to take the latest one, or ask for one that the registry lists.";
    /// A PyPI release with neither a source distribution nor any wheel for Python 3.
    NoSdist = "no-sdist", Upstream, false,
        "Ask for an older version that has an sdist, or ask upstream to publish one.";
    /// A PyPI release that has only wheels built for one platform each.
    PlatformWheelsOnly = "platform-wheels-only", Upstream, false,
        "Such wheels hold compiled code without its source: ask for an older version, or ask upstream for an sdist.";
    /// A wheel that was built for one platform, or that no Python 3 takes.
    PlatformWheel = "platform-wheel", Request, false,
        "Give the sdist, or a wheel whose name ends with py3-none-any.whl.";
    /// A name at the registry without any file.
    NoFiles = "no-files", Upstream, false,
        "Nothing was ever published under this name, or all of it was deleted.";
    /// Every release was withdrawn by its authors.
    AllYanked = "all-yanked", Upstream, false,
        "Name a yanked version explicitly to import it all the same.";
    /// A gem that exists only for platforms other than `ruby`.
    NoRubyPlatform = "no-ruby-platform", Upstream, false,
        "Only platform-specific builds were published; there is no source to import.";
    /// A file's digest differs from what the registry or the archive itself declares.
    ChecksumMismatch = "checksum-mismatch", Upstream, false,
        "The file is not what was published: do not trust it. Try another mirror.";
    /// An archive that ends early, or whose compression or framing is broken.
    ArchiveCorrupt = "archive-corrupt", Upstream, false,
        "The file is damaged as published; ask upstream for a new release.";
    /// An archive, or a file, with nothing in it.
    ArchiveEmpty = "archive-empty", Upstream, false,
        "The file is empty as published; ask upstream for a new release.";
    /// An entry that would leave the folder it is unpacked into, or is no file, folder or link.
    ArchiveUnsafe = "archive-unsafe", Upstream, false,
        "The archive would write outside its folder: treat the release as hostile.";
    /// An archive over a limit on bytes, entries or ratio.
    ArchiveTooLarge = "archive-too-large", Upstream, false,
        "Raise --max-bytes, --max-entries or --max-ratio if you trust this package.";
    /// An archive of a kind that cannot be read.
    ArchiveUnsupported = "archive-unsupported", Upstream, false,
        "Supported are .tar.gz .tgz .tar.bz2 .tar.xz .zip .whl .gem and .src.rpm.";
    /// An archive without the file that describes the package.
    MetadataMissing = "metadata-missing", Upstream, false,
        "An sdist needs a PKG-INFO, or something to build and a file name of name and version; a wheel a METADATA, a gem a metadata.gz.";
    /// Metadata that cannot be parsed, or lacks the name or version.
    MetadataInvalid = "metadata-invalid", Upstream, false,
        "The package's own metadata is broken; ask upstream for a new release.";
    /// A version that does not follow its ecosystem's rules.
    VersionInvalid = "version-invalid", Upstream, false,
        "PyPI versions follow PEP 440, gem versions the rules of RubyGems.";
    /// A package whose license neither its metadata nor its files tell.
    LicenseUnknown = "license-unknown", Upstream, false,
        "Ask upstream to declare the license, or take the package as LicenseRef-Unknown with --allow-unknown-license.";
    /// A source RPM that is damaged, inconsistent or hostile.
    SrpmInvalid = "srpm-invalid", Upstream, false,
        "Check the file with `rpm -Kv` and build it again.";
    /// An RPM that is no source package.
    NotASourcePackage = "not-a-source-package", Request, false,
        "Give the .src.rpm, not a binary RPM.";
    /// A spec that says something that cannot be known without running code.
    SpecUnsupported = "spec-unsupported", Upstream, false,
        "Expand the macro in the spec or give it with --define, or build the source RPM with rpmbuild and import that.";
    /// A spec, or a template of one, with a mistake in it.
    SpecInvalid = "spec-invalid", Upstream, false,
        "Check the spec with `rpmspec -P`.";
    /// The server could not be reached.
    NetworkUnreachable = "network-unreachable", Network, true,
        "Check the network and the registry's address (--registry).";
    /// The server did not answer, or stopped sending, in time.
    NetworkTimeout = "network-timeout", Network, true,
        "Try again later, or raise --timeout.";
    /// The server answered with an error of its own.
    HttpError = "http-error", Network, true,
        "Try again later; if it persists, check the registry's address (--registry).";
    /// The server does not have what was asked for, or does not give it to us.
    HttpRefused = "http-refused", Network, false,
        "Check the address, and the registry's (--registry), and whether this machine may have the file.";
    /// The server asked for fewer requests, for longer than we wait.
    RateLimited = "rate-limited", Network, true,
        "Try again later with fewer --jobs.";
    /// More redirects than are followed, or a redirect to nowhere.
    RedirectLoop = "redirect-loop", Network, false,
        "Check the registry's address (--registry).";
    /// The registry's answer is not in a form that is known.
    RegistryInvalid = "registry-invalid", Network, true,
        "Check that --registry names a PyPI or RubyGems server.";
    /// A download over the limit.
    DownloadTooLarge = "download-too-large", Upstream, false,
        "Raise --max-download if you trust this package.";
    /// No space left on a device, or a quota reached.
    DiskFull = "disk-full", Host, true,
        "Free some space under the root and run the same command again.";
    /// A file or folder under the root cannot be written.
    PermissionDenied = "permission-denied", Host, false,
        "Check the owner and permissions of the root.";
    /// Another input/output failure of this machine.
    IoError = "io-error", Host, true,
        "Check the disk and the system's log.";
    /// A repository that git cannot work with.
    RepositoryInvalid = "repository-invalid", Host, false,
        "Check the repository with `git fsck`, or move it away. One with SHA-256 names, reftables or parts left out (a partial clone) cannot be used, however sound.";
    /// Somebody else moved the branch while the commit was made.
    BranchMoved = "branch-moved", Host, true,
        "Run the same import again.";
    /// The whole of an import took longer than it may.
    TimeLimit = "time-limit", Host, true,
        "Try again when this machine has less to do, or raise --import-timeout.";
    /// No ticket has the number.
    UnknownTicket = "unknown-ticket", Request, false,
        "Check the ticket's number.";
    /// No resource has the number or the name.
    UnknownResource = "unknown-resource", Request, false,
        "List the resources to see what there is.";
    /// The ticket was closed before it had a resource.
    TicketClosed = "ticket-closed", Request, false,
        "Take another ticket.";
    /// The ticket's resource died, or an administrator killed the ticket.
    TicketFailed = "ticket-failed", Host, true,
        "Close the ticket and take another one.";
    /// The settings of the pools contradict themselves.
    PoolsInvalid = "pools-invalid", Request, false,
        "Mend the named pools; until then the last good settings stay in use.";
    /// The commands of a build failed on its builder.
    BuildFailed = "build-failed", Upstream, false,
        "Read the build's log with distmill build log.";
    /// A build took longer than it may.
    BuildTimeLimit = "build-time-limit", Upstream, false,
        "Raise time-limit in the configuration of the builds, or look for what hangs in the log.";
    /// A build succeeded, and what it left as its results cannot be taken.
    BuildResults = "build-results", Upstream, false,
        "Look at what the command leaves in its folder of results, or raise max-results.";
    /// This machine could not do its part of a build, time after time.
    BuildTrouble = "build-trouble", Host, true,
        "Mend what the message names on this machine, and put the build back with distmill build retry.";
    /// A builder went away, refused the connection or had no room left.
    BuilderLost = "builder-lost", Host, true,
        "Look after the builders named in the build; distmill build retry puts it back.";
    /// A ticket for a builder cannot be had, or what it says of the builder means nothing.
    NoBuilder = "no-builder", Host, true,
        "Check the pools, their commands and the address of the resalloc server.";
    /// The configuration of the builds contradicts itself.
    BuildSettings = "build-settings", Request, false,
        "Mend the named place of the configuration of the builds.";
    /// Somebody took the build out.
    BuildCancelled = "build-cancelled", Request, false,
        "Put it back with distmill build retry.";
    /// The process died, time after time, while the job ran.
    Crashed = "crashed", Bug, false,
        "Look for the cause in the system's log, such as a lack of memory; distmill queue retry puts the job back.";
    /// A failure that should be impossible.
    InternalError = "internal-error", Bug, false,
        "Please report this with the log.";
    /// The program was told to stop before the job ended.
    Stopped = "stopped", Request, true,
        "Run the same command again.";
}

impl Code {
    /// The code of a spelling.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str() == text)
    }

    /// The code of an input/output failure on this machine's own files.
    #[must_use]
    pub fn of_io(error: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Self::DiskFull
            }
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::PermissionDenied,
            _ => Self::IoError,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_kebab_case() {
        let mut seen = std::collections::BTreeSet::new();
        for code in Code::ALL {
            let text = code.as_str();
            assert!(seen.insert(text), "{text} stands twice");
            assert!(
                text.bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{text}"
            );
            assert!(code.hint().ends_with('.'), "{text}: {}", code.hint());
        }
    }
}
