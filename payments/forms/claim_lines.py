"""What every form about the lines of a claim makes of what was typed, at the desk and the portal.

The forms bring `claim`, `lines`, `cleaned_data`, and `typed(line)`: minor units and reason code.
"""

from medtour.lib.money import Money
from payments.models import RemittanceStatus
from payments.services.insurance.remittance_plan import BankPayment, Paid, expected


class PaidLines:
    """A transfer that pays one claim line by line."""

    def payment(self):
        total = sum(self.typed(line)[0] for line in self.lines)
        return bank_payment(self.cleaned_data, Money(total, self.claim.currency))

    def parts(self):
        return [self._part(line, *self.typed(line)) for line in self.lines]

    def _part(self, line, minor, code):
        due = expected(self.claim, line)
        status = RemittanceStatus.SHORT_PAID if minor else RemittanceStatus.DENIED
        if minor == due:
            status = RemittanceStatus.PAID
        return Paid(self.claim.reference, line.position, status, minor, code, line.position)


def bank_payment(cleaned, amount):
    """Return a transfer as it was typed."""
    return BankPayment(
        cleaned["bank_reference"], cleaned["paid_on"], amount, cleaned["appeal_until"]
    )
