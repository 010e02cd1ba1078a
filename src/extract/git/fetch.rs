/// How much of the history a clone has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum History {
    Whole,
    Shallow,
}

/// The command that gets a revision; `None` where there is nothing to get it from.
///
/// | revision | command |
/// |---|---|
/// | `origin/main`, where `origin` is a remote | fetches that branch into its place |
/// | `HEAD~3`, `main^2` | deepens a shallow clone |
/// | a hash | fetches that commit |
/// | anything else | fetches the tag or branch of that name |
pub(super) fn fetch_command(revision: &str, history: History, remotes: &[&str]) -> Option<String> {
    let depth = match history {
        History::Whole => "",
        History::Shallow => "--depth=1 ",
    };
    if revision.contains(['~', '^', '@']) {
        return match history {
            History::Whole => None,
            History::Shallow => Some("git fetch --deepen=50".to_owned()),
        };
    }
    let of_remote = remotes
        .iter()
        .find_map(|remote| Some((*remote, revision.strip_prefix(remote)?.strip_prefix('/')?)));
    if let Some((remote, branch)) = of_remote {
        return Some(format!(
            "git fetch {depth}{remote} +refs/heads/{branch}:refs/remotes/{remote}/{branch}"
        ));
    }
    let remote = remotes.iter().find(|remote| **remote == "origin").or(remotes.first())?;
    let is_hash = revision.len() >= 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some(if is_hash {
        format!("git fetch {depth}{remote} {revision}")
    } else {
        format!("git fetch {depth}{remote} {revision}:{revision}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_that_gets_a_revision_fits_the_clone() {
        let hash = "0123456789abcdef0123456789abcdef01234567";
        let table = [
            (
                "origin/main",
                History::Whole,
                "origin",
                Some("git fetch origin +refs/heads/main:refs/remotes/origin/main"),
            ),
            (
                "origin/a/b",
                History::Shallow,
                "origin",
                Some("git fetch --depth=1 origin +refs/heads/a/b:refs/remotes/origin/a/b"),
            ),
            ("HEAD~3", History::Shallow, "origin", Some("git fetch --deepen=50")),
            ("HEAD~3", History::Whole, "origin", None),
            (
                hash,
                History::Shallow,
                "up",
                Some("git fetch --depth=1 up 0123456789abcdef0123456789abcdef01234567"),
            ),
            ("v1.2", History::Whole, "origin", Some("git fetch origin v1.2:v1.2")),
            ("v1.2", History::Whole, "", None),
        ];
        for (revision, history, remotes, expected) in table {
            let remotes: Vec<&str> = remotes.split_whitespace().collect();
            let found = fetch_command(revision, history, &remotes);
            assert_eq!(found.as_deref(), expected, "{revision} {history:?}");
        }
    }
}
