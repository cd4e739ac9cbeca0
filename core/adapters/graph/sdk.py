"""The parts of msgraph-sdk that are used, imported in one place.

The generated modules warn about themselves while they are imported (`DeprecationWarning` in every class body), whoever
imports them: that is kept off here, so that warnings can stay errors everywhere else.
"""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from kiota_abstractions.authentication import AuthenticationProvider
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from kiota_abstractions.method import Method
    from kiota_abstractions.request_information import RequestInformation
    from msgraph.generated.users.item.calendar.events.events_request_builder import EventsRequestBuilder
    from msgraph.generated.users.item.calendar_view.calendar_view_request_builder import CalendarViewRequestBuilder
    from msgraph.generated.users.item.calendar_view.delta.delta_request_builder import DeltaRequestBuilder
    from msgraph.generated.users.item.events.item.event_item_request_builder import EventItemRequestBuilder
    from msgraph.generated.users.users_request_builder import UsersRequestBuilder
    from msgraph.graph_request_adapter import GraphRequestAdapter

__all__ = [
    "AuthenticationProvider",
    "CalendarViewRequestBuilder",
    "DeltaRequestBuilder",
    "EventItemRequestBuilder",
    "EventsRequestBuilder",
    "GraphRequestAdapter",
    "Method",
    "RequestConfiguration",
    "RequestInformation",
    "UsersRequestBuilder",
]
