"""Bytes kept for ever under their SHA-256, in a folder or on an S3 server (``contract.py`` says what both promise)."""
