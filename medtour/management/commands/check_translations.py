"""Tells which texts lack a translation; `--write` adds them to the catalogues for translators."""

from collections import Counter

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from medtour.management import catalogues
from medtour.management.extraction import marked_texts


class Command(BaseCommand):
    help = "Check that the finished languages have every text, none fuzzy, placeholders kept."
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("--write", action="store_true", help="add new texts to every catalogue")
        parser.add_argument("--prune", action="store_true", help="drop texts no longer in use")
        parser.add_argument("--all", action="store_true", help="ask the same of every language")

    def handle(self, *args, **options):
        texts = marked_texts()
        for language in catalogues.languages():
            if options["write"]:
                self._say(language, catalogues.add_missing(language, texts), "added")
            if options["prune"]:
                self._say(language, catalogues.drop_unused(language, texts), "dropped")
        if not options["write"] and not options["prune"]:
            self._check(texts, everywhere=options["all"])

    def _say(self, language, count, verb):
        self.stdout.write(f"{language}: {count} {verb}")

    def _check(self, texts, *, everywhere):
        found = []
        for language in catalogues.languages():
            complete = everywhere or language in settings.INTERFACE_COMPLETE_LANGUAGES
            found += catalogues.faults(language, texts, complete=complete)
        for fault in found:
            self.stdout.write(f"{fault.language}: {fault.what}: {fault.text}")
        if found:
            totals = Counter(f"{fault.language}: {fault.what}" for fault in found)
            summary = ", ".join(f"{name} {count}" for name, count in sorted(totals.items()))
            raise CommandError(f"the catalogues are not finished: {summary}")
        self.stdout.write(f"{len(texts)} texts, every catalogue in order")
