//! Whether an sdist compiles something, and with what.
//!
//! The rule: there are sources of a compiled language, *and* the project's build declares that it
//! compiles. Either alone is common in pure packages: C files lie in test data, and a
//! `cythonize(` may be optional code that was left behind. A build declares it by
//!
//! * `setup.py` or `build.py`: `ext_modules`, `Extension(`, `rust_extensions`, a call of f2py, or of
//!   CMake or Meson where the archive has their files;
//! * `pyproject.toml`: a backend that exists to compile (maturin, meson-python, setuptools-rust),
//!   a build requirement on Cython, `ext-modules`, `cythonize`;
//! * `Cargo.toml`: a crate that makes a Python module (`pyo3`).
//!
//! Some declarations need no such sources: scikit-build and others that call CMake make wheels for
//! one platform unless they are told otherwise, sip and `cffi_modules` write their C at build time,
//! and mypyc compiles plain Python. In doubt something is compiled: a
//! noarch package with a binary in it cannot be built, an archful one without any can.

use super::languages::Languages;
use crate::import::description::RuntimeRequirements;
use std::collections::BTreeSet;

/// Bytes of a build file that are looked at.
pub(super) const MAX_BUILD_FILE: u64 = 1 << 20;

/// Cython, as a build requirement that nothing else finds.
pub(super) const CYTHON: &str = "python3dist(cython)";

/// mypy with its compiler, as a build requirement that nothing else finds.
const MYPY: &str = "python3dist(mypy)";

/// Names of the build files, in the project's own folder.
const BUILD_FILES: &[&str] = &["setup.py", "build.py", "pyproject.toml", "Cargo.toml"];

/// What setup scripts call the things that they compile.
const SCRIPT_WORDS: &[&str] = &["ext_modules", "Extension(", "cythonize(", "f2py"];

/// What scikit-build is called, in its own name and in that of its module.
const SCIKIT_BUILD: &[&str] = &["scikit_build_core", "scikit-build", "skbuild"];
/// Other backends that call CMake.
const CMAKE_BACKENDS: &[&str] = &["py_build_cmake", "py-build-cmake", "cmeel"];
/// What these call at build time; CMake looks for both compilers, whatever there is to compile.
const CMAKE_TOOLS: &[&str] = &["cmake", "gcc", "gcc-c++", "ninja-build"];
/// What a setup script needs that calls CMake itself, which then writes makefiles.
const CMAKE_SCRIPT_TOOLS: &[&str] = &["cmake", "gcc", "gcc-c++", "make"];
/// What a setup script needs that calls Meson itself.
const MESON_SCRIPT_TOOLS: &[&str] = &["meson", "ninja-build"];
/// Backends that write C++ from the interfaces of Qt and other libraries.
const SIP: &[&str] = &["sipbuild", "pyqtbuild"];
/// What meson-python calls at build time. Where these are missing it asks for Python packages of
/// them, which distributions do not have.
const MESON_PYTHON_TOOLS: &[&str] = &["ninja-build", "patchelf"];

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
    /// The same of mypyc and of mypy.
    calls_mypyc: bool,
    requires_mypy: bool,
    /// A setup script names SWIG or one of its files.
    calls_swig: bool,
    /// A setup script calls CMake or Meson itself.
    calls_cmake: bool,
    calls_meson: bool,
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
        self.calls_mypyc |= code.contains("mypycify(");
        let names = |endings: &[&str]| endings.iter().any(|it| code.contains(it));
        self.calls_swig |= names(&["swig", ".i'", ".i\""]);
        self.calls_cmake |= names(&["CMakeExtension", "'cmake'", "\"cmake\""]);
        self.calls_meson |= names(&["'meson'", "\"meson\""]);
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
        self.requires_mypy |= system.contains("mypy");
        self.calls_mypyc |= hatch_compiles(code);
        if CMAKE_BACKENDS.iter().any(|it| system.contains(it)) {
            self.tools.extend(CMAKE_TOOLS);
            self.always = true;
        }
        if SIP.iter().any(|it| system.contains(it)) {
            self.tools.insert("gcc-c++");
            self.always = true;
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
            self.tools.extend(CMAKE_TOOLS);
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
        self.always
            || self.calls_mypyc
            || self.runs_cmake(languages)
            || self.runs_meson(languages)
            || (self.native && languages.any_but_rust())
    }

    const fn runs_cmake(&self, languages: &Languages) -> bool {
        self.calls_cmake && languages.cmake
    }

    const fn runs_meson(&self, languages: &Languages) -> bool {
        self.calls_meson && languages.meson
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
            if self.calls_mypyc && !self.requires_mypy {
                tools.insert(MYPY);
            }
            if self.runs_cmake(languages) {
                tools.extend(CMAKE_SCRIPT_TOOLS);
            }
            if self.runs_meson(languages) {
                tools.extend(MESON_SCRIPT_TOOLS);
            }
            let by_build = languages.cmake || languages.meson;
            if languages.swig && (self.calls_swig || by_build) {
                tools.insert("swig");
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

/// Whether Hatch is told to compile with mypyc, and not only where somebody asks for it.
fn hatch_compiles(code: &str) -> bool {
    let hook = section(code, "hooks.mypyc]").replace(' ', "");
    !hook.is_empty() && !hook.contains("enable-by-default=false")
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
mod tests;
