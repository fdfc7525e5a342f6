"""How what is on AWS is called, as Terraform calls it (`terraform/modules/disparo/names.tf`)."""

from __future__ import annotations

from dataclasses import dataclass

from aws_local.server import ACCOUNT, REGION

FUNCTIONS = ("api", "send", "schedule", "ingest")
QUEUES = ("send", "ingest")


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one environment."""

    environment: str = "dev"
    prefix: str = "alquimista-disparo"

    def function(self, short: str) -> str:
        """A function of `FUNCTIONS`."""
        return self._of(short)

    def queue(self, short: str) -> str:
        """A queue of `QUEUES`."""
        return self._of(short)

    def dlq(self, short: str) -> str:
        """The queue that takes what a queue of `QUEUES` gave up."""
        return self._of(f"{short}-dlq")

    def queue_arn(self, name: str) -> str:
        """The ARN of a queue by its whole name."""
        return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"

    @property
    def bucket(self) -> str:
        """The bucket of contact files."""
        return f"{self.prefix}-imports-{self.environment}-{ACCOUNT}"

    @property
    def secrets(self) -> str:
        """What the names of secrets begin with."""
        return f"{self.prefix}/{self.environment}"

    def _of(self, short: str) -> str:
        return f"{self.prefix}-{short}-{self.environment}"
