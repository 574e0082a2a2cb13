"""The tab “Evaluate”: run the test questions, see figures, charts and failures."""

import gradio as gr

from chat.service import Service


def evaluate_tab(service: Service) -> None:
    """Put the parts of the tab into the surrounding Blocks."""
    gr.HTML("", apply_default_css=False, elem_id="evaluation")
