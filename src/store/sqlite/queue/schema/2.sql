-- Batches of jobs that are worked off and reported on together. `about` says what was asked for.
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    about TEXT NOT NULL,
    begun INTEGER NOT NULL
) STRICT;
ALTER TABLE jobs ADD COLUMN run INTEGER REFERENCES runs (id);
CREATE INDEX jobs_run ON jobs (run, id) WHERE run IS NOT NULL;
