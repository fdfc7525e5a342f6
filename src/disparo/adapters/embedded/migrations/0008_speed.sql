-- What pages ask of a million contacts: each question an index, or a row that is kept with every change.

CREATE TABLE hour_tally (
    campaign_id INTEGER NOT NULL,
    hour INTEGER NOT NULL,                     -- hours since 1970-01-01 UTC
    step INTEGER NOT NULL,
    event TEXT NOT NULL,
    count INTEGER NOT NULL,                    -- arrivals, never taken back
    PRIMARY KEY (campaign_id, hour, step, event)
) WITHOUT ROWID;

-- Both hold what filters look at, so that only rows that are shown are read.
CREATE INDEX message_troubled ON message (changed_at, campaign_id, contact_id, step, state, reason, lane_id)
WHERE state IN ('dead', 'failed');
CREATE INDEX message_troubled_of ON message (campaign_id, contact_id, step, state, reason, lane_id)
WHERE state IN ('dead', 'failed');

CREATE INDEX contact_by_name ON contact (name_key) WHERE name_key <> '';

CREATE INDEX meeting_start ON meeting (start_at) WHERE start_at IS NOT NULL;

CREATE TABLE conversation (
    owner TEXT PRIMARY KEY,                    -- a contact's id, or the key of somebody unknown
    latest TEXT NOT NULL,                      -- their latest entry
    entries INTEGER NOT NULL,
    unhandled INTEGER NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX conversation_latest ON conversation (latest);
CREATE INDEX conversation_unhandled ON conversation (latest) WHERE unhandled > 0;
INSERT INTO conversation
SELECT coalesce(contact_id, key), max(id), count(*), sum(handled_at IS NULL) FROM inbox GROUP BY 1;
