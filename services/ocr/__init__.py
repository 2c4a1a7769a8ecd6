"""Bytes → pages → clean image → words → trustworthy Vietnamese text."""
