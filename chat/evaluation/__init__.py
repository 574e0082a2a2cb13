"""Test questions: run, score, compare, report."""
