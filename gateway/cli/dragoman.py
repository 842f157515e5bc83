"""`python -m dragoman`: the wheel has this file as the module `dragoman`."""

from gateway.cli import main

if __name__ == "__main__":
    main()
