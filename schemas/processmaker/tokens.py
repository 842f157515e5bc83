"""What the token endpoint knows. Source: dossier processmaker.md, section 1.7."""

GRANTS = ("password", "refresh_token", "client_credentials", "authorization_code")
#: what a token may be asked for, and what each lets its bearer do: nothing looks at them
SCOPES = {"view_processes": "See processes.", "edit_processes": "Change processes.", "*": "Everything."}
#: of a code that is asked for with a challenge; the first without a word
CHALLENGE_METHODS = ("plain", "S256")
