WITH judged AS (
    SELECT s.case_id, s.author, s.last_at AS at, s.category, s.confidence,
        'categories' = ANY (s.by_person) AS by_person, t.judgement ->> 'lang' AS lang
    FROM case_states s
    JOIN triages t ON t.id = s.triage_id
    WHERE s.community = :community AND s.last_at >= :since AND s.last_at < :until
        AND s.author <> ALL (:staff)
),
drafted AS (
    SELECT s.case_id, s.author, d.created_at AS at, d.composition ->> 'refusal' AS refusal,
        CASE
            WHEN d.support @? '$.sentences[*] ? (@.kind == "unsupported")' THEN 'unsupported'
            WHEN d.support @? '$.sentences[*] ? (@.kind == "supported" || @.kind == "uncertain")'
                THEN 'supported'
        END AS support
    FROM drafts d
    JOIN case_states s ON s.case_id = d.case_id
    WHERE d.community = :community AND d.created_at >= :since AND d.created_at < :until
        AND d.kind = 'reply' AND s.author <> ALL (:staff)
),
decided AS (
    SELECT s.case_id, s.author, e.decided_at AS at,
        CASE
            WHEN e.verdict = 'reject' THEN 'rejected'
            WHEN r.text = d.composition ->> 'text' THEN 'accepted'
            ELSE 'edited'
        END AS outcome
    FROM decisions e
    JOIN drafts d ON d.id = e.draft_id AND d.kind = 'reply'
    JOIN case_states s ON s.case_id = d.case_id
    JOIN revisions r ON r.draft_id = e.draft_id AND r.number = e.revision_number
    WHERE e.community = :community AND e.decided_at >= :since AND e.decided_at < :until
        AND e.undone_at IS NULL AND e.verdict IN ('approve', 'approve_edited', 'reject')
        AND s.author <> ALL (:staff)
),
newest (rubric, version) AS (
    SELECT i.rubric, max(l.rubric_version)
    FROM labels l JOIN label_items i ON i.id = l.item_id
    WHERE i.community = :community
    GROUP BY i.rubric
),
checked AS (
    -- The first person's word on each drawn text, by the newest version of its rubric.
    SELECT DISTINCT ON (i.id) s.case_id, s.author, c.made_at AS at, 'spot_' || i.rubric AS measure,
        CASE l.value WHEN 1 THEN 'passed' ELSE 'failed' END AS key
    FROM spot_checks c
    JOIN case_states s ON s.case_id = c.case_id
    JOIN label_items i ON i.community = c.community AND i.ref = c.ref
        AND i.rubric IN ('grounded', 'answers', 'triage')
    JOIN standing_labels l ON l.item_id = i.id AND l.rater = 'person' AND l.value IS NOT NULL
    JOIN newest n ON n.rubric = i.rubric AND n.version = l.rubric_version
    WHERE c.community = :community AND c.made_at >= :since AND c.made_at < :until
        AND s.author <> ALL (:staff)
    ORDER BY i.id, l.at, l.seq
),
facts (measure, key, at, author, case_id) AS (
    SELECT v.measure, v.key, j.at, j.author, j.case_id
    FROM judged j,
    LATERAL (VALUES
        ('category', j.category),
        ('abstention', CASE
            WHEN j.by_person THEN NULL WHEN j.category IS NULL THEN 'abstained' ELSE 'given' END),
        ('confidence', CASE WHEN NOT j.by_person
            THEN lpad((least(19, floor(j.confidence * 20)) * 5)::text, 2, '0') END),
        ('language', j.lang)
    ) v (measure, key)
    WHERE v.key IS NOT NULL
    UNION ALL
    SELECT v.measure, v.key, d.at, d.author, d.case_id
    FROM drafted d,
    LATERAL (VALUES
        ('refusal', coalesce(d.refusal, 'answered')), ('support', d.support)
    ) v (measure, key)
    WHERE v.key IS NOT NULL
    UNION ALL
    SELECT 'outcome', outcome, at, author, case_id FROM decided
    UNION ALL
    SELECT measure, key, at, author, case_id FROM checked
)
-- next
SELECT measure, key, floor(extract(epoch FROM :until - at) / 86400)::int AS ago,
    count(DISTINCT author) AS voices
FROM facts
GROUP BY measure, key, ago
-- next
SELECT case_id FROM facts
WHERE measure = :measure
    AND CASE WHEN :ordered THEN key <= :upto ELSE key = ANY (:keys) END
GROUP BY case_id
ORDER BY max(at) DESC, case_id
LIMIT :most
-- next
SELECT kind, name, version, at, promotion_id FROM (
    SELECT kind, name, version, created_at AS at, id AS promotion_id, community FROM promotions
    UNION ALL
    SELECT 'examples', '', report ->> 'after', created_at, id, community FROM refits
    WHERE verdict IN ('adopted', 'insisted')
) changed
WHERE (community IS NULL OR community = :community) AND at >= :since AND at < :until
ORDER BY at, promotion_id
