"""The web service: 136 methods, declared with spyne, in the order of the vendor's categories."""

from adapters.inforouter.accounts import Accounts
from adapters.inforouter.definitions import Definitions
from adapters.inforouter.drafting import Drafting
from adapters.inforouter.groups import Groups
from adapters.inforouter.libraries import Libraries
from adapters.inforouter.login import Login
from adapters.inforouter.redirections import Redirections
from adapters.inforouter.reports import Reports
from adapters.inforouter.server import Server
from adapters.inforouter.taskchanges import TaskChanges
from adapters.inforouter.tasks import Tasks
from adapters.inforouter.transfers import Transfers
from adapters.inforouter.users import Users
from adapters.inforouter.workflows import Workflows

SERVICES = (
    Login,
    Server,
    Users,
    Accounts,
    Groups,
    Libraries,
    Definitions,
    Drafting,
    Tasks,
    TaskChanges,
    Workflows,
    Redirections,
    Reports,
    Transfers,
)
