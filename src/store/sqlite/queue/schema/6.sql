-- When the first of these attempts ended, in milliseconds since 1970.
ALTER TABLE minutes ADD COLUMN first INTEGER;
