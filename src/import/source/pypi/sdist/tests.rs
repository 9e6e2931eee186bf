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
