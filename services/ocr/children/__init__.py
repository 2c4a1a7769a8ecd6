"""Untrusted files are opened and read in child processes under limits: the parent, the nursery, the work."""
