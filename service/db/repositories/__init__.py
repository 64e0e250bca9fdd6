"""One class per port of `service/ports/store.py`, each on the unit of work's connection."""

from service.db.repositories.accounts import SqlAccounts
from service.db.repositories.approvals import SqlApprovals
from service.db.repositories.bank import SqlBankTerms, SqlReveals
from service.db.repositories.calendar import SqlCalendar
from service.db.repositories.cases import SqlCases
from service.db.repositories.changes import SqlChanges
from service.db.repositories.communities import SqlCommunities
from service.db.repositories.deadlines import SqlDeadlines
from service.db.repositories.documents import SqlDocuments
from service.db.repositories.drafts import SqlDrafts
from service.db.repositories.drift import SqlDrift
from service.db.repositories.duplicates import SqlDuplicates
from service.db.repositories.evaluations import SqlEvaluations, SqlPromotions
from service.db.repositories.events import SqlEvents
from service.db.repositories.examples import SqlExamples
from service.db.repositories.idempotency import SqlIdempotency
from service.db.repositories.knowledge import SqlKnowledge
from service.db.repositories.labels import SqlLabels
from service.db.repositories.llm_calls import SqlLLMCalls
from service.db.repositories.messages import SqlMessages
from service.db.repositories.outbox import SqlOutbox
from service.db.repositories.overrides import SqlOverrides
from service.db.repositories.posts import SqlPosts
from service.db.repositories.previews import SqlPreviews
from service.db.repositories.prompts import SqlPrompts
from service.db.repositories.pulses import SqlPulses
from service.db.repositories.radar import SqlRadar
from service.db.repositories.refits import SqlRefits
from service.db.repositories.reports import SqlReports
from service.db.repositories.results import SqlResults
from service.db.repositories.reviews import SqlReviews
from service.db.repositories.routing import SqlRouting
from service.db.repositories.samples import SqlSamples
from service.db.repositories.spending import SqlSpending
from service.db.repositories.spot import SqlSpotChecks
from service.db.repositories.themes import SqlThemes
from service.db.repositories.triages import SqlTriages
from service.db.repositories.vectors import SqlVectors
from service.db.repositories.versions import SqlVersions

__all__ = [
    "SqlAccounts",
    "SqlApprovals",
    "SqlBankTerms",
    "SqlCalendar",
    "SqlCases",
    "SqlChanges",
    "SqlCommunities",
    "SqlDeadlines",
    "SqlDocuments",
    "SqlDrafts",
    "SqlDrift",
    "SqlDuplicates",
    "SqlEvaluations",
    "SqlEvents",
    "SqlExamples",
    "SqlIdempotency",
    "SqlKnowledge",
    "SqlLLMCalls",
    "SqlLabels",
    "SqlMessages",
    "SqlOutbox",
    "SqlOverrides",
    "SqlPosts",
    "SqlPreviews",
    "SqlPromotions",
    "SqlPrompts",
    "SqlPulses",
    "SqlRadar",
    "SqlRefits",
    "SqlReports",
    "SqlResults",
    "SqlReveals",
    "SqlReviews",
    "SqlRouting",
    "SqlSamples",
    "SqlSpending",
    "SqlSpotChecks",
    "SqlThemes",
    "SqlTriages",
    "SqlVectors",
    "SqlVersions",
]
