"""One deployed stack for all tests that need one, and a domain of its own for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chat import credentials
from chat.tables import Tables
from chat.tables.directory import Credential
from localcloud.cloud import client, free_port
from localcloud.endpoints import Endpoints
from localcloud.run import running, tables_of
from tests.company import PASSWORD, Company, now


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    """The deployed stack, with the demo domains."""
    folder: Path = tmp_path_factory.mktemp("cloud")
    with running(folder, free_port()) as endpoints:
        yield endpoints


@pytest.fixture(scope="session")
def tables(stack: Endpoints) -> Tables:
    """The stack's tables, with an administrator's rights."""
    return tables_of(stack)


@pytest.fixture(scope="session")
def aws(stack: Endpoints) -> Callable[[str], Any]:
    """Clients of the stack's cloud, with an administrator's rights."""
    return lambda service: client(service, stack.cloud)


@pytest.fixture(scope="session")
def credential() -> Credential:
    """The verifiers of the tests' password, with the fewest rounds that RFC 7677 allows."""
    return credentials.derive(PASSWORD, now() - 60_000, iterations=4096)


@pytest.fixture
def company(stack: Endpoints, tables: Tables, credential: Credential) -> Iterator[Company]:
    """A domain of its own with alice, bob and carol."""
    made = Company(stack, tables, credential)
    made.add("alice", "bob", "carol")
    yield made
    made.close()
