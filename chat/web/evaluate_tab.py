"""The tab “Evaluate”: a place that `static/evaluate.js` fills from the routes of `evaluate_routes`.

Gradio would begin a run for each visitor and forget it at a reload; here one run belongs to the server, and all see it.
"""

import gradio as gr


def evaluate_tab() -> None:
    """Put the place into the surrounding Blocks."""
    gr.HTML("<div class='evaluate'></div>", apply_default_css=False, elem_id="evaluation")
