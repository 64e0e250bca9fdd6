DELETE FROM pulses WHERE community = :community AND bucket = ANY(:buckets)
-- next
WITH said AS (
    SELECT b.at, m.author
    FROM unnest(:buckets) AS b (at)
    JOIN messages m ON m.community = :community
        AND m.sent_at >= b.at AND m.sent_at < b.at + interval '15 minutes'
    WHERE m.author <> ALL(:staff)
)
INSERT INTO pulses (community, kind, key, bucket, count, voices)
SELECT :community, 'messages', '', at, count(*), count(DISTINCT author) FROM said GROUP BY at
-- next
WITH judged AS (
    SELECT b.at, s.author, v.kind, v.key
    FROM unnest(:buckets) AS b (at)
    JOIN cases c ON c.community = :community
        AND c.opened_at >= b.at AND c.opened_at < b.at + interval '15 minutes'
    JOIN case_states s ON s.case_id = c.id AND s.triage_id IS NOT NULL,
    LATERAL (VALUES
        ('cases', ''),
        ('category', coalesce(s.category, '')),
        ('sentiment', s.sentiment),
        ('department', s.department),
        ('negative', CASE WHEN s.sentiment = 'negative' THEN '' END),
        ('severe', CASE WHEN s.severity >= 3 THEN '' END)
    ) v (kind, key)
    WHERE s.author <> ALL(:staff) AND v.key IS NOT NULL
)
INSERT INTO pulses (community, kind, key, bucket, count, voices)
SELECT :community, kind, key, at, count(*), count(DISTINCT author)
FROM judged GROUP BY kind, key, at
-- next
WITH days AS (
    SELECT DISTINCT (at AT TIME ZONE :zone)::date AS day FROM unnest(:buckets) AS b (at)
)
DELETE FROM author_days a USING days WHERE a.community = :community AND a.day = days.day
-- next
WITH days AS (
    SELECT DISTINCT (at AT TIME ZONE :zone)::date AS day FROM unnest(:buckets) AS b (at)
),
said AS (
    SELECT d.day, m.author, m.case_id
    FROM days d
    JOIN messages m ON m.community = :community
        AND m.sent_at >= (d.day::timestamp AT TIME ZONE :zone)
        AND m.sent_at < ((d.day + 1)::timestamp AT TIME ZONE :zone)
    WHERE m.author <> ALL(:staff)
)
INSERT INTO author_days (community, day, author, messages, effective)
SELECT :community, said.day, said.author, count(*), count(*) FILTER (WHERE noisy.id IS NULL)
FROM said
LEFT JOIN case_states s ON s.case_id = said.case_id
LEFT JOIN triages noisy ON noisy.id = s.triage_id
    AND noisy.judgement @@ '$.signals[*].kind == "noise"'
GROUP BY said.day, said.author
