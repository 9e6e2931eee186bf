use super::*;
use crate::build::entry::NewBuild;
use crate::model::Project;
use jiff::Timestamp;

fn build(id: BuildId, project: &str, background: bool) -> Build {
    let what = NewBuild {
        project: Project::parse(project).unwrap(),
        package: format!("p{id}"),
        evr: String::new(),
        commit: None,
        srpm: "/x.src.rpm".into(),
        target: "t".to_owned(),
        sandbox: project.to_owned(),
        priority: 0,
        background,
        run: None,
    };
    Build::new(id, what, Timestamp::UNIX_EPOCH)
}

fn add(line: &mut Line, id: BuildId, project: &str, architecture: &str, tags: &[&str]) {
    let tags: Vec<String> = tags.iter().map(|it| (*it).to_owned()).collect();
    let is_sources = architecture == "noarch";
    line.add(&build(id, project, false), architecture, is_sources, &tags);
}

fn all(line: &mut Line) -> Vec<BuildId> {
    std::iter::from_fn(|| line.take()).collect()
}

#[test]
fn sources_come_first_owners_take_turns_and_the_background_gives_way() {
    let mut line = Line::default();
    line.add(&build(1, "a/x", true), "x86_64", false, &[]);
    for id in 2..5 {
        add(&mut line, id, "a/x", "x86_64", &[]);
    }
    add(&mut line, 5, "b/x", "x86_64", &[]);
    add(&mut line, 6, "c/x", "noarch", &[]);
    assert_eq!(all(&mut line), [6, 2, 5, 3, 4, 1]);
    assert_eq!(line.counts(), (0, 6, 0));
    for id in 1..7 {
        line.begin(id);
        line.leave(id);
    }
    assert_eq!(line.counts(), (0, 0, 0));
    assert!(!line.has(1) && line.running == Running::default());
}

#[test]
fn limits_hold_and_a_scarce_tag_holds_up_no_others() {
    let mut line = Line::new(Limits {
        sandbox: Some(4),
        architectures: [("s390x".to_owned(), 1)].into(),
        tags: [("big".to_owned(), 2)].into(),
        waiting: Some(3),
        ..Limits::default()
    });
    for id in 0..10 {
        add(&mut line, id, "a/x", "x86_64", &["big"]);
        add(&mut line, id + 10, "b/x", "s390x", &["z"]);
        add(&mut line, id + 20, "c/x", "x86_64", &["small"]);
    }
    let count =
        |ids: &[BuildId]| [0, 1, 2].map(|it| ids.iter().filter(|id| *id / 10 == it).count());
    let first = all(&mut line);
    assert_eq!(count(&first), [2, 1, 3]);
    // A builder that is found makes room for one more that waits, up to the sandbox's limit.
    first.iter().for_each(|id| line.begin(*id));
    let more = all(&mut line);
    assert_eq!(count(&more), [0, 0, 1]);
    assert_eq!(line.counts(), (23, 1, 6));
    let big = first.iter().find(|id| **id < 10).unwrap();
    line.leave(*big);
    assert_eq!(count(&all(&mut line)), [1, 0, 0]);
    line.leave(29);
    assert!(!line.has(29));
}
