"""Who comes and what they may do (``access``, ``api_keys``); who owns papers, their numbers sealed (``owners``)."""
