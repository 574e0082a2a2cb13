"""The web page, its routes and tools, and who may come in."""
