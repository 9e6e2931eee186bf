//! Values of expressions.

use super::*;

#[test]
fn conditions_hold_or_not() {
    for (text, expected) in [
        ("1", true),
        ("0", false),
        ("!0 && 2 > 1", true),
        ("0 || (3 >= 3 && 1)", true),
        ("\"a\" == \"b\"", false),
        ("\"a\" < \"b\"", true),
        ("\"\"", false),
        ("2 + 3 * 4 == 14", true),
        ("7 / 2 - 3", false),
        ("-1 < 0", true),
        ("v\"1.10\" > v\"1.9\"", true),
        ("v\"1.0~rc1\" < v\"1.0\"", true),
        ("1 ? 0 : 1", false),
        ("0 && 1 / 0", false),
    ] {
        assert_eq!(Expander::holds(text), Ok(Some(expected)), "{text}");
    }
    assert_eq!(Expander::holds("\u{fdd0}%x == 1"), Ok(None));
}

#[test]
fn nonsense_has_no_value() {
    let deep = "(".repeat(100_000);
    for text in [
        "",
        "a",
        "1 +",
        "1 == \"1\"",
        "(1",
        "1 1",
        "\"a",
        "1 / 0",
        "=",
        &deep,
    ] {
        assert!(Expander::holds(text).is_err(), "{text:.20}");
    }
}

#[test]
fn macros_are_expanded_within_values() {
    let mut expander = Expander::default();
    expander.define("x", "4");
    expander.define("t", "a b");
    let mut value = |text| expander.expression(text).unwrap();
    assert_eq!(value("%{x}2 + 1").as_deref(), Some("43"));
    assert_eq!(
        value("\"%{t}\" == \"a b\" ? \"yes\" : \"no\"").as_deref(),
        Some("yes")
    );
    assert_eq!(value("0 ? %{unknown} : 3").as_deref(), Some("3"));
    assert_eq!(value("%{unknown}"), None);
    assert_eq!(value("\"%(date)\""), None);
}
