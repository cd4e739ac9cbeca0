"""The simulated Graph, asked by the real msgraph-sdk over HTTP."""

from __future__ import annotations

import httpx
import pytest
from kiota_abstractions.api_error import APIError
from kiota_abstractions.authentication import (
    AccessTokenProvider,
    AllowedHostsValidator,
    BaseBearerTokenAuthenticationProvider,
)
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
from msgraph.generated.models.event import Event
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph.graph_service_client import GraphServiceClient
from msgraph_core import GraphClientFactory

from tests.simulators.common.server import serve

from .graph_stage import NINE, WINDOW, Stage, stage

__all__ = ["stage"]


class Issued(AccessTokenProvider):
    """Hands out one token."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def get_authorization_token(self, uri: str, additional_authentication_context: object = None) -> str:
        return self._token

    def get_allowed_hosts_validator(self) -> AllowedHostsValidator:
        return AllowedHostsValidator([])


# the SDK warns of its own generated classes when their module is loaded
@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
async def test_sdk_creates_reads_changes_deletes(stage: Stage) -> None:
    """The SDK's own requests and models fit: create, read, patch, a delta page, delete, and an error."""
    from msgraph.generated.users.item.calendar_view.delta.delta_request_builder import DeltaRequestBuilder

    token = stage.people.issue_token(stage.tenant, stage.app.client_id)
    # the SDK puts its own transport around the client's and never closes the inner one: that is left to the caller
    async with serve(stage.graph.app) as base, httpx.AsyncHTTPTransport() as sockets:
        client = httpx.AsyncClient(transport=sockets, trust_env=False)
        http = GraphClientFactory.create_with_default_middleware(client=client)
        adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(Issued(token)), client=http)
        adapter.base_url = f"{base}/v1.0"
        user = GraphServiceClient(request_adapter=adapter).users.by_user_id(stage.anna.object_id)

        start, end = (DateTimeTimeZone(date_time=f"2026-03-10T{hour}:00:00", time_zone="UTC") for hour in ("09", "10"))
        made = await user.calendar.events.post(Event(subject="Planning", start=start, end=end, transaction_id="t"))
        assert made is not None
        assert made.id is not None
        item = user.events.by_event_id(made.id)
        read = await item.get()
        assert read is not None
        assert (read.subject, read.transaction_id) == ("Planning", "t")
        assert stage.people.event(made.id).start == NINE

        await item.patch(Event(subject="Changed"))
        window = DeltaRequestBuilder.DeltaRequestBuilderGetQueryParameters(
            start_date_time=WINDOW["startDateTime"], end_date_time=WINDOW["endDateTime"]
        )
        page = await user.calendar_view.delta.get(RequestConfiguration(query_parameters=window))
        assert page is not None
        assert [event.subject for event in page.value or []] == ["Changed"]
        assert page.odata_delta_link is not None

        await item.delete()
        after = await user.calendar_view.delta.with_url(page.odata_delta_link).get()
        assert after is not None
        assert [event.additional_data["@removed"] for event in after.value or []] == [{"reason": "deleted"}]
        with pytest.raises(APIError) as refused:
            await item.get()
        assert refused.value.response_status_code == 404
