//! The least work on an archive: inflated once.

use std::io::{self, Read};

/// Bytes that are inflated at a time.
const PIECE: usize = 128 << 10;

/// What inflates bytes, told from how they begin.
pub(super) fn decoder(bytes: &[u8]) -> Box<dyn Read + '_> {
    match bytes {
        [0x1f, 0x8b, ..] => Box::new(flate2::bufread::MultiGzDecoder::new(bytes)),
        [b'B', b'Z', b'h', ..] => Box::new(bzip2::bufread::MultiBzDecoder::new(bytes)),
        [0xfd, b'7', b'z', b'X', ..] => Box::new(lzma_rust2::XzReader::new(bytes, true)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => match zstd::Decoder::with_buffer(bytes) {
            Ok(decoder) => Box::new(decoder),
            Err(error) => Box::new(Broken(Some(error))),
        },
        plain => Box::new(plain),
    }
}

/// A stream that could not be begun.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Inflates archives into nothing.
pub(super) struct Inflater(Box<[u8]>);

impl Default for Inflater {
    fn default() -> Self {
        Self(vec![0; PIECE].into())
    }
}

impl Inflater {
    /// Inflates all of an archive. The members of a zip are left as they are.
    pub(super) fn inflate(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        if !name.ends_with(".gem") {
            return self.run(bytes);
        }
        for member in tar::Archive::new(bytes).entries()? {
            let member = member?;
            let (start, size) = (member.raw_file_position(), member.size());
            let range = usize::try_from(start).ok().zip(usize::try_from(size).ok());
            let content =
                range.and_then(|(start, size)| bytes.get(start..start.checked_add(size)?));
            self.run(content.ok_or(io::ErrorKind::UnexpectedEof)?)?;
        }
        Ok(())
    }

    fn run(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut decoder = decoder(bytes);
        while decoder.read(&mut self.0)? > 0 {}
        Ok(())
    }
}
