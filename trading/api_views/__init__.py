"""The REST API of chains and markets: each view parses, calls one selector, and shapes the answer."""
