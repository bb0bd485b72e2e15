"""The chat in the browser; the only room that knows Gradio and FastAPI."""
