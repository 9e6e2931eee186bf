//! No module imports from a layer above its own, or from a peer.
//!
//! Reads the `crate::` and `super::` paths of every source file and holds them against the one
//! table of layers below.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Modules and their layers. A module may use lower layers, itself and its own parts.
const LAYERS: &[(&str, u32)] = &[
    ("model", 0),
    ("config", 10),
    ("event", 10),
    ("sync", 20),
    ("rpmfile", 21),
    ("net", 21),
    ("import", 30),
    ("alloc", 30),
    ("bench", 35),
    ("worker", 40),
    // Stores keep builds, as they keep jobs and tickets.
    ("build", 35),
    ("serve", 40),
    ("frontend", 40),
    ("shell", 40),
    ("store", 40),
    ("ui", 40),
    ("cli", 50),
];

/// The same within `import`: plain values, then the stages, then the one file that joins them.
const IMPORT_LAYERS: &[(&str, u32)] = &[
    ("description", 0),
    ("job", 0),
    ("root", 0),
    ("outcome", 1),
    ("archive", 2),
    ("distgit", 2),
    ("source", 2),
    ("spec", 2),
    ("pipeline", 3),
    ("queue", 3),
];

/// The same within `alloc`.
const ALLOC_LAYERS: &[(&str, u32)] = &[
    ("time", 0),
    ("ticket", 0),
    ("resource", 1),
    ("pool", 2),
    ("store", 3),
    ("starter", 3),
    ("error", 4),
    ("farm", 5),
    ("assign", 6),
    ("round", 7),
    ("allocator", 8),
    ("simulate", 8),
];

fn source_files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source_files(&path, out);
        } else if path.extension().is_some_and(|it| it == "rs") {
            out.push(path);
        }
    }
}

/// The module path of a file: `src/a/b/mod.rs` and `src/a/b.rs` are both `a::b`.
fn module_of(file: &Path, root: &Path) -> Vec<String> {
    let mut parts: Vec<String> = file
        .strip_prefix(root)
        .unwrap()
        .with_extension("")
        .iter()
        .map(|it| it.to_str().unwrap().to_owned())
        .collect();
    if parts.last().is_some_and(|it| it == "mod" || it == "lib") {
        parts.pop();
    }
    parts
}

/// Every absolute module path that a file names, use trees opened.
fn imports(text: &str, module: &[String]) -> Vec<Vec<String>> {
    let code: String = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n");
    let mut out = Vec::new();
    for (keyword, base) in [("crate::", 0), ("super::", module.len().saturating_sub(1))] {
        for (at, _) in code.match_indices(keyword) {
            let before = code[..at].chars().next_back().unwrap_or(' ');
            if before.is_alphanumeric() || before == '_' || before == ':' {
                continue;
            }
            let mut rest = &code[at + keyword.len()..];
            let mut base = base;
            while let Some(further) = rest.strip_prefix("super::") {
                base = base.saturating_sub(1);
                rest = further;
            }
            let names: Vec<String> = match rest.strip_prefix('{') {
                Some(tree) => first_names(tree),
                None => vec![path_head(rest)],
            };
            for name in names {
                let mut path = module[..base].to_vec();
                path.extend(name.split("::").map(str::to_owned));
                out.push(path);
            }
        }
    }
    out
}

/// The first two segments of a path.
fn path_head(text: &str) -> String {
    let end = text
        .find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':')
        .unwrap_or(text.len());
    text[..end]
        .split("::")
        .take(2)
        .collect::<Vec<_>>()
        .join("::")
}

/// The heads of the members of a `{…}` whose opening brace was taken.
fn first_names(tree: &str) -> Vec<String> {
    let mut depth = 0;
    let mut members = vec![String::new()];
    for c in tree.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => members.push(String::new()),
            _ if depth == 0 => members.last_mut().unwrap().push(c),
            _ => {}
        }
    }
    members
        .iter()
        .map(|it| path_head(it.trim()))
        .filter(|it| !it.is_empty())
        .collect()
}

/// A sentence for each import that the table does not allow.
fn violations(file: &str, module: &[String], paths: &[Vec<String>]) -> Vec<String> {
    let top: BTreeMap<&str, u32> = LAYERS.iter().copied().collect();
    let mut out = Vec::new();
    for path in paths {
        for (table, depth) in [
            (LAYERS, 0),
            (
                if module.first().is_some_and(|it| it == "alloc") {
                    ALLOC_LAYERS
                } else {
                    IMPORT_LAYERS
                },
                1,
            ),
        ] {
            let (Some(from), Some(to)) = (module.get(depth), path.get(depth)) else {
                break;
            };
            if from == to {
                continue;
            }
            if depth == 1 && !matches!(module[0].as_str(), "import" | "alloc") {
                break;
            }
            let layer = |name: &String| table.iter().find(|it| it.0 == name).map(|it| it.1);
            match (layer(from), layer(to)) {
                (Some(here), Some(there)) if there >= here => {
                    out.push(format!(
                        "{file}: {from} (layer {here}) imports {to} (layer {there})"
                    ));
                }
                (None, _) if depth == 0 && from != "main" => {
                    out.push(format!("{file}: {from} has no layer"));
                }
                _ => {}
            }
            break;
        }
    }
    if let Some(first) = module.first()
        && first != "main"
        && !top.contains_key(first.as_str())
    {
        out.push(format!("{file}: {first} has no layer"));
    }
    if let Some([first, second]) = module.get(..2) {
        let inner = match first.as_str() {
            "import" => IMPORT_LAYERS,
            "alloc" => ALLOC_LAYERS,
            _ => return out,
        };
        if !inner.iter().any(|it| it.0 == second) {
            out.push(format!("{file}: {first}::{second} has no layer"));
        }
    }
    out
}

#[test]
fn no_module_imports_upwards_or_sideways() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&root, &mut files);
    assert!(files.len() > 10, "the sources were not found");
    let mut wrong = Vec::new();
    for file in files {
        let module = module_of(&file, &root);
        let text = fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(&root).unwrap().display().to_string();
        wrong.extend(violations(&name, &module, &imports(&text, &module)));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A lock that is taken past `sync::hold` is not among those that are waited for, as the benchmark
/// counts them.
#[test]
fn only_sync_takes_locks_by_itself() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&root, &mut files);
    files.retain(|it| !it.starts_with(root.join("sync")));
    files.retain(|it| fs::read_to_string(it).unwrap().contains("PoisonError"));
    assert!(files.is_empty(), "use crate::sync::hold in {files:?}");
}

#[test]
fn the_check_finds_what_it_looks_for() {
    let find = |module: &str, text: &str| {
        let module: Vec<String> = module.split("::").map(str::to_owned).collect();
        violations("f", &module, &imports(text, &module)).len()
    };
    assert_eq!(find("model::name", "use crate::config::Limits;"), 1);
    assert_eq!(find("import::spec", "use crate::model::{Code, Fault};"), 0);
    assert_eq!(
        find("import::spec", "use crate::{model::Code, worker::Pool};"),
        1
    );
    assert_eq!(
        find("import::spec::write", "use super::super::archive::Kind;"),
        1
    );
    assert_eq!(find("import::spec::write", "use super::escape::line;"), 0);
    assert_eq!(
        find("import::pipeline", "use super::spec; use super::archive;"),
        0
    );
    assert_eq!(
        find(
            "import::source",
            "fn f() { crate::import::pipeline::run() }"
        ),
        1
    );
    assert_eq!(find("ui::bars", "use crate::worker::Pool;"), 1);
    assert_eq!(find("ui::bars", "// use crate::worker::Pool;"), 0);
    // A new folder has to be put into a table.
    for new in ["new", "import::new", "alloc::new::part"] {
        assert_eq!(find(new, ""), 1, "{new}");
    }
    assert_eq!(find("import", "") + find("alloc::pool", ""), 0);
}
