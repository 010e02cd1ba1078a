//! The only room that prints: reports, tables, progress, prompts, styles.
