-- What asking leaves behind: settings, gaps, votes, counts of sections, and who
-- wants to stay hidden. Times are milliseconds since 1970 UTC, days whole days
-- since 1970 UTC. Ids of people and places are 64 bits as Discord gives them.

CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The last vote of a person on an answer.
CREATE TABLE vote (
    user_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    helpful INTEGER NOT NULL CHECK (helpful IN (0, 1)),
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (user_id, message_id)
) STRICT, WITHOUT ROWID;

-- Services and controls are JSON lists of names. A gap that came from a vote
-- names the answer it was about, and goes when the vote does.
CREATE TABLE gap (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('abstention', 'not_helpful')),
    user_id INTEGER NOT NULL,
    guild_id INTEGER,
    channel_id INTEGER,
    message_id INTEGER,
    question TEXT,
    services TEXT NOT NULL,
    controls TEXT NOT NULL,
    reason TEXT,
    at_ms INTEGER NOT NULL,
    answer_id INTEGER,
    UNIQUE (user_id, answer_id),
    FOREIGN KEY (user_id, answer_id) REFERENCES vote (user_id, message_id) ON DELETE CASCADE
) STRICT;

CREATE INDEX gap_at ON gap (at_ms);

CREATE TABLE asked (
    section TEXT NOT NULL,
    day INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (section, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE hidden (
    user_id INTEGER PRIMARY KEY
) STRICT;
