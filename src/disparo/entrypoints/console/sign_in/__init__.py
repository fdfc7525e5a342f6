"""Signing in and out, one's own account, and for admins people and keys."""
