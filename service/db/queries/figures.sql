-- name: category
SELECT coalesce(s.category, '') AS key, count(*) AS cases, count(DISTINCT s.author) AS people
FROM case_states s
WHERE s.community = :community AND s.last_at >= :since AND s.last_at < :until
    AND s.author <> ALL(:staff) AND s.triage_id IS NOT NULL
    AND (CAST(:department AS text) IS NULL OR s.department = :department)
GROUP BY 1 ORDER BY 2 DESC, 1
-- name: sentiment
SELECT s.sentiment AS key, count(*) AS cases, count(DISTINCT s.author) AS people
FROM case_states s
WHERE s.community = :community AND s.last_at >= :since AND s.last_at < :until
    AND s.author <> ALL(:staff) AND s.sentiment IS NOT NULL
    AND (CAST(:department AS text) IS NULL OR s.department = :department)
GROUP BY 1 ORDER BY 2 DESC, 1
-- name: department
SELECT s.department AS key, count(*) AS cases, count(DISTINCT s.author) AS people
FROM case_states s
WHERE s.community = :community AND s.last_at >= :since AND s.last_at < :until
    AND s.author <> ALL(:staff) AND s.department IS NOT NULL
    AND (CAST(:department AS text) IS NULL OR s.department = :department)
GROUP BY 1 ORDER BY 2 DESC, 1
-- name: theme
SELECT t.theme_id AS key, count(*) AS cases, count(DISTINCT s.author) AS people
FROM case_states s
JOIN case_themes t ON t.case_id = s.case_id
WHERE s.community = :community AND s.last_at >= :since AND s.last_at < :until
    AND s.author <> ALL(:staff)
    AND (CAST(:department AS text) IS NULL OR s.department = :department)
GROUP BY 1 ORDER BY 2 DESC, 1
-- name: severe
SELECT '' AS key, count(*) AS cases, count(DISTINCT s.author) AS people
FROM case_states s
WHERE s.community = :community AND s.last_at >= :since AND s.last_at < :until
    AND s.author <> ALL(:staff) AND s.severity >= 3
    AND (CAST(:department AS text) IS NULL OR s.department = :department)
-- name: late
SELECT '' AS key, count(DISTINCT b.case_id) AS cases, count(DISTINCT s.author) AS people
FROM sla_breaches b
JOIN case_states s ON s.case_id = b.case_id
WHERE b.community = :community AND b.kind = 'breached' AND b.due_at >= :since AND b.due_at < :until
    AND s.author <> ALL(:staff)
    AND (CAST(:department AS text) IS NULL OR b.department = :department)
-- name: without_rule
WITH newest AS (
    SELECT DISTINCT ON (d.case_id) d.case_id, d.composition ->> 'refusal' AS refusal
    FROM drafts d
    JOIN case_states s ON s.case_id = d.case_id
    WHERE s.community = :community AND s.last_at >= :since AND s.last_at < :until
        AND s.author <> ALL(:staff)
    ORDER BY d.case_id, d.created_at DESC, d.id DESC
)
SELECT coalesce(s.category, s.guess, '') AS key, count(*) AS cases,
    count(DISTINCT s.author) AS people
FROM newest n
JOIN case_states s ON s.case_id = n.case_id
WHERE n.refusal = 'no_rule'
GROUP BY 1 ORDER BY 2 DESC, 1
-- name: questions
WITH asked AS (
    SELECT coalesce(s.duplicate_root, s.case_id) AS root, count(*) AS cases,
        count(DISTINCT s.author) AS people
    FROM case_states s
    WHERE s.community = :community AND s.last_at >= :since AND s.last_at < :until
        AND s.author <> ALL(:staff) AND s.category = ANY(:categories)
    GROUP BY 1
    HAVING count(DISTINCT s.author) >= :least
)
SELECT a.root AS case_id, a.cases, a.people, coalesce(h.excerpt, '') AS excerpt, said.text AS answer
FROM asked a
JOIN case_states h ON h.case_id = a.root
LEFT JOIN triages t ON t.id = h.triage_id
LEFT JOIN LATERAL (
    SELECT r.text
    FROM case_states m
    JOIN review_tasks k ON k.case_id = m.case_id
    JOIN decisions d ON d.task_id = k.id AND d.undone_at IS NULL
        AND d.verdict IN ('approve', 'approve_edited')
    JOIN revisions r ON r.draft_id = d.draft_id AND r.number = d.revision_number
    WHERE m.case_id = a.root OR m.duplicate_root = a.root
    ORDER BY d.decided_at DESC, d.id DESC
    LIMIT 1
) said ON true
WHERE NOT coalesce(t.judgement @@ '$.signals[*].kind == "injection"', false)
ORDER BY a.people DESC, a.cases DESC, a.root
LIMIT :limit
-- name: newcomers
WITH first AS (
    SELECT author, min(day) AS day, count(*) AS days
    FROM author_days
    WHERE community = :community AND day <= :last
    GROUP BY author
    HAVING min(day) >= :first
)
SELECT count(*) AS people, count(*) FILTER (WHERE days > 1) AS returned FROM first
-- name: published
SELECT p.id AS request_id, p.brief ->> 'title' AS title, p.brief ->> 'kind' AS kind,
    o.delivered_at AS at
FROM outbox_entries o
JOIN decisions d ON d.id = o.decision_id
JOIN drafts f ON f.id = d.draft_id
JOIN post_requests p ON p.id = f.post_request_id
WHERE o.community = :community AND o.delivered_at >= :since AND o.delivered_at < :until
ORDER BY o.delivered_at, p.id
-- name: around
WITH own AS (
    SELECT DISTINCT extract(isodow FROM at AT TIME ZONE :zone) AS day,
        extract(hour FROM at AT TIME ZONE :zone) AS hour
    FROM generate_series(
        date_trunc('hour', CAST(:start AS timestamptz)),
        least(CAST(:end AS timestamptz), :start + interval '7 days') - interval '1 second',
        interval '1 hour') AS at
),
heard AS (
    SELECT extract(isodow FROM bucket AT TIME ZONE :zone) AS day,
        extract(hour FROM bucket AT TIME ZONE :zone) AS hour, sum(count) AS n
    FROM pulses
    WHERE community = :community AND kind = 'messages'
        AND bucket >= :start - interval '56 days' AND bucket < :start
    GROUP BY 1, 2
),
week AS (
    SELECT d AS day, h AS hour, coalesce(n, 0) AS n
    FROM generate_series(1, 7) d CROSS JOIN generate_series(0, 23) h
    LEFT JOIN heard ON heard.day = d AND heard.hour = h
),
level AS (SELECT avg(n) AS n FROM week JOIN own USING (day, hour))
SELECT
    CASE WHEN CAST(:announced AS timestamptz) IS NOT NULL THEN (
        SELECT count(DISTINCT m.author) FROM messages m
        WHERE m.community = :community AND m.author <> ALL(:staff)
            AND m.sent_at >= :announced AND m.sent_at < :start) END AS reach,
    CASE WHEN EXISTS (SELECT FROM heard) THEN (
        SELECT count(*) FILTER (WHERE week.n < level.n)::float / 168 FROM week, level) END AS slot,
    (SELECT count(*) FROM events e
        WHERE e.community = :community AND e.id <> :event
            AND e.start < :end + interval '1 day'
            AND CAST(e.details ->> 'end' AS timestamptz) > :start - interval '1 day')
    + (SELECT count(*) FROM incidents i
        WHERE i.community = :community AND i.opened_at < :end
            AND coalesce(i.closed_at, i.last_at) > :start) AS clashes
-- name: hours
SELECT date_trunc('hour', m.sent_at AT TIME ZONE :zone) AS at, count(DISTINCT m.author) AS people
FROM messages m
LEFT JOIN case_states s ON s.case_id = m.case_id
LEFT JOIN triages noisy ON noisy.id = s.triage_id
    AND noisy.judgement @@ '$.signals[*].kind == "noise"'
WHERE m.community = :community AND m.sent_at >= :since AND m.sent_at < :until
    AND m.author <> ALL(:staff) AND noisy.id IS NULL
GROUP BY 1 ORDER BY 1
