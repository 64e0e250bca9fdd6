WITH answers AS (
    SELECT t.case_id, o.delivered_at AS at
    FROM outbox_entries o
    JOIN decisions d ON d.id = o.decision_id
    JOIN review_tasks t ON t.id = d.task_id
    WHERE o.community = :community AND o.delivered_at >= :since AND t.case_id IS NOT NULL
    UNION ALL
    SELECT q.case_id, m.sent_at
    FROM messages m
    JOIN messages q ON q.community = m.community AND q.source = m.source
        AND q.external_id = m.reply_to
    WHERE m.community = :community AND m.sent_at >= :since AND m.author = ANY(:staff)
),
first AS (SELECT case_id, min(at) AS at FROM answers GROUP BY case_id),
asked AS (
    SELECT c.id, c.opened_at, s.due_at, s.reply_due
    FROM cases c
    JOIN case_states s ON s.case_id = c.id
    WHERE c.community = :community AND c.opened_at >= :since AND c.opened_at < :until
        AND c.author <> ALL(:staff)
)
SELECT count(*) FILTER (WHERE a.reply_due OR f.at IS NOT NULL) AS asked,
    count(f.at) AS answered,
    count(*) FILTER (WHERE f.at <= a.due_at) AS in_time,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM f.at - a.opened_at)) AS median_s,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM f.at - a.opened_at)) AS p90_s
FROM asked a
LEFT JOIN first f ON f.case_id = a.id AND f.at >= a.opened_at
