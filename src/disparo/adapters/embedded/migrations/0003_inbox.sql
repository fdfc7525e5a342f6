-- What people wrote to us, since when, and providers' notices. Instants are integers of milliseconds since 1970-01-01 UTC.

CREATE TABLE inbox (
    id TEXT PRIMARY KEY,                       -- sorts by when it was kept; ends with the digest of its event
    event_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    sender TEXT NOT NULL,
    key TEXT NOT NULL,
    contact_id TEXT,
    message_id TEXT,
    text TEXT NOT NULL,
    intent TEXT NOT NULL,
    at INTEGER NOT NULL,
    handled_at INTEGER
);
CREATE INDEX inbox_of_contact ON inbox (contact_id, id) WHERE contact_id IS NOT NULL;
CREATE INDEX inbox_of_stranger ON inbox (key, id) WHERE contact_id IS NULL;
CREATE INDEX inbox_unhandled ON inbox (id) WHERE handled_at IS NULL;

CREATE TABLE inbox_event (
    digest TEXT PRIMARY KEY                    -- stays when its entry is forgotten, so that a repeat is none
) WITHOUT ROWID;

CREATE TABLE inbox_window (
    key TEXT NOT NULL,
    channel TEXT NOT NULL,
    sender TEXT NOT NULL,
    at INTEGER NOT NULL,                       -- when they last wrote
    PRIMARY KEY (key, channel, sender)
) WITHOUT ROWID;

CREATE TABLE alias (
    provider TEXT NOT NULL,
    user_id TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (provider, user_id)
) WITHOUT ROWID;
CREATE INDEX alias_of_key ON alias (key);

CREATE TABLE notice (
    id TEXT PRIMARY KEY,                       -- sorts by when it was kept
    digest TEXT NOT NULL UNIQUE,
    provider TEXT NOT NULL,
    event_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    detail TEXT NOT NULL
);
