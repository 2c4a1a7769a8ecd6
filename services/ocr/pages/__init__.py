"""One page: looked at, cleaned by need, read or its own text trusted, put in order."""
