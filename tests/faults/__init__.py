"""Faults put into builds and files, one after the other: `python -m tests.faults`."""
