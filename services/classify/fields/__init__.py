"""What a paper says: the nine fields of the contract and its type's own, each with a place and a confidence."""
