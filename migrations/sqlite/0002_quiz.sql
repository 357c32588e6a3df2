-- The daily quiz. Times are milliseconds since 1970 UTC, dates local days such as
-- 2026-11-22. Ids of people and places are 64 bits as Discord gives them.

-- What a server's admins set up. Pauses are a JSON list. While it is not stopped,
-- days after planned_through are planned at plan_at.
CREATE TABLE schedule (
    guild_id INTEGER PRIMARY KEY,
    channel_id INTEGER NOT NULL,
    minute INTEGER NOT NULL CHECK (minute BETWEEN 0 AND 1439),
    zone TEXT NOT NULL,
    days INTEGER NOT NULL CHECK (days BETWEEN 1 AND 127),
    reveal_after INTEGER NOT NULL CHECK (reveal_after > 0),
    feedback TEXT NOT NULL CHECK (feedback IN ('at_reveal', 'immediate')),
    pauses TEXT NOT NULL,
    set_by INTEGER,
    rev INTEGER NOT NULL,
    planned_through TEXT,
    plan_at INTEGER NOT NULL,
    stopped TEXT
) STRICT;

CREATE INDEX schedule_plan ON schedule (plan_at) WHERE stopped IS NULL;

-- One a server and day. The question is JSON, with options in the order shown;
-- owner and claims tell whose claim is the current one. wake_at is when somebody
-- has to look at it again (due, the end of a claim, the end of answers); without
-- it the round is over.
CREATE TABLE round (
    guild_id INTEGER NOT NULL,
    date TEXT NOT NULL,
    channel_id INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    wake_at INTEGER,
    state TEXT NOT NULL CHECK (state IN ('scheduled', 'posting', 'held', 'posted', 'closed',
                                         'revealed', 'missed', 'failed', 'skipped')),
    open_minutes INTEGER NOT NULL CHECK (open_minutes > 0),
    feedback TEXT NOT NULL CHECK (feedback IN ('at_reveal', 'immediate')),
    question TEXT,
    options INTEGER CHECK (options BETWEEN 2 AND 5),
    claims INTEGER NOT NULL,
    refusals INTEGER NOT NULL DEFAULT 0,
    owner TEXT,
    first_try INTEGER,
    close_at INTEGER,
    message_id INTEGER,
    posted_at INTEGER,
    reason TEXT,
    PRIMARY KEY (guild_id, date),
    CHECK ((wake_at IS NULL) = (state IN ('revealed', 'missed', 'failed', 'skipped'))),
    CHECK (state NOT IN ('posting', 'held', 'posted', 'closed', 'revealed')
           OR (question IS NOT NULL AND options IS NOT NULL AND close_at IS NOT NULL)),
    CHECK ((message_id IS NOT NULL) = (state IN ('posted', 'closed', 'revealed')))
) STRICT;

CREATE INDEX round_wake ON round (wake_at) WHERE wake_at IS NOT NULL;

-- First answers; no second one is ever stored.
CREATE TABLE attempt (
    guild_id INTEGER NOT NULL,
    date TEXT NOT NULL,
    user_id INTEGER NOT NULL,
    choice INTEGER NOT NULL CHECK (choice BETWEEN 0 AND 4),
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (guild_id, date, user_id),
    FOREIGN KEY (guild_id, date) REFERENCES round (guild_id, date) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX attempt_user ON attempt (user_id);

-- Who says that a question is wrong.
CREATE TABLE flag (
    guild_id INTEGER NOT NULL,
    question TEXT NOT NULL,
    hash TEXT NOT NULL,
    user_id INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (guild_id, question, hash, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX flag_user ON flag (user_id);

-- Questions that are not asked in a server.
CREATE TABLE aside (
    guild_id INTEGER NOT NULL,
    question TEXT NOT NULL,
    hash TEXT NOT NULL,
    why TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (guild_id, question)
) STRICT, WITHOUT ROWID;

-- Answers in practice.
CREATE TABLE review (
    user_id INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    question TEXT NOT NULL,
    hash TEXT NOT NULL,
    is_right INTEGER NOT NULL CHECK (is_right IN (0, 1)),
    PRIMARY KEY (user_id, at_ms, question)
) STRICT, WITHOUT ROWID;

-- What the admins of a server have to know.
CREATE TABLE notice (
    guild_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (guild_id, kind)
) STRICT, WITHOUT ROWID;
