"""Which numbers and names are a date or a time together, for .NET's DateTime.Parse: a table of what follows what."""

#: Tokens: N a number, Y a year (three digits or more), M the name of a month, each with what stands behind it: `$` the
#: end, `_` nothing that separates, `-` a date's separator, `:` a time's, `h` AM or PM; d and t are numbers with a unit
#: of a date or a time, Z is a time zone, `$` the end. Shapes are written in the same letters; T is a part of a time.
#: `>` goes on with a shape, `=` is a whole one.
_SHAPES = {
    "": "Nh=T N_>N N->N- N:>h: M_>M M->M d>d t>t Y_>Y Y->Y Z> $>",
    "N": "N$=NN N_>NN N->N-N- M$=NM M_>NM M->MN- d>Nd Y_>YN Y->YN- Y$=YN Z>N",
    "NN": "$=NN N$=NNN Nh=T N_=NNN N:>h: M$=MNN M_=MNN t>t Y_=NNY Y$=NNY Z>NN",
    "N-": "N$=NN N_>N-N N->N-N- M$=NM M_>MN M->MN- Y_>YN Y->YN- Y$=YN",
    "N-N": "$=NN N$=NNN Nh=T N_=NNN N:>h: M$=MNN M_=MNN d=D t>t Y_=NNY Y$=NNY",
    "N-N-": "N$=NNN Nh=NNN N_=NNN M$=MNN M_=MNN d=D Y_=NNY Y$=NNY",
    "M": "N$=MN N_>MN N->MN- Y_>YM Y->YM- Y$=YM",
    "MN": "$=MN N$=MNN Nh=MNN N_=MNN N:>h: d=D t>t Y_=YMN Y$=YMN",
    "NM": "$=NM N$=MNN Nh=MNN N_=MNN N:>h: d=D t>t Y_=YMN Y$=YMN",
    "MN-": "N$=MNN N_=MNN Y_=YMN Y$=YMN",
    "Y": "N$=YN N_>YN N->YN- M$=YM M_>YM M->YM- d>YM",
    "YN": "$=YN N$=YNN Nh=YNN N_=YNN M$=YMN M_=YMN",
    "YN-": "N$=YNN Nh=YNN N_=YNN M$=YMN M_=YMN",
    "YM": "$=YM N$=YMN Nh=YMN N_=YMN",
    "YM-": "N$=YMN Nh=YMN N_=YMN",
    "d": "$=D N$=dN Nh=T N_>h: N:>h: d>d t>t",
    "Nd": "$=Nd N$=NNd Nh=NNd N_=NNd N:>h: d>Nd t>t",
    "t": "$=D N$=D Nh=D N_>h: N->N- d>d t>t Z>t",
    "h:": "N$=TT Nh=TT N_=TT N:>h:m: M$=NM M_>NM t>t Z>h:",
    "h:m:": "N$=TTT Nh=TTT N_=TTT t>t Z>h:m:",
}
#: behind the name of a weekday or an era (W and E) a shape is what it was, but for these
_WITH_NAMES = {"YN-": "YN", "YM-": "YM"}


def _row(shape: str, rows: str) -> dict[str, tuple[str, bool]]:
    """token -> (the shape that comes next, is it whole?)"""
    steps = dict.fromkeys("WE", (_WITH_NAMES.get(shape, shape), False))
    if shape == "h:":
        del steps["W"]
    for row in rows.split():
        token, is_whole, following = row.partition("=")
        if not is_whole:
            token, _, following = row.partition(">")
        steps[token] = following, bool(is_whole)
    return steps


STEPS = {shape: _row(shape, rows) for shape, rows in _SHAPES.items()}
