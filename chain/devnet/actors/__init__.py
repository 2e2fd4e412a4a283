"""Who lives on the local chain. Each actor is a function of what it sees and of dice seeded by block and name.

An actor keeps nothing between blocks: what it must remember it reads from the chain or from the chronicle.
"""
