"""``python -m shopadmin.simulator --port 8765``: the simulator without Django."""

import argparse
import logging
import sys

from shopadmin.simulator.serving import CannotServe, add_options, serve


def main() -> int:
    """Serve as the command line says; 1 if that is impossible."""
    parser = argparse.ArgumentParser(prog="python -m shopadmin.simulator", description="A pretend WeChat.")
    add_options(parser)
    options = vars(parser.parse_args())
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    try:
        serve(options, _write)
    except CannotServe as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    return 0


def _write(line: str) -> None:
    # Whoever starts the simulator as a child waits for this line.
    sys.stdout.write(line)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
