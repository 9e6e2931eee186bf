//! A bounded tree of a YAML document, without its power.
//!
//! Nodes lie in one list and refer to each other by index, so that an alias costs one index and
//! not a copy, and since an anchor is known only once its node is complete, no node can contain
//! itself. Ruby's tags are taken for those classes that RubyGems itself allows, as plain lists
//! and maps; any other class is refused.

use super::yaml_scalar::{check_tag, scalar};
use saphyr_parser::{Event, Parser, Tag};
use std::collections::HashMap;

/// Folders of lists and maps within each other.
const MAX_DEPTH: usize = 64;
/// Scalars, lists and maps together.
const MAX_NODES: usize = 200_000;
/// Uses of an anchor. Old gems name each requirement twice by one.
const MAX_ALIASES: usize = 20_000;

/// The index of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id(usize);

/// A part of the document.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// No value.
    Null,
    /// A text, a number, a date: all are texts here.
    Text(String),
    /// A list.
    List(Vec<Id>),
    /// A map, in the order of the text.
    Map(Vec<(Id, Id)>),
}

/// A document.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    root: Id,
}

/// What is wrong with a document.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum YamlError {
    #[error("line {line}: {problem}")]
    Syntax { line: usize, problem: String },
    #[error("lists and maps lie more than {MAX_DEPTH} deep")]
    TooDeep,
    #[error("there are more than {MAX_NODES} values")]
    TooManyNodes,
    #[error("there are more than {MAX_ALIASES} aliases")]
    TooManyAliases,
    #[error("an alias names a value that is not complete")]
    BadAlias,
    #[error("a value is of the Ruby class {0:?}")]
    Class(String),
    #[error("a binary value is not in base 64")]
    Binary,
    #[error("there is no value")]
    Empty,
}

impl Tree {
    /// Reads the first document of a text.
    pub(super) fn parse(text: &str) -> Result<Self, YamlError> {
        let mut builder = Builder::default();
        for event in Parser::new_from_str(text) {
            let (event, _) = event.map_err(|error| YamlError::Syntax {
                line: error.marker().line(),
                problem: error.info().to_owned(),
            })?;
            match event {
                Event::Scalar(text, style, anchor, tag) => {
                    let node = scalar(text, style, tag.as_deref())?;
                    let id = builder.add(node)?;
                    builder.complete(id, anchor);
                }
                Event::SequenceStart(anchor, tag) => {
                    builder.open(Node::List(Vec::new()), anchor, tag.as_deref())?;
                }
                Event::MappingStart(anchor, tag) => {
                    builder.open(Node::Map(Vec::new()), anchor, tag.as_deref())?;
                }
                Event::SequenceEnd | Event::MappingEnd => builder.close(),
                Event::Alias(anchor) => builder.alias(anchor)?,
                Event::DocumentEnd => break,
                Event::Nothing
                | Event::StreamStart
                | Event::StreamEnd
                | Event::DocumentStart(_) => {}
            }
        }
        Ok(Self {
            root: builder.root.ok_or(YamlError::Empty)?,
            nodes: builder.nodes,
        })
    }

    pub(super) const fn root(&self) -> Id {
        self.root
    }

    pub(super) fn node(&self, id: Id) -> &Node {
        &self.nodes[id.0]
    }

    /// The value of a map's key; of two, the later one, as in Ruby. Null values count as absent.
    pub(super) fn get(&self, map: Id, key: &str) -> Option<Id> {
        let Node::Map(pairs) = self.node(map) else {
            return None;
        };
        let found = pairs
            .iter()
            .rev()
            .find(|(it, _)| self.text(*it) == Some(key));
        found
            .map(|(_, value)| *value)
            .filter(|it| *self.node(*it) != Node::Null)
    }

    /// The text of a scalar.
    pub(super) fn text(&self, id: Id) -> Option<&str> {
        match self.node(id) {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The texts of a list, of the lists within it, or of a single scalar. Stops after `limit`.
    pub(super) fn texts(&self, id: Id, limit: usize) -> Vec<String> {
        let mut out = Vec::new();
        let mut steps = MAX_NODES;
        self.collect(id, &mut out, limit, &mut steps);
        out
    }

    /// Goes at most as deep as the tree, and over as many nodes as it may have: aliases can name
    /// one list many times over.
    fn collect(&self, id: Id, out: &mut Vec<String>, limit: usize, steps: &mut usize) {
        if out.len() >= limit || *steps == 0 {
            return;
        }
        *steps -= 1;
        match self.node(id) {
            Node::Text(text) => out.push(text.clone()),
            Node::List(list) => {
                for it in list {
                    self.collect(*it, out, limit, steps);
                }
            }
            Node::Null | Node::Map(_) => {}
        }
    }
}

/// A tree that is growing.
#[derive(Default)]
struct Builder {
    nodes: Vec<Node>,
    root: Option<Id>,
    open: Vec<Open>,
    anchors: HashMap<usize, Id>,
    aliases: usize,
    /// How many lists and maps lie within a complete node, for those with an anchor.
    depths: HashMap<usize, usize>,
}

/// A list or map whose end has not come.
struct Open {
    id: Id,
    anchor: usize,
    /// The key that waits for its value.
    key: Option<Id>,
    /// How many lists and maps lie within it.
    depth: usize,
}

impl Builder {
    fn add(&mut self, node: Node) -> Result<Id, YamlError> {
        if self.nodes.len() >= MAX_NODES {
            return Err(YamlError::TooManyNodes);
        }
        self.nodes.push(node);
        Ok(Id(self.nodes.len() - 1))
    }

    fn open(&mut self, node: Node, anchor: usize, tag: Option<&Tag>) -> Result<(), YamlError> {
        check_tag(tag)?;
        if self.open.len() >= MAX_DEPTH {
            return Err(YamlError::TooDeep);
        }
        let id = self.add(node)?;
        self.open.push(Open {
            id,
            anchor,
            key: None,
            depth: 1,
        });
        Ok(())
    }

    fn close(&mut self) {
        if let Some(open) = self.open.pop() {
            if open.anchor > 0 {
                self.depths.insert(open.anchor, open.depth);
            }
            if let Some(parent) = self.open.last_mut() {
                parent.depth = parent.depth.max(open.depth + 1);
            }
            self.complete(open.id, open.anchor);
        }
    }

    fn alias(&mut self, anchor: usize) -> Result<(), YamlError> {
        self.aliases += 1;
        if self.aliases > MAX_ALIASES {
            return Err(YamlError::TooManyAliases);
        }
        let id = *self.anchors.get(&anchor).ok_or(YamlError::BadAlias)?;
        // Aliases of aliases could otherwise make a tree as deep as it has nodes.
        let depth = self.depths.get(&anchor).copied().unwrap_or(0);
        if self.open.len() + depth > MAX_DEPTH {
            return Err(YamlError::TooDeep);
        }
        if let Some(parent) = self.open.last_mut() {
            parent.depth = parent.depth.max(depth + 1);
        }
        self.complete(id, 0);
        Ok(())
    }

    /// Hands a complete node to the list or map that it lies in.
    fn complete(&mut self, id: Id, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, id);
        }
        let Some(parent) = self.open.last_mut() else {
            self.root.get_or_insert(id);
            return;
        };
        match &mut self.nodes[parent.id.0] {
            Node::List(list) => list.push(id),
            Node::Map(pairs) => match parent.key.take() {
                None => parent.key = Some(id),
                Some(key) => pairs.push((key, id)),
            },
            Node::Null | Node::Text(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
