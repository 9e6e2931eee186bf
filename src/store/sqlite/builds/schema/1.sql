-- `key` is what makes a build the same as another one; the last of its like has it. `trace` is JSON.
-- Times are milliseconds since 1970. States: 0 queued, 1 waiting, 2 running, 3 finished, 4 failed,
-- 5 cancelled, 6 set aside. `touch` is the number of the last change that was not the dispatcher's.
CREATE TABLE builds (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT,
    owner TEXT NOT NULL,
    project TEXT NOT NULL,
    package TEXT NOT NULL,
    evr TEXT NOT NULL,
    commit_id TEXT,
    srpm TEXT NOT NULL,
    target TEXT NOT NULL,
    sandbox TEXT NOT NULL,
    priority INTEGER NOT NULL,
    background INTEGER NOT NULL,
    run TEXT,
    state INTEGER NOT NULL,
    code TEXT,
    unwanted INTEGER NOT NULL,
    added INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    due INTEGER,
    trace TEXT NOT NULL,
    touch INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX builds_key ON builds (key);
CREATE UNIQUE INDEX builds_touch ON builds (touch);
CREATE INDEX builds_open ON builds (id) WHERE state < 3;
CREATE INDEX builds_run ON builds (run, id) WHERE run IS NOT NULL;
CREATE INDEX builds_package ON builds (package, id);

-- Tickets that were taken and are not known to be closed.
CREATE TABLE tickets (
    ticket TEXT PRIMARY KEY,
    build INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Single numbers: `touch` is that of the last change.
CREATE TABLE numbers (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO numbers VALUES ('touch', 0);
