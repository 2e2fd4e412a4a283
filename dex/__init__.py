"""How DEXs and fee markets work: pure values and calculations, no I/O."""
