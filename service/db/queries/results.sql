-- Posts with results, the one that left last first.
WITH told AS (
    SELECT p.id, p.brief,
        coalesce(gone.at, p.created_at) AS at,
        CASE WHEN jsonb_array_length(coalesce(p.brief -> 'variants', '[]')) > 0
            THEN ARRAY(SELECT v ->> 'channel' FROM jsonb_array_elements(p.brief -> 'variants') v)
            ELSE ARRAY[p.brief ->> 'channel'] END AS channels
    FROM post_requests p
    LEFT JOIN LATERAL (
        SELECT min(o.delivered_at) AS at
        FROM drafts f
        JOIN decisions d ON d.draft_id = f.id
        JOIN outbox_entries o ON o.decision_id = d.id
        WHERE f.post_request_id = p.id
    ) gone ON true
    WHERE p.community = :community
        AND (CAST(:kind AS text) IS NULL OR p.brief ->> 'kind' = :kind)
        AND EXISTS (SELECT FROM post_results r WHERE r.post_request_id = p.id)
)
SELECT id AS post_request_id, brief ->> 'title' AS title, brief ->> 'kind' AS kind,
    array_remove(array_remove(channels, NULL), '') AS channels, at
FROM told
WHERE (CAST(:channel AS text) IS NULL OR :channel = ANY(channels))
    AND (CAST(:since AS timestamptz) IS NULL OR at >= :since)
    AND (CAST(:after AS timestamptz) IS NULL OR (at, id) < (:after, CAST(:after_id AS text)))
ORDER BY at DESC, id DESC
LIMIT :limit
