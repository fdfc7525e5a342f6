"""The client that `DynamoTables` is given.

botocore is imported when a client is made, not before; it is taken without boto3, which is 60 ms of cold start more
(300 instead of 360 ms on the machine where it was measured) and adds nothing that is used here.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from disparo.adapters.aws.dynamo import DynamoTables
from disparo.adapters.aws.dynamo_faults import WHAT_TO_DO, Fault, fault_of
from disparo.domain.errors import StoreError

THREADS = 32
CONNECT_TIMEOUT_S = 2
READ_TIMEOUT_S = 5


def open_tables(prefix: str, environment: str, *, endpoint_url: str | None = None) -> DynamoTables:
    """The tables `<prefix>-<name>-<environment>` with threads of their own. StoreError as `dynamo_client`."""
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="dynamodb")
    return DynamoTables(dynamo_client(endpoint_url), prefix, environment, pool=pool)


def dynamo_client(endpoint_url: str | None = None) -> Any:
    """A low-level client for any number of threads, which leaves trying again to `DynamoCalls`.

    Region, credentials and, without `endpoint_url`, AWS_ENDPOINT_URL are read by botocore. Requests are not checked
    against the service's model and the user agent is short: both are paid at every call. StoreError without a region.
    """
    from botocore.config import Config
    from botocore.session import Session

    config = Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        max_pool_connections=THREADS,
        parameter_validation=False,
        retries={"total_max_attempts": 1, "mode": "standard"},
        tcp_keepalive=True,
        user_agent="disparo botocore",
    )
    try:
        return Session().create_client("dynamodb", endpoint_url=endpoint_url, config=config)
    except Exception as error:
        if type(error).__name__ == "NoRegionError":
            raise StoreError("falta a região da AWS: defina AWS_DEFAULT_REGION (por exemplo, sa-east-1)") from error
        if (fault := fault_of(error)) is Fault.ACCESS:
            raise StoreError(WHAT_TO_DO[fault]) from error
        raise
