SELECT c.payload #>> '{template,id}' AS template, v.number AS version, c.payload ->> 'category' AS category,
       d.lang, e.verdict, extract(epoch FROM e.decided_at - t.created_at)::float8 AS seconds,
       d.composition ->> 'text' AS first, r.text AS last
FROM decisions e
JOIN review_tasks t ON t.id = e.task_id
JOIN drafts d ON d.id = e.draft_id
JOIN draft_contexts c ON c.id = d.context_id
JOIN revisions r ON r.draft_id = e.draft_id AND r.number = e.revision_number
LEFT JOIN prompt_versions v
    ON v.template = c.payload #>> '{template,id}' AND v.hash = c.template_hash
WHERE e.community = :community AND e.decided_at >= :since AND e.undone_at IS NULL
  AND e.verdict IN ('approve', 'approve_edited', 'reject')
  AND d.composition ->> 'origin' = :origin
ORDER BY e.decided_at DESC, e.id
LIMIT :limit
