//! The packages of a Python package's extras.

use super::arguments::options;
use super::expander::Fault;
use super::mark::has_mark;
use std::fmt::Write as _;

/// The sections that `%pyproject_extras_subpkg -n NAME extra1,extra2` stands for: one package an
/// extra, called `NAME+extra`.
pub(super) fn extras_packages(arguments: &[String]) -> Result<String, Fault> {
    let mistake = |it: &str| Fault::Mistake(format!("the extras macro {it}"));
    let parsed = options(arguments, "n:i:f:FaAv:")
        .map_err(|letter| mistake(&format!("takes no option -{letter} as given")))?;
    let has = |letter| parsed.options.iter().any(|it| it.0 == letter);
    let name = parsed
        .options
        .iter()
        .find_map(|(letter, value)| (*letter == 'n').then_some(value.as_deref()))
        .flatten()
        .ok_or_else(|| mistake("lacks -n NAME"))?;
    let mut out = String::new();
    let extras = parsed.rest.iter().flat_map(|it| it.split([',', ' ']));
    for extra in extras.filter(|it| !it.is_empty()) {
        let package = format!("{name}+{extra}");
        if has_mark(&package) || package.contains(['%', '\n']) {
            return Err(mistake("has no plain name or extra"));
        }
        let _ = writeln!(
            out,
            "%%package -n {package}\nSummary: {name} with {extra}\n%%description -n {package}\n"
        );
        if !has('F') {
            let _ = writeln!(out, "%%files -n {package}");
        }
    }
    if out.is_empty() {
        return Err(mistake("lacks extras"));
    }
    Ok(out)
}
