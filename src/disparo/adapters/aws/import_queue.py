"""The rest of an import as a message on SQS."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from disparo.domain.errors import StoreError


class SqsImportQueue:
    """`ImportQueue`: messages `{"import": "<id>"}`. `client` gives botocore's, made when first needed."""

    def __init__(self, client: Callable[[], Any], url: str) -> None:
        self._client, self._url = client, url

    async def go_on(self, import_id: str) -> None:
        """See `ImportQueue.go_on`. StoreError when SQS does not take it."""
        from botocore.exceptions import BotoCoreError, ClientError

        body = json.dumps({"import": import_id})
        try:
            await asyncio.to_thread(lambda: self._client().send_message(QueueUrl=self._url, MessageBody=body))
        except (BotoCoreError, ClientError) as error:
            raise StoreError(f"a fila de importação não pôde ser usada ({error}); tente de novo") from error
