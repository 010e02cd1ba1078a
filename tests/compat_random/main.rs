//! Random schemas against random values: a proof must never be contradicted, a witness must hold.
//!
//! `CELERYSALT_SOAK` is the number of pairs to try instead of the few that every run tries.

#![expect(clippy::unwrap_used, reason = "a step that fails should stop its test right there")]

mod peers;
mod schemas;
mod sending;

use celerysalt::schema::compat::{Formats, Options, Schema, Verdict, Writer, compare, reads};
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};

use self::peers::{Opinion, canonical, hear, jsoncompat, labelled};
use self::schemas::{change, definition, instances, model, schema, with_definitions};
use self::sending::Sender;

/// Whether a value is on one side.
type Test<'t> = &'t dyn Fn(&Value) -> bool;

const OPEN: Options = Options { writer: Writer::Open, formats: Formats::Assert };

fn cases(usual: u32) -> ProptestConfig {
    let soak = std::env::var("CELERYSALT_SOAK").ok().map(|count| count.parse().unwrap());
    let cases = soak.unwrap_or(usual);
    // A minimal example is worth much less than the time that it takes to get there.
    ProptestConfig { cases, max_shrink_iters: 2_000, ..ProptestConfig::default() }
}

fn validator(schema: &Value) -> Option<Validator> {
    jsonschema::options().offline().should_validate_formats(true).build(schema).ok()
}

/// `is_sent` and `is_read` are what others say about the two sides.
fn check_verdict(
    verdict: &Verdict,
    (is_sent, is_read): (Test<'_>, Test<'_>),
    (pool, shown): (&[Value], &str),
) -> Result<(), TestCaseError> {
    match verdict {
        Verdict::Compatible => {
            if let Some(value) = pool.iter().find(|value| is_sent(value) && !is_read(value)) {
                return Err(TestCaseError::fail(format!(
                    "called compatible, but {value} is a witness\n{shown}"
                )));
            }
        }
        Verdict::Breaking { breaks } => {
            prop_assert!(!breaks.is_empty());
            for found in breaks {
                let witness = &found.witness;
                prop_assert!(is_sent(witness), "{witness} is not sent\n{shown}");
                prop_assert!(!is_read(witness), "{witness} is read\n{shown}");
            }
        }
        Verdict::Undecided { .. } => {}
    }
    Ok(())
}

fn check(old: &Value, new: &Value, pool: &[Value]) -> Result<(), TestCaseError> {
    let (Some(left), Some(right)) = (validator(old), validator(new)) else {
        return Ok(());
    };
    let shown = format!(" old {old}\n new {new}");
    let result = compare(&Schema::parse(old), &Schema::parse(new), OPEN);
    let (is_left, is_right) =
        (|value: &Value| left.is_valid(value), |value: &Value| right.is_valid(value));
    check_verdict(&result.backward, (&is_left, &is_right), (pool, &shown))?;
    check_verdict(&result.forward, (&is_right, &is_left), (pool, &shown))
}

fn verdict_of(writer: &Value, reader: &Value) -> Verdict {
    reads(&Schema::parse(writer), &Schema::parse(reader), OPEN)
}

fn check_against_canonical(writer: &Value, reader: &Value) -> Result<(), TestCaseError> {
    let (verdict, answer) = (verdict_of(writer, reader), canonical(writer, reader));
    let contradicts = match verdict {
        Verdict::Compatible => matches!(answer, Opinion::NotIncluded(_)),
        Verdict::Breaking { .. } => answer == Opinion::Included,
        Verdict::Undecided { .. } => false,
    };
    prop_assert!(!contradicts, "{verdict:?} here, {answer:?} there\n old {writer}\n new {reader}");
    Ok(())
}

thread_local! {
    static POOL: Vec<Value> = instances();
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn no_answer_is_contradicted_by_any_small_value(
        first in schema(),
        second in schema(),
        choice in 0_usize..10,
        definitions in (definition(), definition(), definition(), definition()),
    ) {
        let (tree, list, other_tree, other_list) = &definitions;
        let old = with_definitions(first.clone(), (tree, list));
        let new = with_definitions(change(&first, &second, choice), (other_tree, other_list));
        POOL.with(|pool| check(&old, &new, pool))?;
    }

    #[test]
    fn another_engine_never_says_the_opposite(first in schema(), second in schema(), choice in 0_usize..10) {
        let new = change(&first, &second, choice);
        // References are left out: they would lead nowhere here.
        if !format!("{first}{new}").contains("$ref") {
            check_against_canonical(&first, &new)?;
            check_against_canonical(&new, &first)?;
        }
    }

    #[test]
    fn a_schema_is_compatible_with_itself(schema in schema(), tree in definition()) {
        let schema = with_definitions(schema, (&tree, &tree));
        let one = Schema::parse(&schema);
        // The same meaning in another text keeps the engine from comparing texts.
        let two = Schema::parse(&json!({ "allOf": [schema.clone()], "$defs": schema.get("$defs") }));
        prop_assert_eq!(compare(&one, &one, OPEN).backward, Verdict::Compatible);
        if schema.get("$defs").is_some() && validator(&schema).is_some() {
            let result = compare(&one, &two, OPEN);
            for verdict in [result.backward, result.forward] {
                prop_assert!(
                    !matches!(verdict, Verdict::Breaking { .. }),
                    "{verdict:?}\n{schema}"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn where_jsoncompat_says_the_opposite_values_bear_us_out(
        first in schema(),
        second in schema(),
        choice in 0_usize..10,
        definitions in (definition(), definition(), definition(), definition()),
    ) {
        let (tree, list, other_tree, other_list) = &definitions;
        let old = with_definitions(first.clone(), (tree, list));
        let new = with_definitions(change(&first, &second, choice), (other_tree, other_list));
        for (writer, reader) in [(&old, &new), (&new, &old)] {
            let opinions = [jsoncompat(writer, reader)];
            let verdict = verdict_of(writer, reader);
            let heard =
                POOL.with(|pool| hear(&verdict, (writer, reader), (&opinions, pool)));
            prop_assert!(heard.is_ok(), "{}", heard.unwrap_err());
        }
    }
}

/// Of the labelled pairs every so manieth is asked about; all of them where soaking is asked for.
fn asked() -> Vec<(String, Value, Value, bool)> {
    let is_soak = std::env::var_os("CELERYSALT_SOAK").is_some();
    [("containment", 15), ("jsoncompat", 1), ("jsonsubschema", 2), ("sentry", 2)]
        .into_iter()
        .flat_map(|(set, usual)| labelled(set).into_iter().step_by(if is_soak { 1 } else { usual }))
        .collect()
}

#[test]
fn labelled_pairs_are_left_undecided_less_often_than_by_other_engines() {
    let (mut ours, mut theirs, mut dissent) = (0, [0, 0], [0, 0]);
    let mut wrong = Vec::new();
    for (id, writer, reader, is_pydantic) in asked() {
        let verdict = verdict_of(&writer, &reader);
        ours += usize::from(!is_pydantic && matches!(verdict, Verdict::Undecided { .. }));
        let opinions = [jsoncompat(&writer, &reader), canonical(&writer, &reader)];
        for (at, opinion) in opinions.into_iter().enumerate() {
            theirs[at] += usize::from(!is_pydantic && opinion == Opinion::None);
            let heard = POOL.with(|pool| {
                hear(&verdict, (&writer, &reader), (std::slice::from_ref(&opinion), pool))
            });
            match heard {
                Ok(count) => dissent[at] += count,
                Err(reason) => wrong.push(format!("{id}: {reason}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(dissent, [0, 0], "jsoncompat, canonical");
    assert!(ours < theirs[0].min(theirs[1]), "{ours} here; jsoncompat, canonical: {theirs:?}");
}

proptest! {
    #![proptest_config(cases(120))]

    #[test]
    fn what_publishers_send_is_what_a_second_opinion_says(
        first in model(),
        second in model(),
        choice in 0_usize..10,
        definitions in (definition(), definition()),
    ) {
        let (tree, other_tree) = &definitions;
        let old = with_definitions(first.clone(), (tree, tree));
        let new = with_definitions(change(&first, &second, choice), (other_tree, other_tree));
        for writer in [Writer::Closed, Writer::Dump] {
            let options = Options { writer, ..OPEN };
            let shown = format!(" old {old}\n new {new}\n {writer:?}");
            let (Some(written), Some(read)) = (validator(&old), validator(&new)) else { continue };
            let sender = Sender { root: &old, written: &written, writer };
            let result = compare(&Schema::parse(&old), &Schema::parse(&new), options);
            let is_sent = |value: &Value| sender.sends(value);
            let is_read = |value: &Value| read.is_valid(value);
            POOL.with(|pool| check_verdict(&result.backward, (&is_sent, &is_read), (pool, &shown)))?;
        }
    }
}
