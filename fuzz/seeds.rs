//! Writes the seeds of the fuzz targets: packages in every compression, whole and in parts.
//!
//! `cargo run --example seeds` within `fuzz/` fills `corpus/`; the packages under `fixtures/` go in as
//! well.

use distmill::rpmfile::{self, Compression, SourceFile, SourceHeader, WriteSettings};
use std::error::Error;
use std::fs;
use std::io::Cursor;
use std::path::Path;

/// The first byte of a payload's input, by its compression.
const FORMATS: [(&str, u8); 5] = [
    ("none", 0),
    ("gzip", 1),
    ("bzip2", 2),
    ("xz", 3),
    ("zstd", 5),
];

fn main() -> Result<(), Box<dyn Error>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = here.join("corpus");
    for target in ["header", "payload", "package"] {
        fs::create_dir_all(corpus.join(target))?;
    }
    for (name, first) in FORMATS {
        put(&corpus, name, first, &package(name.parse()?)?)?;
    }
    for folder in fs::read_dir(here.join("../fixtures"))? {
        let folder = folder?.path();
        for file in folder
            .is_dir()
            .then(|| fs::read_dir(&folder))
            .transpose()?
            .into_iter()
            .flatten()
        {
            let path = file?.path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if name.ends_with(".src.rpm") {
                put(&corpus, &name, 1, &fs::read(&path)?)?;
            }
        }
    }
    Ok(())
}

fn package(compression: Compression) -> Result<Vec<u8>, Box<dyn Error>> {
    let spec = "Name: seed\n";
    let files = [
        SourceFile::from_bytes("seed.spec", spec.as_bytes(), 1).as_spec(),
        SourceFile::from_bytes("a.tar", [b'a'; 300], 2),
        SourceFile::from_bytes("b.patch", *b"", 3),
    ];
    let header = SourceHeader {
        name: "seed".to_owned(),
        epoch: Some(1),
        version: "1.0".to_owned(),
        release: "1".to_owned(),
        sources: vec!["a.tar".to_owned()],
        patches: vec!["b.patch".to_owned()],
        ..SourceHeader::default()
    };
    let settings = WriteSettings {
        compression,
        ..WriteSettings::default()
    };
    let mut out = Cursor::new(Vec::new());
    rpmfile::write(&mut out, &header, &files, &settings)?;
    Ok(out.into_inner())
}

/// Takes a package apart: its lead and signature header are 4504 bytes in all packages of today,
/// the main header says its own size.
fn put(corpus: &Path, name: &str, format: u8, package: &[u8]) -> Result<(), Box<dyn Error>> {
    let mut signed = 96 + header_size(&package[96..]);
    signed = signed.next_multiple_of(8);
    let main = &package[signed..];
    let (header, payload) = main.split_at(header_size(main));
    fs::write(corpus.join("header").join(name), header)?;
    fs::write(
        corpus.join("header").join(format!("{name}-signature")),
        &package[96..signed],
    )?;
    fs::write(
        corpus.join("payload").join(name),
        [&[format], payload].concat(),
    )?;
    fs::write(corpus.join("package").join(name), [&[0], package].concat())?;
    fs::write(
        corpus.join("package").join(format!("{name}-sealed")),
        [&[1], main].concat(),
    )?;
    Ok(())
}

fn header_size(bytes: &[u8]) -> usize {
    let word = |at: usize| {
        u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]) as usize
    };
    16 + 16 * word(8) + word(12)
}
