from django.urls import include, path

from payments.views import (
    asking,
    case_money,
    guarantees,
    insurance,
    papers,
    paying,
    quotes,
    shares,
    terms,
)
from payments.views import payer as by_link

app_name = "payments"
urlpatterns = [
    path("insurer/", include("payments.portal_urls")),
    path("care/quotes/<slug:quote>/", quotes.quote, name="quote"),
    path("care/quotes/<slug:quote>/accept/", quotes.accept_quote, name="accept_quote"),
    path("care/quotes/<slug:quote>/decline/", quotes.decline_quote, name="decline_quote"),
    path("care/quotes/<slug:quote>/quote.pdf", papers.quote_pdf, name="quote_pdf"),
    path("care/quotes/<slug:quote>/bill/", quotes.bill, name="bill"),
    path("care/guarantees/<slug:guarantee>/", guarantees.guarantee, name="guarantee"),
    path(
        "care/guarantees/<slug:guarantee>/answer/",
        guarantees.answer_question,
        name="answer_question",
    ),
    path("care/guarantees/<slug:guarantee>/agree/", guarantees.agree_papers, name="agree_papers"),
    path("care/guarantees/<slug:guarantee>/pay/", guarantees.pay_alone, name="pay_alone"),
    path("care/cases/<slug:case>/money/", case_money.case_money, name="case_money"),
    path("care/cases/<slug:case>/money/add/", case_money.top_up, name="top_up"),
    path("care/receipts/<slug:receipt>/", papers.receipt, name="receipt"),
    path("pay/for/<str:token>/", by_link.share, name="share"),
    path("pay/for/<str:token>/<slug:attempt>/", by_link.share_paying, name="share_paying"),
    path("pay/for/<str:token>/<slug:attempt>/receipt/", papers.share_receipt, name="share_receipt"),
    path("care/insurance/<slug:check>/", insurance.insurance_answer, name="insurance_answer"),
    path("care/insurance/<slug:check>/card/", insurance.card_photos, name="card_photos"),
    path("pay/insurance/<slug:offer>/", insurance.insurance, name="insurance"),
    path("pay/insurance/<slug:offer>/agree/", insurance.insurance_agree, name="insurance_agree"),
    path("pay/due/<slug:due>/", terms.due, name="due"),
    path("pay/due/<slug:due>/shares/", shares.shares, name="shares"),
    path("pay/due/<slug:due>/transfer/", shares.transfer, name="transfer"),
    path("pay/due/<slug:due>/take-back/", case_money.take_back_top_up, name="take_back"),
    path("pay/due/<slug:due>/claim/", asking.claim, name="claim"),
    path("pay/shares/<slug:share>/withdraw/", shares.withdraw_share, name="withdraw_share"),
    path("pay/payments/<slug:payment>/", paying.paying, name="paying"),
    path("pay/payments/<slug:payment>/fapiao/", asking.fapiao, name="fapiao"),
    path("pay/<slug:appointment>/", terms.deposit, name="deposit"),
]
