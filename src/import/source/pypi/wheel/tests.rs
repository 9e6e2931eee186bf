use super::*;
use crate::model::Code;

const NAME: &str = "Demo_pkg-1.0-py3-none-any.whl";
const INFO: &[u8] = b"Metadata-Version: 2.1\nName: demo.pkg\nVersion: 1.0\n";

fn read(name: &str, files: &[(&str, &[u8])]) -> Result<Description, ReadError> {
    let mut reader = WheelReader::new(name, 1 << 10)?;
    for (path, bytes) in files {
        let mut content = *bytes;
        reader.offer(path, bytes.len() as u64, &mut content)?;
    }
    reader.finish(Some(5))
}

fn code(name: &str, files: &[(&str, &[u8])]) -> Code {
    read(name, files).unwrap_err().code()
}

#[test]
fn metadata_of_another_package_is_refused() {
    let path = "Demo_pkg-1.0.dist-info/METADATA";
    for (path, metadata) in [
        (path, &b"Name: other\nVersion: 1.0\n"[..]),
        (path, b"Name: demo-pkg\nVersion: 1.1\n"),
        (path, b"Name: demo-pkg\n"),
        (path, b""),
        ("other-1.0.dist-info/METADATA", INFO),
    ] {
        assert_eq!(code(NAME, &[(path, metadata)]), Code::MetadataInvalid);
    }
    let two = [(path, INFO), ("demo_pkg-1.0.dist-info/METADATA", INFO)];
    assert_eq!(code(NAME, &two), Code::MetadataInvalid);
    let below = "demo/_vendor/Demo_pkg-1.0.dist-info/METADATA";
    assert_eq!(code(NAME, &[(below, INFO)]), Code::MetadataMissing);
    assert!(read(NAME, &[(path, INFO), (below, b"Name: x")]).is_ok());
    assert_eq!(code(NAME, &[(path, &[b'x'; 2000])]), Code::ArchiveTooLarge);
    let zeros: (&str, &[u8]) = (path, b"Name: demo-pkg\nVersion: 1.0.0\n");
    assert_eq!(read(NAME, &[zeros]).unwrap().version, "1.0.0");
}

#[test]
fn only_pure_wheels_are_read() {
    for name in ["demo-1-cp311-cp311-win32.whl", "demo-1-py2-none-any.whl"] {
        assert_eq!(code(name, &[]), Code::PlatformWheel, "{name}");
    }
    assert_eq!(code("demo.whl", &[]), Code::MetadataInvalid);
}

#[test]
fn licenses_are_those_named_or_those_called_so() {
    let licenses = |metadata: &[u8]| {
        let metadata = [INFO, metadata].concat();
        let folder = "Demo_pkg-1.0.dist-info";
        let paths = [
            "METADATA",
            "RECORD",
            "LICENSE",
            "licenses/sub/MIT.txt",
            "AUTHORS",
        ];
        let paths: Vec<String> = paths.iter().map(|it| format!("{folder}/{it}")).collect();
        let mut files: Vec<(&str, &[u8])> =
            paths.iter().map(|it| (it.as_str(), &b""[..])).collect();
        files[0].1 = &metadata;
        files.push(("LICENSE", b""));
        read(NAME, &files).unwrap().license_files
    };
    assert_eq!(licenses(b""), ["LICENSE", "licenses/sub/MIT.txt"]);
    assert_eq!(
        licenses(b"License-File: sub/MIT.txt\n"),
        ["licenses/sub/MIT.txt"]
    );
    assert_eq!(licenses(b"License-File: LICENSE\n"), ["LICENSE"]);
    assert_eq!(licenses(b"License-File: gone\n").len(), 2);
}

#[test]
fn compiled_code_is_found_whatever_the_tags_say() {
    let path = "Demo_pkg-1.0.dist-info/METADATA";
    let archful = |file: (&str, &[u8])| read(NAME, &[(path, INFO), file]).unwrap().archful;
    assert!(archful(("demo/bin/tool", b"\x7fELF\x02")));
    assert!(!archful(("demo/bin/tool", b"\x7fEL")));
    assert!(!archful(("demo/a.so", b"MZ")));
    let wheel = "Demo_pkg-1.0.dist-info/WHEEL";
    assert!(archful((
        wheel,
        b"Wheel-Version: 1.0\nroot-is-purelib: False\r\n"
    )));
    assert!(!archful((wheel, b"Root-Is-Purelib: true\n")));
}

#[test]
fn old_encodings_are_warned_of() {
    let metadata: &[u8] = b"Name: demo-pkg\nVersion: 1.0\nSummary: caf\xe9\n";
    let description = read(NAME, &[("demo_pkg-1.0.dist-info/METADATA", metadata)]).unwrap();
    assert_eq!(description.summary.as_deref(), Some("café"));
    assert_eq!(description.warnings.len(), 1);
}

#[test]
fn a_license_is_told_by_its_file() {
    let folder = "Demo_pkg-1.0.dist-info";
    let (metadata, license) = (format!("{folder}/METADATA"), format!("{folder}/LICENSE"));
    let described = read(NAME, &[(&license, b"MIT\n"), (&metadata, INFO)]).unwrap();
    assert_eq!(described.license.unwrap().expression, "MIT");
    let unknown = read(NAME, &[(&license, b"Ask us.\n"), (&metadata, INFO)]).unwrap();
    assert_eq!(unknown.license, None);
    assert_eq!(unknown.license_search.files, ["LICENSE"]);
}
