"""``/v1``: thin routes; each asks the kho or the coverage room and shows the answer."""
