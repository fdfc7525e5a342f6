"""See `aws_local.run`."""

from __future__ import annotations

from aws_local.run import main

raise SystemExit(main())
