"""A message through a tool of any MCP server, started as a program or reached by HTTP."""
