use super::*;
use crate::model::Code;

fn read(files: &[(&str, &[u8])]) -> Result<Description, ReadError> {
    let mut reader = SdistReader::new(1 << 10);
    for (path, bytes) in files {
        let mut content = *bytes;
        reader.offer(path, bytes.len() as u64, &mut content)?;
    }
    reader.finish("x-1.0.tar.gz", Some(5))
}

fn top(files: &[(&str, &[u8])]) -> (String, Option<String>) {
    let description = read(files).unwrap();
    let Details::Pypi(details) = description.details else {
        panic!("not an sdist");
    };
    (description.version, details.top_folder)
}

#[test]
fn the_highest_metadata_counts_whatever_the_order() {
    let top_info: (&str, &[u8]) = ("x-1.0/PKG-INFO", b"Name: x\nVersion: 1.0\n");
    let egg: (&str, &[u8]) = ("x-1.0/x.egg-info/PKG-INFO", b"Name: x\nVersion: 2.0\n");
    let nested: (&str, &[u8]) = ("x-1.0/tests/PKG-INFO", b"Name: x\nVersion: 3.0\n");
    let flat: (&str, &[u8]) = ("PKG-INFO", b"Name: x\nVersion: 4.0\n");
    let in_top = |version: &str| (version.to_owned(), Some("x-1.0".to_owned()));
    assert_eq!(top(&[egg, top_info, nested]), in_top("1.0"));
    assert_eq!(top(&[top_info, egg]), in_top("1.0"));
    assert_eq!(top(&[egg]), in_top("2.0"));
    let again: (&str, &[u8]) = (top_info.0, b"Name: x\nVersion: 5.0\n");
    assert_eq!(top(&[top_info, again]), in_top("5.0"));
    let other: (&str, &[u8]) = ("y-1.0/PKG-INFO", b"Name: x\nVersion: 5.0\n");
    assert_eq!(top(&[top_info, other]), in_top("1.0"));
    assert_eq!(top(&[egg, flat]), ("4.0".to_owned(), None));
    let flat_egg: (&str, &[u8]) = ("x.egg-info/PKG-INFO", egg.1);
    assert_eq!(top(&[flat_egg]), ("2.0".to_owned(), None));
    assert_eq!(read(&[nested]).unwrap_err().code(), Code::MetadataMissing);
}

#[test]
fn broken_metadata_has_its_code() {
    let long = vec![b'x'; 2000];
    for (bytes, code) in [
        (&b"Version: 1.0\n"[..], Code::MetadataInvalid),
        (b"Name: x\n", Code::MetadataInvalid),
        (b"Name: ../x\nVersion: 1.0\n", Code::MetadataInvalid),
        (b"Name: x\n y\nVersion: 1.0\n", Code::MetadataInvalid),
        (b"Name: -x\nVersion: 1.0\n", Code::MetadataInvalid),
        (b"Name: x\nVersion: one\n", Code::VersionInvalid),
        (b"Name: caf\xe9\nVersion: 1.0\n", Code::MetadataInvalid),
        (b"", Code::MetadataInvalid),
        (&long, Code::ArchiveTooLarge),
    ] {
        let error = read(&[("x-1.0/PKG-INFO", bytes)]).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
    assert_eq!(read(&[]).unwrap_err().code(), Code::MetadataMissing);
}

#[test]
fn build_files_count_in_the_project_folder_only() {
    let info: (&str, &[u8]) = ("x/PKG-INFO", b"Name: x\nVersion: 1\n");
    let source: (&str, &[u8]) = ("x/src/a.c", b"");
    let setup: &[u8] = b"setup(ext_modules=[Extension('a', ['src/a.c'])])";
    assert!(
        read(&[info, source, ("x/setup.py", setup)])
            .unwrap()
            .archful
    );
    assert!(
        !read(&[info, source, ("x/tests/setup.py", setup)])
            .unwrap()
            .archful
    );
    assert!(!read(&[info, source, ("setup.py", setup)]).unwrap().archful);
}

#[test]
fn cython_is_not_built_with_cython() {
    let setup: &[u8] = b"from Cython.Build import cythonize\nsetup(ext_modules=cythonize('a.pyx'))";
    for (info, tools) in [
        (
            &b"Name: x\nVersion: 1\n"[..],
            &["gcc", "python3dist(cython)"][..],
        ),
        (b"Name: Cython\nVersion: 1\n", &["gcc"]),
    ] {
        let files = [
            ("x/PKG-INFO", info),
            ("x/a.pyx", b""),
            ("x/setup.py", setup),
        ];
        assert_eq!(read(&files).unwrap().tools, tools);
    }
}

#[test]
fn an_archive_without_metadata_is_described_by_what_there_is() {
    let setup: (&str, &[u8]) = ("proj/setup.py", b"setup()");
    let described = |files: &[(&str, &[u8])]| {
        let it = read(files).unwrap();
        let Details::Pypi(details) = it.details else {
            panic!("not an sdist");
        };
        (
            it.name,
            it.version,
            details.top_folder,
            it.warnings.join("\n"),
        )
    };
    let expect = |name: &str, version: &str, top: Option<&str>, warning: &str| {
        let text = str::to_owned;
        (text(name), text(version), top.map(text), text(warning))
    };
    let no_info = "the archive has no PKG-INFO: name and version are from ";
    assert_eq!(
        described(&[setup, ("proj/docs/PKG-INFO", b"Name: y\n")]),
        expect(
            "x",
            "1.0",
            Some("proj"),
            &format!("{no_info}the name of the file")
        )
    );
    let table: &[u8] = b"[project]\nname = 'X'\nversion = '1.1'\nlicense = 'MIT'\n";
    let project = [("pyproject.toml", table), ("other/setup.py", b"")];
    let flat = expect("X", "1.1", None, &format!("{no_info}pyproject.toml"));
    assert_eq!(described(&project), flat);
    assert_eq!(read(&project).unwrap().license.unwrap().expression, "MIT");
    let dynamic: &[u8] = b"[project]\nname = 'X'\ndynamic = ['version']\n";
    let used = "pyproject.toml and the name of the file";
    assert_eq!(
        described(&[("p/pyproject.toml", dynamic)]),
        expect("X", "1.0", Some("p"), &format!("{no_info}{used}"))
    );
    let info: (&str, &[u8]) = (
        "proj/PKG-INFO",
        b"Name: UNKNOWN\nVersion: 2.0\nSummary: s\n",
    );
    let lacking =
        "PKG-INFO does not say name and version: what it lacks is from the name of the file";
    let partly = expect("x", "2.0", Some("proj"), lacking);
    assert_eq!(described(&[setup, info]), partly);

    assert_eq!(read(&[info]).unwrap_err().code(), Code::MetadataInvalid);
    let other: (&str, &[u8]) = ("p/pyproject.toml", b"[project]\nname = 'other'\n");
    assert_eq!(read(&[other]).unwrap_err().code(), Code::MetadataMissing);
    let deep: (&str, &[u8]) = ("a/b/setup.py", b"");
    assert_eq!(read(&[deep]).unwrap_err().code(), Code::MetadataMissing);
}

#[test]
fn modules_may_lie_in_a_folder_with_the_metadata() {
    let info: &[u8] = b"Name: x\nVersion: 2.0\n";
    let setup: (&str, &[u8]) = ("setup.py", b"");
    let flat = top(&[("src/x.egg-info/PKG-INFO", info), setup]);
    assert_eq!(flat, ("2.0".to_owned(), None));
    let below = top(&[("y/src/x.egg-info/PKG-INFO", info), ("y/setup.py", b"")]);
    assert_eq!(below, ("2.0".to_owned(), Some("y".to_owned())));
    let data: (&str, &[u8]) = ("y/tests/x.egg-info/PKG-INFO", info);
    assert_eq!(read(&[data]).unwrap_err().code(), Code::MetadataMissing);
}

#[test]
fn metadata_of_2008_is_read() {
    let info: &[u8] = b"Metadata-Version: 1.0\r\nName: x\r\nVersion: 0.3\r\nSummary: caf\xe9\r\n\
        Home-page: http://x.test/\r\nAuthor: UNKNOWN\r\nLicense: GPLv2\r\n\
        Description: One\r\n        two\r\nPlatform: any\r\n";
    let it = read(&[("x-0.3/PKG-INFO", info), ("x-0.3/setup.py", b"")]).unwrap();
    assert_eq!((it.name.as_str(), it.version.as_str()), ("x", "0.3"));
    assert_eq!(it.summary.as_deref(), Some("caf\u{e9}"));
    assert_eq!(it.description.as_deref(), Some("One\ntwo"));
    assert_eq!(it.license.unwrap().expression, "GPL-2.0-only");
    assert_eq!(
        it.warnings,
        ["\"x-0.3/PKG-INFO\" is not UTF-8 text; it was read as Windows-1252"]
    );
}
