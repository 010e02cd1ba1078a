//! Reading a whole registry: 10,000 topics with 2 versions of about 2 KB each.

use std::fmt::Write;
use std::fs;
use std::sync::LazyLock;

use celerysalt::event::RoutingPattern;
use celerysalt::registry::{Access, FileStore, Listing, RegistryStore};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const TOPICS: usize = 10_000;

static REGISTRY: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for topic in 0..TOPICS {
        let directory = folder.path().join(format!("area{}.event{topic}", topic % 100));
        fs::create_dir(&directory).expect("a new folder");
        for version in 1..=2 {
            fs::write(directory.join(format!("v{version}.json")), document(topic, version))
                .expect("a new file");
        }
    }
    folder
});

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 10)]
fn list_20000_files() -> Listing {
    list("#")
}

#[divan::bench(sample_count = 10)]
fn list_200_of_20000_files() -> Listing {
    list("area7.*")
}

fn list(pattern: &str) -> Listing {
    let pattern: RoutingPattern = pattern.parse().expect("a pattern");
    let store = FileStore::open(REGISTRY.path(), Access::Read).expect("a registry");
    let runtime = Runtime::new().expect("a runtime");
    let listing = runtime.block_on(store.list(&pattern)).expect("a listing");
    assert!(listing.problems.is_empty());
    listing
}

fn document(topic: usize, version: usize) -> String {
    let mut properties = String::new();
    for field in 0..12 {
        let _ = write!(
            properties,
            r#"{}
      "field_{field}": {{
        "description": "What field {field} of the event is for",
        "maxLength": {},
        "title": "Field {field}",
        "type": "string"
      }}"#,
            if field == 0 { "" } else { "," },
            100 * version
        );
    }
    format!(
        r#"{{
  "topic": "area{}.event{topic}",
  "version": "v{version}",
  "mode": "broadcast",
  "description": "",
  "schema": {{
    "title": "Event{topic}",
    "type": "object",
    "properties": {{{properties}
    }},
    "required": ["field_0", "field_1"]
  }},
  "response_schema": null,
  "error_schema": null,
  "publisher": {{"module": "shop.events", "class": "Event{topic}", "service": null}},
  "owner": null,
  "deprecated": false,
  "annotations": {{}}
}}
"#,
        topic % 100
    )
}
