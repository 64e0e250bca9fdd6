-- Every draft of a post, or the post itself while it has none, with its time and how far it is.
SELECT
    p.id AS post_request_id,
    coalesce(d.id, p.id) AS id,
    s.series_id,
    t.id AS task_id,
    p.brief ->> 'title' AS title,
    p.brief ->> 'kind' AS kind,
    coalesce(x.payload #>> '{parameters,channel}', p.brief ->> 'channel', '') AS channel,
    coalesce(m.at, (p.brief ->> 'not_before')::timestamptz, o.not_before, p.created_at) AS at,
    m.id IS NOT NULL AND m.at IS NULL AS called_off,
    d.id IS NOT NULL AS drafted,
    t.status AS task_status,
    c.verdict,
    o.status AS outbox_status
FROM post_requests p
LEFT JOIN series_posts s ON s.post_request_id = p.id
LEFT JOIN LATERAL (
    SELECT id, at FROM post_moves
    WHERE post_request_id = p.id
    ORDER BY created_at DESC, id DESC LIMIT 1
) m ON true
LEFT JOIN drafts d ON d.post_request_id = p.id
    AND NOT EXISTS (SELECT FROM drafts later WHERE later.supersedes = d.id)
LEFT JOIN draft_contexts x ON x.id = d.context_id
LEFT JOIN LATERAL (
    SELECT id, status FROM review_tasks
    WHERE draft_id = d.id
    ORDER BY created_at DESC, id DESC LIMIT 1
) t ON true
LEFT JOIN decisions c ON c.task_id = t.id AND c.undone_at IS NULL
LEFT JOIN outbox_entries o ON o.decision_id = c.id
WHERE p.community = :community
    AND coalesce(m.at, (p.brief ->> 'not_before')::timestamptz, o.not_before, p.created_at)
        BETWEEN :since AND :until
ORDER BY at, id
LIMIT 1000
