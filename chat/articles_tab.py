"""The tab “Articles”: what is in the index; add, remove, rebuild."""

import gradio as gr

from chat.service import Service


def articles_tab(service: Service) -> None:
    """Put the parts of the tab into the surrounding Blocks."""
    gr.HTML("", apply_default_css=False, elem_id="library")
