-- An admin looked at a question that was set aside and lets it be asked again.
-- What members said and answered until then is no reason to set it aside anew.
ALTER TABLE aside ADD COLUMN checked_ms BIGINT;

-- When an admin was told of a notice in a message of their own. What stands here
-- already was told, or its time has passed.
ALTER TABLE notice ADD COLUMN told_ms BIGINT;
UPDATE notice SET told_ms = at_ms;
CREATE INDEX notice_to_tell ON notice (at_ms) WHERE told_ms IS NULL;
