"""Papers as others see them: one, or a page of what a search found; each look for a purpose, logged."""
