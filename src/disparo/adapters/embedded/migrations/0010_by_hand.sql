-- What people write to one contact. Instants are integers of milliseconds since 1970-01-01 UTC.

CREATE TABLE hand_message (
    contact_id INTEGER NOT NULL,
    number INTEGER NOT NULL,                   -- counts the contact's texts from 1
    key TEXT NOT NULL,                         -- '' once the text is forgotten
    document TEXT NOT NULL,                    -- JSON; '' once it is forgotten
    at INTEGER NOT NULL,
    PRIMARY KEY (contact_id, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX hand_message_by_key ON hand_message (contact_id, key) WHERE key <> '';

ALTER TABLE inbox ADD COLUMN outcome TEXT NOT NULL DEFAULT '';  -- what came of it, as a person saw it
