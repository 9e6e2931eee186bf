//! The macros that are defined.

use std::collections::HashMap;
use std::rc::Rc;

/// What stands behind a name.
#[derive(Clone, Debug)]
pub(super) enum Meaning {
    /// Text that is expanded again; with options it takes arguments.
    Body {
        text: Rc<str>,
        options: Option<Rc<str>>,
    },
    /// Text that is not expanded again, such as an argument.
    Literal(Rc<str>),
    /// Defined, or not, in a branch that could not be decided.
    Unknowable,
}

#[derive(Clone, Debug)]
struct Entry {
    meaning: Meaning,
    /// The call within which it was defined; 0 outside of any.
    level: u32,
    /// An argument: calls further in do not see it.
    argument: bool,
}

/// All definitions; each name a stack, as a later definition hides the earlier one.
#[derive(Debug, Default)]
pub(super) struct Table {
    entries: HashMap<String, Vec<Entry>>,
    /// The names defined within each call that is under way.
    scopes: Vec<Vec<String>>,
}

impl Table {
    fn level(&self) -> u32 {
        u32::try_from(self.scopes.len()).unwrap_or(u32::MAX)
    }

    /// The meaning of a name, where it has one.
    pub(super) fn get(&self, name: &str) -> Option<&Meaning> {
        let entry = self.entries.get(name)?.last()?;
        (!entry.argument || entry.level >= self.level()).then_some(&entry.meaning)
    }

    /// Defines a name for good.
    pub(super) fn define_global(&mut self, name: &str, meaning: Meaning) {
        self.push(name, meaning, 0, false);
    }

    /// Defines a name until the call that is under way ends.
    pub(super) fn define(&mut self, name: &str, meaning: Meaning) {
        self.push(name, meaning, self.level(), false);
    }

    /// Defines an argument of the call that is under way.
    pub(super) fn define_argument(&mut self, name: &str, text: &str) {
        self.push(name, Meaning::Literal(text.into()), self.level(), true);
    }

    fn push(&mut self, name: &str, meaning: Meaning, level: u32, argument: bool) {
        if level > 0
            && let Some(scope) = self.scopes.last_mut()
        {
            scope.push(name.to_owned());
        }
        self.entries
            .entry(name.to_owned())
            .or_default()
            .push(Entry {
                meaning,
                level,
                argument,
            });
    }

    /// Takes back the latest definition.
    pub(super) fn undefine(&mut self, name: &str) {
        if let Some(stack) = self.entries.get_mut(name) {
            stack.pop();
        }
    }

    /// Begins a call.
    pub(super) fn enter(&mut self) {
        self.scopes.push(Vec::new());
    }

    /// Ends a call: what it defined is gone.
    pub(super) fn leave(&mut self) {
        let level = self.level();
        for name in self.scopes.pop().unwrap_or_default() {
            if let Some(stack) = self.entries.get_mut(&name)
                && let Some(at) = stack.iter().rposition(|it| it.level == level)
            {
                stack.remove(at);
            }
        }
    }
}
