WITH said AS (
    SELECT m.author, m.sent_at AS at, m.channel, s.category,
        s.triage_id IS NOT NULL AND EXISTS (
            SELECT FROM triages t
            WHERE t.id = s.triage_id AND t.judgement @@ '$.signals[*].kind == "noise"'
        ) AS noise
    FROM messages m
    LEFT JOIN case_states s ON s.case_id = m.case_id
    WHERE m.community = :community AND m.author <> ALL(:staff)
        AND m.sent_at >= :start - interval '28 days' AND m.sent_at < :end + interval '7 days'
),
part AS (
    SELECT DISTINCT author FROM said
    WHERE at >= :start AND at < :end AND NOT noise
        AND (CAST(:channel AS text) IS NULL OR channel = :channel)
)
SELECT
    count(DISTINCT author) FILTER (
        WHERE at >= :start - interval '7 days' AND at < :start) AS active_before,
    count(DISTINCT author) FILTER (
        WHERE category = 'event_question' AND at >= :start - interval '7 days' AND at < :end
    ) AS asked,
    (SELECT count(*) FROM part) AS took_part,
    (SELECT count(*) FROM part p WHERE NOT EXISTS (
        SELECT FROM said b WHERE b.author = p.author AND b.at < :start)) AS newcomers,
    count(DISTINCT author) FILTER (
        WHERE category = 'event_feedback' AND at >= :start) AS gave_feedback,
    count(DISTINCT author) FILTER (
        WHERE at >= :end AND author IN (SELECT author FROM part)) AS came_back
FROM said
