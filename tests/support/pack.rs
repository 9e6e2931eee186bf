//! Writers of archives that put down whatever they are told: names, sizes and links of any kind.

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256, Sha512};
use std::io::Write;

/// The modification time of every entry.
pub(crate) const MTIME: u64 = 1_600_000_000;

/// A tar under construction.
#[derive(Default)]
pub(crate) struct Tar(pub(crate) Vec<u8>);

impl Tar {
    /// A header block: type flag, name, link target and size, as they are.
    pub(crate) fn header(mut self, flag: u8, name: &[u8], link: &[u8], size: u64) -> Self {
        let mut block = [0; 512];
        block[..name.len().min(100)].copy_from_slice(&name[..name.len().min(100)]);
        block[100..108].copy_from_slice(b"0000644\0");
        block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
        block[136..148].copy_from_slice(format!("{MTIME:011o}\0").as_bytes());
        block[156] = flag;
        block[157..157 + link.len()].copy_from_slice(link);
        block[257..265].copy_from_slice(b"ustar\x0000");
        seal(&mut block);
        self.0.extend_from_slice(&block);
        self
    }

    /// Content, padded to whole blocks.
    pub(crate) fn content(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    pub(crate) fn file(self, name: &[u8], bytes: &[u8]) -> Self {
        self.header(b'0', name, b"", bytes.len() as u64)
            .content(bytes)
    }

    pub(crate) fn symlink(self, name: &[u8], target: &[u8]) -> Self {
        self.header(b'2', name, target, 0)
    }

    pub(crate) fn hard_link(self, name: &[u8], target: &[u8]) -> Self {
        self.header(b'1', name, target, 0)
    }

    /// A pax header with these records.
    pub(crate) fn pax(self, flag: u8, records: &[(&str, &[u8])]) -> Self {
        let mut data = Vec::new();
        for (key, value) in records {
            let rest = key.len() + value.len() + 3;
            let mut length = rest + 1;
            while length != rest + length.to_string().len() {
                length += 1;
            }
            data.extend_from_slice(format!("{length} {key}=").as_bytes());
            data.extend_from_slice(value);
            data.push(b'\n');
        }
        self.header(flag, b"pax", b"", data.len() as u64)
            .content(&data)
    }

    /// The end mark.
    pub(crate) fn end(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 1024, 0);
        self.0
    }

    /// The end mark, and compressed by gzip.
    pub(crate) fn gz(self) -> Vec<u8> {
        gzip(&self.end())
    }
}

/// Writes the checksum of a header block.
pub(crate) fn seal(block: &mut [u8]) {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn xz(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(0);
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A gem of metadata and data, with checksums that fit.
pub(crate) fn gem(metadata: &[u8], data: &[u8]) -> Vec<u8> {
    let (metadata, data) = (gzip(metadata), gzip(data));
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let checksums = format!(
        "---\nSHA256:\n  metadata.gz: {}\n  data.tar.gz: {}\nSHA512:\n  metadata.gz: {}\n  data.tar.gz: {}\n",
        hex(&Sha256::digest(&metadata)),
        hex(&Sha256::digest(&data)),
        hex(&Sha512::digest(&metadata)),
        hex(&Sha512::digest(&data)),
    );
    Tar::default()
        .file(b"metadata.gz", &metadata)
        .file(b"data.tar.gz", &data)
        .file(b"checksums.yaml.gz", &gzip(checksums.as_bytes()))
        .end()
}

/// One entry of a zip, field by field.
#[derive(Clone)]
pub(crate) struct ZipEntry {
    pub(crate) name: Vec<u8>,
    /// The name in the local header.
    pub(crate) local_name: Vec<u8>,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) crc: u32,
    /// The content's size as the headers say.
    pub(crate) size: u32,
    pub(crate) stored: Vec<u8>,
    pub(crate) mode: u32,
    /// Extra fields of the central record.
    pub(crate) extra: Vec<u8>,
    /// Another entry's local header to point at.
    pub(crate) local: Option<u32>,
}

impl ZipEntry {
    /// A deflated file.
    pub(crate) fn new(name: &[u8], content: &[u8]) -> Self {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        Self {
            name: name.to_vec(),
            local_name: name.to_vec(),
            flags: 0,
            method: 8,
            crc: crc.sum(),
            size: u32::try_from(content.len()).unwrap(),
            stored: encoder.finish().unwrap(),
            mode: 0o100_644,
            extra: Vec::new(),
            local: None,
        }
    }

    pub(crate) fn symlink(name: &[u8], target: &[u8]) -> Self {
        Self {
            mode: 0o120_777,
            ..Self::new(name, target)
        }
    }
}

/// A zip of these entries; the second number is added to the count in the end record.
pub(crate) fn zip(entries: &[ZipEntry], more: u16) -> Vec<u8> {
    let mut out = Vec::new();
    let mut central = Vec::new();
    for it in entries {
        let at = it.local.unwrap_or(u32::try_from(out.len()).unwrap());
        let stored = u32::try_from(it.stored.len()).unwrap();
        let common = |name: &[u8], extra: &[u8], sizes: [u32; 3]| {
            let mut fields = Vec::new();
            fields.extend(20_u16.to_le_bytes());
            fields.extend(it.flags.to_le_bytes());
            fields.extend(it.method.to_le_bytes());
            fields.extend([0, 0, 0x21, 0x50]);
            sizes.iter().for_each(|it| fields.extend(it.to_le_bytes()));
            fields.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
            fields.extend(u16::try_from(extra.len()).unwrap().to_le_bytes());
            fields
        };
        let sizes = [it.crc, stored, it.size];
        if it.local.is_none() {
            // With bit 3 the sizes follow the content.
            let told = if it.flags & 8 == 0 { sizes } else { [0; 3] };
            out.extend(b"PK\x03\x04");
            out.extend(common(&it.local_name, b"", told));
            out.extend(&it.local_name);
            out.extend(&it.stored);
            if it.flags & 8 != 0 {
                out.extend(b"PK\x07\x08");
                sizes.iter().for_each(|it| out.extend(it.to_le_bytes()));
            }
        }
        central.extend(b"PK\x01\x02\x14\x03");
        central.extend(common(&it.name, &it.extra, sizes));
        central.extend([0; 6]);
        central.extend((it.mode << 16).to_le_bytes());
        central.extend(at.to_le_bytes());
        central.extend(&it.name);
        central.extend(&it.extra);
    }
    let start = u32::try_from(out.len()).unwrap();
    let count = u16::try_from(entries.len()).unwrap().wrapping_add(more);
    out.extend(&central);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(u32::try_from(central.len()).unwrap().to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}
