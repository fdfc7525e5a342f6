"""Settings of assistants that work with the installation over MCP."""

from __future__ import annotations

from pydantic import BaseModel, Field


class McpServerSettings(BaseModel):
    """What assistants may do that come over HTTP."""

    mcp_writes: bool = Field(
        default=False,
        description="Whether assistants at `/mcp` may change things, for operators only ([MCP](mcp-server.md)); "
        "without it they only look.",
    )
