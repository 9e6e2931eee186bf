//! `distmill template`: the built-in templates, as a start for own ones.

use super::exit::Exit;
use crate::import::spec::{TEMPLATE_VALUES, TemplateKind};
use clap::Args;
use clap::builder::PossibleValuesParser;
use std::fmt::Write as _;
use std::io::{self, Write as _};

/// Prints the built-in template of a kind of archive, as a start for one of your own.
#[derive(Debug, Args)]
#[command(after_help = help())]
pub(in crate::cli) struct Arguments {
    /// What the template is for
    #[arg(value_parser = PossibleValuesParser::new(TemplateKind::ALL.map(TemplateKind::word)))]
    kind: String,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let kind: TemplateKind = arguments.kind.parse()?;
    match io::stdout().lock().write_all(kind.built_in().as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(Exit::Success),
    }
}

/// What `--help` says of the values.
fn help() -> String {
    let mut out = String::from(
        "\
Templates are in the language of minijinja (Jinja2). `pypi` is for sdists, `wheel` for Python
packages that have no sdist, `gem` for gems. The spec that comes out is read as any other: it has
to name the archive, as Source0, and no other file.

Values, safe in tags, descriptions and %files (in parentheses: only these templates see it):
",
    );
    for value in TEMPLATE_VALUES {
        let kinds: Vec<&str> = value.kinds.iter().map(|it| it.word()).collect();
        let only = match kinds.len() == TemplateKind::ALL.len() {
            true => String::new(),
            false => format!(" ({})", kinds.join(", ")),
        };
        writeln!(out, "  {:18} {}{only}", value.name, value.meaning)
            .expect("a string takes all that is written");
    }
    out.push_str(
        "
Examples:
  distmill template pypi > my.spec
  distmill import --template pypi=my.spec --template pypi:numpy=numpy.spec pypi:six pypi:numpy",
    );
    out
}
