"""The ways in which a file is not taken, or not handed out; each says what to do instead."""

from django.utils.translation import gettext_lazy as _

from medtour.lib.errors import Refusal


class FileEmpty(Refusal):
    code = "file_empty"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("This file is empty. Please choose it again."))


class FileTooLarge(Refusal):
    code = "file_too_large"
    status = 413

    def __init__(self) -> None:
        super().__init__(
            _("This file is larger than 20 MB. Please send a smaller one, or split it.")
        )


class KindNotTaken(Refusal):
    code = "kind_not_taken"
    status = 415

    def __init__(self) -> None:
        super().__init__(
            _("We can take PDF, JPEG and PNG files only. Please save it as one of these.")
        )


class HeicNotTaken(Refusal):
    code = "heic_not_taken"
    status = 415

    def __init__(self) -> None:
        super().__init__(
            _(
                "We cannot read photos in the HEIC format of a telephone. "
                "Please send the photo as JPEG: take a screenshot of it, or choose "
                "“Most compatible” in the camera’s settings."
            )
        )


class PictureTooLarge(Refusal):
    code = "picture_too_large"
    status = 413

    def __init__(self) -> None:
        super().__init__(_("This picture has too many pixels. Please send a smaller one."))


class FileNotReadable(Refusal):
    code = "file_not_readable"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("This file is damaged and cannot be opened. Please send it again."))


class PdfLocked(Refusal):
    code = "pdf_locked"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            _("This PDF is locked with a password. Please send one that opens without it.")
        )


class PdfActive(Refusal):
    code = "pdf_active"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            _(
                "This PDF holds a program, a form or another file inside it. "
                "Please print it to a new PDF and send that."
            )
        )


class TooManyFiles(Refusal):
    code = "too_many_files"

    def __init__(self) -> None:
        super().__init__(
            _("There is no room for more files of this person. Please write to us for help.")
        )


class FileInfected(Refusal):
    code = "file_infected"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            _("A virus was found in this file. It was not kept. Please check your device.")
        )


class HealthDataNotAgreed(Refusal):
    code = "health_data_not_agreed"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Files about health are kept only when the patient agrees. In My care, the page "
                "of the insurer’s request asks for it."
            )
        )


class DocumentNotReady(Refusal):
    code = "document_not_ready"

    def __init__(self) -> None:
        super().__init__(
            _("This file is still being checked for viruses. Please try again in some minutes.")
        )


class DocumentDamaged(Refusal):
    code = "document_damaged"
    status = 500

    def __init__(self) -> None:
        super().__init__(
            _("This file cannot be read any more, so we show nothing of it. Please write to us.")
        )
