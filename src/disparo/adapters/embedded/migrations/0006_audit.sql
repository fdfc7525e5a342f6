-- Who did what. Instants are integers of milliseconds since 1970-01-01 UTC.

CREATE TABLE audit (
    id TEXT PRIMARY KEY,                       -- sorts by when it was written
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    name TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,                      -- JSON
    address TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX audit_of_actor ON audit (actor, id);
CREATE INDEX audit_of_object ON audit (object, id);
CREATE INDEX audit_of_action ON audit (action, id);

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN
    SELECT raise(ABORT, 'the audit is never changed');
END;

CREATE TRIGGER audit_is_never_replaced BEFORE INSERT ON audit  -- REPLACE runs no trigger of DELETE
WHEN EXISTS (SELECT 1 FROM audit WHERE id = new.id)
BEGIN
    SELECT raise(ABORT, 'the audit is never changed');
END;

CREATE TRIGGER audit_keeps_a_year BEFORE DELETE ON audit
WHEN old.at > (unixepoch() - 365 * 86400) * 1000
BEGIN
    SELECT raise(ABORT, 'the audit keeps what is younger than a year');
END;
