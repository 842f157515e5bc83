"""Decisions as DMN has them: records of requirements become functions of the variables, checked before they run.

The records (`model.py`) know no XML. `compiler.py` makes them ready and says what is wrong with them, `evaluation.py`
runs them and tells by which decisions a result was come by. Expressions are FEEL; what all of them cost is one budget.
"""
