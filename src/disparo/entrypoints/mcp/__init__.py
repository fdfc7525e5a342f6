"""Assistants work with an installation over the Model Context Protocol: tools that look, and tools that change.

`tool` is what a tool is; `looking_*` and `changing_*` are the tools by topic; `asking` has a destructive one asked for
twice; `calls` is the way that each call takes; `server` speaks the protocol, `http` and `cli/mcp` are its doors. The
SDK (`mcp`) is imported by `server` alone, which its doors import when somebody comes.
"""
