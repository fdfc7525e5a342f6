"""What people ask of the agenda."""
