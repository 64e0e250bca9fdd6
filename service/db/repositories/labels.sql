UPDATE label_items SET claimed_by = :by, claimed_until = :until
WHERE id = (
    SELECT i.id FROM label_items i
    WHERE i.community = :community AND i.rubric = :rubric
      AND (i.claimed_by IS NULL OR i.claimed_by = :by OR i.claimed_until <= :now)
      AND NOT EXISTS (
          SELECT 1 FROM standing_labels s
          WHERE s.item_id = i.id AND s.rater = 'person' AND s.by = :by)
      AND (i.wanted = 0 OR i.wanted > (
          SELECT count(*) FROM standing_labels s
          WHERE s.item_id = i.id AND s.rater = 'person' AND s.value IS NOT NULL))
      AND NOT EXISTS (
          SELECT 1 FROM decisions d WHERE d.draft_id = i.draft_id AND d.reviewer = :by)
      AND NOT EXISTS (
          SELECT 1 FROM triages t JOIN overrides o ON o.case_id = t.case_id
          WHERE t.id = i.triage_id AND o.by = :by)
      AND NOT EXISTS (
          SELECT 1 FROM messages g
          JOIN message_changes m ON m.message_id = g.id AND m.kind = 'withdrawn'
          WHERE g.case_id = coalesce(
              (SELECT d.case_id FROM drafts d WHERE d.id = i.draft_id),
              (SELECT t.case_id FROM triages t WHERE t.id = i.triage_id)))
    ORDER BY (i.claimed_by IS NOT NULL AND i.claimed_by = :by AND i.claimed_until > :now) DESC,
             md5(i.id || :by)
    LIMIT 1
    FOR UPDATE OF i SKIP LOCKED
)
RETURNING id
-- next
SELECT d.id, d.lang FROM drafts d
WHERE d.community = :community AND d.composition ->> 'text' <> ''
  AND EXISTS (SELECT 1 FROM decisions e WHERE e.draft_id = d.id AND e.undone_at IS NULL)
  AND NOT EXISTS (
      SELECT 1 FROM label_items i
      WHERE i.community = d.community AND i.rubric = :rubric AND i.ref = 'draft:' || d.id)
ORDER BY md5(d.id)
LIMIT :limit
-- next
SELECT * FROM standing_labels WHERE item_id = :item AND rater = :rater AND by = :by
-- next
SELECT s.* FROM standing_labels s JOIN label_items i ON i.id = s.item_id
WHERE i.community = :community AND i.rubric = :rubric AND s.rater = 'person' AND s.by = :by
ORDER BY s.seq DESC
LIMIT 1
-- next
SELECT s.item_id, i.ref, i.rubric, s.rubric_version, i.lang, i.golden, s.rater, s.by, s.value,
       s.note, s.at
FROM standing_labels s JOIN label_items i ON i.id = s.item_id
WHERE (i.community = :community OR CAST(:community AS text) IS NULL)
  AND i.rubric = ANY (:rubrics) AND s.value IS NOT NULL
ORDER BY s.seq
-- next
SELECT i.rubric, count(*) AS items,
       count(*) FILTER (WHERE i.wanted > (
           SELECT count(*) FROM standing_labels s
           WHERE s.item_id = i.id AND s.rater = 'person' AND s.value IS NOT NULL)) AS open,
       count(*) FILTER (WHERE EXISTS (
           SELECT 1 FROM standing_labels s
           WHERE s.item_id = i.id AND s.rater = 'person' AND s.by = :by)) AS mine
FROM label_items i
WHERE i.community = :community
GROUP BY i.rubric
ORDER BY i.rubric
-- next
SELECT i.* FROM label_items i
WHERE i.community = :community AND i.rubric = :rubric AND i.lang = :lang
  AND (:everything OR EXISTS (
      SELECT 1 FROM standing_labels s
      WHERE s.item_id = i.id AND s.rater = 'person' AND s.value IS NOT NULL))
  AND NOT EXISTS (
      SELECT 1 FROM standing_labels s
      WHERE s.item_id = i.id AND s.rater = 'judge' AND s.by = :by)
  AND (NOT :drawn OR EXISTS (
      SELECT 1 FROM spot_checks c WHERE c.ref = i.ref AND c.community = i.community))
  AND NOT EXISTS (
      SELECT 1 FROM messages g
      JOIN message_changes m ON m.message_id = g.id AND m.kind = 'withdrawn'
      WHERE g.case_id = coalesce(
          (SELECT d.case_id FROM drafts d WHERE d.id = i.draft_id),
          (SELECT t.case_id FROM triages t WHERE t.id = i.triage_id)))
ORDER BY i.created_at, i.id
LIMIT :limit
