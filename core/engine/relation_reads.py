"""Answering queries about master data, stages, comments, who is involved, subscriptions and deliveries."""

from typing import TypeVar

T = TypeVar("T")
