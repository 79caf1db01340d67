from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from messaging import kinds
from messaging.samples import sample

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


class Command(BaseCommand):
    help = "Write every kind of mail with made-up values as files to look at."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="where the files go")
        parser.add_argument("--languages", nargs="+", choices=LANGUAGES, default=LANGUAGES)

    def handle(self, *args, folder, languages, **options):
        folder.mkdir(parents=True, exist_ok=True)
        written = 0
        for name, kind in sorted(kinds.all_kinds().items()):
            if kind.to_contact:
                continue  # the words of a phone: messaging/channels/update_words.py
            for language in languages:
                mail = sample(name, language)
                (folder / f"{name}.{language}.html").write_text(mail.html)
                (folder / f"{name}.{language}.txt").write_text(f"{mail.subject}\n\n{mail.text}")
                written += 1
        self.stdout.write(f"{written} mails in {folder}")
