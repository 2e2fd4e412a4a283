import sys

from chain.devnet.cli import main

sys.exit(main())
