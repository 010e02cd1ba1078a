//! Which task is called, with which arguments.

use std::borrow::Cow;

use super::super::json::{Member, compact, elements, members, string_value};
use super::super::{Decoded, Protocol};

/// The arguments of a task, each as compact JSON.
pub(super) struct Call<'d> {
    pub args: &'d str,
    pub kwargs: &'d str,
}

/// Finds the call in a body of compact JSON and completes the envelope; `None` for a raw body.
pub(super) fn find<'d>(
    body: &'d str,
    decoded: &mut Decoded<'d>,
) -> Result<Option<Call<'d>>, String> {
    if let Some(call) = protocol2(body, decoded.envelope.task.is_some()) {
        decoded.envelope.protocol = Protocol::Two;
        return Ok(Some(call));
    }
    if decoded.envelope.task.is_some() {
        return Err("the body of a task is not [args, kwargs, embed]".to_owned());
    }
    Ok(protocol1(body, decoded))
}

fn protocol2(body: &str, has_task_header: bool) -> Option<Call<'_>> {
    let mut parts = elements(body);
    let args = parts.next().filter(|args| args.starts_with('['))?;
    let kwargs = parts.next().filter(|kwargs| kwargs.starts_with('{'))?;
    let embed = parts.next();
    let is_celery = has_task_header
        || (embed.is_some_and(|embed| members(embed).any(|part| part.is("callbacks")))
            && parts.next().is_none());
    is_celery.then_some(Call { args, kwargs })
}

fn protocol1<'d>(body: &'d str, decoded: &mut Decoded<'d>) -> Option<Call<'d>> {
    let mut call = Call { args: "[]", kwargs: "{}" };
    let (mut task, mut id) = (None, None);
    let mut has_arguments = false;
    for member in members(body) {
        match member.value.as_bytes().first() {
            Some(b'[') if member.is("args") => (call.args, has_arguments) = (member.value, true),
            Some(b'{') if member.is("kwargs") => {
                (call.kwargs, has_arguments) = (member.value, true);
            }
            Some(b'"') if member.is("task") => task = string_value(member.value),
            Some(b'"') if member.is("id") => id = string_value(member.value),
            _ => {}
        }
    }
    if task.is_none() || id.is_none() || !has_arguments {
        return None;
    }
    decoded.id = id;
    let envelope = &mut decoded.envelope;
    envelope.protocol = Protocol::One;
    envelope.task = task;
    for member in members(body) {
        let Member { value, .. } = member;
        if member.is("retries") {
            envelope.retries = value.parse().ok();
        } else if member.is("eta") {
            envelope.eta = string_value(value);
        } else if member.is("expires") {
            envelope.expires = string_value(value);
        }
    }
    Some(call)
}

/// Whether the task is the dispatcher of celery-salt, of tchu-tchu or of a fork.
pub(super) fn is_dispatcher(task: &str) -> bool {
    task.ends_with(".dispatch_event")
}

/// The topic, where the keyword arguments name it.
pub(super) fn routing_key(kwargs: &str) -> Option<Cow<'_, str>> {
    let member = members(kwargs).find(|member| member.is("routing_key"))?;
    string_value(member.value)
}

/// The event's JSON text, where the call is one of a dispatcher.
pub(super) fn event_text<'d>(
    call: &Call<'d>,
    task: Option<&str>,
    max_depth: usize,
) -> Option<Cow<'d, str>> {
    let mut args = elements(call.args);
    let by_keyword = || members(call.kwargs).find(|m| m.is("message_body")).map(|m| m.value);
    let is_dispatcher = task.is_some_and(is_dispatcher);
    let first = match args.next() {
        Some(first) => first,
        None if is_dispatcher => by_keyword()?,
        None => return None,
    };
    let text = string_value(first).unwrap_or(Cow::Borrowed(first));
    if is_dispatcher {
        return Some(text);
    }
    let looks_like_one = args.next().is_none()
        && routing_key(call.kwargs).is_some()
        && text.trim_ascii_start().starts_with('{')
        && compact(text.as_bytes(), max_depth).is_ok();
    looks_like_one.then_some(text)
}
