//! Sdists: forms of archive, build backends, versions, names, texts.

use super::Case;
use super::project::Project;

const SETUP: &str = "from setuptools import setup\nsetup()\n";
const SETUPTOOLS: (&str, &str) = ("\"setuptools>=61\"", "setuptools.build_meta");

fn project(case: &'static str, name: &'static str, version: &'static str) -> Project {
    let project = Project::new(case, name, version).backend(SETUPTOOLS.0, SETUPTOOLS.1);
    project.file("src/it/__init__.py", "")
}

fn built_by(case: &'static str, requires: &str, backend: &str) -> Case {
    let project = Project::new(case, case, "1.0").backend(requires, backend);
    project.file("hello/__init__.py", "").tar_gz()
}

pub(super) fn all() -> Vec<Case> {
    [
        backends(),
        shapes(),
        versions_and_names(),
        texts(),
        hostile(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn backends() -> Vec<Case> {
    vec![
        built_by("setuptools", SETUPTOOLS.0, SETUPTOOLS.1),
        built_by("flit", "\"flit_core>=3.2\"", "flit_core.buildapi"),
        built_by(
            "hatchling",
            "\"hatchling\", \"hatch-vcs\"",
            "hatchling.build",
        ),
        built_by(
            "poetry",
            "\"poetry-core>=1.0.0\"",
            "poetry.core.masonry.api",
        ),
        built_by("pdm", "\"pdm-backend\"", "pdm.backend"),
        Project::unlicensed("setup-py-of-2008", "oldie", "0.3")
            .field("License: BSD\nAuthor: Ann Other\nAuthor-email: ann@example.org")
            .field("Home-page: http://www.example.org/oldie\nPlatform: UNKNOWN")
            .file(
                "setup.py",
                "from distutils.core import setup\nsetup(name='oldie')\n",
            )
            .file("README", "An old package.\n")
            .tar_gz(),
        project("setup-py-beside-pyproject", "both", "1.0")
            .file("setup.py", SETUP)
            .file("setup.cfg", "[metadata]\nname = both\n")
            .tar_gz(),
    ]
}

fn shapes() -> Vec<Case> {
    vec![
        project("zip", "zipped", "1.0").zip(),
        project("bz2", "bzipped", "1.0").tar_bz2(),
        project("xz", "xzipped", "1.0").tar_xz(),
        project("other-top-folder", "topped", "1.0").top("topped-master").tar_gz(),
        project("flat", "flat", "1.0").flat().tar_gz(),
        Project::unlicensed("no-pkg-info-but-setup-py", "bare", "0.1")
            .without_info()
            .file("setup.py", "from setuptools import setup\nsetup(name='bare', version='0.1')\n")
            .file("LICENSE", super::licenses::text("MIT"))
            .tar_gz(),
        Project::unlicensed("no-pkg-info-but-pyproject", "static", "0.2")
            .without_info()
            .file(
                "pyproject.toml",
                "[build-system]\nrequires = [\"flit_core\"]\nbuild-backend = \"flit_core.buildapi\"\n\
                 [project]\nname = \"static\"\nversion = \"0.2\"\ndescription = \"Said by hand\"\n\
                 license = \"MIT\"\n",
            )
            .tar_gz(),
        Project::new("nothing-but-metadata", "lonely", "1.0").tar_gz(),
    ]
}

fn versions_and_names() -> Vec<Case> {
    vec![
        project("candidate", "early", "2.0rc1").tar_gz(),
        project("alpha-and-dev", "earlier", "2.0a3.dev4").tar_gz(),
        project("post", "later", "1.0.post2").tar_gz(),
        project("local", "mine", "1.0+ubuntu.1").tar_gz(),
        project("epoch", "epochal", "1!2024.1").tar_gz(),
        project("odd-name", "Zope.Odd__Name-x", "1.0").tar_gz(),
        project("python-in-the-name", "python-demo", "1.0").tar_gz(),
        project("extras", "extra", "1.0")
            .field("Provides-Extra: Fast\nProvides-Extra: all_of.it\nProvides-Extra: s3")
            .field("Requires-Dist: orjson; extra == 'Fast'")
            .tar_gz(),
        project("requires-python", "picky", "1.0")
            .field("Requires-Python: >=3.8,!=3.9.*,<4")
            .tar_gz(),
    ]
}

fn texts() -> Vec<Case> {
    vec![
        Project::new("latin-1", "caf", "1.0")
            .field_bytes(b"Author: Ren\xe9 Caf\xe9")
            .field_bytes(b"Description: Un caf\xe9, s'il vous pla\xeet.\n        \x93Merci\x94")
            .file("setup.py", SETUP)
            .tar_gz(),
        project("non-ascii", "unicode", "1.0")
            .field("Author: Łukasz 山田\n\nÜber 日本語 and more.\n")
            .tar_gz(),
        project("documents", "documented", "1.0")
            .file("README.rst", "Read me.\n")
            .file("CHANGES.txt", "None.\n")
            .file("AUTHORS", "Ann\n")
            .file("docs/index.rst", "Docs\n")
            .tar_gz(),
        project("long-description", "wordy", "1.0")
            .field(&format!(
                "Description-Content-Type: text/markdown\n\n{}",
                "# Wordy\n\nMany words. ".repeat(2000)
            ))
            .tar_gz(),
        project("addresses", "linked", "1.0")
            .field("Home-page: UNKNOWN\nProject-URL: Source, https://example.org/source")
            .field("Project-URL: Homepage, https://example.org/linked")
            .tar_gz(),
    ]
}

fn hostile() -> Vec<Case> {
    vec![
        Project::new("hostile-text", "evil", "1.0")
            .field("Author: %(touch ran)\nHome-page: https://example.org/%{lua:os.exit(3)}")
            .field("Keywords: x\nPlatform: %{expand:%(touch ran)}")
            .field("\n%prep\ntouch ran\n%changelog\n%{!?x:%(touch ran)}\n%if 0\n\\\n")
            .file("%(touch ran).txt", "")
            .file("LICENSE.%(touch ran)", "")
            .file("README %{lua:os.exit(3)}", "")
            .file("setup.py", SETUP)
            .tar_gz(),
        Project::new("hostile-lines", "evil-lines", "1.0")
            .field(&format!("Author: {}\nLicense: %{{", "A".repeat(1 << 20)))
            .field("\nRelease: 66\rEpoch: 7\u{2028}Epoch: 8\u{202e}\u{0}\u{1b}[31m\n")
            .tar_gz(),
        Project::new("hostile-name", "evil%(touch ran)", "1.0")
            .top("evil")
            .tar_gz(),
        Project::new("no-version", "sorry", "").tar_gz(),
        Project::new("nonsense-version", "sorry", "one-point-oh").tar_gz(),
    ]
}
