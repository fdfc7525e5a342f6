-- Endpoints of other programs, and what is delivered to them. Instants are integers of milliseconds since 1970-01-01 UTC.

CREATE TABLE webhook (
    id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    document TEXT NOT NULL                     -- JSON; its secrets are sealed
) WITHOUT ROWID;

CREATE TABLE webhook_delivery (
    webhook_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER,                            -- the next attempt, or the end of the one under way; NULL when done
    state TEXT NOT NULL,
    contact_id TEXT,
    personal TEXT,                             -- JSON: what a person wrote, where the endpoint asked for it
    unproven INTEGER NOT NULL,                 -- whether what it tells may not have come about
    document TEXT NOT NULL,                    -- JSON
    PRIMARY KEY (webhook_id, event_id)
) WITHOUT ROWID;
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_delivery_listed ON webhook_delivery (webhook_id, created_at, event_id);
CREATE INDEX webhook_delivery_old ON webhook_delivery (created_at);
CREATE INDEX webhook_delivery_of ON webhook_delivery (contact_id) WHERE personal IS NOT NULL;
