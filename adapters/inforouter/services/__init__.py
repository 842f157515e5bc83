"""The web service: 136 methods, declared with spyne, in the order of the vendor's categories."""

from adapters.inforouter.services.accounts import Accounts
from adapters.inforouter.services.definitions import Definitions
from adapters.inforouter.services.drafting import Drafting
from adapters.inforouter.services.groups import Groups
from adapters.inforouter.services.libraries import Libraries
from adapters.inforouter.services.login import Login
from adapters.inforouter.services.redirections import Redirections
from adapters.inforouter.services.reports import Reports
from adapters.inforouter.services.server import Server
from adapters.inforouter.services.taskchanges import TaskChanges
from adapters.inforouter.services.tasks import Tasks
from adapters.inforouter.services.transfers import Transfers
from adapters.inforouter.services.users import Users
from adapters.inforouter.services.workflows import Workflows

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
