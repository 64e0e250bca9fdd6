-- Corrections, learned examples, routing rules, rehearsals, deadlines.

CREATE TABLE engine_versions (
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_engine_versions PRIMARY KEY (name)
);
COMMENT ON TABLE engine_versions IS 'what engines are built from; every process compares these with what it built';

CREATE TABLE overrides (
    id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    community TEXT NOT NULL,
    case_size INTEGER NOT NULL,
    change JSONB NOT NULL,
    before JSONB NOT NULL,
    seen_floors JSONB NOT NULL,
    by TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_overrides PRIMARY KEY (id),
    CONSTRAINT fk_overrides_case_id FOREIGN KEY (case_id) REFERENCES cases (id),
    CONSTRAINT fk_overrides_community FOREIGN KEY (community) REFERENCES communities (id)
);
CREATE INDEX ix_overrides_case_id_created_at ON overrides (case_id, created_at);
CREATE INDEX ix_overrides_community_created_at_id ON overrides (community, created_at, id);

CREATE TABLE refits (
    id TEXT NOT NULL,
    community TEXT,
    verdict TEXT NOT NULL,
    example_ids TEXT[] NOT NULL,
    report JSONB NOT NULL,
    by TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_refits PRIMARY KEY (id),
    CONSTRAINT fk_refits_community FOREIGN KEY (community) REFERENCES communities (id)
);
CREATE INDEX ix_refits_community_created_at_id ON refits (community, created_at, id);

CREATE TABLE examples (
    id TEXT NOT NULL,
    community TEXT,
    text TEXT NOT NULL,
    category TEXT NOT NULL,
    lang TEXT NOT NULL,
    status TEXT NOT NULL,
    origin TEXT NOT NULL,
    case_id TEXT,
    override_id TEXT,
    refit_id TEXT,
    content_hash TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    decided_by TEXT,
    reason TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_examples PRIMARY KEY (id),
    CONSTRAINT fk_examples_community FOREIGN KEY (community) REFERENCES communities (id),
    CONSTRAINT fk_examples_case_id FOREIGN KEY (case_id) REFERENCES cases (id),
    CONSTRAINT fk_examples_override_id FOREIGN KEY (override_id) REFERENCES overrides (id),
    CONSTRAINT fk_examples_refit_id FOREIGN KEY (refit_id) REFERENCES refits (id)
);
CREATE INDEX ix_examples_accepted ON examples (community, id) WHERE status = 'accepted';
CREATE INDEX ix_examples_community_created_at_id ON examples (community, created_at, id);
CREATE UNIQUE INDEX uq_examples_live ON examples (community, content_hash, status) NULLS NOT DISTINCT WHERE status IN ('proposed', 'held', 'accepted');

CREATE TABLE reports (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    subject JSONB NOT NULL,
    summary JSONB,
    hash TEXT,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_reports PRIMARY KEY (id),
    CONSTRAINT fk_reports_community FOREIGN KEY (community) REFERENCES communities (id)
);
COMMENT ON TABLE reports IS 'rehearsals on stored cases: a changed engine (shadow) or changed routing rules';
CREATE INDEX ix_reports_community_created_at_id ON reports (community, created_at, id);

CREATE TABLE report_flips (
    report_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    case_id TEXT NOT NULL,
    before JSONB NOT NULL,
    after JSONB NOT NULL,
    confidence DOUBLE PRECISION,
    CONSTRAINT pk_report_flips PRIMARY KEY (report_id, number),
    CONSTRAINT fk_report_flips_report_id FOREIGN KEY (report_id) REFERENCES reports (id),
    CONSTRAINT fk_report_flips_case_id FOREIGN KEY (case_id) REFERENCES cases (id)
);

CREATE TABLE routing_sets (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    version INTEGER NOT NULL,
    rules JSONB NOT NULL,
    default_queue JSONB,
    content_hash TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_routing_sets PRIMARY KEY (id),
    CONSTRAINT uq_routing_sets_community_version UNIQUE (community, version),
    CONSTRAINT fk_routing_sets_community FOREIGN KEY (community) REFERENCES communities (id)
);

CREATE TABLE routing_activations (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    set_id TEXT NOT NULL,
    report_id TEXT NOT NULL,
    by TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_routing_activations PRIMARY KEY (id),
    CONSTRAINT fk_routing_activations_community FOREIGN KEY (community) REFERENCES communities (id),
    CONSTRAINT fk_routing_activations_set_id FOREIGN KEY (set_id) REFERENCES routing_sets (id),
    CONSTRAINT fk_routing_activations_report_id FOREIGN KEY (report_id) REFERENCES reports (id)
);
CREATE INDEX ix_routing_activations_community_at ON routing_activations (community, at);

CREATE TABLE sla_breaches (
    id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    community TEXT NOT NULL,
    kind TEXT NOT NULL,
    department TEXT,
    severity SMALLINT,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_sla_breaches PRIMARY KEY (id),
    CONSTRAINT uq_sla_breaches_case_id_due_at_kind UNIQUE (case_id, due_at, kind),
    CONSTRAINT fk_sla_breaches_case_id FOREIGN KEY (case_id) REFERENCES cases (id),
    CONSTRAINT fk_sla_breaches_community FOREIGN KEY (community) REFERENCES communities (id)
);
CREATE INDEX ix_sla_breaches_community_at_id ON sla_breaches (community, at, id);

ALTER TABLE triages ADD COLUMN standing JSONB;
ALTER TABLE case_states
    ADD COLUMN by_person TEXT[] DEFAULT '{}' NOT NULL,
    ADD COLUMN sla SMALLINT DEFAULT '0' NOT NULL;
CREATE INDEX ix_case_states_late ON case_states (community, last_at DESC, case_id DESC) WHERE sla IN (1, 2);
CREATE INDEX ix_case_states_sla ON case_states (due_at) WHERE reply_due AND sla < 2;
