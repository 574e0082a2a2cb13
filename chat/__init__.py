"""Question in, cited answer out: library, terminal, web page, evaluation."""
