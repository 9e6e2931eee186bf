//! What a client wants, what it has, and how deep its history goes (gitprotocol-pack).

use super::packet::{self, Packet};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, HeaderValue};
use flate2::read::GzDecoder;
use git2::Oid;
use std::collections::BTreeSet;
use std::io::Read as _;

/// The most bytes of a request, decompressed: far more than any client sends.
pub(super) const MAX_REQUEST: usize = 8 << 20;

/// A request for a pack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) wants: Vec<Oid>,
    /// Commits without their parents, over there.
    pub(super) shallow: BTreeSet<Oid>,
    /// How many commits of history are wanted, where that is bounded or changed.
    pub(super) depth: Option<u32>,
    pub(super) haves: Vec<Oid>,
    /// Whether the client has said everything, and waits for the pack.
    pub(super) is_done: bool,
    /// Whether anything follows what is wanted; otherwise only the depth is asked about.
    pub(super) negotiates: bool,
    pub(super) sidebands: bool,
    pub(super) detailed_acks: bool,
}

/// The body without its compression. Nothing where it is malformed or too long.
pub(super) fn decompressed(headers: &HeaderMap, body: &[u8]) -> Option<Vec<u8>> {
    let coding = headers.get(CONTENT_ENCODING).map(HeaderValue::as_bytes);
    match coding {
        None | Some(b"identity") => Some(body.to_vec()),
        Some(b"gzip" | b"x-gzip") => {
            let mut out = Vec::new();
            let limit = MAX_REQUEST as u64;
            let mut decoder = GzDecoder::new(body).take(limit + 1);
            decoder.read_to_end(&mut out).ok()?;
            (out.len() <= MAX_REQUEST).then_some(out)
        }
        Some(_) => None,
    }
}

impl Wish {
    /// Reads a request's body.
    ///
    /// # Errors
    /// What is wrong with it, for the client.
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        let packets = packet::read(body).ok_or("malformed request")?;
        let mut wish = Self::default();
        let mut lines = packets.into_iter();
        for packet in lines.by_ref() {
            match packet {
                Packet::Flush => break,
                Packet::Line(line) => wish.take_want(line)?,
            }
        }
        for packet in lines {
            wish.negotiates = true;
            match packet {
                Packet::Flush => {}
                Packet::Line("done") => wish.is_done = true,
                Packet::Line(line) => match line.strip_prefix("have ") {
                    Some(id) => wish.haves.push(oid(id)?),
                    None => return Err(format!("unknown line {line:?}")),
                },
            }
        }
        Ok(wish)
    }

    fn take_want(&mut self, line: &str) -> Result<(), String> {
        match line.split_once(' ') {
            Some(("want", rest)) => {
                let (id, capabilities) = rest.split_once(' ').unwrap_or((rest, ""));
                self.wants.push(oid(id)?);
                for capability in capabilities.split(' ') {
                    match capability {
                        "side-band-64k" => self.sidebands = true,
                        "multi_ack_detailed" => self.detailed_acks = true,
                        _ => {}
                    }
                }
                Ok(())
            }
            Some(("shallow", id)) => {
                self.shallow.insert(oid(id)?);
                Ok(())
            }
            Some(("deepen", depth)) => {
                let depth = depth.parse().ok().filter(|it| *it > 0);
                self.depth = Some(depth.ok_or_else(|| format!("bad depth in {line:?}"))?);
                Ok(())
            }
            _ => Err(format!("unknown line {line:?}")),
        }
    }
}

fn oid(text: &str) -> Result<Oid, String> {
    let whole = (text.len() == 40)
        .then(|| Oid::from_str(text).ok())
        .flatten();
    whole.ok_or_else(|| format!("bad object name {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn a_request_is_read_plain_or_compressed() {
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        let mut body = Vec::new();
        let caps = "multi_ack_detailed side-band-64k agent=x";
        packet::line(&mut body, format!("want {a} {caps}\n").as_bytes());
        packet::line(&mut body, format!("shallow {b}\n").as_bytes());
        packet::line(&mut body, b"deepen 3\n");
        packet::flush(&mut body);
        let asked = Wish::read(&body).unwrap();
        assert!(!asked.negotiates && asked.sidebands && asked.detailed_acks);
        assert_eq!((asked.depth, asked.shallow.len()), (Some(3), 1));
        packet::line(&mut body, format!("have {b}\n").as_bytes());
        packet::line(&mut body, b"done\n");
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&body).unwrap();
        let headers = HeaderMap::from_iter([(CONTENT_ENCODING, "gzip".parse().unwrap())]);
        let plain = decompressed(&headers, &gzip.finish().unwrap()).unwrap();
        let wish = Wish::read(&plain).unwrap();
        assert!(wish.negotiates && wish.is_done);
        assert_eq!((wish.wants.len(), wish.haves.len()), (1, 1));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "want x\n",
            "filter blob:none\n",
            "deepen 0\n",
            "deepen-since 1\n",
        ] {
            let mut body = Vec::new();
            packet::line(&mut body, text.as_bytes());
            assert!(Wish::read(&body).is_err(), "{text}");
        }
        let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        bomb.write_all(&vec![0; MAX_REQUEST + 1]).unwrap();
        let headers = HeaderMap::from_iter([(CONTENT_ENCODING, "gzip".parse().unwrap())]);
        assert_eq!(decompressed(&headers, &bomb.finish().unwrap()), None);
    }
}
