//! Whether an sdist compiles something, and with what.
//!
//! The rule: there are sources of a compiled language, *and* the project's build declares that it
//! compiles. Either alone is common in pure packages: C files lie in test data, and a
//! `cythonize(` may be optional code that was left behind. A build declares it by
//!
//! * `setup.py` or `build.py`: `ext_modules`, `Extension(`, `rust_extensions`;
//! * `pyproject.toml`: a backend that exists to compile (maturin, meson-python, setuptools-rust),
//!   a build requirement on Cython, `ext-modules`, `cythonize`;
//! * `Cargo.toml`: a crate that makes a Python module (`pyo3`).
//!
//! Two declarations need no sources: scikit-build makes wheels for one platform unless it is told
//! otherwise, and `cffi_modules` writes its C at build time. In doubt something is compiled: a
//! noarch package with a binary in it cannot be built, an archful one without any can.

use crate::import::description::RuntimeRequirements;
use std::collections::BTreeSet;

/// Bytes of a build file that are looked at.
pub(super) const MAX_BUILD_FILE: u64 = 1 << 20;

/// Cython, as a build requirement that nothing else finds.
pub(super) const CYTHON: &str = "python3dist(cython)";

/// Names of the build files, in the project's own folder.
const BUILD_FILES: &[&str] = &["setup.py", "build.py", "pyproject.toml", "Cargo.toml"];

/// What setup scripts call the things that they compile.
const SCRIPT_WORDS: &[&str] = &["ext_modules", "Extension(", "cythonize("];

/// What scikit-build is called, in its own name and in that of its module.
const SCIKIT_BUILD: &[&str] = &["scikit_build_core", "scikit-build", "skbuild"];
/// What it calls at build time; CMake looks for both compilers, whatever there is to compile.
const SCIKIT_BUILD_TOOLS: &[&str] = &["cmake", "gcc", "gcc-c++", "ninja-build"];
/// What meson-python calls at build time. Where these are missing it asks for Python packages of
/// them, which distributions do not have.
const MESON_PYTHON_TOOLS: &[&str] = &["ninja-build", "patchelf"];

/// Folders whose sources are not built with the package.
const ASIDE: &[&str] = &[
    "test",
    "tests",
    "doc",
    "docs",
    "example",
    "examples",
    "benchmark",
    "benchmarks",
];
/// Folders of other projects' sources, which hold more than a build takes from them.
const VENDORED: &[&str] = &[
    "extern",
    "external",
    "vendor",
    "third_party",
    "third-party",
    "thirdparty",
    "3rd-party",
    "3rdparty",
];

/// The languages of the sources in an archive.
#[derive(Debug, Default)]
pub(super) struct Languages {
    c: bool,
    cpp: bool,
    cython: bool,
    rust: bool,
    fortran: bool,
}

impl Languages {
    /// Takes note of one file, by its path.
    pub(super) fn see(&mut self, path: &str) {
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        let within = |names: &[&str]| folders.split('/').any(|it| names.contains(&it));
        let Some((_, extension)) = name.rsplit_once('.') else {
            return;
        };
        let language = match extension {
            "c" => &mut self.c,
            "cc" | "cpp" | "cxx" | "C" => &mut self.cpp,
            // With declarations beside it, plain Python is compiled too.
            "pyx" | "pxd" => &mut self.cython,
            "rs" => &mut self.rust,
            "f" | "for" | "f77" | "f90" | "f95" | "F" | "F90" if !within(VENDORED) => {
                &mut self.fortran
            }
            _ => return,
        };
        *language |= !within(ASIDE);
    }

    const fn any_but_rust(&self) -> bool {
        self.c || self.cpp || self.cython || self.fortran
    }
}

/// What the build files of one folder declare.
#[derive(Debug, Default)]
pub(super) struct Declared {
    native: bool,
    /// Compiled whatever sources there are.
    always: bool,
    rust: bool,
    cpp: bool,
    tools: BTreeSet<&'static str>,
    runtime: RuntimeRequirements,
    /// A setup script calls Cython.
    calls_cython: bool,
    /// Cython is a declared requirement, and so is found by the build itself.
    requires_cython: bool,
}

/// Whether a file declares how the project is built.
pub(super) fn is_build_file(name: &str) -> bool {
    BUILD_FILES.contains(&name)
}

impl Declared {
    /// Takes in one build file.
    pub(super) fn read(&mut self, name: &str, text: &str) {
        let code: String = text
            .lines()
            .filter(|it| !it.trim_start().starts_with('#'))
            .flat_map(|it| [it, "\n"])
            .collect();
        match name {
            "pyproject.toml" => self.read_project(&code),
            "Cargo.toml" => self.rust |= code.contains("pyo3"),
            _ => self.read_script(&code),
        }
    }

    fn read_script(&mut self, code: &str) {
        self.native |= SCRIPT_WORDS.iter().any(|it| code.contains(it));
        self.always |= code.contains("cffi_modules");
        self.rust |= code.contains("rust_extensions") || code.contains("RustExtension(");
        self.cpp |= code.contains("c++");
        // Its modules: the mere name also stands in messages and comments.
        self.calls_cython |= code.contains("Cython.");
        self.call_scikit_build(code, code);
    }

    fn read_project(&mut self, code: &str) {
        let system = section(code, "[build-system]").to_ascii_lowercase();
        self.rust |= system.contains("maturin") || system.contains("setuptools-rust");
        self.native |= code.contains("ext-modules") || code.contains("cythonize");
        self.cpp |= code.contains("c++");
        if system.contains("cython") {
            self.requires_cython = true;
            self.native = true;
        }
        if system.contains("mesonpy") {
            self.native = true;
            self.tools.extend(MESON_PYTHON_TOOLS);
        }
        self.runtime = runtime(&system, code);
        self.call_scikit_build(&system, code);
    }

    /// `settings` is where scikit-build would be told that its wheels are for all platforms.
    fn call_scikit_build(&mut self, code: &str, settings: &str) {
        if SCIKIT_BUILD.iter().any(|it| code.contains(it)) {
            self.tools.extend(SCIKIT_BUILD_TOOLS);
            self.always |= !settings.replace(' ', "").contains("platlib=false");
        }
    }

    /// Where the build reads what the package needs at run time.
    pub(super) const fn runtime(&self) -> RuntimeRequirements {
        self.runtime
    }

    /// Whether the build makes anything that runs on one architecture only.
    pub(super) fn compiles(&self, languages: &Languages) -> bool {
        self.compiles_native(languages) || self.compiles_rust(languages)
    }

    const fn compiles_native(&self, languages: &Languages) -> bool {
        self.always || (self.native && languages.any_but_rust())
    }

    const fn compiles_rust(&self, languages: &Languages) -> bool {
        self.rust && languages.rust
    }

    /// What the build needs, as `BuildRequires` names it.
    pub(super) fn tools(&self, languages: &Languages) -> Vec<String> {
        let mut tools = self.tools.clone();
        if self.compiles_native(languages) {
            tools.insert("gcc");
            if languages.cpp || self.cpp {
                tools.insert("gcc-c++");
            }
            if languages.fortran {
                tools.insert("gcc-gfortran");
            }
            if languages.cython && self.calls_cython && !self.requires_cython {
                tools.insert(CYTHON);
            }
        }
        if self.compiles_rust(languages) {
            // Linking a Rust library calls the C compiler.
            tools.extend(["cargo", "gcc", "rust"]);
        }
        tools.into_iter().map(str::to_owned).collect()
    }
}

/// meson-python has no hook for the metadata alone. scikit-build lacks it where a failed build is
/// tried again in another way, a backend of the project's own often does: whether or not it is
/// there, the table says the same.
fn runtime(system: &str, text: &str) -> RuntimeRequirements {
    let late = system.contains("mesonpy");
    let unsure =
        system.contains("backend-path") || SCIKIT_BUILD.iter().any(|it| system.contains(it));
    if (late || unsure) && lists_dependencies(text) {
        RuntimeRequirements::ProjectTable
    } else if late {
        RuntimeRequirements::Wheel
    } else {
        RuntimeRequirements::Backend
    }
}

/// Whether a project's metadata stands in the file and leaves no dependencies to the build.
fn lists_dependencies(text: &str) -> bool {
    let project = section(text, "[project]");
    let dynamic = project.split_once("\ndynamic").map_or("", |it| it.1);
    let dynamic = dynamic.split(']').next().unwrap_or_default();
    !project.is_empty() && !dynamic.contains("dependencies")
}

/// The part of a TOML text from a heading to the next one.
fn section<'t>(text: &'t str, heading: &str) -> &'t str {
    let Some(at) = text.find(heading) else {
        return "";
    };
    let rest = &text[at + heading.len()..];
    &rest[..rest.find("\n[").unwrap_or(rest.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tools(paths: &[&str], files: &[(&str, &str)]) -> Vec<String> {
        let mut languages = Languages::default();
        paths.iter().for_each(|it| languages.see(it));
        let mut declared = Declared::default();
        files.iter().for_each(|it| declared.read(it.0, it.1));
        declared.tools(&languages)
    }

    fn compiles(paths: &[&str], files: &[(&str, &str)]) -> bool {
        let mut languages = Languages::default();
        paths.iter().for_each(|it| languages.see(it));
        let mut declared = Declared::default();
        files.iter().for_each(|it| declared.read(it.0, it.1));
        declared.compiles(&languages)
    }

    const SETUP: &str =
        "from setuptools import setup, Extension\nsetup(ext_modules=[Extension('x', ['x.c'])])";

    #[test]
    fn sources_and_a_declaration_make_an_extension() {
        assert_eq!(tools(&["x.c"], &[("setup.py", SETUP)]), ["gcc"]);
        assert_eq!(
            tools(&["x.c", "y.cpp"], &[("setup.py", SETUP)]),
            ["gcc", "gcc-c++"]
        );
        assert!(tools(&["tests/x.c"], &[("setup.py", "setup()")]).is_empty());
        assert!(tools(&["x.py"], &[("setup.py", SETUP)]).is_empty());
        let commented = format!("# {}", SETUP.replace('\n', "\n# "));
        assert!(tools(&["x.c"], &[("setup.py", &commented)]).is_empty());
    }

    #[test]
    fn rust_needs_its_own_declaration() {
        let maturin = "[build-system]\nrequires = [\"maturin>=1\"]\nbuild-backend = \"maturin\"\n";
        let want = ["cargo", "gcc", "rust"];
        assert_eq!(tools(&["src/lib.rs"], &[("pyproject.toml", maturin)]), want);
        assert_eq!(
            tools(&["src/lib.rs"], &[("Cargo.toml", "pyo3 = \"0.20\"")]),
            want
        );
        assert!(tools(&["src/lib.rs"], &[("setup.py", SETUP)]).is_empty());
        let elsewhere = "[project]\nname = \"maturin-notes\"\n[build-system]\nrequires = []\n";
        assert!(tools(&["a.rs"], &[("pyproject.toml", elsewhere)]).is_empty());
    }

    #[test]
    fn backends_bring_their_tools() {
        let scikit = "[build-system]\nrequires = [\"scikit-build-core\"]\n\
                      build-backend = \"scikit_build_core.build\"\n[tool.x]\n";
        assert_eq!(
            tools(&["a.cc"], &[("pyproject.toml", scikit)]),
            ["cmake", "gcc", "gcc-c++", "ninja-build"]
        );
        let meson =
            "[build-system]\nbuild-backend = 'mesonpy'\nrequires = ['meson-python', 'Cython']";
        assert_eq!(
            tools(&["a.pyx"], &[("pyproject.toml", meson)]),
            ["gcc", "ninja-build", "patchelf"]
        );
    }

    #[test]
    fn backends_call_their_tools_for_pure_packages_too() {
        let scikit = "[build-system]\nrequires = [\"scikit-build-core\"]\n[tool.scikit-build]\n";
        let fetched = [("pyproject.toml", scikit)];
        let want = ["cmake", "gcc", "gcc-c++", "ninja-build"];
        assert_eq!(tools(&["x/y.py"], &fetched), want);
        assert!(compiles(&["x/y.py"], &fetched));
        let headers = format!("{scikit}wheel.platlib = false\n");
        let headers = [("pyproject.toml", headers.as_str())];
        assert_eq!(tools(&["x/tests/y.cpp"], &headers), want);
        assert!(!compiles(&["x/tests/y.cpp"], &headers));
        let meson = [(
            "pyproject.toml",
            "[build-system]\nbuild-backend = 'mesonpy'",
        )];
        assert_eq!(tools(&["x/tests/y.c"], &meson), ["ninja-build", "patchelf"]);
        assert!(!compiles(&["x/tests/y.c"], &meson));
    }

    #[test]
    fn some_backends_tell_requirements_too_late() {
        let runtime = |text: &str| {
            let mut declared = Declared::default();
            declared.read("pyproject.toml", text);
            declared.runtime()
        };
        let table = "[project]\ndynamic = ['version']\ndependencies = ['x']\n";
        let dynamic = "[project]\ndynamic = [\n  'version',\n  'optional-dependencies',\n]\n";
        let [backend, listed, late] = [
            RuntimeRequirements::Backend,
            RuntimeRequirements::ProjectTable,
            RuntimeRequirements::Wheel,
        ];
        for (system, project, expected) in [
            ("build-backend = 'mesonpy'", "", late),
            ("build-backend = 'mesonpy'", table, listed),
            ("build-backend = 'mesonpy'", dynamic, late),
            ("backend-path = ['.']", table, listed),
            ("requires = ['scikit-build-core']", table, listed),
            ("backend-path = ['.']", dynamic, backend),
            ("backend-path = ['.']", "", backend),
            ("build-backend = 'flit_core.buildapi'", table, backend),
        ] {
            let text = format!("[build-system]\n{system}\n\n{project}");
            assert_eq!(runtime(&text), expected, "{text}");
        }
    }

    #[test]
    fn cython_is_declared_in_many_ways() {
        // Plain Python with declarations beside it, compiled where Cython is there.
        let project = "[build-system]\nrequires = [\"setuptools\", \"cython>=3.3\"]\n";
        let pure = [("setup.py", SETUP), ("pyproject.toml", project)];
        assert_eq!(tools(&["x/a.py", "x/a.pxd"], &pure), ["gcc"]);
        assert!(compiles(&["x/a.pxd"], &pure));
        // A backend of the project's own, which asks for Cython itself.
        let own = "[build-system]\nrequires = [\"setuptools\"]\nbackend-path = [\"packaging\"]\n\
                   [tool.local.cythonize]\nsrc = [\"x/*.pyx\"]\n";
        assert!(compiles(&["x/a.pyx"], &[("pyproject.toml", own)]));
        let plus = "from Cython.Build import cythonize\nExtension('x', ['x.pyx'], language='c++')";
        assert_eq!(
            tools(&["x.pyx"], &[("setup.py", plus)]),
            ["gcc", "gcc-c++", CYTHON]
        );
        let named = "print('Cython was not found')\nsetup(ext_modules=[Extension('x', ['x.c'])])";
        assert_eq!(tools(&["x.c", "t.pyx"], &[("setup.py", named)]), ["gcc"]);
    }

    #[test]
    fn cffi_writes_its_sources_at_build_time() {
        let script = "setup(cffi_modules=['x/build.py:ffi'])";
        assert_eq!(tools(&["x/build.py"], &[("setup.py", script)]), ["gcc"]);
        assert!(compiles(&["x/build.py"], &[("setup.py", script)]));
    }

    #[test]
    fn what_lies_aside_is_not_built() {
        let files = [("setup.py", SETUP)];
        for path in ["x-1/tests/a.c", "x-1/docs/a.cpp", "x-1/examples/a.f90"] {
            assert!(!compiles(&[path], &files), "{path}");
        }
        let vendored = ["x-1/a.cpp", "x-1/extern/lapack/a.f", "x-1/extern/b.c"];
        assert_eq!(tools(&vendored, &files), ["gcc", "gcc-c++"]);
    }

    #[test]
    fn cython_is_asked_for_where_the_build_does_not() {
        let script = "from Cython.Build import cythonize\nsetup(ext_modules=cythonize('a.pyx'))";
        assert_eq!(
            tools(&["a.pyx"], &[("setup.py", script)]),
            ["gcc", "python3dist(cython)"]
        );
        let project = "[build-system]\nrequires = [\"setuptools\", \"Cython\"]\n";
        let both = [("setup.py", script), ("pyproject.toml", project)];
        assert_eq!(tools(&["a.pyx"], &both), ["gcc"]);
    }
}
