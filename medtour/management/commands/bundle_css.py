from django.conf import settings
from django.core.management.base import BaseCommand

from medtour.lib.bundle import bundled

CSS = settings.BASE_DIR / "static/css"


class Command(BaseCommand):
    help = "Write static/css/bundle.css from app.css and the files it imports."

    def handle(self, *args, **options):
        text = bundled(CSS / "app.css")
        (CSS / "bundle.css").write_text(text, encoding="utf-8")
        self.stdout.write(f"bundle.css: {len(text.encode())} bytes")
