# SPDX-License-Identifier: MIT
"""Fixtures of the tests of the ABI generator."""

import pytest
from abi_support import FILES, generate


@pytest.fixture(scope="session", params=FILES)
def generated(request, tmp_path_factory):
    return generate(request.param, tmp_path_factory)


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    return generate("sample", tmp_path_factory)
