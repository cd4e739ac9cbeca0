"""A wire to Azurite's tables that loses answers, or requests, of transactions."""

import asyncio
import re
from types import TracebackType
from typing import Self


class LossyWire:
    """Forwards to the table port of a connection string. `lose_answers` and `lose_requests` count down."""

    def __init__(self, connection_string: str) -> None:
        found = re.search(r"TableEndpoint=http://127\.0\.0\.1:(\d+)/", connection_string)
        assert found is not None
        self._port, self._origin = int(found[1]), connection_string
        self._server: asyncio.Server | None = None
        self.connection_string = ""
        self.lose_answers = 0
        self.lose_requests = 0
        self.transactions = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        own = self._server.sockets[0].getsockname()[1]
        self.connection_string = self._origin.replace(f"127.0.0.1:{self._port}/", f"127.0.0.1:{own}/")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, client: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        upstream, requests = await asyncio.open_connection("127.0.0.1", self._port)
        losing = asyncio.Event()
        back = asyncio.create_task(self._back(upstream, answers, losing))
        try:
            while data := await client.read(1 << 20):
                if data.startswith(b"POST") and b"$batch" in data[:200]:
                    self.transactions += 1
                    if self.lose_requests:
                        self.lose_requests -= 1
                        break
                    if self.lose_answers:
                        self.lose_answers -= 1
                        losing.set()
                requests.write(data)
                await requests.drain()
        except ConnectionError:
            pass
        finally:
            if not losing.is_set():
                back.cancel()
            await asyncio.wait([back])
            for writer in (answers, requests):
                writer.close()

    async def _back(self, upstream: asyncio.StreamReader, answers: asyncio.StreamWriter, losing: asyncio.Event) -> None:
        """Hand answers on. A lost one is waited for, so that what it is about has happened."""
        while data := await upstream.read(1 << 20):
            if losing.is_set():
                answers.close()
                return
            answers.write(data)
            await answers.drain()
