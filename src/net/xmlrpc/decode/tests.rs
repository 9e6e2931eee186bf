//! What is written is read back; what others write is read; what is hostile is refused.

use super::super::{encode_call, encode_fault, encode_response};
use super::*;
use proptest::prelude::*;

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Nil),
        any::<i64>().prop_map(Value::Int),
        any::<bool>().prop_map(Value::Bool),
        "[ -~äß\n\t\r]{0,12}".prop_map(Value::String),
        any::<i32>().prop_map(|it| Value::Double(f64::from(it) / 8.0)),
        any::<Vec<u8>>().prop_map(Value::Bytes),
        Just(Value::DateTime("20260102T03:04:05".to_owned())),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::btree_map("[a-z<&> ]{0,6}", inner, 0..6).prop_map(Value::Struct),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(method in "[a-zA-Z.]{1,9}", params in prop::collection::vec(any_value(), 0..4)) {
        let call = decode_call(encode_call(&method, &params).as_bytes()).unwrap();
        prop_assert_eq!(&call, &Call { method, params });
        for value in call.params {
            prop_assert_eq!(decode_response(encode_response(&value).as_bytes()).unwrap(), Ok(value));
        }
    }

    #[test]
    fn no_bytes_make_it_fall_over(bytes in any::<Vec<u8>>(), cut in any::<usize>()) {
        let _ = decode_call(&bytes);
        let whole = encode_call("a", &[Value::Array(vec![Value::Int(1), Value::Nil])]);
        let part = &whole.as_bytes()[..cut % whole.trim_end().len()];
        prop_assert!(decode_call(part).is_err());
    }
}

#[test]
fn what_others_write_is_read() {
    let text = "<?xml version='1.0' encoding='UTF-8'?>\n<!-- c -->\n<methodCall>\n <methodName>
        takeTicket</methodName><params><param>\n<value><array><data>\n<value>x &lt;&#65;<![CDATA[&]]></value>
        <value> <i4> -7 </i4>\n</value><value><ex:nil/></value><value/><value><base64>\naGVs\nbG8=\n</base64></value>
        <value><base64>aGVsbG8</base64></value></data></array></value></param></params></methodCall>";
    let call = decode_call(text.as_bytes()).unwrap();
    let hello = || Value::Bytes(b"hello".to_vec());
    let items = vec![
        Value::from("x <A&"),
        Value::Int(-7),
        Value::Nil,
        Value::from(""),
        hello(),
        hello(),
    ];
    assert_eq!(call.method, "takeTicket");
    assert_eq!(call.params, [Value::Array(items)]);
    let bare = b"<methodCall><methodName>m</methodName></methodCall>";
    assert_eq!(decode_call(bare).unwrap().params, []);
    let fault = Fault {
        code: 1,
        text: "<class 'KeyError'>:\"x\" \u{1}".to_owned(),
    };
    let read = decode_response(encode_fault(&fault).as_bytes()).unwrap();
    let read = read.unwrap_err();
    assert_eq!(
        (read.code, read.text.as_str()),
        (1, "<class 'KeyError'>:\"x\" \u{fffd}")
    );
    let empty = b"<methodResponse><params></params></methodResponse>";
    assert_eq!(decode_response(empty).unwrap(), Ok(Value::Nil));
}

fn with_value(value: &str) -> String {
    format!(
        "<methodCall><methodName>m</methodName><params><param>{value}</param></params></methodCall>"
    )
}

#[test]
fn what_is_hostile_or_broken_is_refused() {
    let error = |text: &str| decode_call(text.as_bytes()).unwrap_err();
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\">]>";
    assert_eq!(
        error(&format!("{bomb}{}", with_value("<value>&a;</value>"))),
        ParseError::DocType
    );
    assert_eq!(
        error(&with_value("<value>&a;</value>")),
        ParseError::Entity("a".to_owned())
    );
    let deep = |levels: usize| {
        let open = "<value><array><data>".repeat(levels);
        let close = "</data></array></value>".repeat(levels);
        with_value(&format!("{open}{close}"))
    };
    assert!(decode_call(deep(30).as_bytes()).is_ok());
    assert_eq!(error(&deep(40)), ParseError::TooDeep);
    assert_eq!(error(&deep(20_000)), ParseError::TooDeep);
    let many = "<value/>".repeat(100_001);
    let many = with_value(&format!(
        "<value><array><data>{many}</data></array></value>"
    ));
    assert_eq!(error(&many), ParseError::TooMany);
    assert_eq!(error(&" ".repeat(5 << 20)), ParseError::TooLarge);
    assert_eq!(
        decode_call(b"<methodCall>\xff").unwrap_err(),
        ParseError::NotUtf8
    );
    for (text, part) in [
        ("<methodCall><methodName>m", "ends too early"),
        ("<methodCall><methodName>m</methodCall>", "not well-formed"),
        ("<html><body/></html>", "<html>"),
        ("", "its end"),
        (
            &with_value("<value><int>1.5</int></value>"),
            "\"1.5\" is no int",
        ),
        (
            &with_value("<value><boolean>2</boolean></value>"),
            "is no boolean",
        ),
        (
            &with_value("<value><base64>!</base64></value>"),
            "is no base64",
        ),
        (&with_value("<value><car/></value>"), "<car>"),
        (&with_value("<value>a<int>1</int></value>"), "<int>"),
        (&with_value("<int>1</int>"), "<int>"),
        (&format!("{}<a/>", with_value("<value/>")), "the end"),
    ] {
        let said = error(text).to_string();
        assert!(said.contains(part), "{text}: {said}");
    }
}
