"""Clients of AWS services other than DynamoDB."""

from __future__ import annotations

import os
from functools import cache
from threading import Lock
from typing import Any

from disparo.domain.errors import StoreError

CONNECT_TIMEOUT_S = 2
READ_TIMEOUT_S = 10
TRIES = 3

_making = Lock()


@cache
def client(service: str, region: str | None) -> Any:
    """A client of a service for any number of threads, the same each time; without `region`, botocore's own.

    Made when first asked for, as importing botocore and reading the service's model take a good part of a cold start.
    It holds connections and no event loop, so it lives on over the freezes between a function's calls: one that went
    stale meanwhile is noticed and opened anew. StoreError without a region.
    """
    from botocore.config import Config
    from botocore.exceptions import NoRegionError
    from botocore.session import Session

    usual = Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        retries={"total_max_attempts": TRIES, "mode": "standard"},
        tcp_keepalive=True,
        user_agent_extra="disparo",
    )
    config = usual.merge(Config(**_special(service)))
    try:
        with _making:  # making sessions is not safe in several threads at once
            return Session().create_client(service, region_name=region, config=config)
    except NoRegionError:
        raise StoreError("falta a região da AWS: defina aws_region (por exemplo, sa-east-1) ou AWS_REGION") from None


def _special(service: str) -> dict[str, Any]:
    """Options of one service alone.

    Left to itself botocore signs addresses for S3 by version 2 and for the global host, which buckets made after 24
    June 2020, and regions other than us-east-1, refuse (Amazon S3 user guide, "Signature Version 2 deprecation").
    """
    if service != "s3":
        return {}
    if "AWS_ENDPOINT_URL" in os.environ:  # an emulator's host has no names of buckets before it
        return {"signature_version": "s3v4"}
    style = {"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"}
    return {"signature_version": "s3v4", "s3": style}
