"""What may come in as a file, and how it is made harmless; no database, no network (SE-14).

The first bytes say what a file is, never its name. A picture is drawn anew, so that nothing but its
pixels stays; a PDF with anything active in it is refused, and written anew without what stood
around it.
"""

import unicodedata
import warnings
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import unquote

import filetype
import pikepdf
from PIL import Image, ImageOps

from accounts import upload_refusals as refusals

LARGEST = 20 * 1024 * 1024
MOST_PIXELS = 50_000_000
LONGEST_NAME = 100
DEEPEST = 50
ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
HEIC = ("image/heic", "image/heif")
# What makes a PDF do something by itself, or carries another file (ISO 32000-2, 12.6.4, 7.11.4).
ACTIVE_KEYS = frozenset(
    {"/JS", "/JavaScript", "/EmbeddedFile", "/EmbeddedFiles", "/EF", "/RichMedia", "/XFA"}
)
ACTIVE_ACTIONS = frozenset(
    {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToR", "/GoToE", "/Rendition"}
)
ACTIVE_TYPES = frozenset({"/EmbeddedFile", "/Filespec", "/RichMediaContent"})
# Joiners are letters of Persian and Indian names; every other invisible character can mislead.
KEPT_INVISIBLE = "\u200c\u200d"


@dataclass(frozen=True, slots=True)
class Harmless:
    """A file as it may be kept: its bytes, what they are, and a name to save it under."""

    content: bytes
    content_type: str
    name: str


def made_harmless(name: str, content: bytes) -> Harmless:
    """Return the file as it may be kept.

    Raises FileEmpty, FileTooLarge, KindNotTaken, HeicNotTaken, PictureTooLarge, FileNotReadable,
    PdfLocked or PdfActive.
    """
    if not content:
        raise refusals.FileEmpty
    if len(content) > LARGEST:
        raise refusals.FileTooLarge
    kind = filetype.guess_mime(content)
    if kind in HEIC:
        raise refusals.HeicNotTaken
    if kind not in ENDINGS:
        raise refusals.KindNotTaken
    clean = _clean_pdf(content) if kind == "application/pdf" else _clean_picture(content, kind)
    return Harmless(clean, kind, safe_name(name, kind))


def safe_name(name: str, kind: str) -> str:
    """Return a file name without folders and invisible characters, with the ending of its kind."""
    last = unquote(name).replace("\\", "/").rpartition("/")[2]
    shown = "".join(letter for letter in unicodedata.normalize("NFC", last) if _is_shown(letter))
    stem = shown.rpartition(".")[0] or shown
    stem = " ".join(stem.split()).strip(". ")[:LONGEST_NAME] or "document"
    return f"{stem}.{ENDINGS[kind]}"


def _is_shown(letter: str) -> bool:
    if letter in KEPT_INVISIBLE:
        return True
    return unicodedata.category(letter)[0] != "C" and letter not in '<>:"|?*'


def _clean_picture(content: bytes, kind: str) -> bytes:
    """Return the pixels of a picture as a new file, upright, without place or camera."""
    wanted = "JPEG" if kind == "image/jpeg" else "PNG"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=[wanted]) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise refusals.PictureTooLarge
                picture.load()
                return _drawn_anew(picture, wanted)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise refusals.PictureTooLarge from error
    except (OSError, SyntaxError, ValueError) as error:
        raise refusals.FileNotReadable from error


def _drawn_anew(picture: Image.Image, wanted: str) -> bytes:
    upright = ImageOps.exif_transpose(picture)
    if upright.mode == "P":
        upright = upright.convert("RGBA")
    elif wanted == "JPEG" and upright.mode not in ("L", "RGB"):
        upright = upright.convert("RGB")
    clean = Image.frombytes(upright.mode, upright.size, upright.tobytes())
    target = BytesIO()
    clean.save(target, format=wanted, **({"quality": 92} if wanted == "JPEG" else {}))
    return target.getvalue()


def _clean_pdf(content: bytes) -> bytes:
    try:
        with pikepdf.open(BytesIO(content)) as pdf:
            if not len(pdf.pages):
                raise refusals.FileNotReadable
            if any(_is_active(each) for each in [pdf.trailer, *pdf.objects]):
                raise refusals.PdfActive
            target = BytesIO()
            pdf.save(target, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    except pikepdf.PasswordError as error:
        raise refusals.PdfLocked from error
    except (pikepdf.PdfError, pikepdf.DataDecodingError, ValueError, RuntimeError) as error:
        raise refusals.FileNotReadable from error
    if len(target.getvalue()) > LARGEST:
        raise refusals.FileTooLarge
    return target.getvalue()


def _is_active(thing: pikepdf.Object, depth: int = 0) -> bool:
    """Tell whether an object, or what is written inside it, acts or carries a file.

    What it refers to is an object of its own and looked at by itself.
    """
    if depth > DEEPEST:
        return True
    if isinstance(thing, pikepdf.Array):
        return any(_is_active(each, depth + 1) for each in thing if not _is_apart(each))
    if not isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        return False
    entries = dict(thing.items())
    if ACTIVE_KEYS & entries.keys():
        return True
    if _word(entries, "/S") in ACTIVE_ACTIONS or _word(entries, "/Type") in ACTIVE_TYPES:
        return True
    inside = (value for value in entries.values() if not _is_apart(value))
    return any(_is_active(value, depth + 1) for value in inside)


def _is_apart(value: object) -> bool:
    return isinstance(value, pikepdf.Object) and value.is_indirect


def _word(entries: dict[str, pikepdf.Object], key: str) -> str:
    value = entries.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""
