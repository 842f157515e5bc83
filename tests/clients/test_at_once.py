"""Several clients of the infoRouter dialect at once, against a server of its own: one winner, nothing lost."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

from tests.support.server import Server, start

CRITERIA = '<c><param NAME="DOCUMENTID" VALUE="1"/></c>'


def ask(server: Server, method: str, **values: object) -> str:
    with urlopen(f"{server.url}/srv.asmx/{method}?{urlencode(values)}") as answer:
        text: str = answer.read().decode()
        return text


def ticket(server: Server, name: str) -> str:
    tickets: list[str] = re.findall(r'ticket="([^"]+)"', ask(server, "AuthenticateUser", UID=name, PWD=name))
    return tickets[0]


def test_one_of_many_wins(template: Path, tmp_path: Path) -> None:
    with start(tmp_path, template) as server, ThreadPoolExecutor(8) as pool:
        tickets = {name: ticket(server, name) for name in ("jdoe", "mark", "james", "jrowe")}

        def at_once(method: str, name: str, **values: object) -> list[str]:
            asked = [pool.submit(ask, server, method, authenticationTicket=tickets[name], **values) for _ in range(8)]
            return [future.result() for future in asked]

        submitted = at_once("SubmitDocumentToFlow", "jdoe", Path="~D1", FlowDefID=9)
        assert sum('success="true"' in text for text in submitted) == 1
        assert sum("already in a workflow" in text for text in submitted) == 7
        both = [
            pool.submit(ask, server, "CompleteTask", authenticationTicket=tickets[name], taskId=task, comments="")
            for _ in range(4)
            for name, task in (("mark", 5), ("james", 6))
        ]
        done = [future.result() for future in both]
        assert sum('success="true"' in text for text in done) == 1, "one of the group is enough, and only one"
        tasks = ask(
            server,
            "getTasks",
            authenticationTicket=tickets["jdoe"],
            xmlcriteria=CRITERIA,
            SortBy="DefaultSort",
            AscendingOrder="true",
        )
        assert sorted(re.findall(r"<TaskStatus>(\w+)", tasks)) == ["Completed", "Dropped", "InProgress"]
        ask(server, "DeactivateFlowDef", authenticationTicket=tickets["jrowe"], domainName="Corporate", flowName=FLOW)
        steps = at_once("AddFlowStepDef", "jrowe", DomainName="Corporate", FlowName=FLOW, StepName="One more")
        numbers = sorted(int(n) for text in steps for n in re.findall(r'StepNumber="(\d+)"', text))
        refused = sum("changed by somebody else" in text for text in steps)
        assert numbers == list(range(3, 3 + len(numbers))), "each has a number of its own"
        assert len(numbers) + refused == 8


FLOW = "ContractApproval"
