-- The jobs that people look for among many: those that stand badly, and failures by their codes.
CREATE INDEX jobs_bad ON jobs (state, id) WHERE state IN (2, 4, 5, 6);
CREATE INDEX jobs_failures ON jobs (result, id) WHERE result NOT IN ('imported', 'unchanged');
