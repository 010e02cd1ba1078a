use std::io::{self, Write};

use comfy_table::{CellAlignment, ContentArrangement, presets};

use super::layout::Target;
use super::report::Style;
use super::sanitize::sanitize;

/// Rows under a heading: bordered on a terminal, tab-separated lines in a pipe.
///
/// Cells are sanitised, so any text may be put in.
#[derive(Debug, Clone)]
pub struct Table {
    header: Vec<&'static str>,
    numeric: Vec<usize>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(header: impl IntoIterator<Item = &'static str>) -> Self {
        Self { header: header.into_iter().collect(), numeric: Vec::new(), rows: Vec::new() }
    }

    /// Aligns a column (counted from 0) to the right.
    #[must_use]
    pub fn numeric(mut self, column: usize) -> Self {
        self.numeric.push(column);
        self
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        let cells: Vec<String> = cells.into_iter().map(Into::into).collect();
        self.rows.push(cells.iter().map(|cell| sanitize(cell).into_owned()).collect());
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn write(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        match style.layout.target {
            Target::Terminal => writeln!(out, "{}", self.bordered(style)),
            Target::Pipe => {
                writeln!(out, "{}", self.header.join("\t"))?;
                self.rows.iter().try_for_each(|row| writeln!(out, "{}", row.join("\t")))
            }
        }
    }

    /// The rows under their heading in aligned columns without borders, for a view that is drawn
    /// again and again. Lines may be wider than the terminal.
    pub fn aligned(&self) -> String {
        let mut table = comfy_table::Table::new();
        table
            .force_no_tty()
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled)
            .set_header(&self.header)
            .add_rows(&self.rows);
        self.align(&mut table);
        table.trim_fmt()
    }

    fn align(&self, table: &mut comfy_table::Table) {
        for column in &self.numeric {
            if let Some(column) = table.column_mut(*column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
    }

    fn bordered(&self, style: &Style) -> comfy_table::Table {
        let mut table = comfy_table::Table::new();
        let columns = u16::try_from(style.layout.columns).unwrap_or(u16::MAX);
        table
            .force_no_tty()
            .load_style(presets::UTF8_FULL_CONDENSED)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(columns)
            .set_header(&self.header)
            .add_rows(&self.rows);
        self.align(&mut table);
        table
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::Layout;
    use super::*;

    fn written(target: Target, columns: usize) -> String {
        let mut table = Table::new(["topic", "queue", "messages"]).numeric(2);
        table.row(["user.signup.completed", "mail\u{1b}[31m", "12"]);
        table.row(["order.#", "a queue with a long name that needs more than one line", "3400"]);
        let mut out = Vec::new();
        let style = Style::new(false).with_layout(Layout { target, columns });
        table.write(&mut out, &style).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_table_is_bordered_on_a_terminal_and_fits_it() {
        insta::assert_snapshot!(written(Target::Terminal, 60));
    }

    #[test]
    fn a_table_is_tab_separated_and_whole_in_a_pipe() {
        insta::assert_snapshot!(written(Target::Pipe, 60).replace('\t', "<TAB>"));
    }
}
