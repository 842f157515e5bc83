"""FEEL, the language of expressions in DMN and BPMN models: texts become functions of the variables, checked before
they run.

Values are those of JSON, and dates, times and durations. What cannot be computed (a comparison of unlike values, a
member of nothing, a division by 0) is null, as the language says; only `true` is true. What an expression may do is
bounded: its length, its depth, the steps of its loops, the size of its results.
"""
