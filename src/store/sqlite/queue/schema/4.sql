-- The SHA-256 of a local file as it was when its job was added.
ALTER TABLE jobs ADD COLUMN digest BLOB;
