"""Question in, cited answer out: library, terminal, web page, evaluation."""

import os

# Before NumPy comes in: on our small matrices its further threads only spin, and take cores from other askers.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
