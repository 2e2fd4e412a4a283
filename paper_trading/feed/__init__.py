"""What changed, for everybody who watches: numbered without gaps, told once, and kept for those who were away."""
