-- The library of templates, and campaigns that are being written. Instants are milliseconds since 1970-01-01 UTC.

CREATE TABLE template (
    name TEXT PRIMARY KEY,
    document TEXT NOT NULL,                    -- JSON
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE sketch (
    id TEXT PRIMARY KEY,
    document TEXT NOT NULL,                    -- JSON, not always a right one
    by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sketch_touched ON sketch (updated_at);
