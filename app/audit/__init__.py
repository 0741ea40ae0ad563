"""Who did what to what: written by every service, read by admins."""

from app.audit.chain import record

__all__ = ["record"]
