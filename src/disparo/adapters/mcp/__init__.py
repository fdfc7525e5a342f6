"""Tools of an MCP server as adapters use them: a connection that is kept, and answers that are judged."""
