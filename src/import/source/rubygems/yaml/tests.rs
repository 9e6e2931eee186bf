use super::*;
use crate::import::source::rubygems::yaml_scalar::CLASSES;

fn error(text: &str) -> YamlError {
    Tree::parse(text).unwrap_err()
}

#[test]
fn documents_become_trees() {
    let tree = Tree::parse("a: x\nb:\n- 1\n- [2, ~, [c]]\nd:\ne: ''\na: y\n").unwrap();
    let root = tree.root();
    let text = |key: &str| tree.get(root, key).and_then(|it| tree.text(it));
    assert_eq!(text("a"), Some("y"));
    assert_eq!(text("d"), None);
    assert_eq!(text("e"), Some(""));
    assert_eq!(
        tree.texts(tree.get(root, "b").unwrap(), 10),
        ["1", "2", "c"]
    );
    assert_eq!(tree.texts(tree.get(root, "b").unwrap(), 2), ["1", "2"]);
}

#[test]
fn aliases_share_their_node() {
    let tree = Tree::parse("a: &1 !ruby/object:Gem::Requirement\n  x: [1]\nb: *1\n").unwrap();
    let root = tree.root();
    assert_eq!(tree.get(root, "a"), tree.get(root, "b"));
}

#[test]
fn classes_that_gems_use_are_maps() {
    for class in CLASSES {
        let text = format!("--- !ruby/object:{class}\nversion: 1\n");
        assert!(Tree::parse(&text).is_ok(), "{class}");
    }
    for tag in [
        "object:Kernel",
        "object:Gem::Installer",
        "hash:Gem::Version",
        "regexp",
        "struct:X",
        "exception:E",
    ] {
        let text = format!("a: !ruby/{tag}\n  b: c\n");
        assert!(matches!(error(&text), YamlError::Class(_)), "{tag}");
        let text = format!("a: !ruby/{tag} b\n");
        assert!(matches!(error(&text), YamlError::Class(_)), "{tag}");
    }
}

#[test]
fn bombs_do_not_go_off() {
    assert_eq!(error(&"[".repeat(100)), YamlError::TooDeep);
    assert!(Tree::parse(&format!("{}{}", "[".repeat(64), "]".repeat(64))).is_ok());
    assert_eq!(
        error(&format!("[{}]", "a,".repeat(MAX_NODES))),
        YamlError::TooManyNodes
    );
    let aliases = format!("- &a x\n{}", "- *a\n".repeat(MAX_ALIASES + 1));
    assert_eq!(error(&aliases), YamlError::TooManyAliases);
    assert!(Tree::parse("a: &a [*a]\n").is_err());

    // Nine levels of ten aliases each: a thousand million texts if they were copied.
    let mut laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..10 {
        let list = vec![format!("*a{}", level - 1); 10].join(",");
        laughs += &format!("a{level}: &a{level} [{list}]\n");
    }
    let tree = Tree::parse(&laughs).unwrap();
    let most = tree.get(tree.root(), "a9").unwrap();
    assert!(tree.texts(most, usize::MAX).len() < MAX_NODES);

    // Each level lies within the next: as deep as there are lines.
    let mut stairs = "a0: &a0 [x]\n".to_owned();
    for level in 1..1000 {
        stairs += &format!("a{level}: &a{level} [*a{}]\n", level - 1);
    }
    assert_eq!(error(&stairs), YamlError::TooDeep);
}

#[test]
fn binary_texts_are_decoded() {
    for (encoded, text) in [("w6k=", "é"), ("6Q==", "é"), ("/w==", "ÿ"), ("", "")] {
        let tree = Tree::parse(&format!("a: !binary |-\n  {encoded}\n")).unwrap();
        let found = tree.get(tree.root(), "a").and_then(|it| tree.text(it));
        assert_eq!(found, Some(text));
    }
    assert_eq!(error("a: !binary '?'\n"), YamlError::Binary);
}

#[test]
fn broken_documents_are_refused() {
    assert!(matches!(error("a: [b\n"), YamlError::Syntax { .. }));
    assert!(matches!(error("a: 'b\n"), YamlError::Syntax { .. }));
    assert_eq!(error(""), YamlError::Empty);
}
