"""The pages on which people see, choose and change meetings; made on the server, without scripts."""
