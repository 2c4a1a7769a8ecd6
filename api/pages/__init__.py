"""The web pages: the front desk, what waits for a person, the kho, the figures. Rendered here, no build step."""
