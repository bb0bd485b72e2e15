"""Compose the assistant and serve the chat: `python app.py` is the same as `kei serve`."""

from assistant.cli import main

if __name__ == "__main__":
    import sys

    sys.argv.insert(1, "serve")
    main()
