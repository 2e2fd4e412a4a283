from tests.support.devnet import make_devnet, stepped_devnet

__all__ = ["make_devnet", "stepped_devnet"]
