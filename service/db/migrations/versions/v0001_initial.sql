-- The tables of service/db/tables as they were first; a test compares the two.

CREATE TABLE communities (
    id TEXT NOT NULL,
    name JSONB NOT NULL,
    default_lang TEXT NOT NULL,
    timezone TEXT NOT NULL,
    tone JSONB NOT NULL,
    delivery_url TEXT,
    staff TEXT[] DEFAULT '{}' NOT NULL,
    CONSTRAINT pk_communities PRIMARY KEY (id)
);

CREATE TABLE idempotency (
    actor TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_idempotency PRIMARY KEY (actor, key)
);
CREATE INDEX ix_idempotency_at ON idempotency (at);

CREATE TABLE job_failures (
    job_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_job_failures PRIMARY KEY (job_id)
);
COMMENT ON TABLE job_failures IS 'the error code of a dead job; the queue itself keeps none';

CREATE TABLE users (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    lang TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT uq_users_name UNIQUE (name)
);

CREATE TABLE api_keys (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    scopes TEXT[] NOT NULL,
    community TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_api_keys PRIMARY KEY (id),
    CONSTRAINT uq_api_keys_prefix UNIQUE (prefix),
    CONSTRAINT fk_api_keys_community FOREIGN KEY (community) REFERENCES communities (id)
);

CREATE TABLE cases (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    author TEXT NOT NULL,
    source TEXT NOT NULL,
    channel TEXT NOT NULL,
    thread TEXT,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_at TIMESTAMP WITH TIME ZONE NOT NULL,
    size INTEGER NOT NULL,
    CONSTRAINT pk_cases PRIMARY KEY (id),
    CONSTRAINT fk_cases_community FOREIGN KEY (community) REFERENCES communities (id)
);
CREATE INDEX ix_cases_place ON cases (community, author, source, channel, last_at);

CREATE TABLE documents (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    slug TEXT NOT NULL,
    version INTEGER NOT NULL,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    lang TEXT NOT NULL,
    status TEXT NOT NULL,
    filename TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    clause_count INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_by TEXT NOT NULL,
    CONSTRAINT pk_documents PRIMARY KEY (id),
    CONSTRAINT uq_documents_community_slug_version UNIQUE (community, slug, version),
    CONSTRAINT fk_documents_community FOREIGN KEY (community) REFERENCES communities (id)
);
CREATE UNIQUE INDEX uq_documents_live ON documents (community, slug) WHERE status = 'live';

CREATE TABLE llm_calls (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    feature TEXT NOT NULL,
    model TEXT NOT NULL,
    status TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    cost DOUBLE PRECISION NOT NULL,
    latency_ms INTEGER NOT NULL,
    error TEXT,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_llm_calls PRIMARY KEY (id),
    CONSTRAINT fk_llm_calls_community FOREIGN KEY (community) REFERENCES communities (id)
);
CREATE INDEX ix_llm_calls_community_at ON llm_calls (community, at);

CREATE TABLE login_tokens (
    token_hash TEXT NOT NULL,
    user_id TEXT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_login_tokens PRIMARY KEY (token_hash),
    CONSTRAINT fk_login_tokens_user_id FOREIGN KEY (user_id) REFERENCES users (id)
);

CREATE TABLE post_requests (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    brief JSONB NOT NULL,
    requested_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_post_requests PRIMARY KEY (id),
    CONSTRAINT fk_post_requests_community FOREIGN KEY (community) REFERENCES communities (id)
);
CREATE INDEX ix_post_requests_community_created_at_id ON post_requests (community, created_at, id);

CREATE TABLE tallies (
    community TEXT NOT NULL,
    messages BIGINT DEFAULT '0' NOT NULL,
    cases BIGINT DEFAULT '0' NOT NULL,
    CONSTRAINT pk_tallies PRIMARY KEY (community),
    CONSTRAINT fk_tallies_community FOREIGN KEY (community) REFERENCES communities (id)
);
COMMENT ON TABLE tallies IS 'kept by triggers: counting a million rows for every page header is too slow';

CREATE TABLE theme_runs (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    clustered INTEGER NOT NULL,
    unclustered INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_theme_runs PRIMARY KEY (id),
    CONSTRAINT fk_theme_runs_community FOREIGN KEY (community) REFERENCES communities (id)
);
CREATE INDEX ix_theme_runs_community_created_at ON theme_runs (community, created_at);

CREATE TABLE vectors (
    community TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    fingerprint TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    vector BYTEA NOT NULL,
    CONSTRAINT pk_vectors PRIMARY KEY (community, kind, id),
    CONSTRAINT fk_vectors_community FOREIGN KEY (community) REFERENCES communities (id)
);
COMMENT ON TABLE vectors IS 'little-endian float32, L2-normalised; the index is rebuilt from here';
CREATE INDEX ix_vectors_community_kind_seq ON vectors (community, kind, seq);
CREATE INDEX ix_vectors_fingerprint ON vectors (fingerprint);

CREATE TABLE case_states (
    case_id TEXT NOT NULL,
    community TEXT NOT NULL,
    author TEXT NOT NULL,
    last_at TIMESTAMP WITH TIME ZONE NOT NULL,
    size INTEGER NOT NULL,
    triaged_size INTEGER DEFAULT '0' NOT NULL,
    drafted_size INTEGER DEFAULT '0' NOT NULL,
    reply_due BOOLEAN DEFAULT false NOT NULL,
    triage_id TEXT,
    category TEXT,
    guess TEXT,
    confidence DOUBLE PRECISION,
    severity SMALLINT,
    sentiment TEXT,
    department TEXT,
    due_at TIMESTAMP WITH TIME ZONE,
    duplicate_root TEXT,
    excerpt TEXT,
    searchable TEXT,
    grams INTEGER[],
    CONSTRAINT pk_case_states PRIMARY KEY (case_id),
    CONSTRAINT fk_case_states_case_id FOREIGN KEY (case_id) REFERENCES cases (id),
    CONSTRAINT fk_case_states_community FOREIGN KEY (community) REFERENCES communities (id)
);
COMMENT ON TABLE case_states IS 'what lists show of a case; derived from its facts';
CREATE INDEX ix_case_states_category ON case_states (community, category, last_at DESC, case_id DESC) WHERE category IS NOT NULL;
CREATE INDEX ix_case_states_department ON case_states (community, department, last_at DESC, case_id DESC) WHERE department IS NOT NULL;
CREATE INDEX ix_case_states_due ON case_states (severity DESC, last_at) WHERE reply_due AND drafted_size < triaged_size;
CREATE INDEX ix_case_states_grams ON case_states USING gin (grams) WHERE grams IS NOT NULL;
CREATE INDEX ix_case_states_newest ON case_states (community, last_at DESC, case_id DESC);
CREATE INDEX ix_case_states_pending ON case_states (last_at) WHERE triaged_size < size;
CREATE INDEX ix_case_states_root ON case_states (duplicate_root, author) WHERE duplicate_root IS NOT NULL;
CREATE INDEX ix_case_states_severe ON case_states (community, last_at DESC, case_id DESC) WHERE severity >= 3;

CREATE TABLE clauses (
    document_id TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    number TEXT NOT NULL,
    headings TEXT[] NOT NULL,
    text TEXT NOT NULL,
    lang TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    position INTEGER NOT NULL,
    CONSTRAINT pk_clauses PRIMARY KEY (document_id, id),
    CONSTRAINT fk_clauses_document_id FOREIGN KEY (document_id) REFERENCES documents (id)
);

CREATE TABLE draft_contexts (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    case_id TEXT,
    post_request_id TEXT,
    payload JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_draft_contexts PRIMARY KEY (id),
    CONSTRAINT fk_draft_contexts_community FOREIGN KEY (community) REFERENCES communities (id),
    CONSTRAINT fk_draft_contexts_case_id FOREIGN KEY (case_id) REFERENCES cases (id),
    CONSTRAINT fk_draft_contexts_post_request_id FOREIGN KEY (post_request_id) REFERENCES post_requests (id)
);

CREATE TABLE messages (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    author TEXT NOT NULL,
    text TEXT NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    channel TEXT NOT NULL,
    thread TEXT,
    reply_to TEXT,
    case_id TEXT NOT NULL,
    CONSTRAINT pk_messages PRIMARY KEY (id),
    CONSTRAINT uq_messages_community_source_external_id UNIQUE (community, source, external_id),
    CONSTRAINT fk_messages_community FOREIGN KEY (community) REFERENCES communities (id),
    CONSTRAINT fk_messages_case_id FOREIGN KEY (case_id) REFERENCES cases (id)
);
CREATE INDEX ix_messages_case_id ON messages (case_id);

CREATE TABLE themes (
    run_id TEXT NOT NULL,
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    name JSONB NOT NULL,
    keywords_zh TEXT[] NOT NULL,
    keywords_en TEXT[] NOT NULL,
    size INTEGER NOT NULL,
    authors INTEGER NOT NULL,
    first_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_at TIMESTAMP WITH TIME ZONE NOT NULL,
    growth DOUBLE PRECISION NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_themes PRIMARY KEY (run_id, id),
    CONSTRAINT fk_themes_run_id FOREIGN KEY (run_id) REFERENCES theme_runs (id),
    CONSTRAINT fk_themes_community FOREIGN KEY (community) REFERENCES communities (id)
);

CREATE TABLE triages (
    id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    community TEXT NOT NULL,
    case_size INTEGER NOT NULL,
    engine TEXT NOT NULL,
    judgement JSONB NOT NULL,
    duplicate_of JSONB,
    content_hash TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_triages PRIMARY KEY (id),
    CONSTRAINT uq_triages_case_id_case_size_engine UNIQUE (case_id, case_size, engine),
    CONSTRAINT fk_triages_case_id FOREIGN KEY (case_id) REFERENCES cases (id),
    CONSTRAINT fk_triages_community FOREIGN KEY (community) REFERENCES communities (id)
);
CREATE INDEX ix_triages_hash ON triages (community, content_hash, created_at, case_id);

CREATE TABLE drafts (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    kind TEXT NOT NULL,
    context_id TEXT NOT NULL,
    case_id TEXT,
    post_request_id TEXT,
    lang TEXT NOT NULL,
    composition JSONB NOT NULL,
    findings JSONB NOT NULL,
    supersedes TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_drafts PRIMARY KEY (id),
    CONSTRAINT fk_drafts_community FOREIGN KEY (community) REFERENCES communities (id),
    CONSTRAINT fk_drafts_context_id FOREIGN KEY (context_id) REFERENCES draft_contexts (id),
    CONSTRAINT fk_drafts_case_id FOREIGN KEY (case_id) REFERENCES cases (id),
    CONSTRAINT fk_drafts_post_request_id FOREIGN KEY (post_request_id) REFERENCES post_requests (id),
    CONSTRAINT fk_drafts_supersedes FOREIGN KEY (supersedes) REFERENCES drafts (id)
);
CREATE INDEX ix_drafts_case_id_created_at ON drafts (case_id, created_at);
CREATE INDEX ix_drafts_post_request_id_created_at ON drafts (post_request_id, created_at);

CREATE TABLE theme_members (
    run_id TEXT NOT NULL,
    theme_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    similarity DOUBLE PRECISION NOT NULL,
    CONSTRAINT pk_theme_members PRIMARY KEY (run_id, theme_id, case_id),
    CONSTRAINT fk_theme_members_run_id_theme_id FOREIGN KEY (run_id, theme_id) REFERENCES themes (run_id, id),
    CONSTRAINT fk_theme_members_case_id FOREIGN KEY (case_id) REFERENCES cases (id)
);
CREATE INDEX ix_theme_members_theme_id ON theme_members (theme_id);

CREATE TABLE review_tasks (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    draft_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    case_id TEXT,
    status TEXT NOT NULL,
    priority DOUBLE PRECISION NOT NULL,
    claimed_by TEXT,
    claim_expires_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_review_tasks PRIMARY KEY (id),
    CONSTRAINT fk_review_tasks_community FOREIGN KEY (community) REFERENCES communities (id),
    CONSTRAINT fk_review_tasks_draft_id FOREIGN KEY (draft_id) REFERENCES drafts (id),
    CONSTRAINT fk_review_tasks_case_id FOREIGN KEY (case_id) REFERENCES cases (id)
);
CREATE INDEX ix_review_tasks_case_id ON review_tasks (case_id);
CREATE INDEX ix_review_tasks_draft_id ON review_tasks (draft_id);
CREATE INDEX ix_review_tasks_queue ON review_tasks (community, priority DESC, id) WHERE status IN ('open', 'claimed');
CREATE INDEX ix_review_tasks_queue_kind ON review_tasks (community, kind, priority DESC, id) WHERE status IN ('open', 'claimed');
CREATE INDEX ix_review_tasks_status ON review_tasks (community, status, priority DESC, id);
CREATE UNIQUE INDEX uq_review_tasks_undecided ON review_tasks (draft_id) WHERE status IN ('open', 'claimed');

CREATE TABLE revisions (
    draft_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    text TEXT NOT NULL,
    hash TEXT NOT NULL,
    origin TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_revisions PRIMARY KEY (draft_id, number),
    CONSTRAINT fk_revisions_draft_id FOREIGN KEY (draft_id) REFERENCES drafts (id)
);

CREATE TABLE decisions (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    task_id TEXT NOT NULL,
    draft_id TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    revision_number INTEGER NOT NULL,
    revision_hash TEXT NOT NULL,
    reason TEXT,
    note TEXT NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
    undone_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_decisions PRIMARY KEY (id),
    CONSTRAINT fk_decisions_community FOREIGN KEY (community) REFERENCES communities (id),
    CONSTRAINT fk_decisions_task_id FOREIGN KEY (task_id) REFERENCES review_tasks (id),
    CONSTRAINT fk_decisions_draft_id FOREIGN KEY (draft_id) REFERENCES drafts (id)
);
CREATE INDEX ix_decisions_draft_id ON decisions (draft_id);
CREATE UNIQUE INDEX uq_decisions_in_force ON decisions (task_id) WHERE undone_at IS NULL;

CREATE TABLE outbox_entries (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    decision_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload JSONB NOT NULL,
    status TEXT NOT NULL,
    not_before TIMESTAMP WITH TIME ZONE NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    delivered_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_outbox_entries PRIMARY KEY (id),
    CONSTRAINT uq_outbox_entries_decision_id UNIQUE (decision_id),
    CONSTRAINT fk_outbox_entries_community FOREIGN KEY (community) REFERENCES communities (id),
    CONSTRAINT fk_outbox_entries_decision_id FOREIGN KEY (decision_id) REFERENCES decisions (id)
);
CREATE INDEX ix_outbox_entries_community_created_at_id ON outbox_entries (community, created_at, id);
CREATE INDEX ix_outbox_entries_community_status_created_at_id ON outbox_entries (community, status, created_at, id);
CREATE INDEX ix_outbox_entries_due ON outbox_entries (next_attempt_at) WHERE status = 'pending';

CREATE TABLE delivery_attempts (
    id TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    ok BOOLEAN NOT NULL,
    status_code INTEGER,
    error TEXT,
    latency_ms INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_delivery_attempts PRIMARY KEY (id),
    CONSTRAINT fk_delivery_attempts_entry_id FOREIGN KEY (entry_id) REFERENCES outbox_entries (id)
);
CREATE INDEX ix_delivery_attempts_entry_id_number ON delivery_attempts (entry_id, number);


-- Numbers of the page header, kept where rows come and go, whoever moves them.
CREATE FUNCTION huiyin_tally() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    step bigint := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    INSERT INTO tallies AS t (community, messages, cases)
    SELECT community,
           CASE TG_TABLE_NAME WHEN 'messages' THEN step * count(*) ELSE 0 END,
           CASE TG_TABLE_NAME WHEN 'cases' THEN step * count(*) ELSE 0 END
    FROM moved GROUP BY community ORDER BY community
    ON CONFLICT (community) DO UPDATE
        SET messages = t.messages + excluded.messages, cases = t.cases + excluded.cases;
    RETURN NULL;
END;
$$;
CREATE TRIGGER huiyin_tally_in AFTER INSERT ON messages
    REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION huiyin_tally();
CREATE TRIGGER huiyin_tally_out AFTER DELETE ON messages
    REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION huiyin_tally();
CREATE TRIGGER huiyin_tally_in AFTER INSERT ON cases
    REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION huiyin_tally();
CREATE TRIGGER huiyin_tally_out AFTER DELETE ON cases
    REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION huiyin_tally();
