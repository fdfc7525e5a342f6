-- Whose addresses were erased when, as hashes and for 30 days: what they wrote before and comes late, and what a file that
-- is being imported has of them, must not bring them back.

CREATE TABLE forgotten (
    at INTEGER NOT NULL,
    key TEXT NOT NULL,                         -- sha256:..., as of a suppression
    PRIMARY KEY (at, key)
) WITHOUT ROWID;
