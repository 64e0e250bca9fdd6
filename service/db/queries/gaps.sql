-- Cases whose newest draft offers no answer, by why and about what; most people first.
WITH newest AS (
    SELECT DISTINCT ON (d.case_id) d.case_id, d.id, d.composition ->> 'refusal' AS refusal
    FROM drafts d
    WHERE d.community = :community AND d.case_id IS NOT NULL AND d.created_at >= :since
    ORDER BY d.case_id, d.created_at DESC, d.id DESC
)
SELECT
    n.refusal,
    coalesce(s.category, s.guess) AS category,
    h.theme_id,
    count(*) AS cases,
    count(DISTINCT s.author) AS authors,
    count(*) FILTER (WHERE EXISTS (
        SELECT FROM decisions c
        WHERE c.draft_id = n.id AND c.undone_at IS NULL AND c.verdict IN ('approve', 'approve_edited')
    )) AS answered,
    max(s.last_at) AS last_at,
    (array_agg(s.case_id ORDER BY s.last_at DESC))[1:5] AS evidence
FROM newest n
JOIN case_states s ON s.case_id = n.case_id
LEFT JOIN case_themes h ON h.case_id = n.case_id
WHERE n.refusal IS NOT NULL
    AND (CAST(:refusal AS text) IS NULL OR n.refusal = :refusal)
    AND s.author <> ALL(:staff)
GROUP BY 1, 2, 3
ORDER BY authors DESC, cases DESC, n.refusal, category, h.theme_id
LIMIT 200
