"""A real chain on the user's machine: anvil, the official Uniswap contracts, and actors that keep its market alive."""
