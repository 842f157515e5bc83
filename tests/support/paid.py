"""A process with nothing but work for a worker, on a port."""

import httpx2

from tests.support.bpmn import document, element, row

AUTH = ("demo", "demo")


def start_paid(port: int, price: int) -> None:
    content = document("paid", row(element("serviceTask", "pay", '<zeebe:taskDefinition type="pay"/>')))
    base = f"http://127.0.0.1:{port}/v2"
    files = {"resources": ("paid.bpmn", content.encode())}
    httpx2.post(f"{base}/deployments", auth=AUTH, files=files).raise_for_status()
    wanted = {"processDefinitionId": "paid", "variables": {"price": price}}
    httpx2.post(f"{base}/process-instances", auth=AUTH, json=wanted).raise_for_status()


def totals(port: int) -> list[str]:
    """What the worker has computed so far."""
    wanted = {"filter": {"name": "total"}}
    found = httpx2.post(f"http://127.0.0.1:{port}/v2/variables/search", auth=AUTH, json=wanted).raise_for_status()
    return [item["value"] for item in found.json()["items"]]
