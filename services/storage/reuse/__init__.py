"""Do we already have this? What a desk may take instead of scanning, why or why not, and taking it."""
