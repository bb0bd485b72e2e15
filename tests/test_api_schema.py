"""The HTTP API does what its schema says, whatever is sent: requests made from the schema by Schemathesis."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import positive_data_acceptance

from assistant.web.limits import Limit
from assistant.web.services import Services
from assistant.web.serving import pages
from tests import test_desks

load_all_checks()
services, people = test_desks.services, test_desks.people
ADDRESSES = {"/ask": "POST", "/lookup": "GET", "/states": "GET"}


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("path", ADDRESSES)
def test_every_request_is_answered_as_the_schema_says(
    services: Services, people: dict[str, str], path: str, mode: GenerationMode
) -> None:
    bearer = {"Authorization": f"Bearer {services.tokens.make('ann')}"}
    app = pages(services, often=Limit(1_000_000, 60))
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", app, headers=bearer)
    assert {held: method.upper() for held in schema for method in schema[held]} == ADDRESSES

    @given(schema[path][ADDRESSES[path]].as_strategy(generation_mode=mode, headers=bearer))
    @settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def sent(case: schemathesis.Case) -> None:
        # What the schema lets through may still be no question, no citation, no conversation: it is told so with 422.
        case.call_and_validate(headers=bearer, excluded_checks=[positive_data_acceptance])

    sent()
