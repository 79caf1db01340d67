"""The addresses of the insurer's portal, all under /insurer/."""

from django.urls import path

from payments.views.portal import (
    answering,
    batches,
    checking,
    claim_answers,
    claims,
    desk,
    members,
    network,
    remittances,
    requests,
    statements,
    trail,
)

urlpatterns = [
    path("", requests.work_list, name="insurer_desk"),
    path("check/", checking.check_cover, name="check_cover"),
    path("checks/<slug:check>/", checking.cover_answer, name="cover_answer"),
    path("batches/", batches.check_batches, name="check_batches"),
    path("batches/<slug:batch>/", batches.batch_answers, name="batch_answers"),
    path("batches/<slug:batch>/<slug:kind>/", batches.batch_file, name="batch_file"),
    path("company/", desk.insurer_listing, name="insurer_listing"),
    path("requests/<slug:guarantee>/", requests.asked, name="asked"),
    path("requests/<slug:guarantee>/approve/", answering.approve, name="approve"),
    path("requests/<slug:guarantee>/ask/", answering.ask, name="ask"),
    path("requests/<slug:guarantee>/decline/", answering.decline, name="decline"),
    path(
        "requests/<slug:guarantee>/documents/<slug:document>/",
        requests.asked_document,
        name="asked_document",
    ),
    path("claims/", claims.claim_list, name="insurer_claims"),
    path("claims/<slug:claim>/", claims.insurer_claim, name="insurer_claim"),
    path("claims/<slug:claim>/decide/", claim_answers.decide_claim, name="decide_claim"),
    path("claims/<slug:claim>/payment/", claim_answers.pay_claim, name="pay_claim"),
    path("claims/<slug:claim>/appeal/", claim_answers.answer_appeal, name="answer_appeal"),
    path("claims/<slug:claim>/archive/", claims.claim_archive, name="claim_archive"),
    path(
        "claims/<slug:claim>/documents/<slug:document>/",
        claims.claim_document,
        name="claim_document",
    ),
    path("network/", network.insurer_network, name="insurer_network"),
    path("users/", trail.insurer_trail, name="insurer_trail"),
    path("users/<slug:kind>/", trail.trail_file, name="trail_file"),
    path("members/", members.insurer_members, name="insurer_members"),
    path("members/file/", members.members_file, name="members_file"),
    path("members/<slug:member>/", members.insurer_member, name="insurer_member"),
    path("statement/", statements.insurer_statement, name="insurer_statement"),
    path("statement/<slug:kind>/", statements.statement_file, name="statement_file"),
    path("remittances/", remittances.insurer_remittances, name="insurer_remittances"),
    path("remittances/file/", remittances.remittance_file, name="remittance_file"),
]
