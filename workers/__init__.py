"""The pipeline run as jobs, and the command line."""
