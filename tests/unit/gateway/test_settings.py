"""Settings: which of file, environment and flags counts, and what is said about a bad one."""

from pathlib import Path
from typing import Any

import pytest

from gateway.dialects import check, plans
from gateway.settings import SettingsError, load
from gateway.settings.sources import line_of, summary


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal(**flags: Any) -> str:
    with pytest.raises(SettingsError) as refused:
        plans(load(**flags))
    return str(refused.value)


def test_the_file_then_the_environment_then_flags(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = folder / "elsewhere.toml"
    file.write_text('port = 1\nhost = "a"\nlog_level = "error"\n[dialects.camunda]\nprofile = "8.8"\nprefix = "/c8"\n')
    monkeypatch.setenv("DRAGOMAN_CONFIG", str(file))
    monkeypatch.setenv("DRAGOMAN_HOST", "b")
    monkeypatch.setenv("DRAGOMAN_CAMUNDA_PROFILE", "8.10")
    monkeypatch.setenv("DRAGOMAN_INUBIT_HOSTS", "Old.example.com, other")
    settings = load(port=3)
    assert (settings.port, settings.host, settings.log_level) == (3, "b", "error")
    assert settings.dialect("camunda").profile == "8.10"
    assert settings.dialect("camunda").prefix == "/c8"
    assert settings.dialect("inubit").hosts == ("old.example.com", "other")


def test_what_was_read_is_told_without_its_values(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert summary({}) == f"settings come from no file (there is no dragoman.toml in {folder})"
    (folder / "dragoman.toml").write_text("")
    monkeypatch.setenv("DRAGOMAN_ADMIN_PASSWORD", "s3cret")
    monkeypatch.setenv("DRAGOMAN_CAMUNDA_PROFILE", "8.8")
    assert summary({"port": 1, "database_url": "sqlite:///x", "host": None}) == (
        f"settings come from the file {folder}/dragoman.toml; "
        "the environment: DRAGOMAN_ADMIN_PASSWORD, DRAGOMAN_CAMUNDA_PROFILE; "
        "the command line: --port, --database-url"
    )


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load().port = 1  # type: ignore[misc]


@pytest.mark.parametrize("value", ["a.example.com, B", '["a.example.com", "B"]'])
def test_several_names_in_one_variable(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_ALLOWED_HOSTS", value)
    monkeypatch.setenv("DRAGOMAN_TRUSTED_PROXIES", "")
    assert load().allowed_hosts == ("a.example.com", "B")
    assert load().trusted_proxies == ()


def test_options_of_dialects_are_written_as_toml_has_them(folder: Path) -> None:
    (folder / "dragoman.toml").write_text(
        '[dialects.facilioo]\nuser_tasks = false\nwebhook_targets = ["http://a", "http://b"]'
    )
    (facilioo,) = [plan for plan in plans(load()) if plan.dialect.name == "facilioo"]
    assert facilioo.options["user_tasks"] == "false"
    assert facilioo.options["webhook_targets"] == "http://a,http://b"


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("DRAGOMAN_PORT", "x", 'DRAGOMAN_PORT has to be a whole number, not "x"'),
        ("DRAGOMAN_PORT", "-1", 'DRAGOMAN_PORT has to be 0 or more, not "-1"'),
        ("DRAGOMAN_LOG_REQUESTS", "x", 'DRAGOMAN_LOG_REQUESTS has to be true or false, not "x"'),
        ("DRAGOMAN_LOG_LEVEL", "loud", "DRAGOMAN_LOG_LEVEL has to be debug, info, warning or error"),
        ("DRAGOMAN_CAMUNDA_PROFILE", "7.0", "DRAGOMAN_CAMUNDA_PROFILE has to be one of 8.9, 8.8, 8.10, not 7.0"),
        ("DRAGOMAN_CAMUNDA_PREFIX", "c8", "DRAGOMAN_CAMUNDA_PREFIX has to start with a slash and not to end with one"),
        ("DRAGOMAN_PROCESSES", "[", "DRAGOMAN_PROCESSES has to be JSON"),
        ("DRAGOMAN_ALLOWED_HOSTS", "[", "DRAGOMAN_ALLOWED_HOSTS has to be a list, as in: a, b"),
        ("DRAGOMAN_HEAD_SECONDS", "0", 'DRAGOMAN_HEAD_SECONDS has to be more than 0, not "0"'),
        ("DRAGOMAN_HEAD_SECONDS", "x", 'DRAGOMAN_HEAD_SECONDS has to be a number, not "x"'),
        (
            "DRAGOMAN_TRUSTED_PROXIES",
            "10.0.0.0/8, proxy",
            "DRAGOMAN_TRUSTED_PROXIES has to have addresses and networks, not proxy",
        ),
        ("DRAGOMAN_PROT", "9", "DRAGOMAN_PROT: there is no such setting; did you mean DRAGOMAN_PORT?"),
        ("dragoman_prot", "9", "dragoman_prot: there is no such setting; did you mean DRAGOMAN_PORT?"),
        ("DRAGOMAN_CONFG", "9", "DRAGOMAN_CONFG: there is no such setting; did you mean DRAGOMAN_CONFIG?"),
        ("DRAGOMAN_QQQ", "9", "DRAGOMAN_QQQ: there is no such setting"),
        (
            "DRAGOMAN_CAMUDNA_PROFILE",
            "8.8",
            "DRAGOMAN_CAMUDNA_PROFILE: there is no such setting; did you mean DRAGOMAN_CAMUNDA_PROFILE?",
        ),
        (
            "DRAGOMAN_CAMUNDA_AUTHORISATIONS",
            "on",
            "DRAGOMAN_CAMUNDA_AUTHORISATIONS: Camunda 8 has no setting authorisations; did you mean authorizations?",
        ),
        (
            "DRAGOMAN_INUBIT_QQQ",
            "on",
            "DRAGOMAN_INUBIT_QQQ: INUBIT has no setting qqq; "
            "there are enabled, profile, prefix, hosts, delete_all_tasks",
        ),
        ("DRAGOMAN_CONFIG", "/typo.toml", "DRAGOMAN_CONFIG: there is no file /typo.toml"),
        ("DRAGOMAN_CONFIG", "/", "/ is no file"),
    ],
)
def test_a_bad_variable_is_named(variable: str, value: str, complaint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)
    assert refusal() == complaint


FILES = [
    ("port = 1\nprot = 2\n", "line 2: prot: there is no such setting; did you mean port?"),
    ("port 9", "line 1, column 6: this is no TOML: expected '=' after a key in a key/value pair"),
    ("port = [1", "at its end: this is no TOML: unclosed array"),
    ('port = "x"', 'line 1: port has to be a whole number, not "x"'),
    ("admin_password = 5\n", "line 1: admin_password has to be a text, in quotation marks"),
    ('[dialects]\ncamunda = "8.8"', "line 2: dialects.camunda has to be a table"),
    ("[dialects.camnuda]\n", "line 1: dialects.camnuda: there is no such dialect; did you mean camunda?"),
    ("[dialects.camunda]\nhosts = 3", "line 2: dialects.camunda.hosts has to be a list"),
    (
        '# ours\n[dialects.camunda]\nprofile = "9"',
        "line 3: dialects.camunda.profile has to be one of 8.9, 8.8, 8.10, not 9",
    ),
    (
        '[dialects.camunda]\nenabled = false\ncolour = "red"',
        "line 3: dialects.camunda.colour: Camunda 8 has no setting colour; there are",
    ),
    ('[[processes]]\nuid = ""', "line 1: processes.file is missing"),
    (
        '[[processes]]\nfile = "a"\n[[processes]]\nfile = "b"\nuuid = "c"',
        "line 5: processes.uuid: there is no such setting; did you mean uid?",
    ),
    ('[[processes]]\nfile = "a"\nuid = "c"', 'line 3: processes.uid has to be 32 hexadecimal digits, not "c"'),
    (
        '[[processes]]\nfile = "a"\n[processes.activities.x]\nasignees = []',
        "line 4: processes.activities.x.asignees: there is no such setting; did you mean assignees?",
    ),
    (
        '[[processes]]\nfile = "a"\n[processes.activities.x]\ndistribution = "c"',
        'line 4: processes.activities.x.distribution has to be offer or balance, not "c"',
    ),
]


@pytest.mark.parametrize(("text", "complaint"), FILES)
def test_a_bad_key_of_the_file_is_told_with_its_line(text: str, complaint: str, folder: Path) -> None:
    (folder / "dragoman.toml").write_text(text)
    assert refusal().startswith(f"dragoman.toml, {complaint}")


def test_a_file_that_is_no_text(folder: Path) -> None:
    (folder / "dragoman.toml").write_bytes(b"# one\n# \xff\n")
    assert refusal() == "dragoman.toml, line 2: a settings file is written in UTF-8"


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("CAMUNDA_AUTHENTICATION", "x", "has to be one of basic, oidc, none, not x"),
        ("CAMUNDA_AUTHENTICATION", "oidc", None),
        ("CAMUNDA_REQUEST_TIMEOUT_MS", "1.5", "has to be a whole number, 1 or more, not 1.5"),
        ("PROCESSMAKER_PASSWORD_MIN_LENGTH", "x", "has to be a whole number, 0 or more, not x"),
        ("INFOROUTER_USER_DELETE_PROMPT", "yes", "has to be true or false, not yes"),
        ("INFOROUTER_ROOT_ELEMENT", "x", "has to be one of page, measured, root, response, not x"),
        ("INUBIT_DELETE_ALL_TASKS", "1", "has to be true or false, not 1"),
        ("FACILIOO_WEBHOOK_PAUSE", "nan", "has to be a number above zero, not nan"),
        ("FACILIOO_WEBHOOK_TARGETS", "ftp://x", "has to have http or https addresses, not ftp://x"),
    ],
)
def test_bad_options_of_dialects_are_found_before_anything_starts(
    variable: str, value: str, complaint: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"DRAGOMAN_{variable}", value)
    with pytest.raises(SettingsError) as refused:
        check(plans(load()), load())
    if complaint is None:  # it is another setting that is missing
        assert str(refused.value) == "dialects.camunda.oidc_issuer has to be the address of the identity provider"
    else:
        assert str(refused.value) == f"DRAGOMAN_{variable} {complaint}"


def test_a_bad_flag_is_named() -> None:
    assert refusal(port=99999) == "--port has to be 65535 or less, not 99999"


def test_the_line_of_a_key() -> None:
    text = """a = 1
b.c = 2
[d]
'e f' = "g = 3"
[[h]]
i = 1
[[h]]
[h.j]
k = { l = 1 }
"""
    for path, line in (
        (("a",), 1),
        (("b", "c"), 2),
        (("d", "e f"), 4),
        (("h", 0, "i"), 6),
        (("h", 1, "j", "k"), 9),
        (("h", 1, "j", "k", "l"), 9),
        (("h", 1, "missing"), 7),
        (("missing",), 0),
    ):
        assert line_of(text, path) == line, path
