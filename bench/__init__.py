"""Measurements of what the product does, each next to the bare limit of the same machine in the same run."""
