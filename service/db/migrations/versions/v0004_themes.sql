-- Lasting themes. What earlier runs found is derived, and found again by the next run.

DROP TABLE theme_members;
DROP TABLE themes;
DROP TABLE theme_runs;

CREATE TABLE theme_runs (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    clustered INTEGER NOT NULL,
    unclustered INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    means BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_theme_runs PRIMARY KEY (id),
    CONSTRAINT fk_theme_runs_community FOREIGN KEY (community) REFERENCES communities (id)
);
COMMENT ON TABLE theme_runs IS 'means: little-endian float32, three rows; fingerprint: whose vectors they are';
CREATE INDEX ix_theme_runs_community_created_at ON theme_runs (community, created_at);

CREATE TABLE themes (
    id TEXT NOT NULL,
    community TEXT NOT NULL,
    level TEXT NOT NULL,
    run_id TEXT NOT NULL,
    name JSONB NOT NULL,
    story JSONB,
    given_name JSONB,
    owner TEXT,
    status TEXT NOT NULL,
    parent_id TEXT,
    keywords_zh TEXT[] NOT NULL,
    keywords_en TEXT[] NOT NULL,
    size INTEGER NOT NULL,
    authors INTEGER NOT NULL,
    first_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_at TIMESTAMP WITH TIME ZONE NOT NULL,
    growth DOUBLE PRECISION NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    merged_into TEXT,
    retired_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_themes PRIMARY KEY (id),
    CONSTRAINT fk_themes_community FOREIGN KEY (community) REFERENCES communities (id),
    CONSTRAINT fk_themes_run_id FOREIGN KEY (run_id) REFERENCES theme_runs (id),
    CONSTRAINT fk_themes_parent_id FOREIGN KEY (parent_id) REFERENCES themes (id),
    CONSTRAINT fk_themes_merged_into FOREIGN KEY (merged_into) REFERENCES themes (id)
);
CREATE INDEX ix_themes_living ON themes (community, level, size DESC, id) WHERE retired_at IS NULL;

CREATE TABLE theme_snapshots (
    run_id TEXT NOT NULL,
    theme_id TEXT NOT NULL,
    size INTEGER NOT NULL,
    authors INTEGER NOT NULL,
    growth DOUBLE PRECISION NOT NULL,
    centre BYTEA NOT NULL,
    reach DOUBLE PRECISION NOT NULL,
    CONSTRAINT pk_theme_snapshots PRIMARY KEY (run_id, theme_id),
    CONSTRAINT fk_theme_snapshots_run_id FOREIGN KEY (run_id) REFERENCES theme_runs (id),
    CONSTRAINT fk_theme_snapshots_theme_id FOREIGN KEY (theme_id) REFERENCES themes (id)
);
COMMENT ON TABLE theme_snapshots IS 'what one run found of a theme; centre: little-endian float32, unit length';
CREATE INDEX ix_theme_snapshots_theme_id ON theme_snapshots (theme_id);

CREATE TABLE theme_links (
    from_theme TEXT NOT NULL,
    to_theme TEXT NOT NULL,
    kind TEXT NOT NULL,
    share DOUBLE PRECISION NOT NULL,
    by TEXT,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_theme_links PRIMARY KEY (from_theme, to_theme),
    CONSTRAINT fk_theme_links_from_theme FOREIGN KEY (from_theme) REFERENCES themes (id),
    CONSTRAINT fk_theme_links_to_theme FOREIGN KEY (to_theme) REFERENCES themes (id)
);
COMMENT ON TABLE theme_links IS 'descent, without circles';
CREATE INDEX ix_theme_links_to_theme ON theme_links (to_theme);

CREATE TABLE theme_changes (
    id TEXT NOT NULL,
    theme_id TEXT NOT NULL,
    by TEXT NOT NULL,
    change JSONB NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_theme_changes PRIMARY KEY (id),
    CONSTRAINT fk_theme_changes_theme_id FOREIGN KEY (theme_id) REFERENCES themes (id)
);
CREATE INDEX ix_theme_changes_theme_id_at ON theme_changes (theme_id, at);

CREATE TABLE case_themes (
    case_id TEXT NOT NULL,
    community TEXT NOT NULL,
    theme_id TEXT NOT NULL,
    similarity DOUBLE PRECISION NOT NULL,
    assigned_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_case_themes PRIMARY KEY (case_id),
    CONSTRAINT fk_case_themes_case_id FOREIGN KEY (case_id) REFERENCES cases (id),
    CONSTRAINT fk_case_themes_community FOREIGN KEY (community) REFERENCES communities (id),
    CONSTRAINT fk_case_themes_theme_id FOREIGN KEY (theme_id) REFERENCES themes (id)
);
COMMENT ON TABLE case_themes IS 'the theme a case is in now; no row means none';
CREATE INDEX ix_case_themes_community ON case_themes (community);
CREATE INDEX ix_case_themes_theme_id_case_id ON case_themes (theme_id, case_id);

