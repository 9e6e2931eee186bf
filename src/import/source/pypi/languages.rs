//! What the names of an sdist's files tell of how it is built.
//!
//! Only that there are such files: whether the build uses them, its own files declare (see
//! `compiled`). Tests, documents and examples are not built with a package.

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
    pub(super) c: bool,
    pub(super) cpp: bool,
    pub(super) cython: bool,
    pub(super) rust: bool,
    pub(super) fortran: bool,
    /// Interfaces that SWIG makes C or C++ of.
    pub(super) swig: bool,
    /// The files that CMake and Meson read.
    pub(super) cmake: bool,
    pub(super) meson: bool,
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
            "f" | "for" | "f77" | "f90" | "f95" | "f03" | "f08" | "F" | "F90"
                if !within(VENDORED) =>
            {
                &mut self.fortran
            }
            "i" => &mut self.swig,
            "txt" if name == "CMakeLists.txt" => &mut self.cmake,
            "build" if name == "meson.build" => &mut self.meson,
            _ => return,
        };
        *language |= !within(ASIDE);
    }

    pub(super) const fn any_but_rust(&self) -> bool {
        self.c || self.cpp || self.cython || self.fortran || self.swig
    }
}
