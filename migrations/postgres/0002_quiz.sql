-- The daily quiz. Times are milliseconds since 1970 UTC, dates local days such as
-- 2026-11-22. Ids of people and places are 64 bits as Discord gives them.

-- What a server's admins set up. Pauses are a JSON list. While it is not stopped,
-- days after planned_through are planned at plan_at.
CREATE TABLE schedule (
    guild_id BIGINT PRIMARY KEY,
    channel_id BIGINT NOT NULL,
    minute BIGINT NOT NULL CHECK (minute BETWEEN 0 AND 1439),
    zone TEXT NOT NULL,
    days BIGINT NOT NULL CHECK (days BETWEEN 1 AND 127),
    reveal_after BIGINT NOT NULL CHECK (reveal_after > 0),
    feedback TEXT NOT NULL CHECK (feedback IN ('at_reveal', 'immediate')),
    pauses TEXT NOT NULL,
    set_by BIGINT,
    rev BIGINT NOT NULL,
    planned_through TEXT,
    plan_at BIGINT NOT NULL,
    stopped TEXT
);

CREATE INDEX schedule_plan ON schedule (plan_at) WHERE stopped IS NULL;

-- One a server and day. The question is JSON, with options in the order shown;
-- owner and claims tell whose claim is the current one. wake_at is when somebody
-- has to look at it again (due, the end of a claim, the end of answers); without
-- it the round is over.
CREATE TABLE round (
    guild_id BIGINT NOT NULL,
    date TEXT COLLATE "C" NOT NULL,
    channel_id BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    wake_at BIGINT,
    state TEXT NOT NULL CHECK (state IN ('scheduled', 'posting', 'held', 'posted', 'closed',
                                         'revealed', 'missed', 'failed', 'skipped')),
    open_minutes BIGINT NOT NULL CHECK (open_minutes > 0),
    feedback TEXT NOT NULL CHECK (feedback IN ('at_reveal', 'immediate')),
    question TEXT,
    options BIGINT CHECK (options BETWEEN 2 AND 5),
    claims BIGINT NOT NULL,
    refusals BIGINT NOT NULL DEFAULT 0,
    owner TEXT,
    first_try BIGINT,
    close_at BIGINT,
    message_id BIGINT,
    posted_at BIGINT,
    reason TEXT,
    PRIMARY KEY (guild_id, date),
    CHECK ((wake_at IS NULL) = (state IN ('revealed', 'missed', 'failed', 'skipped'))),
    CHECK (state NOT IN ('posting', 'held', 'posted', 'closed', 'revealed')
           OR (question IS NOT NULL AND options IS NOT NULL AND close_at IS NOT NULL)),
    CHECK ((message_id IS NOT NULL) = (state IN ('posted', 'closed', 'revealed')))
);

CREATE INDEX round_wake ON round (wake_at) WHERE wake_at IS NOT NULL;

-- First answers; no second one is ever stored.
CREATE TABLE attempt (
    guild_id BIGINT NOT NULL,
    date TEXT COLLATE "C" NOT NULL,
    user_id BIGINT NOT NULL,
    choice BIGINT NOT NULL CHECK (choice BETWEEN 0 AND 4),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (guild_id, date, user_id),
    FOREIGN KEY (guild_id, date) REFERENCES round (guild_id, date) ON DELETE CASCADE
);

CREATE INDEX attempt_user ON attempt (user_id);

-- Who says that a question is wrong.
CREATE TABLE flag (
    guild_id BIGINT NOT NULL,
    question TEXT COLLATE "C" NOT NULL,
    hash TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (guild_id, question, hash, user_id)
);

CREATE INDEX flag_user ON flag (user_id);

-- Questions that are not asked in a server.
CREATE TABLE aside (
    guild_id BIGINT NOT NULL,
    question TEXT COLLATE "C" NOT NULL,
    hash TEXT NOT NULL,
    why TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (guild_id, question)
);

-- Answers in practice.
CREATE TABLE review (
    user_id BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    question TEXT COLLATE "C" NOT NULL,
    hash TEXT NOT NULL,
    is_right BIGINT NOT NULL CHECK (is_right IN (0, 1)),
    PRIMARY KEY (user_id, at_ms, question)
);

-- What the admins of a server have to know.
CREATE TABLE notice (
    guild_id BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    text TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (guild_id, kind)
);
