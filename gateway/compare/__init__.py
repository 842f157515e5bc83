"""Judging what one server answered by what another had answered to the same: by meaning, with a grade for each difference."""
