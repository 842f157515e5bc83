"""Judging what one server answered by what another had answered: by meaning, with a grade for each difference."""
