-- The agenda: hosts, types of meetings, meetings. Instants are integers of milliseconds since 1970-01-01 UTC.

CREATE TABLE host (
    id TEXT PRIMARY KEY,
    document TEXT NOT NULL,                    -- JSON
    revision INTEGER NOT NULL,
    sync_token TEXT                            -- up to where changes in their calendar were read
) WITHOUT ROWID;

CREATE TABLE meeting_type (
    id TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    revision INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE meeting (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    revision INTEGER NOT NULL,
    state TEXT NOT NULL,
    type_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    campaign_id TEXT,
    start_at INTEGER,                          -- of what is agreed
    wake_at INTEGER,
    hosts TEXT NOT NULL,                       -- JSON: those of what is agreed, else of what is offered
    document TEXT NOT NULL                     -- JSON; id and revision are those of the columns
);
CREATE INDEX meeting_wake ON meeting (wake_at, id) WHERE wake_at IS NOT NULL;
CREATE INDEX meeting_of_contact ON meeting (contact_id, id);

CREATE TABLE occupation (
    meeting_id INTEGER NOT NULL,
    host_id TEXT NOT NULL,
    start_at INTEGER NOT NULL,                 -- buffers included
    end_at INTEGER NOT NULL,
    starts_at INTEGER NOT NULL,                -- of the meeting itself
    until_at INTEGER                           -- of a hold; NULL keeps its time for good
);
CREATE INDEX occupation_of_host ON occupation (host_id, start_at);
CREATE INDEX occupation_of_meeting ON occupation (meeting_id);
