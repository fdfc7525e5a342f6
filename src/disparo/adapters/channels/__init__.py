"""One folder for each provider."""
