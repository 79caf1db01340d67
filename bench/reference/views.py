"""What a minimal application does for the same kinds of request: the yardstick, not the site.

No sign-in, no validation, no idempotency, no history; the same middleware and the same server.
"""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import connection, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from bench.reference.models import PlainBooking, PlainMessage, PlainSlot
from medtour.lib import clock

NEXT_FREE = """
SELECT doctor.id, free.starts_at, free.id FROM hospitals_doctor doctor
CROSS JOIN LATERAL (
    SELECT slot.id, slot.starts_at FROM bench.slot slot
    WHERE slot.doctor_id = doctor.id AND slot.booked < slot.capacity
      AND slot.starts_at >= %(from)s AND slot.starts_at < %(until)s
    ORDER BY slot.starts_at LIMIT 1
) free
WHERE doctor.hospital_id = %(hospital)s ORDER BY free.starts_at
"""
TOP = """
SELECT document.offer_id, document.title, document.price, document.city, document.specialty
FROM bench.document document WHERE {where} ORDER BY document.price LIMIT 20
"""
FACETS = """
WITH hits AS MATERIALIZED (
    SELECT city, specialty, band FROM bench.document document WHERE {where}
)
SELECT 'city', city, count(*) FROM hits GROUP BY city
UNION ALL SELECT 'specialty', specialty, count(*) FROM hits GROUP BY specialty
UNION ALL SELECT 'band', band, count(*) FROM hits GROUP BY band
UNION ALL SELECT 'total', 0, count(*) FROM hits
"""
BOOK_IN_ONE = """
WITH taken AS (
    UPDATE bench.slot SET booked = booked + 1 WHERE id = %(slot)s AND booked < capacity
    RETURNING id
), made AS (
    INSERT INTO bench.booking (slot_id, patient_id, created_at)
    SELECT id, %(patient)s, now() FROM taken RETURNING id
)
INSERT INTO bench.outbox (kind, payload, created_at)
SELECT 'booked', jsonb_build_object('booking', id), now() FROM made RETURNING id
"""
ROWS = [
    {
        "offer_id": number,
        "title": f"Treatment number {number}",
        "price": number * 1700,
        "city": number % 7,
        "specialty": number % 11,
    }
    for number in range(20)
]
COUNTS = {
    name: [(value, value * 13) for value in range(10)] for name in ("city", "specialty", "band")
}


@login_not_required
def trivial(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"ok": True})


@login_not_required
def listed(request: HttpRequest) -> HttpResponse:
    return render(
        request, "reference/list.html", {"rows": ROWS, "counts": COUNTS, "total": 20, "words": ""}
    )


@login_not_required
def next_free(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    parameters = {
        "hospital": int(request.GET["hospital"]),
        "from": now,
        "until": now + timedelta(days=14),
    }
    with connection.cursor() as cursor:
        cursor.execute(NEXT_FREE, parameters)
        rows = [
            {"doctor": doctor, "starts_at": starts_at, "slot": slot}
            for doctor, starts_at, slot in cursor.fetchall()
        ]
    return JsonResponse({"free": rows})


@login_not_required
def search(request: HttpRequest) -> HttpResponse:
    rows, counts = found(
        request.GET["lang"], request.GET.get("q", ""), request.GET.getlist("filter")
    )
    return render(
        request,
        "reference/list.html",
        {
            "rows": rows,
            "counts": counts,
            "total": counts["total"][0][1],
            "words": request.GET.get("q", ""),
        },
    )


def found(language: str, words: str, filters: list[str]) -> tuple[list[dict], dict[str, list]]:
    """Return the cheapest twenty and the counts: design S4, two statements."""
    lexemes = [*words.split(), *filters]
    where = "lang = %(lang)s" + (" AND tokens @@ %(query)s::tsquery" if lexemes else "")
    parameters: dict[str, Any] = {
        "lang": language,
        "query": " & ".join(f"'{lexeme}'" for lexeme in lexemes),
    }
    with connection.cursor() as cursor:
        cursor.execute(TOP.format(where=where), parameters)
        names = ("offer_id", "title", "price", "city", "specialty")
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        cursor.execute(FACETS.format(where=where), parameters)
        counts: dict[str, list] = {}
        for name, value, hits in cursor.fetchall():
            counts.setdefault(name, []).append((value, hits))
    return rows, counts


@csrf_exempt
@login_not_required
def book(request: HttpRequest) -> HttpResponse:
    slot, patient = int(request.POST["slot"]), int(request.POST["patient"])
    with transaction.atomic():
        taken = PlainSlot.objects.filter(pk=slot, booked__lt=F("capacity"))
        if not taken.update(booked=F("booked") + 1):
            return JsonResponse({"error": "full"}, status=409)
        booking = PlainBooking.objects.create(
            slot_id=slot, patient_id=patient, created_at=clock.now()
        )
        PlainMessage.objects.create(
            kind="booked", payload={"booking": booking.pk}, created_at=clock.now()
        )
    return JsonResponse({"booking": booking.pk}, status=201)


@csrf_exempt
@login_not_required
def book_in_one(request: HttpRequest) -> HttpResponse:
    parameters = {"slot": int(request.POST["slot"]), "patient": int(request.POST["patient"])}
    with connection.cursor() as cursor:
        cursor.execute(BOOK_IN_ONE, parameters)
        made = cursor.fetchone()
    return JsonResponse({"message": made and made[0]}, status=201 if made else 409)
