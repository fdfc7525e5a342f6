-- Counts for numbers and alarms, and where the alarms stand.

CREATE TABLE count_minute (
    minute INTEGER NOT NULL,                   -- since 1970-01-01 UTC
    channel TEXT NOT NULL,                     -- '' is none
    campaign TEXT NOT NULL,                    -- '' is none
    name TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (minute, channel, campaign, name)
) WITHOUT ROWID;

-- The same by the hour, so that a day is the sum of few rows.
CREATE TABLE count_hour (
    hour INTEGER NOT NULL,                     -- since 1970-01-01 UTC
    channel TEXT NOT NULL,
    campaign TEXT NOT NULL,
    name TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (hour, channel, campaign, name)
) WITHOUT ROWID;

CREATE TABLE count_ever (
    channel TEXT NOT NULL,
    campaign TEXT NOT NULL,
    name TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (channel, campaign, name)
) WITHOUT ROWID;

CREATE TABLE beat (
    worker TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE alarm (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    document TEXT NOT NULL                     -- JSON
) WITHOUT ROWID;

CREATE TABLE alarm_change (
    id TEXT PRIMARY KEY,                       -- begins with its instant
    document TEXT NOT NULL,                    -- JSON
    told TEXT NOT NULL DEFAULT '{}',           -- JSON: by which way at which instant
    waiting TEXT NOT NULL                      -- ways by which it is still to be told, each as ' name '
) WITHOUT ROWID;
