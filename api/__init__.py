"""The HTTP door and the web pages."""
