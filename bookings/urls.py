from django.urls import path

from bookings.views import (
    appointments,
    booking,
    care,
    details,
    follow_ups,
    holding,
    insuring,
    linked,
    openings,
    recovery,
    requests,
    times,
    waiting,
)

app_name = "bookings"

urlpatterns = [
    path("book/hold/<slug:hold>/details/", details.details, name="details"),
    path("book/hold/<slug:hold>/details/new/", details.details_new, name="details_new"),
    path("book/hold/<slug:hold>/notes/", details.notes, name="notes"),
    path("book/hold/<slug:hold>/account/", details.account_step, name="account_step"),
    path("book/hold/<slug:hold>/check/", booking.check, name="check"),
    path("book/hold/<slug:hold>/insurance/", insuring.use_insurance, name="use_insurance"),
    path("book/hold/<slug:hold>/insured/", insuring.book_insured, name="book_insured"),
    path("book/hold/<slug:hold>/confirmed/", booking.confirmed, name="confirmed"),
    path("book/hold/<slug:hold>/longer/", holding.extend_hold, name="extend_hold"),
    path("book/hold/<slug:hold>/release/", holding.release_hold, name="release_hold"),
    path("book/<slug:offer>/", times.picker, name="picker"),
    path("book/<slug:offer>/hold/", times.hold_slot, name="hold_slot"),
    path("book/<slug:offer>/now/", times.book_now, name="book_now"),
    path("book/<slug:offer>/ask/", requests.ask_for_dates, name="ask_for_dates"),
    path("book/<slug:offer>/wait/", waiting.join_waiting_list, name="join_waiting_list"),
    path("hospitals/<slug:slug>/openings/", openings.hospital_openings, name="hospital_openings"),
    path("care/", care.care, name="care"),
    path("care/cases/<slug:case>/", care.case, name="case"),
    path("care/cases/<slug:case>/recovery/", recovery.recovery, name="recovery"),
    path("l/<str:ticket>/", recovery.linked_hand_back, name="linked_hand_back"),
    path("care/requests/<slug:asked>/", requests.window_request, name="request"),
    path("care/requests/<slug:asked>/accept/", requests.accept_time, name="accept_time"),
    path("care/requests/<slug:asked>/decline/", requests.decline_times, name="decline_times"),
    path(
        "care/requests/<slug:asked>/withdraw/", requests.withdraw_request, name="withdraw_request"
    ),
    path("care/waiting/<slug:entry>/", waiting.waiting_entry, name="waiting_entry"),
    path("care/waiting/<slug:entry>/accept/", waiting.accept_place, name="accept_place"),
    path("care/waiting/<slug:entry>/leave/", waiting.leave_waiting_list, name="leave_waiting_list"),
    path("care/appointments/<slug:appointment>/", appointments.appointment, name="appointment"),
    path(
        "care/appointments/<slug:appointment>/move/",
        appointments.move_appointment,
        name="move_appointment",
    ),
    path(
        "care/appointments/<slug:appointment>/cancel/",
        appointments.cancel_appointment,
        name="cancel_appointment",
    ),
    path(
        "care/appointments/<slug:appointment>/appointment.ics",
        appointments.calendar_file,
        name="calendar_file",
    ),
    path("care/follow-ups/<slug:follow_up>/", follow_ups.follow_up, name="follow_up"),
    path(
        "care/follow-ups/<slug:follow_up>/sent/", follow_ups.follow_up_sent, name="follow_up_sent"
    ),
    path("f/<str:ticket>/", follow_ups.linked_follow_up, name="linked_follow_up"),
    path("f/<str:ticket>/sent/", follow_ups.linked_follow_up_sent, name="linked_follow_up_sent"),
    path("a/<str:token>/", linked.linked_appointment, name="linked_appointment"),
    path("a/<str:token>/move/", linked.linked_move, name="linked_move"),
    path("a/<str:token>/cancel/", linked.linked_cancel, name="linked_cancel"),
    path("a/<str:token>/appointment.ics", linked.linked_calendar_file, name="linked_calendar_file"),
]
