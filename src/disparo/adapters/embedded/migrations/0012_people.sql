-- What is forgotten when: answers that tell of a person, and how far the sweeps of what is old have come.

ALTER TABLE request ADD COLUMN about TEXT;     -- the contact that the answer tells of
CREATE INDEX request_about ON request (about) WHERE about IS NOT NULL;

CREATE TABLE newest_contact (
    day TEXT PRIMARY KEY,                      -- UTC, as 2026-11-23
    contact INTEGER NOT NULL                   -- the highest id there was on this day, when it was first looked at
) WITHOUT ROWID;

CREATE TABLE sweep (
    name TEXT PRIMARY KEY,
    position TEXT NOT NULL
) WITHOUT ROWID;
