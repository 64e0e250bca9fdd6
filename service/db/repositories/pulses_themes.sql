SELECT 'theme' AS kind, t.theme_id AS key,
    date_bin(interval '15 minutes', c.opened_at, timestamptz '2000-01-01 00:00:00+00') AS bucket,
    count(DISTINCT c.author) AS voices
FROM cases c
JOIN case_themes t ON t.case_id = c.id
WHERE c.community = :community AND c.opened_at >= :since AND c.opened_at < :until
GROUP BY t.theme_id, bucket
