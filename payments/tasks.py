"""Periodic work of money: each task does what is due in the database and may run twice."""

from celery import shared_task

# A run that waited longer than this is superseded by the next one.
EXPIRES = 60


@shared_task(name="payments.process_events", expires=EXPIRES)
def process_events() -> None:
    from payments.services import inbox

    inbox.process_due()


@shared_task(name="payments.sweep", expires=EXPIRES)
def sweep() -> None:
    from payments.services import sweep as sweeping

    sweeping.sweep()


@shared_task(name="payments.send_refunds", expires=EXPIRES)
def send_refunds() -> None:
    from payments.services import refunds

    refunds.send_due_refunds()


@shared_task(name="payments.collect_reserved", expires=EXPIRES)
def collect_reserved() -> None:
    from payments.services import collecting

    collecting.collect_due()


@shared_task(name="payments.issue_receipts", expires=EXPIRES)
def issue_receipts() -> None:
    from payments.services import receipts

    receipts.issue_due()


@shared_task(name="payments.check_payees", expires=EXPIRES)
def check_payees() -> None:
    from payments.services import sweep as sweeping

    sweeping.check_payees()


@shared_task(name="payments.reconcile", expires=EXPIRES)
def reconcile() -> None:
    from payments.services import reconciliation

    reconciliation.reconcile_due()


@shared_task(name="payments.expire_quotes", expires=EXPIRES)
def expire_quotes() -> None:
    from payments.services import quotes

    quotes.expire_quotes()


@shared_task(name="payments.refresh_direct_pay", expires=EXPIRES)
def refresh_direct_pay() -> None:
    from payments.services.insurance import facts

    facts.refresh_direct_pay()


@shared_task(name="payments.sweep_guarantees", expires=EXPIRES)
def sweep_guarantees() -> None:
    from payments.services.insurance import guarantee_sweep

    guarantee_sweep.sweep_guarantees()


@shared_task(name="payments.retry_eligibility", expires=EXPIRES)
def retry_eligibility() -> None:
    from payments.services.insurance import retries

    retries.ask_again_due()


@shared_task(name="payments.forget_machine_rows", expires=EXPIRES)
def forget_machine_rows() -> None:
    from payments.services.insurance import machines

    machines.forget_old_rows()


@shared_task(name="payments.close_settled_claims", expires=EXPIRES)
def close_settled_claims() -> None:
    from payments.services.insurance import claim_decisions

    claim_decisions.close_settled_claims()
