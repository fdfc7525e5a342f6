-- The ledger and what it needs. Instants are integers of milliseconds since 1970-01-01 UTC.

CREATE TABLE control (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO control VALUES ('revision', 0), ('journal', 0);

CREATE TABLE list (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    contacts INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE contact (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused: an id names one person for ever
    list_id INTEGER NOT NULL REFERENCES list (id),
    source TEXT NOT NULL,
    place TEXT,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL DEFAULT '',     -- the name as it is looked up: no case, no accents
    phone TEXT,
    phone_key TEXT,
    email TEXT,
    email_key TEXT,
    other_phones TEXT NOT NULL DEFAULT '[]',
    other_emails TEXT NOT NULL DEFAULT '[]',
    document TEXT,
    priority INTEGER NOT NULL,
    variables TEXT NOT NULL DEFAULT '{}',
    erased_at INTEGER
);
CREATE INDEX contact_of_list ON contact (list_id, id);
CREATE UNIQUE INDEX contact_by_phone ON contact (phone_key, list_id) WHERE phone_key IS NOT NULL;
CREATE UNIQUE INDEX contact_by_email ON contact (email_key, list_id) WHERE email_key IS NOT NULL;

CREATE TABLE campaign (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    definition TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    revision INTEGER NOT NULL DEFAULT 0,
    launched INTEGER NOT NULL DEFAULT 0,
    launch_cursor INTEGER NOT NULL DEFAULT 0,  -- the last contact that has its rows
    launch_end INTEGER,                        -- the last contact of the list at the start
    sweep_cursor INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX campaign_live ON campaign (state) WHERE state IN ('running', 'paused', 'cancelled');

CREATE TABLE lane (
    id INTEGER PRIMARY KEY,
    campaign_id INTEGER NOT NULL REFERENCES campaign (id),
    channel TEXT NOT NULL,
    place TEXT NOT NULL,
    priorities INTEGER NOT NULL DEFAULT 0,     -- bit p is set when a message of priority p was ever here
    UNIQUE (campaign_id, channel, place)
);

CREATE TABLE message (
    campaign_id INTEGER NOT NULL,
    contact_id INTEGER NOT NULL,
    step INTEGER NOT NULL,
    lane_id INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    priority INTEGER NOT NULL,
    due_at INTEGER,                            -- when it is looked at next: due, end of lease, next look at a doubt
    fence INTEGER NOT NULL DEFAULT 0,          -- the number of its latest claim
    retries INTEGER NOT NULL DEFAULT 0,
    claimed_at INTEGER,
    sender TEXT,
    provider_id TEXT,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, contact_id, step)
) WITHOUT ROWID;
CREATE INDEX message_due ON message (lane_id, priority, due_at) WHERE state = 'due';
CREATE INDEX message_watch ON message (due_at) WHERE state IN ('claimed', 'sending', 'in_doubt');

CREATE TABLE tally (
    campaign_id INTEGER NOT NULL,
    step INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, step, state, reason)
) WITHOUT ROWID;

CREATE TABLE journal (
    campaign_id INTEGER NOT NULL,
    contact_id INTEGER NOT NULL,
    step INTEGER NOT NULL,
    number INTEGER NOT NULL,                   -- in order of what happened, over all messages
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    provider_id TEXT,
    PRIMARY KEY (campaign_id, contact_id, step, number)
) WITHOUT ROWID;

CREATE TABLE seen_event (
    event_id TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE permit_book (
    name TEXT PRIMARY KEY,
    given INTEGER NOT NULL,
    last_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE permit (
    book TEXT NOT NULL,
    first INTEGER NOT NULL,                    -- number of the first permit given at this instant
    at INTEGER NOT NULL,
    PRIMARY KEY (book, first)
) WITHOUT ROWID;

CREATE TABLE breaker (
    sender TEXT PRIMARY KEY,
    faults INTEGER NOT NULL,
    opened_at INTEGER,
    probe_until INTEGER
) WITHOUT ROWID;

CREATE TABLE turn (
    sender TEXT NOT NULL,
    campaign_id INTEGER NOT NULL,
    turn INTEGER NOT NULL,                     -- who was served longest ago comes first
    PRIMARY KEY (sender, campaign_id)
) WITHOUT ROWID;

CREATE TABLE suppression (
    key TEXT NOT NULL,
    channel TEXT NOT NULL,                     -- '' is every channel
    reason TEXT NOT NULL,
    source TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (key, channel)
) WITHOUT ROWID;

CREATE TABLE role (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until INTEGER NOT NULL
) WITHOUT ROWID;
