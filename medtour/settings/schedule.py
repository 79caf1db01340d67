"""Periodic work: which task runs how often, in seconds; every task may run twice."""

CELERY_BEAT_SCHEDULE = {
    "dispatch due messages": {"task": "messaging.dispatch_due", "schedule": 2.0},
    "worker heartbeat": {"task": "messaging.worker_heartbeat", "schedule": 10.0},
    "expire holds": {"task": "bookings.expire_holds", "schedule": 30.0},
    "close unanswered requests": {"task": "bookings.expire_requests", "schedule": 300.0},
    "offer free places to the waiting list": {"task": "bookings.offer_waiting", "schedule": 30.0},
    "generate slots": {"task": "bookings.generate_slots", "schedule": 3600.0},
    "refresh next openings": {"task": "bookings.refresh_next_openings", "schedule": 300.0},
    "forget old messages": {"task": "messaging.forget_old_messages", "schedule": 86400.0},
    "forget ended sessions": {"task": "accounts.forget_ended_sessions", "schedule": 3600.0},
    "scan waiting documents": {"task": "accounts.scan_documents", "schedule": 60.0},
    "work on events of gateways": {"task": "payments.process_events", "schedule": 20.0},
    "ask after payments": {"task": "payments.sweep", "schedule": 60.0},
    "send refunds": {"task": "payments.send_refunds", "schedule": 60.0},
    "check payees": {"task": "payments.check_payees", "schedule": 86400.0},
    "close quotes whose time is over": {"task": "payments.expire_quotes", "schedule": 3600.0},
    "watch the clocks of guarantees": {"task": "payments.sweep_guarantees", "schedule": 60.0},
    "fetch exchange rates": {"task": "hospitals.refresh_rates", "schedule": 21600.0},
    "find agreements in the search": {"task": "payments.refresh_direct_pay", "schedule": 21600.0},
    "close claims that are settled": {"task": "payments.close_settled_claims", "schedule": 3600.0},
    "compare ledger and gateway": {"task": "payments.reconcile", "schedule": 21600.0},
}
