//! Gems.

use super::Case;
use crate::support::pack::{self, Tar, gzip};

/// A gem under construction.
struct Gem {
    case: &'static str,
    name: &'static str,
    version: &'static str,
    /// Fields of the specification behind those that every gem has.
    fields: Vec<u8>,
    platform: String,
    licenses: &'static str,
    files: Vec<(String, Vec<u8>)>,
    without_checksums: bool,
}

impl Gem {
    fn new(case: &'static str, name: &'static str, version: &'static str) -> Self {
        Self {
            case,
            name,
            version,
            fields: Vec::new(),
            platform: "ruby".to_owned(),
            licenses: "\n- MIT",
            files: vec![(format!("lib/{name}.rb"), Vec::new())],
            without_checksums: false,
        }
    }

    fn field(self, line: &str) -> Self {
        self.field_bytes(line.as_bytes())
    }

    fn field_bytes(mut self, line: &[u8]) -> Self {
        self.fields.extend(line);
        self.fields.push(b'\n');
        self
    }

    fn file(mut self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.files
            .push((path.to_owned(), content.as_ref().to_vec()));
        self
    }

    fn licenses(mut self, list: &'static str) -> Self {
        self.licenses = list;
        self
    }

    fn platform(mut self, text: &str) -> Self {
        self.platform = text.to_owned();
        self
    }

    fn without_checksums(mut self) -> Self {
        self.without_checksums = true;
        self
    }

    fn metadata(&self) -> Vec<u8> {
        let Self {
            name,
            version,
            platform,
            licenses,
            ..
        } = self;
        let files: String = self
            .files
            .iter()
            .map(|it| format!("\n- {:?}", it.0))
            .collect();
        let head = format!(
            "--- !ruby/object:Gem::Specification\nname: {name}\nversion: !ruby/object:Gem::Version\n  \
             version: {version}\nplatform: {platform}\nsummary: What {} is about\n\
             homepage: https://example.org/{name}\nlicenses: {licenses}\nfiles: {files}\n",
            self.case
        );
        let fields = String::from_utf8_lossy(&self.fields);
        let authors: &[u8] = match fields.contains("authors:") {
            true => b"",
            false => b"authors:\n- Ann Other\n",
        };
        let paths: &[u8] = match fields.contains("require_paths:") {
            true => b"",
            false => b"require_paths:\n- lib\n",
        };
        [head.as_bytes(), authors, paths, &self.fields].concat()
    }

    fn made(self) -> Case {
        let files = self.files.iter();
        let data = files
            .fold(Tar::default(), |tar, it| tar.file(it.0.as_bytes(), &it.1))
            .end();
        let metadata = self.metadata();
        let bytes = match self.without_checksums {
            false => pack::gem(&metadata, &data),
            true => Tar::default()
                .file(b"metadata.gz", &gzip(&metadata))
                .file(b"data.tar.gz", &gzip(&data))
                .end(),
        };
        Case {
            name: self.case,
            file_name: format!("{}-{}.gem", self.name, self.version),
            bytes,
        }
    }
}

/// A requirement as the specification writes it.
fn requirement(pairs: &[(&str, &str)], indent: &str) -> String {
    let each = pairs.iter().map(|(operator, version)| {
        format!(
            "\n{indent}- - {operator:?}\n{indent}  - !ruby/object:Gem::Version\n{indent}    version: {version:?}"
        )
    });
    format!(
        "!ruby/object:Gem::Requirement\n{indent}requirements:{}",
        each.collect::<String>()
    )
}

fn dependency(name: &str, kind: &str, pairs: &[(&str, &str)]) -> String {
    format!(
        "- !ruby/object:Gem::Dependency\n  name: {name}\n  requirement: {}\n  type: :{kind}\n  prerelease: false",
        requirement(pairs, "    ")
    )
}

pub(super) fn all() -> Vec<Case> {
    [
        plain(),
        compiled(),
        requirements(),
        licenses(),
        texts(),
        refused(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn plain() -> Vec<Case> {
    vec![
        Gem::new("gem-plain", "plain", "1.0.0")
            .file("README.md", "")
            .file("LICENSE.txt", "")
            .file("test/test_it.rb", "")
            .made(),
        Gem::new("gem-executables", "runner", "1.0")
            .field("executables:\n- run\n- walk\nbindir: exe")
            .file("exe/run", "")
            .file("exe/walk", "")
            .made(),
        Gem::new("gem-prerelease", "early", "2.0.0.rc1").made(),
        Gem::new("gem-long-prerelease", "earlier", "1.0.pre.20240101").made(),
        Gem::new("gem-odd-name", "Odd_name-x.y", "1.0").made(),
        Gem::new("gem-two-require-paths", "paths", "1.0")
            .field("require_paths:\n- lib\n- lib/more")
            .made(),
    ]
}

fn compiled() -> Vec<Case> {
    vec![
        Gem::new("gem-c-extension", "fast", "1.0")
            .field("extensions:\n- ext/fast/extconf.rb")
            .file("ext/fast/extconf.rb", "")
            .file("ext/fast/fast.c", "")
            .made(),
        Gem::new("gem-cpp-extension", "faster", "1.0")
            .field("extensions:\n- ext/faster/extconf.rb")
            .file("ext/faster/extconf.rb", "")
            .file("ext/faster/faster.cpp", "")
            .made(),
        Gem::new("gem-rust-extension", "rusty", "1.0")
            .field("extensions:\n- ext/rusty/Cargo.toml")
            .file("ext/rusty/Cargo.toml", "")
            .file("ext/rusty/src/lib.rs", "")
            .made(),
    ]
}

fn requirements() -> Vec<Case> {
    let needs = [
        dependency("a", "runtime", &[("~>", "1.2")]),
        dependency("b", "runtime", &[(">=", "1.0"), ("<", "3")]),
        dependency("c", "runtime", &[("!=", "2.0")]),
        dependency("d", "runtime", &[("=", "1.0.0.beta2")]),
        dependency("e", "runtime", &[(">", "0"), ("<=", "9.a")]),
        dependency("f", "runtime", &[(">=", "0")]),
        dependency("rspec", "development", &[("~>", "3.0")]),
    ];
    vec![
        Gem::new("gem-requirements", "needy", "1.0")
            .field(&format!("dependencies:\n{}", needs.join("\n")))
            .made(),
        Gem::new("gem-required-ruby", "modern", "1.0")
            .field(&format!(
                "required_ruby_version: {}",
                requirement(&[(">=", "2.7"), ("<", "4.dev")], "  ")
            ))
            .field(&format!(
                "required_rubygems_version: {}",
                requirement(&[(">", "1.3.1")], "  ")
            ))
            .made(),
    ]
}

fn licenses() -> Vec<Case> {
    let text = super::licenses::text;
    vec![
        Gem::new("gem-licenses", "lawful", "1.0")
            .licenses("\n- MIT\n- Ruby")
            .made(),
        Gem::new("gem-license-names", "oldlaw", "1.0")
            .licenses("\n- GPL-2\n- The MIT License")
            .made(),
        Gem::new("gem-license-file", "lawless", "1.0")
            .licenses("[]")
            .file("MIT-LICENSE", text("MIT"))
            .made(),
        Gem::new("gem-license-not-told", "outlaw", "1.0")
            .licenses("[]")
            .made(),
    ]
}

fn texts() -> Vec<Case> {
    vec![
        Gem::new("gem-nested-authors", "nested", "1.0")
            .field("authors:\n- - Ann Other\n  - - Bob\n- Eve")
            .made(),
        Gem::new("gem-latin-1", "creme", "1.0")
            .field_bytes(b"description: Cr\xe8me br\xfbl\xe9e")
            .made(),
        Gem::new("gem-binary-text", "binary", "1.0")
            .field("description: !binary |-\n  Q3LDqG1lIGJyw7tsw6ll")
            .made(),
        Gem::new("gem-without-checksums", "unchecked", "1.0")
            .without_checksums()
            .made(),
        Gem::new("gem-hostile-text", "evil", "1.0")
            .field("authors:\n- \"%(touch ran)\"\n- \"a\\nRelease: 66\"")
            .field("description: \"%{lua:os.exit(3)}\\n%files\\n%if 0\\n\\\\\"")
            .field("executables:\n- \"%(touch ran)\"\nbindir: \"%{expand:%(touch ran)}\"")
            .file("%{expand:%(touch ran)}/%(touch ran)", "")
            .file("LICENSE %(touch ran)", "")
            .made(),
    ]
}

fn refused() -> Vec<Case> {
    vec![
        Gem::new("gem-of-java", "javan", "1.0")
            .platform("java")
            .made(),
        Gem::new("gem-ill-platform", "ill", "1.0")
            .platform("\"ruby\\n%(touch ran)\"")
            .made(),
        Gem::new("gem-aliases", "laughs", "1.0")
            .field(&format!(
                "description: &a [x]\nmetadata: {{a: {}*a{}}}",
                "[".repeat(9000),
                "]".repeat(9000)
            ))
            .made(),
        Gem::new("gem-no-version", "vague", "").made(),
    ]
}
