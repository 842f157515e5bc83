"""The facilioo dialect: JSON REST, JWT."""
