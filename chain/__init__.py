"""How we talk to chains. The only importer of web3."""
