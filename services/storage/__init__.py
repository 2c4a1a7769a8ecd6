"""The kho: objects, records, filing, validity, reuse, search, audit."""
