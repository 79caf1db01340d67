"""Background work of the sandbox: a thin wrapper, safe to run twice."""

from celery import shared_task


@shared_task(name="payments_sandbox.deliver", expires=5)
def deliver() -> None:
    from payments.gateways.sandbox import deliveries

    deliveries.finish_due()
    deliveries.deliver_due()
