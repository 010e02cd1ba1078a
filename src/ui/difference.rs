use std::io::{self, Write};

use similar::{ChangeTag, TextDiff};

use super::report::Style;
use super::sanitize::sanitize;

/// Unchanged lines shown around a change.
const CONTEXT_LINES: usize = 3;

/// Two texts and what to call them.
#[derive(Debug, Clone, Copy)]
pub struct Difference<'a> {
    pub old_name: &'a str,
    pub old: &'a str,
    pub new_name: &'a str,
    pub new: &'a str,
}

impl Difference<'_> {
    /// A unified diff; nothing when the texts are the same. Signs carry the meaning, colour only
    /// repeats it.
    pub fn write(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let diff = TextDiff::from_lines(self.old, self.new);
        let mut unified = diff.unified_diff();
        let hunks: Vec<_> = unified.context_radius(CONTEXT_LINES).iter_hunks().collect();
        if hunks.is_empty() {
            return Ok(());
        }
        writeln!(out, "{} {}", style.bad.apply_to("---"), sanitize(self.old_name))?;
        writeln!(out, "{} {}", style.good.apply_to("+++"), sanitize(self.new_name))?;
        for hunk in hunks {
            writeln!(out, "{}", style.dim.apply_to(hunk.header()))?;
            for change in hunk.iter_changes() {
                let (sign, ansi) = match change.tag() {
                    ChangeTag::Equal => (' ', None),
                    ChangeTag::Delete => ('-', Some(&style.bad)),
                    ChangeTag::Insert => ('+', Some(&style.good)),
                };
                let line = format!("{sign}{}", sanitize(change.value().trim_end_matches('\n')));
                match ansi {
                    Some(ansi) => writeln!(out, "{}", ansi.apply_to(line))?,
                    None => writeln!(out, "{line}")?,
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(old: &str, new: &str) -> String {
        let mut out = Vec::new();
        let difference = Difference { old_name: "registered", old, new_name: "new", new };
        difference.write(&mut out, &Style::new(false)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_difference_shows_the_changed_lines_and_what_is_around_them() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        insta::assert_snapshot!(written(old, &old.replace('5', "\u{1b}[31mfive")), @r"
        --- registered
        +++ new
        @@ -2,7 +2,7 @@
         2
         3
         4
        -5
        +\u{1b}[31mfive
         6
         7
         8
        ");
        assert_eq!(written(old, old), "");
    }
}
