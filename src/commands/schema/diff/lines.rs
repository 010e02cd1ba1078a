//! The line of each finding in the file of its document.

use std::collections::HashMap;
use std::env;
use std::fs;
use std::path::Path;

use crate::schema::{Finding, Place, SchemaPart, line_of};

/// Points findings in JSON files to the line that their pointer means, and names files below the
/// working directory relative to it, as services that show annotations expect. A file that cannot
/// be read, or is not that long any more, keeps the line it has.
pub fn locate_lines(findings: &mut [Finding]) {
    let here = env::current_dir().unwrap_or_default();
    let mut texts: HashMap<String, Option<String>> = HashMap::new();
    for finding in findings {
        let pointer = document_pointer(finding);
        let Some(place) = &mut finding.location else { continue };
        if place.file.ends_with(".json") {
            let text = texts
                .entry(place.file.clone())
                .or_insert_with_key(|file| fs::read_to_string(file).ok());
            if let Some(line) = text.as_ref().and_then(|text| line_of(text, &pointer)) {
                place.line = line;
            }
        }
        place.shorten(&here);
    }
}

/// Where in the document the finding is, on the side that can be mended.
fn document_pointer(finding: &Finding) -> String {
    let part = match finding.part {
        SchemaPart::Request => "/schema",
        SchemaPart::Response => "/response_schema",
        SchemaPart::Error => "/error_schema",
    };
    let side = match finding.to_version {
        Some(_) => finding.new_pointer.as_ref(),
        None => finding.old_pointer.as_ref(),
    };
    format!("{part}{}", side.map_or("", String::as_str))
}

impl Place {
    fn shorten(&mut self, here: &Path) {
        if let Ok(short) = Path::new(&self.file).strip_prefix(here) {
            self.file = short.display().to_string();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::formats::sample::finding;
    use super::*;

    #[test]
    fn a_finding_leads_to_the_line_of_its_pointer() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("v2.json");
        let text = "{\n\"topic\": \"a\",\n\"schema\": {\n\"properties\": {\n\"x\": {}\n}},\n\
                    \"response_schema\": {}}";
        fs::write(&file, text).unwrap();
        let table = [
            ("v2.json", SchemaPart::Request, "/properties/x/type", 5),
            ("v2.json", SchemaPart::Request, "/$defs/gone", 3),
            ("v2.json", SchemaPart::Response, "", 7),
            ("gone.json", SchemaPart::Request, "/properties/x", 12),
            ("events.py", SchemaPart::Request, "/properties/x", 12),
        ];
        for (name, part, pointer, line) in table {
            let file = folder.path().join(name).display().to_string();
            let location = Some(Place { file, line: 12 });
            let new_pointer = Some(pointer.to_owned());
            let mut findings = [Finding { part, location, new_pointer, ..finding("a") }];
            locate_lines(&mut findings);
            assert_eq!(findings[0].location.as_ref().unwrap().line, line, "{name} {pointer}");
        }
    }

    #[test]
    fn a_file_below_the_working_directory_is_named_from_there() {
        let place = |file: &str| Place { file: file.to_owned(), line: 1 };
        for (file, shown) in [("/p/schemas/a.json", "schemas/a.json"), ("/q/a.json", "/q/a.json")] {
            let mut place = place(file);
            place.shorten(Path::new("/p"));
            assert_eq!(place.file, shown);
        }
    }
}
