"""A provider that takes everything and shows it, used wherever `live` is off."""
