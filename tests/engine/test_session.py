"""A session: what it is asked after it was closed, and what is no question at all."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ecgclip.engine.query import Engine
from ecgclip.engine.session import Session
from ecgclip.errors import ConfigError, FilterError, IndexStoreError
from ecgclip.records.ecg import Ecg


class IdlePool(ThreadPoolExecutor):
    """A pool whose threads never come to their work."""

    def _adjust_thread_count(self) -> None:
        pass


def test_a_session_that_is_closed_while_it_loads_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its loading never began: the pool had other work."""
    monkeypatch.setattr("ecgclip.engine.session.ThreadPoolExecutor", IdlePool)
    session = Session("index")
    session.close()
    with pytest.raises(IndexStoreError, match="this session was closed; make another Session"):
        _ = session.engine
    with pytest.raises(IndexStoreError, match="this session was closed; make another Session"):
        session.query("page.png")


@pytest.mark.parametrize("where", [3, ["age > 60"], b"age > 60"])
def test_a_filter_that_is_no_text_is_refused(engine: Engine, records: list[Ecg], where: object) -> None:
    with pytest.raises(FilterError, match="expected text such as"):
        engine.query(records[0], where=where)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", [3, ["words"], b"words"])
def test_words_that_are_no_text_are_refused(engine: Engine, records: list[Ecg], text: object) -> None:
    with pytest.raises(ConfigError, match="expected words such as"):
        engine.query(records[0], text=text)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="expected words such as"):
        engine.search(text)  # type: ignore[arg-type]
