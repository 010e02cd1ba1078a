//! The stories that are open, and what every new fact means to them.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::Subject;
use super::facts::Reader;
use super::heartbeats::Heartbeats;
use super::queues::Receivers;
use super::report::FollowReport;
use super::story::{Published, Story};
use super::worker_event::WorkerEvent;
use crate::broker::amqp::ReceivedMessage;
use crate::commands::stored_results::StoredResults;

/// Worker events that belong to no story (yet): a worker may be faster than our own queue.
const MAX_ORPHANS: usize = 2_000;
/// How long a story must be quiet before it is over: events that its handlers published come over
/// another queue than the end of the handlers.
const QUIET: Duration = Duration::from_millis(1_500);
/// How long to wait for the word of workers that neither tell the end of the tasks nor show by their
/// heartbeats that they have nothing to tell.
const SILENCE: Duration = Duration::from_secs(10);
/// The same where no event is expected to come.
const QUIET_PAST: Duration = Duration::from_millis(300);
/// Results asked for at a time for one story.
const MAX_LOOKUPS: usize = 50;

/// The routing key of the workers' heartbeats.
pub const HEARTBEAT: &str = "worker.heartbeat";

/// What is known so far.
pub struct Session {
    subject: Subject,
    /// Stories that may still begin.
    to_begin: u64,
    open: Vec<Open>,
    orphans: VecDeque<WorkerEvent>,
    heartbeats: Heartbeats,
    pub reader: Reader,
    pub results: StoredResults,
    pub receivers: Receivers,
    /// What could not be listened to, and gaps.
    pub remarks: Vec<String>,
    pub has_worker_events: bool,
}

struct Open {
    story: Story,
    changed: Instant,
}

impl Session {
    pub fn new(
        (subject, count): (Subject, u64),
        results: StoredResults,
        receivers: Receivers,
    ) -> Self {
        let story = match &subject {
            Subject::Id(id) => Some(Story::about(id)),
            Subject::Topic(_) => None,
        };
        let open: Vec<Open> =
            story.into_iter().map(|story| Open { story, changed: Instant::now() }).collect();
        Self {
            to_begin: if open.is_empty() { count } else { 0 },
            subject,
            open,
            orphans: VecDeque::new(),
            heartbeats: Heartbeats::default(),
            reader: Reader::default(),
            results,
            receivers,
            remarks: Vec::new(),
            has_worker_events: false,
        }
    }

    /// An event passes.
    pub async fn event(&mut self, message: &ReceivedMessage) {
        let Some(mut event) = self.reader.published(message, Timestamp::now()) else { return };
        let mut is_taken = false;
        for open in &mut self.open {
            if open.story.published(&event) {
                is_taken = true;
                open.changed = Instant::now();
            }
        }
        let begins = match &self.subject {
            Subject::Topic(pattern) => {
                !is_taken && self.to_begin > 0 && pattern.matches(&event.topic)
            }
            Subject::Id(_) => false,
        };
        if begins {
            self.to_begin -= 1;
            let mut story = Story::about(&event.id);
            story.published(&event);
            self.open.push(Open { story, changed: Instant::now() });
        }
        if !(begins || is_taken) {
            return;
        }
        event.queues = self.receivers.of(&event.topic).await;
        for open in &mut self.open {
            set_queues(&mut open.story, &event);
        }
        // What workers said before we saw the event.
        for orphan in std::mem::take(&mut self.orphans) {
            self.worker_event(orphan);
        }
    }

    /// A worker speaks.
    pub fn worker_message(&mut self, message: &ReceivedMessage) {
        if message.incoming().routing_key == HEARTBEAT {
            if let Some(json) = self.reader.payload(message) {
                self.heartbeats.take(&json, Instant::now());
            }
            return;
        }
        for event in self.reader.worker_events(message) {
            self.has_worker_events = true;
            self.worker_event(event);
        }
    }

    fn worker_event(&mut self, event: WorkerEvent) {
        for open in &mut self.open {
            if open.story.worker_event(&event) {
                open.changed = Instant::now();
                return;
            }
        }
        if self.orphans.len() >= MAX_ORPHANS {
            self.orphans.pop_front();
        }
        self.orphans.push_back(event);
    }

    /// Asks the result backend about the tasks that are not finished there.
    pub async fn look_up(&mut self) {
        for open in &mut self.open {
            for id in open.story.unstored().into_iter().take(MAX_LOOKUPS) {
                let Some(result) = self.results.of(&id).await else { continue };
                let before = (open.story.tasks.len(), open.story.is_settled());
                open.story.stored(&id, &result, Timestamp::now());
                if before != (open.story.tasks.len(), open.story.is_settled()) {
                    open.changed = Instant::now();
                }
            }
        }
    }

    /// The stories that are over.
    pub fn take_finished(&mut self) -> Vec<FollowReport> {
        let open = std::mem::take(&mut self.open);
        let (over, open) = open.into_iter().partition(|open| self.is_finished(open));
        self.open = open;
        self.reports(over)
    }

    /// Whether a story is over.
    ///
    /// | what is known | how long it must be quiet |
    /// |---|---|
    /// | a task is under way | it is not over |
    /// | only the results of a story of the past | 0.3 s |
    /// | workers told the end of all tasks | 1.5 s |
    /// | the results tell the end of some, their workers run without `-E` or are late | 1.5 s, and until each of them has beaten twice; at most 10 s |
    fn is_finished(&self, open: &Open) -> bool {
        let story = &open.story;
        if !story.is_settled() || open.changed.elapsed() < QUIET_PAST {
            return false;
        }
        if !story.is_live() {
            return true;
        }
        open.changed.elapsed() >= QUIET
            && (story.is_told() || self.has_nothing_to_tell(open) || was_waited_for(open))
    }

    /// Whether the heartbeats of the story's workers say that no more will come from them.
    fn has_nothing_to_tell(&self, open: &Open) -> bool {
        self.heartbeats.have_passed(open.changed, &self.workers_of(&open.story))
    }

    /// The workers that read the queues the story went to, as far as anybody knows.
    fn workers_of(&self, story: &Story) -> Vec<String> {
        let queues = story.events.iter().filter_map(|event| event.queues.as_ref()).flatten();
        let queues: Vec<&str> = queues.map(|(queue, _)| queue.as_str()).collect();
        self.receivers.workers_of(&queues)
    }

    /// All that is left, finished or not.
    pub fn take_rest(&mut self) -> Vec<FollowReport> {
        let rest = std::mem::take(&mut self.open);
        self.reports(rest)
    }

    /// Whether events are still waited for that have not been published.
    pub fn is_waiting(&self) -> bool {
        self.to_begin > 0
    }

    /// Whether there is nothing left to wait for.
    pub fn is_over(&self) -> bool {
        self.open.is_empty() && self.to_begin == 0
    }

    fn reports(&self, stories: Vec<Open>) -> Vec<FollowReport> {
        let report = |open: Open| FollowReport::of(&open.story, self.remarks_about(&open));
        stories.into_iter().map(report).collect()
    }

    fn remarks_about(&self, open: &Open) -> Vec<String> {
        let story = &open.story;
        let mut remarks = self.remarks.clone();
        if story.is_unknown() {
            remarks.push(
                "an event that has passed leaves only the results of its tasks, which Celery keeps \
                 for a day (result_expires), and tasks with ignore_result leave none"
                    .to_owned(),
            );
        } else if !story.is_live() {
            remarks.push(
                "it had passed already: only the results of its tasks are left to see".to_owned(),
            );
        } else if !story.has_worker_events {
            let what = if self.has_worker_events { "about it " } else { "" };
            remarks.push(format!(
                "no worker events {what}were seen: workers send them when started with -E"
            ));
        }
        if story.is_live() && story.is_settled() && was_waited_for(open) && !story.is_told() {
            let workers = self.workers_of(story);
            let silent = self.heartbeats.without_a_beat_since(open.changed, &workers);
            let who = if silent.is_empty() { "the workers".to_owned() } else { silent.join(", ") };
            remarks.push(format!(
                "{} s were waited for what {who} may have to tell, without a heartbeat: workers send \
                 one unless started with --without-heartbeat",
                SILENCE.as_secs()
            ));
        }
        remarks.extend(self.results.why_not().map(|why| format!("no stored results: {why}")));
        remarks.extend(self.receivers.why_not().map(|why| format!("no queues: {why}")));
        for (count, what) in [
            (u64::from(self.results.unreadable()), "stored results could not be read"),
            (self.reader.undecodable, "messages could not be read"),
            (self.reader.unknown_worker_events, "worker events were of no known kind"),
        ] {
            if count > 0 {
                remarks.push(format!("{count} {what}"));
            }
        }
        remarks
    }
}

fn was_waited_for(open: &Open) -> bool {
    open.changed.elapsed() >= SILENCE
}

fn set_queues(story: &mut Story, event: &Published) {
    let known = story.events.iter_mut().find(|known| known.id == event.id);
    if let Some(known) = known
        && known.queues.is_none()
    {
        known.queues.clone_from(&event.queues);
    }
}
