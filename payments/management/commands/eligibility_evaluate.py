"""Answer eligibility documents: JSON on standard input, JSON on standard output, nothing else."""

import json
import sys
from decimal import Decimal
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError

from payments.eligibility_rules import MalformedDocument, evaluate

NOT_UNDERSTOOD = 2


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


class Command(BaseCommand):
    """The engine alone: no database, no cache, no settings of its own."""

    requires_system_checks: ClassVar[list[str]] = []
    help = (
        "Read one eligibility document on standard input and write its answer on standard output."
        " See docs/eligibility.md."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--many", action="store_true", help="read a list of documents, write a list of answers"
        )

    def handle(self, *, many, **options):
        given = self._read()
        if not many:
            answer = self._answer(given)
            if "error" in answer:
                raise SystemExit(NOT_UNDERSTOOD)
            self._write(answer)
        elif isinstance(given, list):
            self._write([self._answer(document) for document in given])
        else:
            raise CommandError("A list of documents was expected.", returncode=NOT_UNDERSTOOD)

    def _read(self) -> Any:
        try:
            text = sys.stdin.buffer.read().decode("utf-8-sig")
            return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
        except (ValueError, ArithmeticError, RecursionError) as error:
            message = f"The input is not JSON in UTF-8: {error}"
            raise CommandError(message, returncode=NOT_UNDERSTOOD) from None

    def _answer(self, document: Any) -> dict[str, Any]:
        """Answer one document; of one that is not well formed, say under `error` what is wrong.

        In a list such a document keeps its place and takes nothing from the others.
        """
        try:
            if not isinstance(document, dict):
                raise MalformedDocument("document", "an object")
            return evaluate(document)
        except MalformedDocument as error:
            message = f"The document is not well formed. {error}."
            self.stderr.write(message)
            return {"error": message}

    def _write(self, answer: Any) -> None:
        self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2))
