"""The laptop's stack: embedded PostgreSQL and Valkey, the Procfile's processes, and the checks.

Nothing here runs in production; the application never imports it.
"""
