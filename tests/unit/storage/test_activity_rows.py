"""Users as properties of rows."""

import re
import uuid

import pytest

from core.adapters.storage.activities import _change
from core.adapters.storage.company_rows import packed_users, users_in
from core.model.ids import UserId


def test_names_of_properties() -> None:
    """Every user has one of their own, of characters that a property's name may have, and short enough."""
    guid = str(uuid.uuid4())
    users = [guid, guid.replace("-", "_"), guid.replace("-", ""), "anna", "anna ", "ännä", "a" * 300, ""]
    names = [_change(UserId(user)) for user in users]
    assert len(set(names)) == len(users)
    assert all(re.fullmatch(r"h_[0-9A-Za-z_]{1,250}", name) for name in names)


def test_users_that_are_packed() -> None:
    """Each once, in the order of ids; nobody takes no property at all."""
    users = [UserId("carl"), UserId("ännä, the second"), UserId("bert"), UserId("carl")]
    assert users_in("name", packed_users("name", users)) == tuple(sorted({*users}))
    assert packed_users("name", []) == {}
    assert users_in("name", {}) == ()


def test_how_many_users_a_row_holds() -> None:
    """Ten thousand fit; so many that none would is said in words."""
    users = [UserId(str(uuid.uuid4())) for _ in range(10_000)]
    assert users_in("name", packed_users("name", users)) == tuple(sorted(users))
    with pytest.raises(ValueError, match="users do not fit"):
        packed_users("name", [UserId(str(uuid.uuid4())) for _ in range(60_000)])
