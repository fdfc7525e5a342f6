-- Imports in parts, and requests that are to have their effect once.

CREATE TABLE import (
    id TEXT PRIMARY KEY,                       -- begins with the time of its making
    record TEXT NOT NULL                       -- JSON
) WITHOUT ROWID;

CREATE TABLE request (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    token TEXT NOT NULL,                       -- of the attempt that holds the key
    free_at INTEGER NOT NULL,                  -- when the key may be taken again
    status INTEGER,                            -- NULL while it is being answered
    headers TEXT,
    body BLOB
) WITHOUT ROWID;
CREATE INDEX request_over ON request (free_at);
