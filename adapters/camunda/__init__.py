"""The Camunda 8 dialect: JSON REST, problem+json."""
