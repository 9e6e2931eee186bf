//! The main header of a source package, tag by tag as `rpmbuild` 4.18 writes it.

use super::super::header::{BuildError, HeaderBuilder};
use super::super::source_header::{SourceHeader, Translation};
use super::super::tag;
use super::dependencies::{self, Line};
use super::plan::{LARGE, Plan, PlannedFile};
use super::write::WriteSettings;
use std::iter;

/// RPMVERSION: the version of RPM whose form of a source package this is.
const RPM_VERSION: &str = "4.18.0";
/// Everything about the file is to be verified.
const VERIFY_ALL: u32 = 0xffff_ffff;
/// Digest, size, link and time of a file that is left out are not.
const VERIFY_LEFT_OUT: u32 = 0xffff_ffd8;

/// Digests of the payload, hexadecimal: as it stands in the file, and before compression.
pub(super) struct PayloadDigests {
    pub(super) compressed: String,
    pub(super) plain: String,
}

impl PayloadDigests {
    /// Digests of the right size, to learn the size of the header.
    pub(super) fn unknown() -> Self {
        Self {
            compressed: "0".repeat(64),
            plain: "0".repeat(64),
        }
    }
}

/// The whole main header.
pub(super) fn main_header(
    header: &SourceHeader,
    plan: &Plan<'_>,
    settings: &WriteSettings,
    digests: &PayloadDigests,
) -> Result<Vec<u8>, BuildError> {
    let mut out = HeaderBuilder::default();
    describe(&mut out, header);
    restrict(&mut out, header, &settings.arch);
    relate(&mut out, header, plan, settings);
    list_files(&mut out, plan);

    let (time, host) = (settings.build_time, &settings.build_host);
    out.u32s(tag::BUILD_TIME, [time]);
    out.string(tag::BUILD_HOST, host);
    out.string(tag::COOKIE, &format!("{host} {time}"));
    out.string(tag::RPM_VERSION, RPM_VERSION);
    out.u32s(tag::SOURCE_PACKAGE, [1]);
    out.string(tag::PAYLOAD_FORMAT, "cpio");
    out.optional(tag::PAYLOAD_COMPRESSOR, settings.compression.name());
    let level = settings.compression.level();
    let flags = level.map(|it| it.to_string()).unwrap_or_default();
    out.string(tag::PAYLOAD_FLAGS, &flags);
    out.string(tag::ENCODING, "utf-8");
    out.strings(tag::PAYLOAD_DIGEST, [digests.compressed.as_str()]);
    out.u32s(tag::PAYLOAD_DIGEST_ALGO, [tag::ALGO_SHA256]);
    out.strings(tag::PAYLOAD_DIGEST_ALT, [digests.plain.as_str()]);
    out.optional(tag::SPEC, header.spec.as_deref());
    out.finish(tag::HEADER_IMMUTABLE)
}

/// What the package is.
fn describe(out: &mut HeaderBuilder, header: &SourceHeader) {
    let languages = header.translations.iter().map(|it| it.language.as_str());
    out.strings(tag::HEADER_I18N_TABLE, ["C"].into_iter().chain(languages));
    out.string(tag::NAME, &header.name);
    out.string(tag::VERSION, &header.version);
    out.string(tag::RELEASE, &header.release);
    out.u32s(tag::EPOCH, header.epoch);
    let translated = |text: fn(&Translation) -> &str| {
        let all: Vec<&str> = header.translations.iter().map(text).collect();
        let last = all.iter().rposition(|it| !it.is_empty());
        all.into_iter().take(last.map_or(0, |it| it + 1))
    };
    let summaries = translated(|it| &it.summary);
    out.i18n(tag::SUMMARY, iter::once(&*header.summary).chain(summaries));
    let texts = translated(|it| &it.description);
    out.i18n(
        tag::DESCRIPTION,
        iter::once(&*header.description).chain(texts),
    );
    let groups = translated(|it| &it.group);
    let unsaid = if groups.len() == 0 { "Unspecified" } else { "" };
    let group = header.group.as_deref().unwrap_or(unsaid);
    out.i18n(tag::GROUP, iter::once(group).chain(groups));
    out.string(tag::LICENSE, &header.license);
    for (tag, value) in [
        (tag::URL, &header.url),
        (tag::VENDOR, &header.vendor),
        (tag::PACKAGER, &header.packager),
        (tag::DISTRIBUTION, &header.distribution),
        (tag::DIST_TAG, &header.dist_tag),
        (tag::BUG_URL, &header.bug_url),
        (tag::VCS, &header.vcs),
        (tag::MODULARITY_LABEL, &header.modularity_label),
        (tag::TRANSLATION_URL, &header.translation_url),
        (tag::UPSTREAM_RELEASES, &header.upstream_releases),
    ] {
        out.optional(tag, value.as_deref());
    }
    let log = &header.changelog;
    out.u32s(tag::CHANGELOG_TIME, log.iter().map(|it| it.time));
    out.strings(tag::CHANGELOG_NAME, log.iter().map(|it| it.author.as_str()));
    out.strings(tag::CHANGELOG_TEXT, log.iter().map(|it| it.text.as_str()));
}

/// What it is for, and what it is made of.
fn restrict(out: &mut HeaderBuilder, header: &SourceHeader, host: &str) {
    out.string(tag::OS, "linux");
    let arch = header.build_archs.first().map_or(host, String::as_str);
    out.string(tag::ARCH, arch);
    for (tag, values) in [
        (tag::BUILD_ARCHS, &header.build_archs),
        (tag::EXCLUDE_ARCH, &header.exclude_arch),
        (tag::EXCLUSIVE_ARCH, &header.exclusive_arch),
        (tag::EXCLUDE_OS, &header.exclude_os),
        (tag::EXCLUSIVE_OS, &header.exclusive_os),
    ] {
        out.strings(tag, values.iter().map(String::as_str));
    }
    for (tag, names) in [
        (tag::SOURCE, &header.sources),
        (tag::PATCH, &header.patches),
    ] {
        out.strings(tag, names.iter().rev().map(String::as_str));
    }
    for (tag, numbers) in [
        (tag::NO_SOURCE, &header.no_source),
        (tag::NO_PATCH, &header.no_patch),
    ] {
        out.u32s(tag, numbers.iter().rev().copied());
    }
}

/// Provides, requires and conflicts.
fn relate(
    out: &mut HeaderBuilder,
    header: &SourceHeader,
    plan: &Plan<'_>,
    settings: &WriteSettings,
) {
    let provides = &header.provides;
    out.strings(
        tag::PROVIDE_NAME,
        provides.iter().map(|it| it.name.as_str()),
    );
    out.u32s(
        tag::PROVIDE_FLAGS,
        provides.iter().map(|it| it.sense.bits()),
    );
    let versions = provides.iter().map(|it| it.version.as_str());
    out.strings(tag::PROVIDE_VERSION, versions);

    let requires = dependencies::requires(header, settings.compression, plan.has_large_file);
    let tags = [tag::REQUIRE_NAME, tag::REQUIRE_FLAGS, tag::REQUIRE_VERSION];
    put_lines(out, tags, &requires);
    let conflicts = dependencies::conflicts(header);
    let tags = [
        tag::CONFLICT_NAME,
        tag::CONFLICT_FLAGS,
        tag::CONFLICT_VERSION,
    ];
    put_lines(out, tags, &conflicts);
}

fn put_lines(out: &mut HeaderBuilder, [name, flags, version]: [u32; 3], lines: &[Line<'_>]) {
    out.strings(name, lines.iter().map(|it| it.name));
    out.u32s(flags, lines.iter().map(|it| it.flags));
    out.strings(version, lines.iter().map(|it| it.version));
}

/// The list of files.
fn list_files(out: &mut HeaderBuilder, plan: &Plan<'_>) {
    let files = &plan.files;
    let digests: Vec<String> = files.iter().map(digest).collect();
    let sizes = files.iter().map(|it| it.file.size);
    match u32::try_from(plan.size) {
        Ok(size) if plan.size < LARGE => out.u32s(tag::SIZE, [size]),
        _ => out.u64s(tag::LONG_SIZE, [plan.size]),
    }
    if plan.has_large_file {
        out.u64s(tag::LONG_FILE_SIZES, sizes);
    } else {
        let small = |it| u32::try_from(it).expect("a plan without large files");
        out.u32s(tag::FILE_SIZES, sizes.map(small));
    }
    out.u16s(tag::FILE_MODES, files.iter().map(|it| it.file.mode()));
    out.u16s(tag::FILE_RDEVS, files.iter().map(|_| 0));
    out.u32s(tag::FILE_MTIMES, files.iter().map(|it| it.file.mtime));
    out.strings(tag::FILE_DIGESTS, digests.iter().map(String::as_str));
    out.strings(tag::FILE_LINK_TOS, files.iter().map(|_| ""));
    out.u32s(tag::FILE_FLAGS, files.iter().map(flags));
    out.strings(tag::FILE_USER_NAME, files.iter().map(|_| "root"));
    out.strings(tag::FILE_GROUP_NAME, files.iter().map(|_| "root"));
    out.u32s(tag::FILE_VERIFY_FLAGS, files.iter().map(verify_flags));
    out.u32s(tag::FILE_DEVICES, files.iter().map(|_| 1));
    out.u32s(tag::FILE_INODES, files.iter().map(|it| it.inode));
    out.strings(tag::FILE_LANGS, files.iter().map(|_| ""));
    out.u32s(tag::DIR_INDEXES, files.iter().map(|_| 0));
    out.strings(
        tag::BASE_NAMES,
        files.iter().map(|it| it.file.name.as_str()),
    );
    out.strings(tag::DIR_NAMES, [""]);
    out.u32s(tag::FILE_DIGEST_ALGO, [tag::ALGO_SHA256]);
}

fn digest(file: &PlannedFile<'_>) -> String {
    if file.left_out {
        String::new()
    } else {
        file.file.sha256.to_string()
    }
}

fn flags(file: &PlannedFile<'_>) -> u32 {
    match (file.file.is_spec, file.left_out) {
        (true, _) => tag::FILE_SPEC,
        (false, true) => tag::FILE_GHOST,
        (false, false) => 0,
    }
}

fn verify_flags(file: &PlannedFile<'_>) -> u32 {
    if file.left_out {
        VERIFY_LEFT_OUT
    } else {
        VERIFY_ALL
    }
}
