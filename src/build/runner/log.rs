//! What a command prints, on its way into a file: up to a bound, behind which it is read and passed over.

use std::fs::File;
use std::io::{self, ErrorKind, PipeReader, Write as _};
use std::os::fd::OwnedFd;
use std::path::Path;
use tokio::net::unix::pipe::Receiver;

/// What a pipe holds at most, unless somebody makes it larger.
const PIPE: usize = 64 << 10;

/// The log of a command that runs.
#[derive(Debug)]
pub(super) struct Log {
    pipe: Receiver,
    file: File,
    left: u64,
    most: u64,
    buffer: Vec<u8>,
}

impl Log {
    /// Appends to a file what comes through a pipe, `most` bytes of it.
    pub(super) fn open(path: &Path, pipe: PipeReader, most: u64) -> io::Result<Self> {
        Ok(Self {
            pipe: Receiver::from_owned_fd(OwnedFd::from(pipe))?,
            file: File::options().create(true).append(true).open(path)?,
            left: most,
            most,
            buffer: vec![0; PIPE],
        })
    }

    /// Takes what comes, until nobody can write any more. Giving it up loses nothing.
    pub(super) async fn follow(&mut self) -> io::Result<()> {
        loop {
            self.pipe.readable().await?;
            if !self.take()? {
                return Ok(());
            }
        }
    }

    /// Takes what is there, of a command that has ended.
    pub(super) fn rest(&mut self) -> io::Result<()> {
        let is_whole = |error: &io::Error| error.kind() == ErrorKind::WouldBlock;
        // What came before its end is not more than the pipe holds.
        let mut left = PIPE;
        while left > 0 {
            match self.pipe.try_read(&mut self.buffer) {
                Ok(0) => break,
                Ok(size) => {
                    self.write(size)?;
                    left = left.saturating_sub(size);
                }
                Err(error) if is_whole(&error) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Takes one piece; whether there may be more.
    fn take(&mut self) -> io::Result<bool> {
        match self.pipe.try_read(&mut self.buffer) {
            Ok(0) => Ok(false),
            Ok(size) => self.write(size).map(|()| true),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(true),
            Err(error) => Err(error),
        }
    }

    fn write(&mut self, size: usize) -> io::Result<()> {
        if self.left == 0 {
            return Ok(());
        }
        let kept = size.min(usize::try_from(self.left).unwrap_or(size));
        self.file.write_all(&self.buffer[..kept])?;
        self.left -= kept as u64;
        if kept < size {
            self.left = 0;
            let most = self.most;
            writeln!(self.file, "\n== cut here: more than {most} bytes")?;
        }
        Ok(())
    }
}
