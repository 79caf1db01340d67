"""A promise of what comes back, as the pages of an appointment show it."""

from medtour.lib.money import Money
from payments.models import Obligation
from payments.presenters.terms import Step
from payments.selectors.refund_preview import Preview


def preview_steps(preview: Preview) -> list[Step]:
    """Return the steps that can still be reached, then nothing; no steps without money."""
    if not preview.lines:
        return []
    currency = preview.steps[0].money.currency if preview.steps else preview.lines[0].held.currency
    ahead = [
        Step(step.percent, step.money, step.until, is_now=number == 0)
        for number, step in enumerate(preview.steps)
    ]
    return [*ahead, Step(0, Money(0, currency), is_now=not ahead)]


def next_step(preview: Preview) -> Step | None:
    """Return what comes back once the present step is over; None on the last one."""
    steps = preview_steps(preview)
    return steps[1] if len(steps) > 1 else None


def claimable_due(preview: Preview) -> Obligation:
    """Return the amount due of which the most is kept: the one to claim the rest of."""
    kept = max(preview.lines, key=lambda line: line.held.minor - line.amount.minor)
    return kept.payment.obligation
