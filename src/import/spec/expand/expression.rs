//! RPM's expressions: integers, strings and versions, as `%if`, `%[…]` and `%{expr:…}` have them.
//!
//! Both sides of an operator must be of one type. In `%[…]` macros are expanded within the
//! values, elsewhere before.

#[cfg(test)]
mod tests;

use super::call::macro_end;
use super::expander::{Expander, Fault};
use super::mark::has_mark;
use super::value::{Result, Stop, Value, mistake};
use std::cmp::Ordering;

/// How deep an expression may nest.
const MAX_DEPTH: u32 = 64;

impl Expander {
    /// The value of `%[…]`; nothing where a macro in it could not be expanded.
    pub(super) fn expression(&mut self, text: &str) -> std::result::Result<Option<String>, Fault> {
        said(Parser::new(text, Some(self)).whole().map(Into::into))
    }

    /// The value of an expression whose macros were expanded before.
    pub(super) fn plain_expression(text: &str) -> std::result::Result<Option<String>, Fault> {
        said(Parser::new(text, None).whole().map(Into::into))
    }

    /// Whether the condition of an `%if` holds; nothing where that cannot be known.
    pub(in crate::import::spec) fn holds(
        condition: &str,
    ) -> std::result::Result<Option<bool>, Fault> {
        if has_mark(condition) {
            return Ok(None);
        }
        said(Parser::new(condition, None).whole().map(|it| it.is_true()))
    }
}

fn said<T>(result: Result<T>) -> std::result::Result<Option<T>, Fault> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Stop::Marked) => Ok(None),
        Err(Stop::Fault(fault)) => Err(fault),
    }
}

struct Parser<'a> {
    text: &'a str,
    expander: Option<&'a mut Expander>,
    /// In a part whose value does not count.
    skipped: bool,
    depth: u32,
}

impl<'a> Parser<'a> {
    const fn new(text: &'a str, expander: Option<&'a mut Expander>) -> Self {
        Self {
            text,
            expander,
            skipped: false,
            depth: 0,
        }
    }

    fn whole(mut self) -> Result<Value> {
        let value = self.ternary()?;
        self.skip_space();
        if self.text.is_empty() {
            Ok(value)
        } else {
            mistake("something stands behind its end")
        }
    }

    fn skip_space(&mut self) {
        self.text = self.text.trim_ascii_start();
    }

    /// Takes a token if it comes next.
    fn take(&mut self, token: &str) -> bool {
        self.skip_space();
        match self.text.strip_prefix(token) {
            Some(rest) => {
                self.text = rest;
                true
            }
            None => false,
        }
    }

    /// Reads on with the value not counting, if so said.
    fn unless<T>(&mut self, skipped: bool, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let before = self.skipped;
        self.skipped = before || skipped;
        let out = read(self);
        self.skipped = before;
        out
    }

    fn ternary(&mut self) -> Result<Value> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Stop::Fault(Fault::TooLarge("64 levels of an expression")));
        }
        let condition = self.logical()?;
        let value = if self.take("?") {
            let yes = condition.is_true();
            let first = self.unless(!yes, Self::ternary)?;
            if !self.take(":") {
                return mistake("`?` without `:`");
            }
            let second = self.unless(yes, Self::ternary)?;
            self.same_type(&first, &second)?;
            if yes { first } else { second }
        } else {
            condition
        };
        self.depth -= 1;
        Ok(value)
    }

    fn logical(&mut self) -> Result<Value> {
        let mut left = self.relational()?;
        loop {
            let and = self.take("&&");
            if !and && !self.take("||") {
                return Ok(left);
            }
            let decided = left.is_true() != and;
            let right = self.unless(decided, Self::relational)?;
            self.same_type(&left, &right)?;
            if !decided {
                left = right;
            }
        }
    }

    fn relational(&mut self) -> Result<Value> {
        type Test = fn(Ordering) -> bool;
        const OPERATORS: [(&str, Test); 6] = [
            ("==", Ordering::is_eq),
            ("!=", Ordering::is_ne),
            ("<=", Ordering::is_le),
            (">=", Ordering::is_ge),
            ("<", Ordering::is_lt),
            (">", Ordering::is_gt),
        ];
        let mut left = self.sum()?;
        while let Some((_, test)) = OPERATORS.iter().find(|it| self.take(it.0)) {
            let right = self.sum()?;
            self.same_type(&left, &right)?;
            let order = left.compare(&right).unwrap_or(Ordering::Equal);
            left = Value::Integer(i64::from(test(order)));
        }
        Ok(left)
    }

    fn sum(&mut self) -> Result<Value> {
        let mut left = self.product()?;
        loop {
            let plus = self.take("+");
            if !plus && !self.take("-") {
                return Ok(left);
            }
            let right = self.product()?;
            self.same_type(&left, &right)?;
            left = match (left, right) {
                (Value::Integer(a), Value::Integer(b)) if plus => {
                    Value::Integer(a.saturating_add(b))
                }
                (Value::Integer(a), Value::Integer(b)) => Value::Integer(a.saturating_sub(b)),
                (Value::Text(a), Value::Text(b)) if plus => Value::Text(a + &b),
                _ => return mistake("`-` or `+` with what cannot be added"),
            };
        }
    }

    fn product(&mut self) -> Result<Value> {
        let mut left = self.primary()?;
        loop {
            let times = self.take("*");
            if !times && !self.take("/") {
                return Ok(left);
            }
            let right = self.primary()?;
            left = match (left, right) {
                (left, _) if self.skipped => left,
                (Value::Integer(a), Value::Integer(b)) if times => {
                    Value::Integer(a.saturating_mul(b))
                }
                (Value::Integer(_), Value::Integer(0)) => return mistake("division by zero"),
                (Value::Integer(a), Value::Integer(b)) => Value::Integer(a.saturating_div(b)),
                _ => return mistake("`*` or `/` without numbers"),
            };
        }
    }

    fn primary(&mut self) -> Result<Value> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Stop::Fault(Fault::TooLarge("64 levels of an expression")));
        }
        let value = if self.take("(") {
            let value = self.ternary()?;
            if !self.take(")") {
                return mistake("`(` without `)`");
            }
            value
        } else if self.take("!") {
            Value::Integer(i64::from(!self.primary()?.is_true()))
        } else if self.take("-") {
            match self.primary()? {
                Value::Integer(number) => Value::Integer(number.saturating_neg()),
                _ => return mistake("`-` without a number"),
            }
        } else if self.take("v\"") {
            Value::Version(self.quoted()?)
        } else if self.take("\"") {
            Value::Text(self.quoted()?)
        } else {
            self.number()?
        };
        self.depth -= 1;
        Ok(value)
    }

    /// The rest of a string whose first quote was taken.
    fn quoted(&mut self) -> Result<String> {
        let end = self.length_until(|c| c == '"');
        let Some(rest) = self.text[end..].strip_prefix('"') else {
            return mistake("a string does not end");
        };
        let text = self.value(end)?;
        self.text = rest;
        Ok(text)
    }

    fn number(&mut self) -> Result<Value> {
        let end = self.length_until(|c| !c.is_ascii_digit());
        if end == 0 {
            return mistake("no number and no string in quotes");
        }
        let rest = &self.text[end..];
        let text = self.value(end)?;
        self.text = rest;
        let digits = text.strip_prefix('-').unwrap_or(&text);
        if !self.skipped && !digits.bytes().all(|it| it.is_ascii_digit()) {
            return mistake("a macro in it is no number");
        }
        Ok(Value::Integer(text.parse().unwrap_or(0)))
    }

    /// The length of the value up to the first character that ends it outside of macros.
    fn length_until(&self, ends: impl Fn(char) -> bool) -> usize {
        let mut at = 0;
        while let Some(c) = self.text[at..].chars().next() {
            if c == '%' && self.expander.is_some() {
                let behind = &self.text[at + 1..];
                let length = if behind.starts_with('%') {
                    1
                } else {
                    macro_end(behind).unwrap_or(behind.len())
                };
                at += 1 + length;
            } else if ends(c) {
                break;
            } else {
                at += c.len_utf8();
            }
        }
        at
    }

    /// The value of so many bytes, its macros expanded where it counts.
    fn value(&mut self, length: usize) -> Result<String> {
        let text = &self.text[..length];
        match &mut self.expander {
            _ if self.skipped => Ok(String::new()),
            None => Ok(text.to_owned()),
            Some(expander) => {
                let value = expander.expand(text)?;
                if has_mark(&value) {
                    return Err(Stop::Marked);
                }
                Ok(value)
            }
        }
    }

    fn same_type(&self, a: &Value, b: &Value) -> Result<()> {
        if std::mem::discriminant(a) == std::mem::discriminant(b) {
            Ok(())
        } else {
            mistake("both sides must be numbers, or both strings")
        }
    }
}
