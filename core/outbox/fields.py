"""By what subscriptions and deliveries are searched."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from core.search.field import Field, columns
from core.search.kind import Kind
from core.search.query import Either, Sort, Where
from core.tables.joined import deliveries, subscriptions

SubscriptionField = Literal["key", "number", "dialect", "created_at", "changed_at"]
SubscriptionWhere: TypeAlias = Where[SubscriptionField] | Either["SubscriptionWhere"]
SubscriptionSort: TypeAlias = Sort[SubscriptionField]

DeliveryField = Literal["key", "subscription_key", "state", "event_at", "changed_at"]
DeliveryWhere: TypeAlias = Where[DeliveryField] | Either["DeliveryWhere"]
DeliverySort: TypeAlias = Sort[DeliveryField]

SUBSCRIPTION_FIELDS: Mapping[str, Field] = columns(subscriptions, SubscriptionField)
DELIVERY_FIELDS: Mapping[str, Field] = columns(deliveries, DeliveryField)


SUBSCRIPTION = Kind("subscription", subscriptions, SUBSCRIPTION_FIELDS)
DELIVERY = Kind("delivery", deliveries, DELIVERY_FIELDS)
