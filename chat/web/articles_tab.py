"""The tab “Articles”: a place that `static/articles.js` fills with what `/library` tells, and drives."""

import gradio as gr

from chat.web.service import Service


def articles_tab(service: Service) -> None:
    """Put the parts of the tab into the surrounding Blocks; their content never changes, so Gradio leaves it alone."""
    gr.HTML('<p class="loading">The articles are being listed …</p>', apply_default_css=False, elem_id="library")
