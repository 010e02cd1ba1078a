use proptest::prelude::*;
use serde::Deserialize;

use super::*;

/// What Python's serialisers write; see `tests/data/make_serialised.py`.
const SERIALISED: &str = include_str!("../../../tests/data/serialised.jsonl");

const BOUNDS: Bounds = Bounds { max_bytes: 1 << 20, max_depth: 64 };

#[derive(Deserialize)]
struct Case {
    format: String,
    data: String,
    json: String,
}

fn to_json(format: Format, body: &[u8]) -> Result<String, SerialError> {
    let mut out = String::new();
    push_json(format, body, BOUNDS, &mut out).map(|()| out)
}

/// Numbers in YAML keep the digits they had; Python normalises them when it prints.
fn normalised(json: &str) -> String {
    fn walk(value: serde_json::Value) -> serde_json::Value {
        match value {
            serde_json::Value::Number(number) if number.to_string().contains(['.', 'e', 'E']) => {
                float_repr(number.as_f64().unwrap()).unwrap().into()
            }
            serde_json::Value::Array(items) => items.into_iter().map(walk).collect(),
            serde_json::Value::Object(members) => {
                members.into_iter().map(|(key, value)| (key, walk(value))).collect()
            }
            other => other,
        }
    }
    walk(serde_json::from_str(json).unwrap()).to_string()
}

#[test]
fn values_come_out_as_pythons_json_module_would_print_them() {
    let mut counts = std::collections::BTreeMap::new();
    let mut failures = Vec::new();
    for line in SERIALISED.lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        let body = STANDARD.decode(&case.data).unwrap();
        let format = match case.format.as_str() {
            "pickle" => Format::Pickle,
            "msgpack" => Format::MessagePack,
            "yaml" => Format::Yaml,
            other => panic!("{other}"),
        };
        *counts.entry(case.format).or_insert(0) += 1;
        let shown = String::from_utf8_lossy(&body);
        match to_json(format, &body) {
            Ok(ours) => {
                let is_compact = crate::wire::json::compact(ours.as_bytes(), 64).unwrap() == ours;
                assert!(is_compact, "{shown}: {ours}");
                let theirs = crate::wire::json::compact(case.json.as_bytes(), 64).unwrap();
                let agree = match format {
                    Format::Yaml => normalised(&ours) == normalised(&theirs),
                    _ => ours == theirs,
                };
                if !agree {
                    failures.push(format!("{shown}\n  ours   {ours}\n  theirs {theirs}"));
                }
            }
            Err(error) => failures.push(format!("{shown}\n  {error}")),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(counts.values().all(|count| *count > 40), "{counts:?}");
}

#[test]
fn yaml_numbers_keep_their_digits() {
    let yaml =
        b"[1.0e-07, 1.50, 123456789012345678901234567890, 0.10, 1_000.5, 0x1ffffffffffffffff]";
    assert_eq!(
        to_json(Format::Yaml, yaml).unwrap(),
        "[1.0e-07,1.50,123456789012345678901234567890,0.10,1000.5,36893488147419103231]"
    );
}

#[test]
fn whatever_would_run_code_is_refused_by_name() {
    let mut report = String::new();
    for pickle in [
        b"cos\nsystem\n(S'id'\ntR.".as_slice(),
        b"\x80\x04\x95\x1d\0\0\0\0\0\0\0\x8c\x05posix\x94\x8c\x06system\x94\x93\x94.",
        b"(S'id'\nios\nsystem\n.",
        b"]]R.",
        b"]]b.",
        b"(]o.",
        b"\x80\x02]]\x81.",
        b"\x80\x04]]}\x92.",
        b"\x82\x01.",
        b"\x83\x01\x00.",
        b"\x84\x01\x00\x00\x00.",
        b"P1\n.",
        b"]Q.",
        b"\x97.",
        b"\x98.",
        b"\xff.",
    ] {
        let error = to_json(Format::Pickle, pickle).unwrap_err();
        report.push_str(&format!("{}\n    {error}\n", pickle.escape_ascii()));
    }
    insta::assert_snapshot!(report);
}

#[test]
fn broken_and_unprintable_values_say_what_is_wrong() {
    let mut report = String::new();
    for (format, body) in [
        (Format::Pickle, b"".as_slice()),
        (Format::Pickle, b"."),
        (Format::Pickle, b"0"),
        (Format::Pickle, b"1"),
        (Format::Pickle, b"\x80\x09."),
        (Format::Pickle, b"K\x01K\x02a."),
        (Format::Pickle, b"}(K\x01u."),
        (Format::Pickle, b"(K\x01\x86."),
        (Format::Pickle, b"h\x05."),
        (Format::Pickle, b"X\x03\0\0\0\xed\xa0\x80."),
        (Format::Pickle, b"G\x7f\xf0\0\0\0\0\0\0."),
        (Format::Pickle, b"Fnan\n."),
        (Format::Pickle, b"I1.5\n."),
        (Format::Pickle, b"}]K\x01s."),
        (Format::Pickle, b"]\x94h\x00a."),
        (Format::Pickle, b"V\\u12\n."),
        (Format::Pickle, b"Sabc\n."),
        (Format::MessagePack, b""),
        (Format::MessagePack, b"\xc1"),
        (Format::MessagePack, b"\x01\x02"),
        (Format::MessagePack, b"\xa1\xff"),
        (Format::MessagePack, b"\x81\x90\x01"),
        (Format::MessagePack, b"\x81\xc4\x01\xff\x01"),
        (Format::MessagePack, b"\xcb\x7f\xf8\0\0\0\0\0\0"),
        (Format::MessagePack, b"\xdb\xff\xff\xff\xff"),
        (Format::Yaml, b"a: [1"),
        (Format::Yaml, b"a: .inf"),
        (Format::Yaml, b".nan"),
        (Format::Yaml, b"[1]: 2"),
        (Format::Yaml, b"{[1]: 2}"),
        (Format::Yaml, b"--- 1\n--- 2\n"),
        (Format::Yaml, b"!!python/object/apply:os.system [id]"),
        (Format::Yaml, b"!custom 1"),
        (Format::Yaml, b"a: &x {b: 1}\nc:\n  <<: *x\n"),
        (Format::Yaml, b"*nowhere"),
        (Format::Yaml, b"a: &a [*a]"),
        (Format::Yaml, b"!!int x"),
        (Format::Yaml, b"!!omap [a: 1]"),
        (Format::Yaml, b"\xff\xfea"),
    ] {
        let error = to_json(format, body).unwrap_err();
        report.push_str(&format!("{format:?} {}\n    {error}\n", body.escape_ascii()));
    }
    insta::assert_snapshot!(report);
}

#[test]
fn extension_types_and_sets_are_shown() {
    assert_eq!(
        to_json(Format::MessagePack, b"\xd6\xff\x65\x00\x00\x00").unwrap(),
        r#"{"__type__":"msgpack_ext","__value__":{"code":-1,"base64":"ZQAAAA=="}}"#
    );
    assert_eq!(to_json(Format::Yaml, b"!!set {a, b}").unwrap(), r#"["a","b"]"#);
}

#[test]
fn a_long_integer_or_too_many_values_is_an_error() {
    let long = [b"\x8b\x00\x10\x00\x00".as_slice(), &[1; 4096], b"."].concat();
    assert_eq!(to_json(Format::Pickle, &long), Err(SerialError::LongInteger));
    let hex = format!("0x{}", "f".repeat(5000));
    assert_eq!(to_json(Format::Yaml, hex.as_bytes()), Err(SerialError::LongInteger));
    let many = [b"(".as_slice(), &b"N".repeat(2_000_001), b"l."].concat();
    assert_eq!(to_json(Format::Pickle, &many), Err(SerialError::TooMany(2_000_000)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    /// Opcodes and markers rather than noise, so that the readers get somewhere.
    #[test]
    fn no_bytes_make_a_reader_panic(
        body in prop::collection::vec(
            prop_oneof![
                any::<u8>(),
                prop::sample::select(b"(.)]}laetu012hqpgNKJX\x85\x86\x87\x88\x8f\x90\x91\x94".to_vec()),
                prop::sample::select(b"\n -:[]{}&*!,'\"|>#%@a1.".to_vec()),
            ],
            0..60,
        ),
    ) {
        for format in [Format::Pickle, Format::MessagePack, Format::Yaml] {
            if let Ok(json) = to_json(format, &body) {
                let again = crate::wire::json::compact(json.as_bytes(), 64);
                prop_assert_eq!(again.as_deref(), Ok(json.as_str()));
            }
        }
    }
}
