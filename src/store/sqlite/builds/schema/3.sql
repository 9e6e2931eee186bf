-- The runs of imports that a build belongs to: the one that it was queued by, and those that found it
-- queued or built already.
CREATE TABLE runs (
    run TEXT NOT NULL,
    build INTEGER NOT NULL,
    PRIMARY KEY (run, build)
) STRICT, WITHOUT ROWID;
INSERT INTO runs SELECT run, id FROM builds WHERE run IS NOT NULL;
DROP INDEX builds_run;
