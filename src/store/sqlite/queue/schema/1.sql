-- Single numbers: `clock` is the turn that was served last.
CREATE TABLE numbers (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO numbers VALUES ('clock', 0);

-- What many jobs share. `branches` are joined by spaces, `making` is JSON.
CREATE TABLE targets (
    id INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    branches TEXT NOT NULL,
    making TEXT NOT NULL,
    UNIQUE (project, branches, making)
) STRICT;

-- The share of each registry in a flow; `turn` and `clock` are those of the flow and the same in
-- all of its rows.
CREATE TABLE flows (
    owner TEXT NOT NULL,
    background INTEGER NOT NULL,
    registry TEXT NOT NULL,
    queued INTEGER NOT NULL,
    turn INTEGER NOT NULL,
    clock INTEGER NOT NULL,
    PRIMARY KEY (owner, background, registry)
) STRICT, WITHOUT ROWID;
CREATE INDEX flows_turn ON flows (registry, turn, owner, background) WHERE queued > 0;

-- `turn` is that of the sandbox and the same in all of its rows of a flow.
CREATE TABLE lanes (
    id INTEGER PRIMARY KEY,
    owner TEXT NOT NULL,
    background INTEGER NOT NULL,
    sandbox TEXT NOT NULL,
    registry TEXT NOT NULL,
    queued INTEGER NOT NULL,
    turn INTEGER NOT NULL,
    last_rank INTEGER NOT NULL,
    UNIQUE (owner, background, sandbox, registry)
) STRICT;
CREATE INDEX lanes_turn ON lanes (owner, background, registry, turn, id) WHERE queued > 0;

-- `key` is what makes a job the same as another one. One that is not the same for good has it in
-- `spare_key` too, and none in `key` once it has ended. No index that `state` decides on has the key:
-- a job would be moved about in it with each change.
-- Times are milliseconds since 1970. States: 0 queued, 1 leased, 2 retry-at, 3 done, 4 failed,
-- 5 cancelled, 6 poison.
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY,
    key BLOB,
    spare_key BLOB,
    source TEXT NOT NULL,
    target INTEGER NOT NULL REFERENCES targets (id),
    lane INTEGER NOT NULL REFERENCES lanes (id),
    priority INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    state INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    crashes INTEGER NOT NULL,
    result TEXT,
    worker INTEGER,
    added INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    due INTEGER
) STRICT;
CREATE UNIQUE INDEX jobs_key ON jobs (key);
CREATE INDEX jobs_waiting ON jobs (lane, rank, id) WHERE state = 0;
CREATE INDEX jobs_leased ON jobs (worker) WHERE state = 1;
CREATE INDEX jobs_due ON jobs (due) WHERE state = 2;

-- The last attempt of each job, as JSON.
CREATE TABLE records (
    job INTEGER PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;

-- `until` is the end of the lease; `body` is JSON.
CREATE TABLE workers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    until INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;

-- How many jobs ended how: counted along, lest a count read them all.
CREATE TABLE tally (
    state INTEGER NOT NULL,
    result TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (state, result)
) STRICT, WITHOUT ROWID;

-- How many attempts ended in each minute since 1970.
CREATE TABLE minutes (
    minute INTEGER PRIMARY KEY,
    ended INTEGER NOT NULL
) STRICT;
