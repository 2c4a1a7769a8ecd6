"""The searchable PDF/A copy beside the untouched original."""
