"""The firm's own alerts and memos: files become dated documents with page pinpoints, read and never trusted.

A reader (`pdf`, `docx`, `webpage`, `markup`) turns the bytes of one file into a FirmDocument; the `shelf` keeps them on
the user's disk. What a person could not see in the file is never among its passages: it is flagged.
"""
