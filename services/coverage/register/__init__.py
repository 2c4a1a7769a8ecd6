"""Registers from the provincial case system: read, map columns, convert cells, load in bulk, report bad rows."""
