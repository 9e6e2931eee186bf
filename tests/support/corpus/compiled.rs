//! Sdists that need a compiler; each is called as its case is.

use super::Case;
use super::project::Project;

fn project(case: &'static str) -> Project {
    Project::new(case, case, "1.0")
}

fn setuptools(case: &'static str, requires: &str, source: &str) -> Case {
    project(case)
        .backend(requires, "setuptools.build_meta")
        .file(
            "setup.py",
            format!("from setuptools import setup, Extension\nsetup(ext_modules=[Extension('fast', ['{source}'])])\n"),
        )
        .file(source, "")
        .tar_gz()
}

pub(super) fn all() -> Vec<Case> {
    vec![
        setuptools("c-extension", "\"setuptools\"", "src/fast.c"),
        setuptools("cpp-extension", "\"setuptools\"", "src/fast.cpp"),
        setuptools(
            "cython-extension",
            "\"setuptools\", \"Cython>=3\"",
            "src/fast.pyx",
        ),
        setuptools("swig-extension", "\"setuptools\"", "src/fast.i"),
        project("cffi")
            .backend("\"setuptools\", \"cffi>=1.0\"", "setuptools.build_meta")
            .file("setup.py", "setup(cffi_modules=['build_fast.py:ffi'])\n")
            .file("build_fast.py", "ffi.cdef('int f(int);')\n")
            .tar_gz(),
        project("mypyc")
            .backend("\"setuptools\", \"mypy[mypyc]\"", "setuptools.build_meta")
            .file(
                "setup.py",
                "from mypyc.build import mypycify\nsetup(ext_modules=mypycify(['fast.py']))\n",
            )
            .file("fast.py", "x: int = 1\n")
            .tar_gz(),
        project("maturin")
            .backend("\"maturin>=1,<2\"", "maturin")
            .file(
                "Cargo.toml",
                "[package]\nname = \"fast\"\nversion = \"1.0.0\"\n",
            )
            .file("src/lib.rs", "")
            .tar_gz(),
        project("setuptools-rust")
            .backend(
                "\"setuptools\", \"setuptools-rust\"",
                "setuptools.build_meta",
            )
            .file("Cargo.toml", "[package]\nname = \"fast\"\n")
            .file("src/lib.rs", "")
            .tar_gz(),
        project("scikit-build")
            .backend("\"scikit-build-core\"", "scikit_build_core.build")
            .file("CMakeLists.txt", "project(fast LANGUAGES CXX)\n")
            .file("src/fast.cpp", "")
            .tar_gz(),
        project("meson-python")
            .backend("\"meson-python\"", "mesonpy")
            .file("meson.build", "project('fast', 'c')\n")
            .file("fast.c", "")
            .tar_gz(),
        project("meson-python-fortran")
            .backend("\"meson-python\"", "mesonpy")
            .file("meson.build", "project('fast', 'c', 'fortran')\n")
            .file("fast.c", "")
            .file("fast.f90", "")
            .tar_gz(),
        project("c-in-tests-only")
            .backend("\"setuptools\"", "setuptools.build_meta")
            .file("fast/__init__.py", "")
            .file("tests/data/example.c", "int main;")
            .file("docs/example.cpp", "int main;")
            .tar_gz(),
    ]
}
