-- One row per topic and version. version_key is the version without its spelling ("1.10" for
-- v1.10 and v1.10.0), so that equal versions cannot both be there.
CREATE TABLE schemas (
    topic TEXT NOT NULL,
    version_key TEXT NOT NULL,
    version TEXT NOT NULL,
    document TEXT NOT NULL,
    registered_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    PRIMARY KEY (topic, version_key)
) STRICT, WITHOUT ROWID;
