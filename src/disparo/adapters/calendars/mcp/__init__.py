"""Calendars through the tools of any MCP server."""
