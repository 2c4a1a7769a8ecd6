"""A reading → papers: cut apart, named, their fields taken out, with a confidence for each."""
