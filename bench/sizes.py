"""How much data a measured database holds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """Numbers of rows; the shape (offers of a hospital, times of a doctor) is the same for all."""

    name: str
    hospitals: int
    appointments: int
    bookers: int = 2000

    @property
    def doctors(self) -> int:
        return self.hospitals * DOCTORS_OF_A_HOSPITAL

    @property
    def offers(self) -> int:
        return self.hospitals * OFFERS_OF_A_HOSPITAL

    @property
    def slots(self) -> int:
        return self.doctors * DAYS * TIMES_A_DAY

    @property
    def patients(self) -> int:
        """Each of the past patients has about twenty-five appointments, never two at once."""
        return max(self.appointments // 25, 1)


DOCTORS_OF_A_HOSPITAL = 10
OFFERS_OF_A_HOSPITAL = 250
INSTANT_OFFERS_OF_A_DOCTOR = 5
INSTANT_OFFERS_OF_A_HOSPITAL = DOCTORS_OF_A_HOSPITAL * INSTANT_OFFERS_OF_A_DOCTOR
DAYS = 50
TIMES_A_DAY = 5
SOLD_OUT_DAYS = 13
# The first hospitals have a part of their own: nothing booked, thirteen days sold out, hot times.
FREE_HOSPITALS = range(10)
SOLD_OUT_HOSPITALS = range(10, 20)
HOT_HOSPITAL = 20
CONSENTED_HOSPITALS = 5

FULL = Size("full", hospitals=400, appointments=500_000)
TENTH = Size("tenth", hospitals=40, appointments=50_000)
SIZES = (FULL, TENTH)
