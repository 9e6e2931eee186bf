-- The files of all hosts stand in one line, `hosts:`, no more in one for each: choosing among
-- thousands of lines took as many looks. The first lane of each sandbox takes the jobs of the others.
UPDATE jobs SET lane = (
    SELECT min(other.id) FROM lanes own JOIN lanes other
    ON other.owner = own.owner AND other.background = own.background
        AND other.sandbox = own.sandbox
    WHERE own.id = jobs.lane AND other.registry NOT IN ('pypi', 'gem', 'local')
) WHERE lane IN (SELECT id FROM lanes WHERE registry NOT IN ('pypi', 'gem', 'local'));
UPDATE lanes SET (queued, last_rank) = (
    SELECT sum(other.queued), max(other.last_rank) FROM lanes other
    WHERE other.owner = lanes.owner AND other.background = lanes.background
        AND other.sandbox = lanes.sandbox AND other.registry NOT IN ('pypi', 'gem', 'local')
) WHERE id IN (
    SELECT min(id) FROM lanes WHERE registry NOT IN ('pypi', 'gem', 'local')
    GROUP BY owner, background, sandbox
);
-- The others go to nobody: that no job names them would have to be looked up for each in all jobs.
UPDATE lanes SET owner = '', sandbox = id, queued = 0
WHERE registry NOT IN ('pypi', 'gem', 'local') AND id NOT IN (
    SELECT min(id) FROM lanes WHERE registry NOT IN ('pypi', 'gem', 'local')
    GROUP BY owner, background, sandbox
);
UPDATE lanes SET registry = 'hosts:'
WHERE registry NOT IN ('pypi', 'gem', 'local') AND owner <> '';
INSERT INTO flows
    SELECT owner, background, 'hosts:', sum(queued), max(turn), max(clock) FROM flows
    WHERE registry NOT IN ('pypi', 'gem', 'local') GROUP BY owner, background;
DELETE FROM flows WHERE registry NOT IN ('pypi', 'gem', 'local', 'hosts:');
