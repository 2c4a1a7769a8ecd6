"""The kho kept sound: re-hashed, backed up and restored, its identity keys changed."""
