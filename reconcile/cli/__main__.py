"""`python -m reconcile.cli` is the command line, as `reconcile` is."""

from reconcile.cli import main

main()
