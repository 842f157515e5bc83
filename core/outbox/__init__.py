"""Events for others, and mails: who is told, and what is on its way."""
