"""The REST API of paper trading: each view parses, calls one service or selector, and shapes the answer."""
