"""Answers that a language model writes, every statement checked against the sentences that it cites."""
