//! Fills an archive with source files until it is as large as it should be.

use super::archive::Archive;
use super::project::Project;
use super::text::Language;
use std::io;

/// Bytes of a source file in the middle, in an archive of [`USUAL`] bytes.
const FILE: f64 = 3500.0;
const USUAL: f64 = 60e3;
/// How wide file sizes are spread.
const SPREAD: f64 = 1.2;
/// Archives larger than this hold pictures and test data beside text.
const WITH_DATA: usize = 1_000_000;
/// Nearer to the wanted size nothing is added.
const NEAR: usize = 300;

/// Where the files go, and what is in them.
pub(super) struct Filling<'a> {
    pub(super) folder: &'a str,
    pub(super) suffix: &'a str,
    pub(super) language: &'a Language,
    /// Bytes that the archive should have in the end.
    pub(super) size: usize,
}

/// Adds files until the compressed archive has about the wanted size; their paths.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes of files, which need not be exact"
)]
pub(super) fn fill(
    archive: &mut Archive,
    filling: &Filling<'_>,
    project: &mut Project,
) -> io::Result<Vec<String>> {
    let mut paths = Vec::new();
    let median = FILE * (filling.size as f64 / USUAL).powf(0.25);
    loop {
        let (compressed, plain) = archive.sizes()?;
        let left = filling.size.saturating_sub(compressed);
        if left < NEAR {
            return Ok(paths);
        }
        let number = paths.len();
        let folder = format!("{}{}", filling.folder, number / 40);
        let word = project.word();
        let is_data = filling.size > WITH_DATA && project.chance.happens(12);
        let size = project.chance.log_normal(median, SPREAD).max(80.0) as usize;
        let (path, bytes) = match is_data {
            true => (
                format!("{folder}/{word}_{number}.bin"),
                project.noise((4 * size).min(left)),
            ),
            false => {
                // As dense as all before it, no more text than fits.
                let ratio = (plain / compressed.max(1)).clamp(2, 6);
                let text = project.text(filling.language, size.min(left * ratio));
                (format!("{folder}/{word}_{number}.{}", filling.suffix), text)
            }
        };
        archive.add(&path, &bytes)?;
        paths.push(path);
    }
}
