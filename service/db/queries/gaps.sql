-- Cases whose newest draft offers no answer, by why and about what; most people first.
WITH newest AS (
    SELECT DISTINCT ON (d.case_id) d.case_id, d.id, d.composition ->> 'refusal' AS refusal
    FROM drafts d
    WHERE d.community = :community AND d.case_id IS NOT NULL AND d.created_at >= :since
    ORDER BY d.case_id, d.created_at DESC, d.id DESC
), gap AS (
    SELECT n.id, n.refusal, s.case_id, s.author, s.last_at,
        coalesce(s.category, s.guess) AS category, h.theme_id
    FROM newest n
    JOIN case_states s ON s.case_id = n.case_id
    LEFT JOIN case_themes h ON h.case_id = n.case_id
    WHERE n.refusal IS NOT NULL
        AND (CAST(:refusal AS text) IS NULL OR n.refusal = :refusal)
        AND s.author <> ALL(:staff)
), shown AS (
    -- A theme stands by itself where enough people are behind it; the rest of a category is one.
    SELECT refusal, category, theme_id
    FROM gap
    WHERE theme_id IS NOT NULL
    GROUP BY 1, 2, 3
    HAVING count(DISTINCT author) >= :least
)
SELECT
    g.refusal,
    g.category,
    t.theme_id,
    count(*) AS cases,
    count(DISTINCT g.author) AS authors,
    count(*) FILTER (WHERE EXISTS (
        SELECT FROM decisions c
        WHERE c.draft_id = g.id AND c.undone_at IS NULL AND c.verdict IN ('approve', 'approve_edited')
    )) AS answered,
    max(g.last_at) AS last_at,
    (array_agg(g.case_id ORDER BY g.last_at DESC))[1:5] AS evidence
FROM gap g
LEFT JOIN shown t ON (t.refusal, t.theme_id) = (g.refusal, g.theme_id)
    AND t.category IS NOT DISTINCT FROM g.category
GROUP BY 1, 2, 3
ORDER BY authors DESC, cases DESC, g.refusal, g.category, t.theme_id
LIMIT 200
