//! Tags and text of a document, with bounds.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

/// The largest document, in bytes.
pub(super) const MAX_BYTES: usize = 4 << 20;
/// How deep values may nest.
pub(super) const MAX_DEPTH: u32 = 32;
/// How many values a document may have.
pub(super) const MAX_VALUES: u32 = 100_000;

/// Why a document is none of XML-RPC.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Over the limit on its size.
    #[error("it is larger than {MAX_BYTES} bytes")]
    TooLarge,
    /// Over the limit on nested values.
    #[error("its values nest deeper than {MAX_DEPTH}")]
    TooDeep,
    /// Over the limit on the number of values.
    #[error("it has more than {MAX_VALUES} values")]
    TooMany,
    /// Bytes that are no UTF-8.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// A document type: nothing that is needed, and the way to bombs.
    #[error("it has a document type, which is not read")]
    DocType,
    /// An entity that is not one of XML's own.
    #[error("it has the unknown entity {0:?}")]
    Entity(String),
    /// No well-formed XML.
    #[error("it is not well-formed: {0}")]
    Xml(String),
    /// Another tag, or text, than can stand there.
    #[error("it has {found} where {expected} belongs")]
    Unexpected {
        /// What stands there.
        found: String,
        /// What should.
        expected: &'static str,
    },
    /// Content that its type does not allow.
    #[error("{text:?} is no {kind}")]
    Content {
        /// The type.
        kind: &'static str,
        /// The content.
        text: String,
    },
}

/// What comes next.
#[derive(Debug)]
pub(super) enum Token {
    /// A tag opens; its name has no prefix.
    Open(String),
    /// A tag closes, the one that was opened last.
    Close,
    /// A piece of text; more may follow.
    Text(String),
    /// The document ended.
    End,
}

impl Token {
    pub(super) fn unexpected(self, expected: &'static str) -> ParseError {
        let found = match self {
            Self::Open(name) => format!("<{}>", short(&name)),
            Self::Close => "a closing tag".to_owned(),
            Self::Text(text) => format!("the text {:?}", short(text.trim())),
            Self::End => "its end".to_owned(),
        };
        ParseError::Unexpected { found, expected }
    }
}

/// The beginning of what another side wrote, for a message.
pub(super) fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Reads tokens one by one.
pub(super) struct Parser<'a> {
    reader: Reader<&'a [u8]>,
    open: u32,
    values: u32,
}

impl<'a> Parser<'a> {
    pub(super) fn new(document: &'a [u8]) -> Result<Self, ParseError> {
        if document.len() > MAX_BYTES {
            return Err(ParseError::TooLarge);
        }
        let text = std::str::from_utf8(document).map_err(|_| ParseError::NotUtf8)?;
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        reader.config_mut().expand_empty_elements = true;
        Ok(Self {
            reader,
            open: 0,
            values: 0,
        })
    }

    /// Counts a value.
    pub(super) fn count(&mut self) -> Result<(), ParseError> {
        self.values += 1;
        match self.values > MAX_VALUES {
            true => Err(ParseError::TooMany),
            false => Ok(()),
        }
    }

    pub(super) fn next(&mut self) -> Result<Token, ParseError> {
        loop {
            let event = self.reader.read_event();
            return Ok(match event.map_err(|it| ParseError::Xml(it.to_string()))? {
                Event::Start(tag) => {
                    self.open += 1;
                    Token::Open(tag.local_name().into_inner().to_owned())
                }
                Event::End(_) => {
                    self.open = self.open.saturating_sub(1);
                    Token::Close
                }
                Event::Text(text) => Token::Text(text.xml10_content().into_owned()),
                Event::CData(text) => Token::Text(text.xml10_content().into_owned()),
                Event::GeneralRef(name) => Token::Text(reference(&name)?.to_string()),
                Event::DocType(_) => return Err(ParseError::DocType),
                Event::Eof if self.open > 0 => {
                    return Err(ParseError::Xml("it ends too early".to_owned()));
                }
                Event::Eof => Token::End,
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::Empty(_) => continue,
            });
        }
    }

    /// What comes next other than white space.
    pub(super) fn next_tag(&mut self) -> Result<Token, ParseError> {
        loop {
            match self.next()? {
                Token::Text(text) if text.trim().is_empty() => {}
                token => return Ok(token),
            }
        }
    }

    /// A certain tag must open.
    pub(super) fn open(&mut self, name: &'static str) -> Result<(), ParseError> {
        match self.next_tag()? {
            Token::Open(found) if found == name => Ok(()),
            token => Err(token.unexpected(name)),
        }
    }

    /// The innermost tag must close.
    pub(super) fn close(&mut self) -> Result<(), ParseError> {
        match self.next_tag()? {
            Token::Close => Ok(()),
            token => Err(token.unexpected("a closing tag")),
        }
    }

    /// The text up to the closing tag.
    pub(super) fn text(&mut self) -> Result<String, ParseError> {
        let mut out = String::new();
        loop {
            match self.next()? {
                Token::Text(text) => out.push_str(&text),
                Token::Close => return Ok(out),
                token => return Err(token.unexpected("text")),
            }
        }
    }
}

/// The character that a reference stands for.
fn reference(name: &BytesRef<'_>) -> Result<char, ParseError> {
    let unknown = || ParseError::Entity(short(name));
    if name.is_char_ref() {
        return name.resolve_char_ref().ok().flatten().ok_or_else(unknown);
    }
    Ok(match &**name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => return Err(unknown()),
    })
}
