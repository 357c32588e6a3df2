-- What asking leaves behind: settings, gaps, votes, counts of sections, and who
-- wants to stay hidden. Times are milliseconds since 1970 UTC, days whole days
-- since 1970 UTC. Ids of people and places are 64 bits as Discord gives them.

CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- The last vote of a person on an answer.
CREATE TABLE vote (
    user_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    helpful BIGINT NOT NULL CHECK (helpful IN (0, 1)),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (user_id, message_id)
);

-- Services and controls are JSON lists of names. A gap that came from a vote
-- names the answer it was about, and goes when the vote does.
CREATE TABLE gap (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('abstention', 'not_helpful')),
    user_id BIGINT NOT NULL,
    guild_id BIGINT,
    channel_id BIGINT,
    message_id BIGINT,
    question TEXT,
    services TEXT NOT NULL,
    controls TEXT NOT NULL,
    reason TEXT,
    at_ms BIGINT NOT NULL,
    answer_id BIGINT,
    UNIQUE (user_id, answer_id),
    FOREIGN KEY (user_id, answer_id) REFERENCES vote (user_id, message_id) ON DELETE CASCADE
);

CREATE INDEX gap_at ON gap (at_ms);

CREATE TABLE asked (
    section TEXT COLLATE "C" NOT NULL,
    day BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (section, day)
);

CREATE TABLE hidden (
    user_id BIGINT PRIMARY KEY
);
