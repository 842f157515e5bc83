"""The ProcessMaker 3 dialect: JSON REST, OAuth 2."""
