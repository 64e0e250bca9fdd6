SELECT 'draft:' || d.id AS ref
FROM drafts d
JOIN cases c ON c.id = d.case_id
WHERE d.community = :community AND d.created_at >= :since AND d.created_at < :until
    AND d.kind = 'reply' AND d.composition ->> 'text' <> ''
    AND NOT EXISTS (
        SELECT 1 FROM communities k WHERE k.id = c.community AND c.author = ANY (k.staff))
    AND NOT EXISTS (
        SELECT 1 FROM message_changes m WHERE m.case_id = c.id AND m.kind = 'withdrawn')
-- next
SELECT DISTINCT ON (t.case_id) 'triage:' || t.id AS ref
FROM triages t
JOIN cases c ON c.id = t.case_id
WHERE t.community = :community AND t.created_at >= :since AND t.created_at < :until
    AND t.standing IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM communities k WHERE k.id = c.community AND c.author = ANY (k.staff))
    AND NOT EXISTS (
        SELECT 1 FROM message_changes m WHERE m.case_id = c.id AND m.kind = 'withdrawn')
ORDER BY t.case_id, t.case_size DESC, t.created_at DESC, t.id DESC
-- next
SELECT 'draft:' || id AS ref, community, 'reply' AS about, id AS draft_id, NULL AS triage_id,
    case_id, lang, created_at AS made_at
FROM drafts WHERE id = ANY (:ids)
-- next
SELECT 'triage:' || id AS ref, community, 'triage' AS about, NULL AS draft_id, id AS triage_id,
    case_id, judgement ->> 'lang' AS lang, created_at AS made_at
FROM triages WHERE id = ANY (:ids)
-- next
SELECT about, sum(made)::int AS made, sum(drawn)::int AS drawn
FROM spot_draws
WHERE community = :community AND since >= :since
GROUP BY about
ORDER BY about
-- next
SELECT s.ref, s.about, s.lang, d.composition ->> 'origin' AS origin,
    CASE WHEN d.composition ->> 'origin' = 'model' THEN c.payload #>> '{template,id}' END AS template,
    CASE WHEN d.composition ->> 'origin' = 'model' THEN v.number END AS version
FROM spot_checks s
LEFT JOIN drafts d ON d.id = s.draft_id
LEFT JOIN draft_contexts c ON c.id = d.context_id
LEFT JOIN prompt_versions v
    ON v.template = c.payload #>> '{template,id}' AND v.hash = c.template_hash
WHERE s.community = :community AND s.made_at >= :since
ORDER BY s.made_at, s.ref
