"""What use cases and engine need from the world, as Protocols that state duplicates, order and failure."""
