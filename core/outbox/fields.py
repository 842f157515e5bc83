"""By what subscriptions and deliveries are searched."""

from collections.abc import Mapping

from core.search.field import Field, plain
from core.search.kind import Kind
from core.tables.joined import deliveries, subscriptions

SUBSCRIPTION_FIELDS: Mapping[str, Field] = {
    name: plain(subscriptions.c[name]) for name in ("key", "number", "dialect", "created_at", "changed_at")
}


DELIVERY_FIELDS: Mapping[str, Field] = {
    name: plain(deliveries.c[name]) for name in ("key", "subscription_key", "state", "event_at", "changed_at")
}


SUBSCRIPTION = Kind("subscription", subscriptions, SUBSCRIPTION_FIELDS)
DELIVERY = Kind("delivery", deliveries, DELIVERY_FIELDS)
