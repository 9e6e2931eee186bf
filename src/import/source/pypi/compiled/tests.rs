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
    let meson = "[build-system]\nbuild-backend = 'mesonpy'\nrequires = ['meson-python', 'Cython']";
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

#[test]
fn swig_is_called_where_its_files_are_used() {
    let swig = "setup(ext_modules=[Extension('_x', ['x.i'], swig_opts=['-c++'])])";
    let files = [("setup.py", swig)];
    assert_eq!(tools(&["x/x.i"], &files), ["gcc", "gcc-c++", "swig"]);
    assert!(compiles(&["x/x.i"], &files));
    // Written out by upstream, or left over from a preprocessor.
    assert_eq!(tools(&["x/x.c"], &files), ["gcc", "gcc-c++"]);
    assert_eq!(tools(&["x/x.c", "x/y.i"], &[("setup.py", SETUP)]), ["gcc"]);
    let scikit = "[build-system]\nrequires = ['scikit-build-core']\n";
    assert_eq!(
        tools(
            &["x/CMakeLists.txt", "x/x.i"],
            &[("pyproject.toml", scikit)]
        ),
        ["cmake", "gcc", "gcc-c++", "ninja-build", "swig"]
    );
}

#[test]
fn scripts_call_cmake_and_meson_themselves() {
    let cmake = "class B(build_ext):\n    subprocess.check_call(['cmake', src])\n\
                 setup(ext_modules=[CMakeExtension('x')])";
    let files = [("setup.py", cmake)];
    let want = ["cmake", "gcc", "gcc-c++", "make"];
    assert_eq!(tools(&["x/CMakeLists.txt"], &files), want);
    assert!(compiles(&["x/CMakeLists.txt"], &files));
    assert!(!compiles(&["x/tests/CMakeLists.txt"], &files));
    let meson = "subprocess.check_call([\"meson\", \"setup\", 'build'])";
    let files = [("setup.py", meson)];
    assert_eq!(
        tools(&["x/meson.build"], &files),
        ["gcc", "meson", "ninja-build"]
    );
    assert!(!compiles(&["x/y.py"], &files));
    for backend in ["py_build_cmake.build", "cmeel.build"] {
        let text = format!("[build-system]\nbuild-backend = '{backend}'\n");
        let files = [("pyproject.toml", text.as_str())];
        assert_eq!(
            tools(&[], &files),
            ["cmake", "gcc", "gcc-c++", "ninja-build"]
        );
        assert!(compiles(&[], &files));
    }
    let sip = "[build-system]\nbuild-backend = 'sipbuild.api'\n";
    assert_eq!(tools(&[], &[("pyproject.toml", sip)]), ["gcc", "gcc-c++"]);
}

#[test]
fn fortran_is_compiled_by_f2py_and_by_backends() {
    let f2py = "import numpy.f2py\nnumpy.f2py.compile(src)\nsetup()";
    assert_eq!(
        tools(&["x/a.f90"], &[("setup.py", f2py)]),
        ["gcc", "gcc-gfortran"]
    );
    let meson = "[build-system]\nbuild-backend = 'mesonpy'\n";
    assert_eq!(
        tools(&["x/a.f08", "x/meson.build"], &[("pyproject.toml", meson)]),
        ["gcc", "gcc-gfortran", "ninja-build", "patchelf"]
    );
    assert!(tools(&["x/a.f90"], &[("setup.py", "setup()")]).is_empty());
}

#[test]
fn mypyc_compiles_plain_python() {
    let script = "from mypyc.build import mypycify\nsetup(ext_modules=mypycify(['x.py']))";
    let bare = [("setup.py", script)];
    assert_eq!(tools(&["x.py"], &bare), ["gcc", "python3dist(mypy)"]);
    assert!(compiles(&["x.py"], &bare));
    let requires = "[build-system]\nrequires = ['setuptools', 'mypy>=1']\n";
    let both = [("setup.py", script), ("pyproject.toml", requires)];
    assert_eq!(tools(&["x.py"], &both), ["gcc"]);
    let hatch = "[build-system]\nrequires = ['hatchling', 'hatch-mypyc']\n\
                 [tool.hatch.build.targets.wheel.hooks.mypyc]\n";
    assert_eq!(tools(&["x.py"], &[("pyproject.toml", hatch)]), ["gcc"]);
    let optional = format!("{hatch}enable-by-default = false\n");
    assert!(!compiles(
        &["x.py"],
        &[("pyproject.toml", optional.as_str())]
    ));
    assert!(!compiles(
        &["x.py"],
        &[("setup.py", "# mypycify(\nsetup()")]
    ));
}
