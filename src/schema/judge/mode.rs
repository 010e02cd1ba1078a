use std::str::FromStr;

use super::super::document::Mode;
use super::super::finding::{Direction, SchemaPart};
use super::subscriber::{Subscriber, SubscriberVersion};

/// Who must be able to read whose events.
///
/// | mode | old handlers, new events | new handlers, old events | against |
/// |---|---|---|---|
/// | auto, explicit handlers only | yes | no | every version |
/// | auto, with a `latest` or unknown handler | yes | yes | every version |
/// | forward, forward-transitive | yes | no | the previous, every version |
/// | backward, backward-transitive | no | yes | the previous, every version |
/// | full, full-transitive | yes | yes | the previous, every version |
/// | none | as auto, and nothing of it stops anybody | | |
///
/// Answers of an RPC travel the other way: there `auto` asks whether new callers can read what old
/// handlers answer. The other modes mean the same direction for every part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CompatMode {
    #[default]
    Auto,
    None,
    Backward,
    Forward,
    Full,
    BackwardTransitive,
    ForwardTransitive,
    FullTransitive,
}

/// Against which versions a new one is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Nearest,
    Every,
}

/// A mode, with what is known of the topic's handlers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) reach: Reach,
    events: Directions,
    answers: Directions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Directions {
    Forward,
    Backward,
    Both,
}

impl CompatMode {
    pub const ALL: [Self; 8] = [
        Self::Auto,
        Self::None,
        Self::Backward,
        Self::Forward,
        Self::Full,
        Self::BackwardTransitive,
        Self::ForwardTransitive,
        Self::FullTransitive,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::None => "none",
            Self::Backward => "backward",
            Self::Forward => "forward",
            Self::Full => "full",
            Self::BackwardTransitive => "backward-transitive",
            Self::ForwardTransitive => "forward-transitive",
            Self::FullTransitive => "full-transitive",
        }
    }

    pub(super) fn asked(self, readers: &[&Subscriber]) -> Asked {
        let same = |reach, directions| Asked { reach, events: directions, answers: directions };
        match self {
            Self::Auto | Self::None => {
                let follows = |reader: &&Subscriber| match reader.version {
                    SubscriberVersion::Latest | SubscriberVersion::Unknown => true,
                    SubscriberVersion::Exact(_) => false,
                };
                if readers.iter().any(follows) {
                    same(Reach::Every, Directions::Both)
                } else {
                    Asked {
                        reach: Reach::Every,
                        events: Directions::Forward,
                        answers: Directions::Backward,
                    }
                }
            }
            Self::Backward => same(Reach::Nearest, Directions::Backward),
            Self::Forward => same(Reach::Nearest, Directions::Forward),
            Self::Full => same(Reach::Nearest, Directions::Both),
            Self::BackwardTransitive => same(Reach::Every, Directions::Backward),
            Self::ForwardTransitive => same(Reach::Every, Directions::Forward),
            Self::FullTransitive => same(Reach::Every, Directions::Both),
        }
    }
}

impl Asked {
    /// Which questions are asked about a part.
    pub(super) fn directions(&self, part: SchemaPart) -> &'static [Direction] {
        let directions = match part {
            SchemaPart::Request => self.events,
            SchemaPart::Response | SchemaPart::Error => self.answers,
        };
        match directions {
            Directions::Forward => &[Direction::Forward],
            Directions::Backward => &[Direction::Backward],
            Directions::Both => &[Direction::Forward, Direction::Backward],
        }
    }
}

/// The parts that two documents can be compared in: answers belong to RPCs.
pub(super) fn parts(from: Mode, to: Mode) -> &'static [SchemaPart] {
    match (from, to) {
        (Mode::Rpc, Mode::Rpc) => &[SchemaPart::Request, SchemaPart::Response, SchemaPart::Error],
        (Mode::Broadcast, _) | (Mode::Rpc, Mode::Broadcast) => &[SchemaPart::Request],
    }
}

impl FromStr for CompatMode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = || Self::ALL.map(Self::as_str).join(", ");
        Self::ALL
            .into_iter()
            .find(|mode| mode.as_str() == text)
            .ok_or_else(|| format!("the modes are {}", names()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_follows_from_the_mode_and_the_known_handlers() {
        use Direction::{Backward, Forward};
        let reader = |version| Subscriber { pattern: "a".into(), version, name: "h".into() };
        let exact = reader(SubscriberVersion::Exact("v1".parse().unwrap()));
        let latest = reader(SubscriberVersion::Latest);
        let unknown = reader(SubscriberVersion::Unknown);
        let both: &[Direction] = &[Forward, Backward];
        type Row<'a> = (CompatMode, &'a [&'a Subscriber], Reach, &'a [Direction], &'a [Direction]);
        let table: [Row<'_>; 11] = [
            (CompatMode::Auto, &[], Reach::Every, &[Forward], &[Backward]),
            (CompatMode::Auto, &[&exact], Reach::Every, &[Forward], &[Backward]),
            (CompatMode::Auto, &[&exact, &latest], Reach::Every, both, both),
            (CompatMode::Auto, &[&unknown], Reach::Every, both, both),
            (CompatMode::None, &[&unknown], Reach::Every, both, both),
            (CompatMode::Forward, &[&latest], Reach::Nearest, &[Forward], &[Forward]),
            (CompatMode::Backward, &[], Reach::Nearest, &[Backward], &[Backward]),
            (CompatMode::Full, &[], Reach::Nearest, both, both),
            (CompatMode::ForwardTransitive, &[], Reach::Every, &[Forward], &[Forward]),
            (CompatMode::BackwardTransitive, &[], Reach::Every, &[Backward], &[Backward]),
            (CompatMode::FullTransitive, &[], Reach::Every, both, both),
        ];
        for (mode, readers, reach, events, answers) in table {
            let asked = mode.asked(readers);
            assert_eq!(asked.reach, reach, "{mode:?}");
            assert_eq!(asked.directions(SchemaPart::Request), events, "{mode:?}");
            assert_eq!(asked.directions(SchemaPart::Response), answers, "{mode:?}");
            assert_eq!(mode.as_str().parse(), Ok(mode));
        }
        assert!("sideways".parse::<CompatMode>().is_err());
    }
}
