"""Ways into the states that random steps seldom find; each is walked first, then anything may happen.

A road is a few happenings in order. The truths are checked behind each of them.
"""

from payments.services import collecting, refunds


def paid_far(m, currency):
    """A deposit for a far place, taken at once."""
    yield m.book(which=0, who=0)
    yield m.begin_to_pay(which=0, currency=currency, opens=True)
    yield m.somebody_pays_and_returns(which=0)


def reserved(m, currency):
    """A deposit for a near place, kept by the card."""
    yield m.book(which=1, who=0)
    yield m.begin_to_pay(which=0, currency=currency, opens=True)
    yield m.somebody_pays_and_returns(which=0)


def collected_and_disputed(m, currency):
    yield from reserved(m, currency)
    yield m.the_day_before_comes(which=0)
    yield m.the_payer_complains(which=0, whole=True)


def released(m, currency):
    """The card keeps it, and the patient cancels while everything comes back."""
    yield from reserved(m, currency)
    yield m.cancel(which=0, by_hospital=False)
    yield m.a_worker_runs(task=collecting.collect_due)


def collected_early(m, currency):
    """The card keeps it, and the patient cancels when a part is kept."""
    yield from reserved(m, currency)
    yield m.time_passes(minutes=24 * 60)
    yield m.cancel(which=0, by_hospital=False)
    yield m.a_worker_runs(task=collecting.collect_due)


def not_collected(m, currency):
    """The card refuses on the day, gives up, and the desk keeps the place."""
    yield from reserved(m, currency)
    yield m.a_card_gives_up_what_it_keeps(which=0, lets_go=False)
    yield m.the_day_before_comes(which=0)
    yield m.a_card_gives_up_what_it_keeps(which=0, lets_go=True)
    yield m.all_news_arrives_backwards()
    yield m.the_desk_decides_about_a_place(which=0, keeps=True)


def lost_dispute(m, currency):
    yield from paid_far(m, currency)
    yield m.the_payer_complains(which=0, whole=True)
    yield m.the_bank_decides(which=0, is_won=False)
    yield m.all_news_arrives_backwards()


def lost_after_a_refund(m, currency):
    yield from paid_far(m, currency)
    yield m.goodwill(which=0, percent=50, place="keep", second="agrees")
    yield m.a_worker_runs(task=refunds.send_due_refunds)
    yield m.the_payer_complains(which=0, whole=False)
    yield m.the_bank_decides(which=0, is_won=False)
    yield m.all_news_arrives_backwards()


def lost_while_a_refund_waits(m, currency):
    """What the bank did not take of a refund that waited is paid by bank."""
    yield from paid_far(m, currency)
    yield m.cancel(which=0, by_hospital=True)
    yield m.the_payer_complains(which=0, whole=False)
    yield m.the_bank_decides(which=0, is_won=False)
    yield m.all_news_arrives_backwards()
    yield m.the_cashier_pays_a_refund(which=0)


def late_second_payment(m, currency):
    """A transfer pays while a page is open, and the page is paid all the same."""
    yield m.book(which=0, who=0)
    yield m.begin_to_pay(which=0, currency=currency, opens=True)
    yield m.a_transfer_is_noted(which=0, minor=16_000, number=0)
    yield m.somebody_pays_what_we_gave_up(which=0, hears=True)


def transfer_too_much(m, currency):
    """A part by bank, then more than the rest; what is too much is paid back by the cashier."""
    yield m.book(which=0, who=0)
    yield m.a_transfer_is_noted(which=0, minor=5_000, number=0)
    yield m.a_transfer_is_noted(which=0, minor=21_000, number=1)
    yield m.the_cashier_pays_a_refund(which=0)


def page_partly_too_much(m, currency):
    """A page lapses, the place is held anew for a smaller rest, and the old page was paid."""
    yield m.book(which=0, who=0)
    yield m.begin_to_pay(which=0, currency=currency, opens=True)
    yield m.a_transfer_is_noted(which=0, minor=5_000, number=0)
    yield m.somebody_pays_what_we_gave_up(which=0, hears=True)


def share_and_own_part(m, currency):
    yield m.book(which=0, who=0)
    yield m.offer_a_share(which=0, minor=5_000)
    yield m.pay_a_share(which=0, currency=currency)
    yield m.begin_to_pay(which=0, currency=currency, opens=True)
    yield m.somebody_pays_and_returns(which=0)
    yield m.somebody_pays_and_returns(which=0)


def moved(m, currency):
    yield from paid_far(m, currency)
    yield m.move(which=0, by_hospital=False)


ROADS = (
    reserved,
    collected_and_disputed,
    released,
    collected_early,
    not_collected,
    lost_dispute,
    lost_after_a_refund,
    lost_while_a_refund_waits,
    late_second_payment,
    transfer_too_much,
    page_partly_too_much,
    share_and_own_part,
    moved,
)
