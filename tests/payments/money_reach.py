"""What a run of happenings came to: how often each was tried, done and refused, and what it led to.

A proof over random steps says nothing of states that no run ever saw, so the test states a minimum
for each and fails below it.
"""

from collections import Counter
from functools import wraps

from django.db.models import Q
from hypothesis.stateful import rule

from bookings.models import Appointment
from payments.models import (
    DepositGap,
    Dispute,
    LedgerPosting,
    MoneyAlert,
    Payment,
    PaymentShare,
    Refund,
    RefundCause,
)


def happening(**choices):
    """As `rule`, and remember its name while it runs, so that what it does is counted under it."""

    def of(function):
        @wraps(function)
        def named(self, *args, **kwargs):
            self.what = function.__name__
            function(self, *args, **kwargs)

        return rule(**choices)(named)

    return of


class Reach:
    """Counts what was done and refused by happening, and in how many runs each situation was seen."""

    def __init__(self):
        self.done, self.refused, self.seen = Counter(), Counter(), Counter()
        self.runs = self.steps = 0
        self.is_over = False
        self._this_run: set[str] = set()

    def begin_run(self):
        self.runs += 1
        self.is_over = False
        self._this_run = set()

    def note(self, name, *, is_done):
        """Count a happening, unless its run is over and things only come to rest."""
        if not self.is_over:
            (self.done if is_done else self.refused)[name] += 1

    def look(self):
        """Count the situations that are there now, each once a run."""
        self.steps += 1
        new = situations() - self._this_run
        self._this_run |= new
        self.seen.update(new)

    def lacking(self, done: dict[str, int], seen: dict[str, int]) -> list[str]:
        """Name what was reached less often than asked for."""
        asked = [("done", self.done, done), ("seen", self.seen, seen)]
        return [
            f"{what} {name}: {found[name]}, not {least}"
            for what, found, leasts in asked
            for name, least in leasts.items()
            if found[name] < least
        ]

    def table(self) -> str:
        lines = [
            f"{self.runs} runs, {self.steps} looks",
            f"{'happening':<52}{'done':>6}{'refused':>9}",
        ]
        for name in sorted(self.done | self.refused):
            lines.append(f"{name.replace('_', ' '):<52}{self.done[name]:>6}{self.refused[name]:>9}")
        lines.append(f"{'situation':<52}{'runs':>6}")
        lines += [f"{name:<52}{self.seen[name]:>6}" for name in sorted(self.seen)]
        return "\n".join(lines)


def situations() -> set[str]:
    """Name everything of interest that there is at this moment, in words."""
    found = {f"appointment {state}" for state in _each(Appointment, "state")}
    for state, gateway in _each(Payment, "state", "gateway"):
        found.add(f"payment {state}" if gateway == "stripe" else f"transfer {state}")
    found |= {f"refund {state} by {route}" for state, route in _each(Refund, "state", "route")}
    found |= {f"refund because {cause}" for cause in _each(Refund, "cause")}
    found |= {f"dispute {state}" for state in _each(Dispute, "state")}
    found |= {f"missing deposit {state}" for state in _each(DepositGap, "state")}
    found |= {f"posting {kind}" for kind in _each(LedgerPosting, "kind")}
    found |= {f"alert {kind}" for kind in _each(MoneyAlert, "kind")}
    found |= {name for name, rows in _special().items() if rows.exists()}
    return found


def _each(model, *fields):
    return model.objects.order_by().values_list(*fields, flat=len(fields) == 1).distinct()


def _special():
    """Name what is more than one column: shares, surpluses, and every end of a reservation."""
    paid = Payment.objects.filter(state="succeeded")
    online, reserved = paid.filter(gateway="stripe"), Payment.objects.filter(is_reserved_first=True)
    lost = Dispute.objects.filter(state="lost")
    return {
        "share paid": PaymentShare.objects.filter(paid_at__isnull=False),
        "share withdrawn": PaymentShare.objects.filter(withdrawn_at__isnull=False),
        "share paid twice": online.filter(share__isnull=False, surplus_minor__gt=0),
        "share and own part paid": online.filter(
            share=None, obligation__payments__in=paid.filter(share__isnull=False)
        ),
        "late second payment": online.filter(surplus_minor__gt=0, contract_minor=0),
        "online payment partly too much": online.filter(surplus_minor__gt=0, contract_minor__gt=0),
        "transfer too much": paid.filter(
            gateway="bank_transfer", surplus_minor__gt=0, contract_minor__gt=0
        ),
        "transfer of nothing owed": paid.filter(gateway="bank_transfer", contract_minor=0),
        "surplus lost to a dispute": lost.filter(payment__surplus_minor__gt=0),
        "lost dispute after a refund": lost.filter(
            payment__refunds__state="succeeded", payment__refunds__route="original"
        ),
        "refund of a lost dispute's rest": Refund.objects.filter(
            payment__disputes__state="lost", route="bank_transfer"
        ).exclude(state="failed"),
        "card to be released": reserved.filter(wanted="release"),
        "card to be collected early": reserved.filter(state="reserved", wanted="collect"),
        "card released": reserved.filter(state="cancelled").exclude(intent_id=""),
        "card collected": reserved.filter(state="succeeded"),
        "collected part given back": reserved.filter(
            Q(back_minor__gt=0) & Q(refunds__cause=RefundCause.PATIENT_CANCELLED)
        ),
        "collected from a card and disputed": reserved.filter(disputes__isnull=False),
    }
