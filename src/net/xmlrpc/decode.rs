//! From text to calls and answers.

use super::parser::{MAX_DEPTH, ParseError, Parser, Token, short};
use super::{Fault, Value};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurposeConfig;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD};
use std::collections::BTreeMap;

/// A call as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The method's name.
    pub method: String,
    /// Its arguments.
    pub params: Vec<Value>,
}

/// Reads a call.
///
/// # Errors
/// When it is none, or over a limit.
pub fn decode_call(document: &[u8]) -> Result<Call, ParseError> {
    let mut parser = Parser::new(document)?;
    parser.open("methodCall")?;
    parser.open("methodName")?;
    let method = parser.text()?.trim().to_owned();
    let mut params = Vec::new();
    match parser.next_tag()? {
        Token::Close => {}
        Token::Open(name) if name == "params" => {
            while let Some(value) = param(&mut parser)? {
                params.push(value);
            }
            parser.close()?;
        }
        token => return Err(token.unexpected("params")),
    }
    end(&mut parser)?;
    Ok(Call { method, params })
}

/// Reads an answer: a value, or the server's fault.
///
/// # Errors
/// When it is none, or over a limit.
pub fn decode_response(document: &[u8]) -> Result<Result<Value, Fault>, ParseError> {
    let mut parser = Parser::new(document)?;
    parser.open("methodResponse")?;
    let answer = match parser.next_tag()? {
        Token::Open(name) if name == "params" => {
            // One without a value is what some servers send for nothing.
            let first = param(&mut parser)?;
            if first.is_some() {
                parser.close()?;
            }
            Ok(first.unwrap_or(Value::Nil))
        }
        Token::Open(name) if name == "fault" => {
            parser.open("value")?;
            let value = value(&mut parser, 0)?;
            parser.close()?;
            let code = value.member("faultCode").and_then(Value::as_int);
            let text = value.member("faultString").and_then(Value::as_str);
            Err(Fault {
                code: code.unwrap_or_default(),
                text: text.unwrap_or_default().to_owned(),
            })
        }
        token => return Err(token.unexpected("params or fault")),
    };
    parser.close()?;
    end(&mut parser)?;
    Ok(answer)
}

fn end(parser: &mut Parser<'_>) -> Result<(), ParseError> {
    match parser.next_tag()? {
        Token::End => Ok(()),
        token => Err(token.unexpected("the end")),
    }
}

/// The value of the next `param`; none, and the closing tag taken, after the last one.
fn param(parser: &mut Parser<'_>) -> Result<Option<Value>, ParseError> {
    match parser.next_tag()? {
        Token::Close => Ok(None),
        Token::Open(name) if name == "param" => {
            parser.open("value")?;
            let value = value(parser, 0)?;
            parser.close()?;
            Ok(Some(value))
        }
        token => Err(token.unexpected("param")),
    }
}

/// A value whose tag was opened, up to its closing tag.
fn value(parser: &mut Parser<'_>, depth: u32) -> Result<Value, ParseError> {
    if depth > MAX_DEPTH {
        return Err(ParseError::TooDeep);
    }
    parser.count()?;
    let mut text = String::new();
    loop {
        match parser.next()? {
            Token::Text(more) => text.push_str(&more),
            Token::Close => return Ok(Value::String(text)),
            Token::Open(kind) if text.trim().is_empty() => {
                let value = typed(parser, &kind, depth)?;
                parser.close()?;
                return Ok(value);
            }
            token => return Err(token.unexpected("a value")),
        }
    }
}

/// What stands within the tag of a type, up to its closing tag.
fn typed(parser: &mut Parser<'_>, kind: &str, depth: u32) -> Result<Value, ParseError> {
    Ok(match kind {
        "nil" => {
            parser.close()?;
            Value::Nil
        }
        "int" | "i1" | "i2" | "i4" | "i8" => {
            let text = parser.text()?;
            let number = text.trim().parse().ok();
            Value::Int(number.ok_or_else(|| content("int", &text))?)
        }
        "boolean" => {
            let text = parser.text()?;
            match text.trim() {
                "0" => Value::Bool(false),
                "1" => Value::Bool(true),
                _ => return Err(content("boolean", &text)),
            }
        }
        "double" => {
            let text = parser.text()?;
            let number = text.trim().parse().ok();
            Value::Double(number.ok_or_else(|| content("double", &text))?)
        }
        "string" => Value::String(parser.text()?),
        "dateTime.iso8601" => Value::DateTime(parser.text()?.trim().to_owned()),
        "base64" => Value::Bytes(bytes(&parser.text()?)?),
        "array" => array(parser, depth)?,
        "struct" => members(parser, depth)?,
        _ => return Err(Token::Open(kind.to_owned()).unexpected("the tag of a type")),
    })
}

fn array(parser: &mut Parser<'_>, depth: u32) -> Result<Value, ParseError> {
    parser.open("data")?;
    let mut items = Vec::new();
    loop {
        match parser.next_tag()? {
            Token::Open(name) if name == "value" => items.push(value(parser, depth + 1)?),
            Token::Close => break,
            token => return Err(token.unexpected("value")),
        }
    }
    parser.close()?;
    Ok(Value::Array(items))
}

fn members(parser: &mut Parser<'_>, depth: u32) -> Result<Value, ParseError> {
    let mut members = BTreeMap::new();
    loop {
        match parser.next_tag()? {
            Token::Open(tag) if tag == "member" => {
                parser.open("name")?;
                let name = parser.text()?;
                parser.open("value")?;
                members.insert(name, value(parser, depth + 1)?);
                parser.close()?;
            }
            Token::Close => return Ok(Value::Struct(members)),
            token => return Err(token.unexpected("member")),
        }
    }
}

/// Base64 as it is found: in lines, with or without padding.
fn bytes(text: &str) -> Result<Vec<u8>, ParseError> {
    let lax = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let plain: String = text.split_whitespace().collect();
    let decoded = STANDARD.decode(&plain);
    decoded
        .or_else(|_| GeneralPurpose::new(&alphabet::STANDARD, lax).decode(&plain))
        .map_err(|_| content("base64", text))
}

fn content(kind: &'static str, text: &str) -> ParseError {
    let text = short(text);
    ParseError::Content { kind, text }
}

#[cfg(test)]
mod tests;
