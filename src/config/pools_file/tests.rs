use super::*;
use std::fmt::Write as _;

#[test]
fn the_file_is_read_as_it_is() {
    let text = "\
---
basic:
    max: 7
    max_starting: 2
    start_delay: 0.5
    cmd_new: \"/bin/allocate\"
    cmd_delete: /bin/terminate
    cmd_livecheck:
    cmd_list: ''
    tags:
        - name: compute_node
          priority: -5
        - ci
        - 42
        - no
        - 0755
    named_counters: [foo]
    color: red
    description: \"a: b\"
other: &base
    cmd_new: a
    cmd_delete: |
        b
        c
    tags_on_demand: beefy
    reuse_opportunity_time: 90
    time_limits: {start: 30, list: 1.5}
    back_off: {first: 0}
    quarantine: {slot_failures: 0, time: 60, size: 1}
    reserved_for: [{count: 2, tags: [beefy], owners: me}]
third:
    <<: *base
    max: 1
";
    let file = PoolsFile::from_yaml(text).unwrap();
    let basic = &file.pools["basic"];
    assert_eq!(
        (basic.max, basic.max_starting, basic.max_prealloc),
        (Some(7), Some(2), None)
    );
    assert_eq!(basic.start_delay, Some(Duration::from_millis(500)));
    assert_eq!((&*basic.start, &basic.livecheck), ("/bin/allocate", &None));
    assert_eq!(basic.list, None);
    let tag = |name: &str, priority| (name.to_owned(), priority);
    let tags = [
        tag("compute_node", -5),
        tag("ci", 0),
        tag("42", 0),
        tag("no", 0),
        tag("0755", 0),
    ];
    assert_eq!(basic.tags, tags);
    assert_eq!(basic.named_counters, ["foo"]);
    let other = &file.pools["other"];
    assert_eq!(other.delete, "b\nc\n");
    assert_eq!(other.tags_on_demand, [tag("beefy", 0)]);
    assert_eq!(other.time_limits["list"], Duration::from_millis(1500));
    assert_eq!(other.time_limits.len(), 2);
    assert_eq!(other.back_off["first"], Duration::ZERO);
    assert_eq!(other.quarantine_slot_failures, Some(0));
    assert_eq!(other.quarantine_time, Some(Duration::from_secs(60)));
    let reserved = &other.reserved_for[0];
    assert_eq!((reserved.count, &*reserved.owners[0]), (2, "me"));
    let expected = PoolEntry {
        max: Some(1),
        ..other.clone()
    };
    assert_eq!(file.pools["third"], expected);
    let warnings: Vec<&str> = file.warnings.iter().map(String::as_str).collect();
    assert_eq!(warnings[0], "pool basic: the key color is not known");
    assert!(warnings[1].contains("size"), "{warnings:?}");
    assert_eq!(
        PoolsFile::from_yaml("# all\n").unwrap(),
        PoolsFile::default()
    );
}

#[test]
fn all_mistakes_are_told_at_once_with_their_pools() {
    let text = "\
a:
    max: many
    cmd_new: x
    tags: {x: y}
b:
c: 7
d:
    cmd_new: x
    cmd_delete: y
    start_delay: -1
    tags: [{name: x, priority: high}]
    time_limits: {begin: 1}
    reserved_for: [3]
";
    let said = PoolsFile::from_yaml(text).unwrap_err().to_string();
    for part in [
        "pool a: max is \"many\", not a whole number from 0",
        "pool a: cmd_delete is missing",
        "pool a: tags is {\"x\":\"y\"}, not a list",
        "pool b: cmd_new is missing",
        "pool b: cmd_delete is missing",
        "pool c is not a mapping",
        "pool d: start_delay is -1",
        "pool d: tags is {\"name\":\"x\",\"priority\":\"high\"}",
        "pool d: time_limits: begin is none of start, delete",
        "pool d: reserved_for is 3, not a mapping",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    for text in ["a: 1\n  b: 2", "a: {", "a: {}\na: {}"] {
        assert!(
            matches!(PoolsFile::from_yaml(text), Err(YamlError::Syntax(_))),
            "{text}"
        );
    }
}

#[test]
fn a_bomb_of_aliases_is_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let below = format!("*a{}, ", level - 1).repeat(10);
        let _ = writeln!(text, "a{level}: &a{level} [{below}]");
    }
    assert!(PoolsFile::from_yaml(&text).is_err());
}
