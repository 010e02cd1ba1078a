//! A few lines that are drawn again and again in place.

use std::io::{self, IsTerminal, Write};

use console::{Term, truncate_str};

use super::screen::{OutputFormat, Ui};

/// Lines at the bottom of the terminal that change. What was drawn last stays when it ends.
#[derive(Debug)]
pub struct Live {
    drawn: usize,
}

impl Ui {
    /// A live view, where there is a terminal and people read it.
    pub fn live(&self) -> Option<Live> {
        let is_wanted = self.output() == OutputFormat::Human && io::stdout().is_terminal();
        is_wanted.then_some(Live { drawn: 0 })
    }
}

impl Live {
    /// Puts `text` in the place of what was drawn before, cut to the size of the terminal. The text
    /// must be sanitised.
    ///
    /// # Errors
    /// Where stdout cannot be written to.
    pub fn draw(&mut self, text: &str) -> io::Result<()> {
        let (rows, columns) = Term::stdout().size();
        let frame = frame(text, (usize::from(rows), usize::from(columns)), self.drawn);
        self.drawn = frame.lines;
        let mut out = io::stdout().lock();
        out.write_all(frame.bytes.as_bytes())?;
        out.flush()
    }
}

struct Frame {
    bytes: String,
    lines: usize,
}

/// Up to where the last frame began, every line with what follows it erased, then the rest of the
/// screen erased. Where not all lines fit, the last one tells how many are missing.
fn frame(text: &str, (rows, columns): (usize, usize), drawn: usize) -> Frame {
    let mut bytes = String::new();
    if drawn > 0 {
        bytes.push_str(&format!("\u{1b}[{}A\r", drawn.min(rows.saturating_sub(1))));
    }
    let (count, room) = (text.lines().count(), rows.saturating_sub(1));
    let shown = if count > room { room.saturating_sub(1) } else { count };
    let missing = (shown < count && room > 0).then(|| format!("… {} more lines", count - shown));
    let mut lines = 0;
    for line in text.lines().take(shown).chain(missing.as_deref()) {
        bytes.push_str(&truncate_str(line, columns, "…"));
        bytes.push_str("\u{1b}[K\n");
        lines += 1;
    }
    bytes.push_str("\u{1b}[J");
    Frame { bytes, lines }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_takes_the_place_of_the_one_before_and_fits_the_terminal() {
        let first = frame("one\ntwo\n", (24, 80), 0);
        assert_eq!(first.bytes.replace('\u{1b}', "ESC"), "oneESC[K\ntwoESC[K\nESC[J");
        assert_eq!(first.lines, 2);
        let second = frame("a long line\nb\nc\nd", (4, 14), first.lines);
        let expected = "ESC[2A\ra long lineESC[K\nbESC[K\n… 2 more linesESC[K\nESC[J";
        assert_eq!(second.bytes.replace('\u{1b}', "ESC"), expected);
        assert_eq!(second.lines, 3);
        let narrow = frame("a long line", (4, 6), 0);
        assert_eq!(narrow.bytes.replace('\u{1b}', "ESC"), "a lon…ESC[K\nESC[J");
        assert_eq!(frame("one", (0, 0), 0).lines, 0);
    }
}
