"""The names of the actions that answer from the company's knowledge."""

from __future__ import annotations

ANSWER_FAQ = "action_answer_faq"
SUGGEST = "action_suggest_faq"
GENERATE = "action_generate_answer"
KNOWLEDGE_ACTIONS = (ANSWER_FAQ, SUGGEST, GENERATE)
