-- Who may sign in, and with what. Instants are integers of milliseconds since 1970-01-01 UTC.

CREATE TABLE account (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,                -- in lower case
    subject TEXT UNIQUE,                       -- issuer and name at another provider of identities
    name TEXT NOT NULL,
    rules INTEGER NOT NULL,                    -- 1: an active admin
    document TEXT NOT NULL,                    -- JSON: all of it but the revision
    revision INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE session (
    id TEXT PRIMARY KEY,                       -- SHA-256 of the token in the cookie
    account_id TEXT NOT NULL,
    began_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    device TEXT NOT NULL,
    address TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_of_account ON session (account_id, seen_at);
CREATE INDEX session_end ON session (ends_at);

CREATE TABLE api_key (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    secret TEXT NOT NULL,                      -- SHA-256
    resources TEXT NOT NULL,                   -- JSON; none: all
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    used_at INTEGER,
    revoked_at INTEGER
) WITHOUT ROWID;

CREATE TABLE sign_in_try (
    name TEXT PRIMARY KEY,                     -- a digest: whose account, whose address
    count INTEGER NOT NULL,
    last_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sign_in_try_age ON sign_in_try (last_at);

CREATE TABLE one_time_link (
    subject TEXT PRIMARY KEY,                  -- setup, or the id of an account
    secret TEXT NOT NULL,                      -- SHA-256
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;
