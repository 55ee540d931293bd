"""Pseudonyms of drivers: a keyed hash in place of contract ids and token uids, made when accepted rows are first written.

Here: the key, the pseudonym of a column, and what tells a session again in a later window. Plain hashes would fail (card
numbers can be enumerated), so the key is kept outside the data, in LINDA_PSEUDONYM_KEY. Not here: who reads the environment
(the command line and Dagster do).
"""

from __future__ import annotations

import base64
import hmac
import re
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.errors import InputMistake
from linda_pipeline.ocpi.nested import one_chunk
from linda_pipeline.ocpi.record_keys import folded
from linda_pipeline.quality.identity import NO_IDENTITY, hashes

WITH_CHECK_DIGIT = r"^([A-Z]{2}[0-9A-Z]{3}(?:[0-9A-Z]{9}|[0-9A-Z]{6}))[0-9A-Z]$"
"""A folded contract id that ends in a check digit: eMI3 of 15 characters (country, provider, nine, the digit), or DIN SPEC
91286 of 12 (country, provider, six, the digit). The digit is optional in both, says nothing of its own, and CPOs differ in
whether they send it. Whether it is right is not looked at: a driver with a mistyped one is still that driver."""


class KeyUnusable(InputMistake):
    """LINDA_PSEUDONYM_KEY is missing or malformed."""


def read_key(text: str | None) -> bytes:
    """The key from its 64 hex digits. Raises KeyUnusable with the remedy; never shows the text itself."""
    if not text:
        raise KeyUnusable(
            "LINDA_PSEUDONYM_KEY is not set. Make a key once (64 hex digits, for instance with: openssl rand -hex 32), "
            "keep it outside the data, and set it for every run."
        )
    if re.fullmatch(r"[0-9a-fA-F]{64}", text) is None:
        raise KeyUnusable(f"LINDA_PSEUDONYM_KEY must be 64 hex digits; what is set has {len(text)} characters.")
    return bytes.fromhex(text)


def pseudonyms(contract_id: Any, token_uid: Any | None, key: bytes) -> Any:
    """HMAC-SHA-256 as 64 hex digits over the contract id (in capitals, without separators and check digit), else over the
    token uid (in capitals, without separators)."""
    identity = pc.replace_substring_regex(_folded(contract_id), WITH_CHECK_DIGIT, r"\1")
    if token_uid is not None:
        identity = pc.coalesce(identity, _folded(token_uid))
    encoded = pc.dictionary_encode(identity)
    hashed = [
        None if one is None else hmac.digest(key, one.encode(), "sha256").hex()
        for one in encoded.dictionary.to_pylist()
    ]
    return pa.DictionaryArray.from_arrays(encoded.indices, pa.array(hashed, pa.string())).cast(pa.string())


def session_keys(session_id: Any, key: bytes) -> Any:
    """A keyed hash of 64 bits per session id (its case does not count); null where there is none. It tells that two CDRs are of
    one session, and no more."""
    secret = base64.b64encode(hmac.digest(key, b"session_key", "sha256"))[:16].decode()
    hashed = hashes(folded(session_id), secret)
    return pa.array(hashed, mask=hashed == NO_IDENTITY)


def _folded(ids: Any) -> Any:
    """Ids in capitals without separators; null where nothing is left, or all such drivers would be one person."""
    folded = pc.replace_substring_regex(pc.utf8_upper(one_chunk(ids)), r"[^\p{L}\p{N}]", "")
    return pc.if_else(pc.equal(folded, ""), None, folded)
