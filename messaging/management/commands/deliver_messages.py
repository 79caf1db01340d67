from django.core.management.base import BaseCommand

from messaging.delivery import deliver_all_due


class Command(BaseCommand):
    help = "Deliver every due message here and now, without worker or broker."

    def handle(self, *args, **options):
        self.stdout.write(f"{deliver_all_due()} messages sent")
