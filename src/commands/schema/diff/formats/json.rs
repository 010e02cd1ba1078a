use std::io::{self, Write};

use super::super::report::SchemaDiff;

pub fn write(report: &SchemaDiff, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    writeln!(out)
}
