"""python -m signer: the command line."""

from signer.cli import main

main(prog_name="signer")
