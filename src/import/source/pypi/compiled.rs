//! Whether an sdist compiles something, and with what.
//!
//! The rule: there are sources of a compiled language, *and* the project's build declares that it
//! compiles. Either alone is common in pure packages: C files lie in test data, and a
//! `cythonize(` may be optional code that was left behind. A build declares it by
//!
//! * `setup.py` or `build.py`: `ext_modules`, `Extension(`, `cffi_modules`, `rust_extensions`;
//! * `pyproject.toml`: a backend that exists to compile (maturin, scikit-build, meson-python,
//!   setuptools-rust), or `ext-modules`;
//! * `Cargo.toml`: a crate that makes a Python module (`pyo3`).

use std::collections::BTreeSet;

/// Bytes of a build file that are looked at.
pub(super) const MAX_BUILD_FILE: u64 = 1 << 20;

/// Names of the build files, in the project's own folder.
const BUILD_FILES: &[&str] = &["setup.py", "build.py", "pyproject.toml", "Cargo.toml"];

/// What setup scripts call the things that they compile.
const SCRIPT_WORDS: &[&str] = &["ext_modules", "Extension(", "cythonize(", "cffi_modules"];

/// Backends that compile C or C++, and what they call at build time.
const BACKENDS: &[(&str, &[&str])] = &[
    ("scikit_build_core", &["cmake", "ninja-build"]),
    ("scikit-build", &["cmake", "ninja-build"]),
    ("skbuild", &["cmake", "ninja-build"]),
    ("mesonpy", &["ninja-build"]),
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
    /// Takes note of one file.
    pub(super) fn see(&mut self, path: &str) {
        let Some((_, extension)) = path.rsplit_once('.') else {
            return;
        };
        match extension {
            "c" => self.c = true,
            "cc" | "cpp" | "cxx" | "C" => self.cpp = true,
            "pyx" => self.cython = true,
            "rs" => self.rust = true,
            "f" | "for" | "f77" | "f90" | "f95" | "F" | "F90" => self.fortran = true,
            _ => {}
        }
    }

    const fn any_but_rust(&self) -> bool {
        self.c || self.cpp || self.cython || self.fortran
    }
}

/// What the build files of one folder declare.
#[derive(Debug, Default)]
pub(super) struct Declared {
    native: bool,
    rust: bool,
    tools: BTreeSet<&'static str>,
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
        self.rust |= code.contains("rust_extensions") || code.contains("RustExtension(");
        self.calls_cython |= code.contains("Cython");
        self.call_skbuild(code);
    }

    fn read_project(&mut self, code: &str) {
        let system = section(code, "[build-system]").to_ascii_lowercase();
        self.rust |= system.contains("maturin") || system.contains("setuptools-rust");
        self.native |= code.contains("ext-modules");
        self.requires_cython |= system.contains("cython");
        self.call_skbuild(&system);
    }

    fn call_skbuild(&mut self, code: &str) {
        for (word, tools) in BACKENDS {
            if code.contains(word) {
                self.native = true;
                self.tools.extend(*tools);
            }
        }
    }

    /// What the build needs, as `BuildRequires` names it; nothing where nothing is compiled.
    pub(super) fn tools(&self, languages: &Languages) -> Vec<String> {
        let native = self.native && languages.any_but_rust();
        let rust = self.rust && languages.rust;
        let mut tools = BTreeSet::new();
        if native {
            tools.insert("gcc");
            tools.extend(&self.tools);
            if languages.cpp {
                tools.insert("gcc-c++");
            }
            if languages.fortran {
                tools.insert("gcc-gfortran");
            }
            if languages.cython && self.calls_cython && !self.requires_cython {
                tools.insert("python3dist(cython)");
            }
        }
        if rust {
            // Linking a Rust library calls the C compiler.
            tools.extend(["cargo", "gcc", "rust"]);
        }
        tools.into_iter().map(str::to_owned).collect()
    }
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
            ["gcc", "ninja-build"]
        );
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
