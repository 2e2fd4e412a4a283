"""The options by which every command names the chain it works on."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings

from paper_trading.bot.venue import VenueRequest


def add_venue_arguments(parser: ArgumentParser) -> None:
    add_chain_arguments(parser)
    parser.add_argument("--recording", type=Path, metavar="FOLDER", help="a recorded pool instead of a node")


def add_chain_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--chain", metavar="NAME", help="the chain that RPC_URL must serve")
    parser.add_argument("--seed", type=int, default=7, help="seed of the local chain")
    parser.add_argument("--block-time", type=float, default=1.0, metavar="S", help="of the local chain")


def venue_request(options: dict[str, Any], **more: Any) -> VenueRequest:
    return VenueRequest(
        networks_dir=settings.NETWORKS_DIR,
        rpc_urls=settings.RPC_URLS,
        devnet_dir=settings.VAR_DIR / "devnet",
        chain=options["chain"],
        recording=options.get("recording"),
        devnet_seed=options["seed"],
        devnet_block_time=options["block_time"],
        **more,
    )
