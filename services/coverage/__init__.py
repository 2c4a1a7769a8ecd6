"""Dossiers, their checks, and what share of them is digitized."""
