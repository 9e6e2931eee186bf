use super::*;
use crate::model::Code;

fn code(text: &str) -> Code {
    Specification::parse(text).unwrap_err().code()
}

fn requirement(operator: &str, version: &str) -> GemRequirement {
    GemRequirement {
        operator: operator.to_owned(),
        version: version.to_owned(),
    }
}

#[test]
fn a_gem_of_2008_is_read() {
    let text = "--- !ruby/object:Gem::Specification \nname: old\nversion: !ruby/object:Gem::Version \n  version: 0.4.0\nplatform: ruby\nauthors: \n- A\n- - B\n  - C\nautorequire: \nbindir: bin\ncert_chain: []\n\ndate: 2008-11-01 00:00:00 -05:00\ndefault_executable: \ndependencies: \n- !ruby/object:Gem::Dependency \n  name: hoe\n  version_requirement: \n  version_requirements: &id001 !ruby/object:Gem::Requirement \n    requirements: \n    - - \">=\"\n      - !ruby/object:Gem::Version \n        version: 1.8.2\n    version: \n- !ruby/object:Gem::Dependency \n  name: dev\n  type: :development\n  version_requirements: *id001\n- !ruby/object:Gem::Dependency \n  name: odd\n  type: :runtime\n  requirement: !ruby/object:Gem::Requirement \n    none: false\n    requirements: \n    - - !ruby/object:YAML::Syck::DefaultKey {}\n\n      - !ruby/object:Gem::Version \n        version: \"2\"\ndescription: \"two\\nlines\"\nemail: a@example.test\nexecutables: []\n\nextensions: []\n\nextra_rdoc_files: \n- README\nfiles: []\n\nhas_rdoc: true\nhomepage: \"\"\npost_install_message: \nrdoc_options: []\n\nrequire_paths: \n- lib\nrequired_ruby_version: !ruby/object:Gem::Requirement \n  requirements: \n  - - \">\"\n    - !ruby/object:Gem::Version \n      version: 0.0.0\n  version: \nsummary: s\n";
    let it = Specification::parse(text).unwrap();
    assert_eq!((it.name.as_str(), it.version.as_str()), ("old", "0.4.0"));
    assert_eq!(it.authors, ["A", "B", "C"]);
    assert_eq!(it.homepage, None);
    assert_eq!(it.description.as_deref(), Some("two\nlines"));
    assert_eq!(it.licenses, [""; 0]);
    assert_eq!(it.required_ruby, [requirement(">", "0.0.0")]);
    assert_eq!(it.extra_documents, ["README"]);
    let names: Vec<&str> = it.dependencies.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["hoe", "odd"]);
    assert_eq!(
        it.dependencies[0].requirements,
        [requirement(">=", "1.8.2")]
    );
    assert_eq!(it.dependencies[1].requirements, [requirement("=", "2")]);
}

#[test]
fn short_forms_are_read() {
    let text = "name: a_b-c.d\nversion: '1.10'\nlicense: MIT\nauthors: solo\nrequire_path: src\n\
                dependencies:\n- name: x\n  requirement: '~> 2.1'\n\
                required_ruby_version: ['>= 2', '< 4']\n";
    let it = Specification::parse(text).unwrap();
    assert_eq!(it.version, "1.10");
    assert_eq!(it.licenses, ["MIT"]);
    assert_eq!(it.authors, ["solo"]);
    assert_eq!(it.require_paths, ["src"]);
    assert_eq!(it.bindir, "bin");
    assert_eq!(it.dependencies[0].requirements, [requirement("~>", "2.1")]);
    assert_eq!(
        it.required_ruby,
        [requirement(">=", "2"), requirement("<", "4")]
    );
}

#[test]
fn hostile_fields_are_refused() {
    let with = |more: &str| format!("name: x\nversion: 1\n{more}\n");
    assert!(Specification::parse(&with("")).is_ok());
    assert!(Specification::parse(&with("platform: ruby")).is_ok());
    for (text, want) in [
        (with("platform: java"), Code::NoRubyPlatform),
        (
            with("platform: !ruby/object:Gem::Platform\n  cpu: x86\n  os: mswin32\n  version: 60"),
            Code::NoRubyPlatform,
        ),
        (
            with("platform: !ruby/object:Gem::Platform\n  - \"x86-mswin32\\n system('id')#\""),
            Code::MetadataInvalid,
        ),
        (with("executables: [../sh]"), Code::MetadataInvalid),
        (with("bindir: ../../bin"), Code::MetadataInvalid),
        (with("extensions: [/etc/extconf.rb]"), Code::MetadataInvalid),
        (with("require_paths: [\"lib\\n%x\"]"), Code::MetadataInvalid),
        (
            with("dependencies: [{type: :runtime}]"),
            Code::MetadataInvalid,
        ),
        (
            with("dependencies: [{name: y, requirement: '>> 1'}]"),
            Code::MetadataInvalid,
        ),
        (
            with("dependencies: [{name: y, requirement: '> %{x}'}]"),
            Code::VersionInvalid,
        ),
        (
            with("summary: !ruby/object:Kernel {}"),
            Code::MetadataInvalid,
        ),
        (
            "name: x\nversion: \"1\\n%x\"\n".to_owned(),
            Code::VersionInvalid,
        ),
        ("name: x/y\nversion: 1\n".to_owned(), Code::MetadataInvalid),
        ("name: ..\nversion: 1\n".to_owned(), Code::MetadataInvalid),
        ("version: 1\n".to_owned(), Code::MetadataInvalid),
        ("name: x\n".to_owned(), Code::MetadataInvalid),
        ("- name\n".to_owned(), Code::MetadataInvalid),
        (String::new(), Code::MetadataInvalid),
    ] {
        assert_eq!(code(&text), want, "{text}");
    }
}
