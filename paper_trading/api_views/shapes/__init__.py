"""Rows as plain dicts, and the serializers that document them. As many queries for many rows as for one."""
