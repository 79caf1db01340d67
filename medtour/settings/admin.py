"""How the staff admin (Unfold) looks, in which languages, and what its side bar lists."""

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

# Title, icon and model of each page in the side bar, and which page of the model when it is not the
# list; a person sees those that their role may open.
DESK_PAGES = [
    (
        _("The day"),
        [
            (_("Appointments"), "event", "bookings.appointment"),
            (_("Requests for dates"), "edit_calendar", "bookings.windowrequest"),
            (_("Waiting list"), "hourglass_top", "bookings.waitingentry"),
            (_("Cases"), "folder_shared", "bookings.case"),
            (_("Follow-up tasks"), "call", "bookings.followuptask"),
            (_("Complaints"), "feedback", "bookings.complaint"),
            (_("Outcomes"), "monitoring", "bookings.followuptask", "outcomes"),
        ],
    ),
    (
        _("Money"),
        [
            (_("Quotes"), "request_quote", "payments.quote"),
            (_("Final bills"), "receipt_long", "payments.finalbill"),
            (_("Amounts due"), "account_balance_wallet", "payments.obligation"),
            (_("How long money has waited"), "hourglass", "payments.obligation", "ageing"),
            (_("Payments"), "payments", "payments.payment"),
            (_("Day list"), "today", "payments.payment", "day"),
            (_("Guarantees of insurers"), "verified_user", "payments.guarantee"),
            (_("Refunds"), "undo", "payments.refund"),
            (_("Claims for a full refund"), "contract", "payments.refundclaim"),
            (_("Disputes"), "gavel", "payments.dispute"),
            (_("Claims to insurers"), "health_and_safety", "payments.insuranceclaim"),
            (_("How long insurers have owed"), "hourglass", "payments.insuranceclaim", "ageing"),
            (
                _("Insurers’ statement of a month"),
                "summarize",
                "payments.insuranceclaim",
                "statement",
            ),
            (_("Appointments without deposit"), "event_busy", "payments.depositgap"),
            (_("Fapiao requests"), "receipt", "payments.fapiaorequest"),
            (_("Ledger and gateway"), "balance", "payments.reconciliationrun"),
            (_("Alerts about money"), "warning", "payments.moneyalert"),
        ],
    ),
    (
        _("Supply"),
        [
            (_("Times"), "schedule", "bookings.slot"),
            (_("Working hours"), "calendar_view_week", "bookings.schedule"),
            (_("Closed days and extra hours"), "event_busy", "bookings.scheduleexception"),
        ],
    ),
    (
        _("Your hospital"),
        [
            (_("Offers and prices"), "sell", "hospitals.offer"),
            (_("Cancellation policies"), "event_available", "hospitals.cancellationpolicy"),
            (_("Follow-up plans"), "assignment", "bookings.followupplan"),
            (_("Doctors"), "stethoscope", "hospitals.doctor"),
            (_("Interpreters"), "translate", "hospitals.interpreter"),
            (_("Rooms and devices"), "radiology", "hospitals.equipment"),
            (_("Hospital"), "local_hospital", "hospitals.hospital"),
        ],
    ),
    (
        _("Platform"),
        [
            (_("Hospital staff"), "badge", "hospitals.hospitalmembership"),
            (_("Payee accounts"), "account_balance", "payments.payeeaccount"),
            (_("Programs of insurers"), "robot_2", "payments.machineclient"),
            (_("Suspended insurers"), "block", "payments.insurersuspension"),
            (_("Insurers that answer themselves"), "cable", "payments.insurerconnection"),
            (_("Treatments"), "medical_information", "hospitals.treatment"),
            (_("Specialties"), "category", "hospitals.specialty"),
            (_("Designation programmes"), "verified", "hospitals.programme"),
            (_("Special-access products"), "medication", "hospitals.specialaccessproduct"),
            (_("Public holidays"), "celebration", "bookings.calendarday"),
            (_("Exchange rates"), "currency_exchange", "hospitals.exchangerate"),
            (_("Accounts"), "person", "accounts.user"),
            (_("Who looked at what"), "policy", "accounts.auditentry"),
            (_("Messages"), "mail", "messaging.message"),
            (_("How channels do"), "monitoring", "messaging.message", "channels"),
            (_("People to call"), "call", "messaging.stafftask"),
            (_("Replies"), "forum", "messaging.inboundmessage"),
            (_("Addresses not used"), "unsubscribe", "messaging.suppression"),
            (_("Wordings"), "edit_note", "messaging.wordingversion"),
        ],
    ),
]

UNFOLD = {
    "SITE_TITLE": _("Medtour hospital desk"),
    "SITE_HEADER": _("Medtour hospital desk"),
    "SITE_SYMBOL": "medical_services",
    "SITE_URL": "/",
    "SHOW_LANGUAGES": True,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "THEME": "light",
    "LANGUAGES": {
        "action": reverse_lazy("admin:language"),
        "navigation": [
            {"code": "en", "name_local": "English"},
            {"code": "zh-hans", "name_local": "简体中文"},
        ],
    },
    "ACCOUNT": {
        "navigation": [
            {"title": _("Change password"), "link": reverse_lazy("account_change_password")},
        ],
    },
    "SIDEBAR": {"navigation": "medtour.admin_site.side_bar"},
    "DASHBOARD_CALLBACK": "bookings.admin.dashboard.add_today",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/mark.svg")},
    ],
    "STYLES": [lambda request: static("css/desk.css")],
    "COLORS": {
        "primary": {
            "50": "#f0f5ef",
            "100": "#e4efe7",
            "200": "#cfe2d6",
            "300": "#9fd0bd",
            "400": "#5f9d8c",
            "500": "#2f7263",
            "600": "#1f594d",
            "700": "#16453c",
            "800": "#0f332c",
            "900": "#0a1f1b",
            "950": "#071512",
        },
    },
}
