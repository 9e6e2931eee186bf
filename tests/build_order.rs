//! Whose turn it is, from the command line to the builder: what builds ask for is the order in which
//! they run.

use crate::support::builds::{Yard, packages};
use std::fs;
use std::path::PathBuf;

/// A yard with one builder, where each build writes its number down, and the file of numbers.
fn yard(first: &str, more: &str) -> (Yard, PathBuf) {
    let yard = Yard::new();
    let order = yard.program.scratch().join("order");
    yard.configure(&format!(
        "builders = 1\ncreaterepo = ''\ncommand = '''echo {{build}} >> {}; {first}'''\n{more}",
        order.display()
    ));
    (yard, order)
}

fn numbers(order: &PathBuf) -> Vec<u64> {
    let text = fs::read_to_string(order).unwrap();
    text.lines().map(|it| it.parse().unwrap()).collect()
}

#[test]
fn an_owner_with_many_builds_holds_up_neither_others_nor_what_is_urgent() {
    let (yard, order) = yard("true", "[[targets]]\nname = 't-x86_64'\n");
    let all = packages(&yard, 22);
    yard.add(&all[..20], &["--project=al/x"]);
    yard.add(&all[20..21], &["--project=bob/x"]);
    yard.add(&all[21..], &["--project=al/x", "--priority=-1000"]);
    assert_eq!(yard.run().code, Some(0));
    let order = numbers(&order);
    assert_eq!(order.len(), 22);
    let mut first = order[..2].to_vec();
    first.sort_unstable();
    assert_eq!(first, [21, 22], "{order:?}");
}

#[test]
fn who_comes_later_does_not_wait_for_all_that_came_before() {
    let (yard, order) = yard("true", "[[targets]]\nname = 't-x86_64'\n");
    let go = yard.program.scratch().join("go");
    yard.configure(&format!(
        "builders = 1\ncreaterepo = ''\ncommand = '''echo {{build}} >> {}
while ! test -e {}; do sleep 0.02; done'''\n[[targets]]\nname = 't-x86_64'\n",
        order.display(),
        go.display()
    ));
    let all = packages(&yard, 21);
    yard.add(&all[..20], &["--project=al/x"]);
    let child = yard.start(&[]);
    crate::support::builds::wait_until("the first build", || order.exists());
    yard.add(&all[20..], &["--project=bob/x"]);
    fs::write(go, "").unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
    let order = numbers(&order);
    let place = order.iter().position(|it| *it == 21).unwrap();
    assert!(place <= 3, "{order:?}");
}

#[test]
fn sources_that_nobody_waits_for_come_after_those_that_somebody_does() {
    let (yard, order) = yard("true", "[[targets]]\nname = 's-noarch'\n");
    let all = packages(&yard, 8);
    yard.add(&all[..6], &["--project=al/x", "--background"]);
    yard.add(&all[6..], &["--project=bob/x"]);
    assert_eq!(yard.run().code, Some(0));
    let order = numbers(&order);
    assert_eq!(order[..2], [7, 8], "{order:?}");
}
