"""`python -m numen` is `numen`."""

from numen.cli.main import main

main()
