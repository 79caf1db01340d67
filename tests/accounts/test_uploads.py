"""Every file that tries something is refused or made harmless (SE-14)."""

import zipfile
from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image

from accounts import upload_refusals as refusals
from accounts.uploads import LARGEST, made_harmless, safe_name
from tests.factories.documents import EICAR, huge_png, pdf, picture


def zipped(name, content):
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return target.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def javascript():
    return Dictionary(S=Name.JavaScript, JS="app.alert(1)")


CORPUS = {
    "nothing": (b"", refusals.FileEmpty),
    "too large": (b"%PDF-1.7" + b" " * LARGEST, refusals.FileTooLarge),
    "svg with a script": (SVG, refusals.KindNotTaken),
    "svg as xml": (b'<?xml version="1.0"?>' + SVG, refusals.KindNotTaken),
    "html": (b"<!doctype html><script>alert(1)</script>", refusals.KindNotTaken),
    "text": (b"plain words", refusals.KindNotTaken),
    "eicar": (EICAR, refusals.KindNotTaken),
    "zip bomb": (zipped("bomb", b"\0" * 5_000_000), refusals.KindNotTaken),
    "zip slip": (zipped("../../etc/cron.d/evil", b"x"), refusals.KindNotTaken),
    "windows program": (b"MZ" + b"\0" * 200, refusals.KindNotTaken),
    "gif": (picture("GIF"), refusals.KindNotTaken),
    "web picture": (picture("WEBP"), refusals.KindNotTaken),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + b"\0" * 64, refusals.HeicNotTaken),
    "huge picture": (huge_png(), refusals.PictureTooLarge),
    "large picture": (huge_png(9_000, 9_000), refusals.PictureTooLarge),
    "picture cut off": (picture(size=(400, 400))[:120], refusals.FileNotReadable),
    "jpeg head only": (b"\xff\xd8\xff\xe0" + b"\0" * 40, refusals.FileNotReadable),
    "pdf after html": (b"<script>alert(1)</script>" + pdf(), refusals.KindNotTaken),
    "pdf head only": (b"%PDF-1.7\n" + EICAR, refusals.FileNotReadable),
    "pdf that runs a script": (pdf(OpenAction=javascript()), refusals.PdfActive),
    "pdf with named scripts": (
        pdf(Names=Dictionary(JavaScript=Dictionary(Names=Array(["a", javascript()])))),
        refusals.PdfActive,
    ),
    "pdf that acts on closing": (
        pdf(AA=Dictionary(WC=Dictionary(S=Name.JavaScript))),
        refusals.PdfActive,
    ),
    "pdf that starts a program": (
        pdf(OpenAction=Dictionary(S=Name.Launch, F="calc.exe")),
        refusals.PdfActive,
    ),
    "pdf with a file inside": (
        pdf(Names=Dictionary(EmbeddedFiles=Dictionary(Names=Array([])))),
        refusals.PdfActive,
    ),
    "pdf with a form of programs": (
        pdf(AcroForm=Dictionary(XFA=Array([]), Fields=Array([]))),
        refusals.PdfActive,
    ),
}


@pytest.mark.parametrize("case", CORPUS)
def test_a_dangerous_file_is_refused(case):
    content, refusal = CORPUS[case]
    with pytest.raises(refusal):
        made_harmless("report.pdf", content)


def test_a_pdf_that_needs_a_password_is_refused():
    target = BytesIO()
    with pikepdf.open(BytesIO(pdf())) as opened:
        opened.save(target, encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(refusals.PdfLocked):
        made_harmless("report.pdf", target.getvalue())


def test_an_action_deep_inside_an_annotation_is_found():
    with pikepdf.open(BytesIO(pdf())) as opened:
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, A=Dictionary(S=Name.Launch))
        opened.pages[0].Annots = Array([Dictionary(Parent=Dictionary(Kids=Array([link])))])
        target = BytesIO()
        opened.save(target)
    with pytest.raises(refusals.PdfActive):
        made_harmless("report.pdf", target.getvalue())


def test_a_link_in_a_pdf_is_no_danger():
    link = Dictionary(S=Name.URI, URI="https://hospital.example/")
    assert made_harmless("report.pdf", pdf(OpenAction=link)).content_type == "application/pdf"


def test_what_stands_behind_a_pdf_is_dropped():
    hidden = zipped("evil.exe", b"MZ hidden program")
    harmless = made_harmless("report.pdf", pdf() + hidden)
    assert harmless.content.startswith(b"%PDF-")
    assert b"PK\x03\x04" not in harmless.content
    assert b"evil.exe" not in harmless.content


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_what_stands_behind_a_picture_is_dropped(kind):
    harmless = made_harmless("scan", picture(kind) + b"<script>alert(1)</script>" + EICAR)
    assert b"<script>" not in harmless.content
    assert b"EICAR" not in harmless.content
    assert harmless.content_type == f"image/{kind.lower()}"


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_photo_loses_where_it_was_taken_and_stays_upright(kind):
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Camera of Anna", 6
    exif.get_ifd(0x8825)[1] = "N"
    content = picture(kind, exif=exif)
    assert b"Camera of Anna" in content
    harmless = made_harmless("photo.jpg", content)
    assert b"Camera of Anna" not in harmless.content
    with Image.open(BytesIO(harmless.content)) as image:
        assert dict(image.getexif()) == {}
        assert image.size == (30, 40)
        red, white = image.convert("RGB").getpixel((15, 5)), image.convert("RGB").getpixel((15, 35))
    assert red[0] > 240 > 40 > red[1]
    assert min(white) > 240


def test_comments_in_a_picture_are_dropped():
    harmless = made_harmless("scan.jpg", picture("JPEG", comment=b"passport number 123"))
    assert b"passport" not in harmless.content


def test_a_picture_with_a_palette_keeps_its_look():
    target = BytesIO()
    Image.new("P", (10, 10), 3).save(target, format="PNG")
    assert made_harmless("x.png", target.getvalue()).content_type == "image/png"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("Blood test  2026 .PDF", "Blood test 2026.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("..%2f..%2fetc%2fpasswd", "passwd.pdf"),
        ("C:\\Users\\Anna\\scan.jpg", "scan.pdf"),
        ("annual\u202efdp.exe", "annualfdp.pdf"),
        ("a\0b\nc.pdf", "abc.pdf"),
        ('x"; filename="evil.html', "x; filename=evil.pdf"),
        ("result.html", "result.pdf"),
        ("отчёт.pdf", "отчёт.pdf"),
        ("报告.pdf", "报告.pdf"),
        ("تقرير.pdf", "تقرير.pdf"),
        ("...", "document.pdf"),
        ("", "document.pdf"),
        ("/", "document.pdf"),
        ("a" * 300 + ".pdf", "a" * 100 + ".pdf"),
    ],
)
def test_names(name, kept):
    assert safe_name(name, "application/pdf") == kept
