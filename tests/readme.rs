//! The README's commands do what they say: the first one is run as it stands there, and every
//! other one has options that the program knows.

use crate::support::pack::Tar;
use crate::support::program::{Program, Run};
use crate::support::registry::Registry;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The lines of all shell blocks, comments and what follows a pipe cut off.
fn commands() -> Vec<String> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let blocks = text.split("```sh\n").skip(1);
    let lines = blocks.flat_map(|it| it.split("```").next().unwrap().lines());
    let bare = |line: &str| {
        let line = line.split('#').next().unwrap();
        line.split(" | ").next().unwrap().trim().to_owned()
    };
    lines.map(bare).filter(|it| !it.is_empty()).collect()
}

/// The words of a command, paths with wildcards replaced by what they match.
fn words(command: &str) -> Vec<String> {
    let mut out = Vec::new();
    for word in command.split_whitespace() {
        if !word.contains('*') {
            out.push(word.to_owned());
            continue;
        }
        let found = glob::glob(word).unwrap().map(|it| it.unwrap());
        let found: Vec<String> = found.map(|it| it.to_str().unwrap().to_owned()).collect();
        assert!(!found.is_empty(), "{word} in the README matches nothing");
        out.extend(found);
    }
    out
}

/// The least sdist of a name.
fn sdist(name: &str) -> Vec<u8> {
    let info = format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nLicense: MIT\n");
    let path = format!("{name}-1.0/PKG-INFO");
    Tar::default().file(path.as_bytes(), info.as_bytes()).gz()
}

#[test]
fn the_first_command_imports() {
    let commands = commands();
    let (first, second) = (&commands[0], &commands[1]);
    let sources = first
        .strip_prefix("cargo run --release -- import ")
        .unwrap();
    assert_eq!(second, "./check");
    let registry = Registry::start();
    for word in sources.split_whitespace() {
        if let Some(name) = word.strip_prefix("pypi:") {
            let file = format!("{name}-1.0.tar.gz");
            registry.add_pypi(name, "1.0", &file, sdist(name));
        }
    }
    let program = Program::new().with_registry(&registry.url());
    let sources = words(sources);
    let outcomes = program.outcomes(&sources);
    assert_eq!(outcomes.len(), sources.len());
    for (source, outcome) in &outcomes {
        assert_eq!(outcome["state"], "imported", "{source}: {outcome:#}");
    }
}

#[test]
fn every_option_is_known() {
    let mut seen = 0;
    for command in commands() {
        let Some(rest) = command.strip_prefix("distmill ") else {
            continue;
        };
        let words: Vec<&str> = rest.split_whitespace().collect();
        let names = words.iter().take_while(|it| {
            it.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !it.starts_with('-')
        });
        let names: Vec<&str> = names.copied().collect();
        let help = |names: &[&str]| {
            let mut run = Command::new(env!("CARGO_BIN_EXE_distmill"));
            let help = run.args(names).arg("--help").output().unwrap();
            assert!(help.status.success(), "{command}: no such command");
            String::from_utf8(help.stdout).unwrap()
        };
        let help = match help(&names[..1]) {
            // A command with commands of its own.
            outer if outer.contains("\nCommands:") => help(&names[..2]),
            help => help,
        };
        for option in words.iter().filter(|it| it.starts_with("--")) {
            let option = option.split('=').next().unwrap();
            assert!(
                help.contains(option),
                "{command}: {option} is not in the help"
            );
            seen += 1;
        }
    }
    assert!(seen >= 3, "only {seen} options were found");
}

/// The words of a command of `distmill bench`, with numbers that take no time.
fn little(command: &str, memory: &str) -> Vec<String> {
    let mut out: Vec<String> = words(command);
    for at in 1..out.len() {
        let value = match &*out[at - 1] {
            "--synthetic" => "3",
            "--repeat" | "--projects" => "1",
            "--threads" => "2",
            "--prefill" => "10",
            "--latency" => "1",
            "--fs" => memory,
            "--plot" => &format!("{memory}/plot.svg"),
            _ => continue,
        };
        out[at] = value.to_owned();
    }
    out.push("--size=5kB".to_owned());
    out
}

#[test]
fn what_is_measured_can_be_measured() {
    let dir = tempfile::TempDir::new().unwrap();
    let place = dir.path().to_str().unwrap();
    let all = commands();
    let all = all.iter().filter(|it| it.starts_with("distmill bench "));
    let all: Vec<Vec<String>> = all.map(|it| little(it, place)).collect();
    assert!(all.len() > 3, "{all:?}");
    for words in all {
        let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
        command.args(&words[1..]).env("XDG_CACHE_HOME", place);
        let run = Run::of(command.output().unwrap());
        assert_eq!(run.code, Some(0), "{words:?}: {}", run.stderr);
        assert!(run.stdout.contains("packages/s"), "{words:?}");
    }
}

#[test]
fn the_table_can_be_made() {
    let dir = tempfile::TempDir::new().unwrap();
    let plot = dir.path().join("plot.svg");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/table.sh");
    let mut command = Command::new(script);
    command.args([dir.path(), dir.path()]);
    for (name, number) in [
        ("REPEAT", "1"),
        ("PACKAGES", "2"),
        ("FAR", "2"),
        ("PREFILL", "100"),
    ] {
        command.env(name, number);
    }
    command.env("SIZE", "3kB").env("XDG_CACHE_HOME", dir.path());
    command.env("PROGRAM", env!("CARGO_BIN_EXE_distmill"));
    let run = Run::of(command.env("PLOT", &plot).output().unwrap());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(fs::read_to_string(&plot).unwrap().contains("</svg>"));
    let rows: Vec<&str> = run
        .stdout
        .lines()
        .filter(|it| it.starts_with('|'))
        .collect();
    let widths = rows.iter().map(|it| it.matches('|').count());
    assert!(widths.into_iter().all(|it| it == 8), "{}", run.stdout);
    for what in [
        "| work | threads |",
        "% of the floor a thread |",
        "% of what the way allows |",
    ] {
        assert!(
            rows.iter().any(|it| it.contains(what)),
            "{what}: {}",
            run.stdout
        );
    }
    // The README shows the same commands.
    let shown = commands();
    let made = run
        .stdout
        .lines()
        .filter(|it| it.starts_with("distmill bench "));
    let options = |line: &str| -> Vec<String> {
        let words = line.split_whitespace().filter(|it| it.starts_with("--"));
        words
            .filter(|it| *it != "--size")
            .map(str::to_owned)
            .collect()
    };
    for line in made {
        let known = shown.iter().any(|it| options(it) == options(line));
        assert!(known, "the README lacks {line}");
    }
}
