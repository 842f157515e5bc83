"""Who may call an operation: a word in the row of each."""

from enum import StrEnum


class Right(StrEnum):
    """From the widest to the narrowest, and the one that the database decides. Whoever stands above others has what
    those have, too."""

    #: whoever comes: no credentials are asked for, or they are what the request is about
    ANYONE = "anyone"
    #: whoever is signed in: sees what everybody may see, makes what is their own, changes nothing that is others'
    SIGNED_IN = "signed in"
    #: whoever may work, with what is others', too
    WORKER = "worker"
    #: whose it is: who has it, made it, takes part in it, or may take it
    OWN = "own"
    #: who stands above: manages users, a library or a workflow, designs processes, is of the house
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"
    #: whom authorizations name; where they are off, whoever is signed in, but for accounts, groups and what they may
    AUTHORIZED = "authorized"


ANYONE, SIGNED_IN, WORKER, OWN, MANAGER, ADMINISTRATOR, AUTHORIZED = Right
