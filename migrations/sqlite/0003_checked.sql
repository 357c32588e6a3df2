-- An admin looked at a question that was set aside and lets it be asked again.
-- What members said and answered until then is no reason to set it aside anew.

ALTER TABLE aside ADD COLUMN checked_ms INTEGER;
