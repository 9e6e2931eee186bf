//! Text or binary: as the real `file -b --mime-encoding` decides.

use crate::support::tools::run;
use distmill::import::distgit::is_text;
use proptest::test_runner::{Config, TestRunner};
use std::fs;
use tempfile::TempDir;

/// Texts whose encodings, cut off or not, are samples.
const TEXTS: [&str; 9] = [
    "hello",
    "h\u{e9}llo",
    "\u{65e5}\u{672c}\u{8a9e}",
    "a\u{7f}b",
    "x\0y",
    "\u{1f600} smile",
    "\u{fffe}",
    "\u{85} next line",
    "\x1b[0m",
];

fn samples() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = vec![vec![]];
    for byte in 0..=255_u8 {
        all.push(vec![byte]);
        all.push(vec![byte; 4]);
        all.push([b"hello ", &[byte][..], b" world\n"].concat());
        // EBCDIC: the middle one of two bytes that no other set has.
        all.push(vec![0x7f, byte, 0x7f]);
    }
    for text in TEXTS {
        let units: Vec<u16> = text.encode_utf16().collect();
        let mut forms = vec![
            text.as_bytes().to_vec(),
            [&b"\xef\xbb\xbf"[..], text.as_bytes()].concat(),
        ];
        for (mark, wide) in [(&b"\xff\xfe"[..], false), (b"\xfe\xff", true)] {
            let bytes = units.iter().flat_map(|it| match wide {
                true => it.to_be_bytes(),
                false => it.to_le_bytes(),
            });
            forms.push([mark.to_vec(), bytes.collect()].concat());
        }
        for (mark, wide) in [(&b"\xff\xfe\0\0"[..], false), (b"\0\0\xfe\xff", true)] {
            let bytes = text.chars().flat_map(|it| match wide {
                true => u32::from(it).to_be_bytes(),
                false => u32::from(it).to_le_bytes(),
            });
            forms.push([mark.to_vec(), bytes.collect()].concat());
        }
        for form in forms {
            all.push(form[..form.len() - 1].to_vec());
            all.push([&form[..], b"\n"].concat());
            all.push(form);
        }
    }
    for units in [
        &[0xd800, 0xdc00][..],
        &[0xd800, 0x61],
        &[0x61, 0xd800],
        &[0xdc00],
        &[0xfdd0, 0x7f],
        &[0x61, 0xfffe],
        &[0x61, 0xffff],
        &[0xd800, 0xd800, 0xdc00],
        &[0xd83f, 0xdffe],
    ] {
        let bytes = units.iter().flat_map(|it: &u16| it.to_le_bytes());
        all.push([b"\xff\xfe".to_vec(), bytes.collect()].concat());
    }
    let long = |tail: &[u8]| [&[b'a'; 65_535][..], tail].concat();
    for tail in [
        &b"\0"[..],
        b"a\0",
        b"aa\0",
        "\u{e9}\0".as_bytes(),
        b"\xc3\0",
    ] {
        all.push(long(tail));
    }
    for other in [
        &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..],
        b"#!/bin/sh\necho\n",
        b"%PDF-1.4\nabc",
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03",
        b"{\"a\": 1}\n",
        b"PK\x03\x04",
        b"+/v8-hello",
        b"\xed\xa0\x80",
        b"\xc0\x80",
        b"\xf4\x90\x80\x80",
        b"BZh91AY&SY",
        b"\xfd7zXZ\0",
    ] {
        all.push(other.to_vec());
    }
    let mut tar = vec![0; 1024];
    tar[..5].copy_from_slice(b"a.txt");
    tar[257..262].copy_from_slice(b"ustar");
    all.push(tar);
    all
}

/// What the real tool says of each sample: whether it is text.
fn asked(samples: &[Vec<u8>]) -> Vec<bool> {
    let dir = TempDir::new().unwrap();
    let names: Vec<String> = (0..samples.len()).map(|i| format!("{i:05}")).collect();
    for (name, sample) in names.iter().zip(samples) {
        fs::write(dir.path().join(name), sample).unwrap();
    }
    let list = dir.path().join("list");
    let paths: Vec<String> = names
        .iter()
        .map(|it| dir.path().join(it).display().to_string())
        .collect();
    fs::write(&list, paths.join("\n")).unwrap();
    let answer = run(
        "file",
        &["-b", "--mime-encoding", "-f", list.to_str().unwrap()],
    );
    let answers: Vec<bool> = answer.lines().map(|it| it.trim() != "binary").collect();
    assert_eq!(answers.len(), samples.len());
    answers
}

fn assert_agreement(samples: &[Vec<u8>]) {
    let wrong: Vec<String> = samples
        .iter()
        .zip(asked(samples))
        .filter(|(sample, text)| is_text(sample) != *text)
        .map(|(sample, text)| format!("{:02x?} is text: {text}", &sample[..sample.len().min(24)]))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn samples_are_told_apart_as_file_does() {
    let samples = samples();
    assert!(samples.len() > 300);
    assert_agreement(&samples);
}

#[test]
fn random_bytes_are_told_apart_as_file_does() {
    use proptest::prelude::*;
    let telling = [
        0x00, 0x07, 0x0a, 0x1b, 0x61, 0x7f, 0x80, 0x82, 0x85, 0x98, 0x9f, 0xa9, 0xac, 0xc3, 0xe1,
        0xe2, 0xf0, 0xfe, 0xff,
    ];
    let byte = prop_oneof![any::<u8>(), proptest::sample::select(telling.to_vec())];
    let strategy = proptest::collection::vec(proptest::collection::vec(byte, 0..10), 500);
    let mut runner = TestRunner::new(Config::with_cases(4));
    let run = runner.run(&strategy, |samples| {
        assert_agreement(&samples);
        Ok(())
    });
    run.unwrap();
}
