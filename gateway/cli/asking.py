"""What is secret is asked for on the terminal, or comes on standard input or from the environment."""

import os
import sys
from typing import Annotated

import typer

from gateway.exits import Usage

PASSWORD = "DRAGOMAN_PASSWORD"  # noqa: S105  the variable's name
TOKEN = "DRAGOMAN_TOKEN"  # noqa: S105

PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help=f"Read the password from standard input; or set {PASSWORD}.")
]
TokenStdin = Annotated[bool, typer.Option("--token-stdin", help=f"Read the token from standard input; or set {TOKEN}.")]


def secret(label: str, variable: str, *, stdin: bool, option: str, twice: bool = False) -> str:
    """`label` is what the prompt says. Raises Usage if there is nobody to ask."""
    if stdin:
        line = sys.stdin.readline().rstrip("\r\n")
        if not line:
            raise Usage(f"{option}: there was nothing on standard input")
        return line
    if value := os.environ.get(variable):
        return value
    if not sys.stdin.isatty():
        raise Usage(f"{label}: there is no terminal to ask on; use {option} or {variable}")
    again = f"{label} once more" if twice else False
    return str(typer.prompt(label, hide_input=True, confirmation_prompt=again, err=True))


def password(name: str, *, stdin: bool, new: bool = False) -> str:
    label = f"{'New password' if new else 'Password'} for {name}"
    return secret(label, PASSWORD, stdin=stdin, option="--password-stdin", twice=new)
