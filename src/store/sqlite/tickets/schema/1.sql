-- Times are nanoseconds since 1970; states are the words that people read.
CREATE TABLE tickets (
    id INTEGER PRIMARY KEY,
    state TEXT NOT NULL,
    tags TEXT NOT NULL,
    sandbox TEXT,
    owner TEXT,
    priority INTEGER NOT NULL,
    resource INTEGER,
    taken INTEGER NOT NULL,
    served INTEGER,
    ended INTEGER,
    reason TEXT
) STRICT;

CREATE INDEX tickets_not_closed ON tickets (state, id) WHERE state <> 'CLOSED';

CREATE TABLE resources (
    id INTEGER PRIMARY KEY,
    state TEXT NOT NULL,
    name TEXT NOT NULL,
    pool TEXT NOT NULL,
    id_in_pool INTEGER NOT NULL,
    counters TEXT NOT NULL,
    offer TEXT NOT NULL,
    data BLOB NOT NULL,
    ticket INTEGER,
    sandbox TEXT,
    begun INTEGER NOT NULL,
    up INTEGER,
    entered INTEGER,
    released INTEGER,
    releases INTEGER NOT NULL,
    checked INTEGER,
    failed_checks INTEGER NOT NULL,
    failed_deletions INTEGER NOT NULL,
    ended INTEGER
) STRICT;

CREATE INDEX resources_living ON resources (id) WHERE state <> 'ENDED';
CREATE INDEX resources_by_name ON resources (name);

CREATE TABLE pools (
    name TEXT PRIMARY KEY,
    settings TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE pool_stats (
    pool TEXT PRIMARY KEY,
    stats TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What other processes want done.
CREATE TABLE wishes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    wish TEXT NOT NULL
) STRICT;
