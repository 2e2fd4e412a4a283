from tests.e2e.conftest import living_chain, prepared_var

__all__ = ["living_chain", "prepared_var"]
