"""One package per dialect: routes, authentication and errors; wire shapes become commands and back."""
