"""Words to papers: the index written when a paper is filed, and the ladder that asks it."""
