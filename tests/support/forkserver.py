"""A process that has imported what the gateway consists of, and forks when it is asked to: see `forks`.

python -m tests.support.forkserver FD

A child goes on as Python does that has just read its command line. What it finds imported is what `dragoman serve`
imports; nothing of it was used yet.
"""

import array
import gc
import json
import os
import resource
import runpy
import select
import socket
import sys
import threading
import time
from typing import Any

#: a request with a whole environment
SIZE = 1 << 20


def asked(control: socket.socket) -> dict[str, Any] | None:
    """What a child is to do; there is none of it in the parent, which goes on until nobody can ask any more."""
    poll = select.poll()
    poll.register(control, select.POLLIN)
    children: dict[int, tuple[int, socket.socket]] = {}
    while True:
        for fd, _ in poll.poll():
            if fd in children:
                poll.unregister(fd)
                pid, teller = children.pop(fd)
                os.close(fd)
                _, status = os.waitpid(pid, 0)
                # nobody may be there to hear it
                teller.send(array.array("i", [os.waitstatus_to_exitcode(status)]), socket.MSG_NOSIGNAL)
                teller.close()
                continue
            message, fds, _, _ = socket.recv_fds(control, SIZE, 4)
            if not message:
                return None
            pid = os.fork()
            if pid == 0:
                for other in (control, *(teller for _, teller in children.values())):
                    other.detach()
                for place, given in enumerate(fds[:3]):
                    os.dup2(given, place)
                os.closerange(3, os.sysconf("SC_OPEN_MAX"))
                request: dict[str, Any] = json.loads(message)
                return request
            for given in fds[:3]:
                os.close(given)
            teller = socket.socket(fileno=fds[3])
            teller.send(array.array("i", [pid]))
            child = os.pidfd_open(pid)
            poll.register(child, select.POLLIN)
            children[child] = pid, teller


def main() -> None:
    import gateway.admin.desk
    import gateway.cli.admin
    import gateway.demo
    import gateway.logs
    import gateway.server
    import gateway.settings.sources  # noqa: F401

    assert threading.active_count() == 1
    gc.freeze()
    request = asked(socket.socket(fileno=int(sys.argv[1])))
    if request is None:
        return
    os.umask(request["umask"])
    resource.setrlimit(resource.RLIMIT_FSIZE, (request["file_size"], resource.RLIM_INFINITY))
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    sys.path[0] = request["folder"]
    sys.argv = ["", *request["arguments"]]
    runpy.run_module("gateway", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
