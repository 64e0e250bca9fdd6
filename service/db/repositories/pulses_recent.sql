WITH said AS (
    SELECT 'messages' AS kind, '' AS key, m.author, m.case_id, m.sent_at AS at
    FROM messages m
    WHERE m.community = :community AND m.sent_at >= :since AND m.sent_at < :until
        AND m.author <> ALL(:staff)
),
judged AS (
    SELECT v.kind, v.key, s.author, s.case_id, c.opened_at AS at
    FROM cases c
    JOIN case_states s ON s.case_id = c.id AND s.triage_id IS NOT NULL,
    LATERAL (VALUES
        ('cases', ''),
        ('category', coalesce(s.category, '')),
        ('negative', CASE WHEN s.sentiment = 'negative' THEN '' END),
        ('severe', CASE WHEN s.severity >= 3 THEN '' END)
    ) v (kind, key)
    WHERE c.community = :community AND c.opened_at >= :since AND c.opened_at < :until
        AND s.author <> ALL(:staff) AND v.key IS NOT NULL
),
themed AS (
    SELECT 'theme' AS kind, t.theme_id AS key, c.author, c.id AS case_id, c.opened_at AS at
    FROM cases c
    JOIN case_themes t ON t.case_id = c.id
    WHERE c.community = :community AND c.opened_at >= :since AND c.opened_at < :until
        AND c.author <> ALL(:staff)
)
SELECT kind, key, count(DISTINCT author) AS authors,
    (array_agg(DISTINCT case_id ORDER BY case_id DESC))[1:CAST(:most AS integer)] AS evidence
FROM (
    SELECT * FROM said UNION ALL SELECT * FROM judged UNION ALL SELECT * FROM themed
) counted
GROUP BY kind, key
