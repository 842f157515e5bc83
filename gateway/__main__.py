"""`python -m gateway` is `dragoman`; as the module `dragoman` of an installation, `python -m dragoman` too."""

from gateway.cli import main

if __name__ == "__main__":
    main()
