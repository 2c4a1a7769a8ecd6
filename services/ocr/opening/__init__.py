"""A file that may be anything, as pages when asked for; one adapter for PDF, one for pictures; its signatures."""
