-- Pairs of clauses that held drafts, what still stands and most people first. A pair is two clauses
-- as they read: a clause that was rewritten and clashes again makes another.
WITH held AS (
    SELECT d.id, d.case_id, d.created_at, s.author, s.last_at, c.payload -> 'conflict' AS conflict,
        p.clauses
    FROM drafts d
    JOIN draft_contexts c ON c.id = d.context_id
    JOIN case_states s ON s.case_id = d.case_id
    CROSS JOIN LATERAL (
        SELECT jsonb_agg(one ORDER BY one ->> 'clause_id') AS clauses
        FROM jsonb_array_elements(c.payload -> 'passages') one
        WHERE one ->> 'clause_id' IN (
            c.payload #>> '{conflict,sides,0,clause_id}',
            c.payload #>> '{conflict,sides,1,clause_id}'
        )
    ) p
    WHERE d.community = :community AND d.created_at >= :since
        AND d.composition ->> 'refusal' = 'conflicting_clauses'
        AND jsonb_typeof(c.payload -> 'conflict') = 'object'
        AND s.author <> ALL(:staff)
), of_case AS (
    SELECT jsonb_path_query_array(clauses, '$[*].clause_id') AS ids,
        jsonb_path_query_array(clauses, '$[*].text') AS texts,
        case_id, author, last_at, count(*) AS drafts,
        (array_agg(conflict ORDER BY created_at DESC, id))[1] AS conflict,
        (array_agg(clauses ORDER BY created_at DESC, id))[1] AS clauses
    FROM held
    GROUP BY ids, texts, case_id, author, last_at
), pair AS (
    SELECT (array_agg(conflict ORDER BY last_at DESC, case_id))[1] AS conflict,
        (array_agg(clauses ORDER BY last_at DESC, case_id))[1] AS clauses,
        sum(drafts)::integer AS drafts,
        count(*) AS cases,
        count(DISTINCT author) AS authors,
        max(last_at) AS last_at,
        (array_agg(case_id ORDER BY last_at DESC, case_id))[1:5] AS evidence
    FROM of_case
    GROUP BY ids, texts
)
SELECT pair.*, standing.ids AS standing
FROM pair
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(one ->> 'clause_id'), '{}') AS ids
    FROM jsonb_array_elements(clauses) one
    JOIN clauses c ON c.document_id = one ->> 'document_id' AND c.id = one ->> 'clause_id'
        AND c.text = one ->> 'text'
    JOIN documents o ON o.id = c.document_id
    WHERE o.community = :community AND o.status = 'live'
) standing
ORDER BY cardinality(standing.ids) DESC, authors DESC, drafts DESC, pair.last_at DESC
LIMIT 200
