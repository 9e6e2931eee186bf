-- Whose a ticket is: that of an earlier version is of nobody in particular.
ALTER TABLE tickets RENAME TO former;
CREATE TABLE tickets (
    giver TEXT NOT NULL,
    ticket TEXT NOT NULL,
    build INTEGER NOT NULL,
    PRIMARY KEY (giver, ticket)
) STRICT, WITHOUT ROWID;
INSERT INTO tickets SELECT '', ticket, build FROM former;
DROP TABLE former;
