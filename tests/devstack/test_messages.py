import gettext
import os

from medtour.devstack.messages import compile_all

CATALOGUE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || \
n%100>14) ? 1 : 2);\\n"

msgid "Book"
msgstr "Записаться"

msgctxt "noun"
msgid "Book"
msgstr "Книга"

msgid "%(count)s place"
msgid_plural "%(count)s places"
msgstr[0] "%(count)s место"
msgstr[1] "%(count)s места"
msgstr[2] "%(count)s мест"

#, fuzzy
msgid "Hold"
msgstr "Держать"

msgid "Empty"
msgstr ""
"""


def test_catalogues_are_compiled_as_gettext_reads_them(tmp_path):
    source = tmp_path / "ru/LC_MESSAGES/django.po"
    source.parent.mkdir(parents=True)
    source.write_text(CATALOGUE.lstrip(), encoding="utf-8")
    assert compile_all(tmp_path) == [source]
    words = gettext.translation("django", tmp_path, ["ru"])
    assert words.gettext("Book") == "Записаться"
    assert words.pgettext("noun", "Book") == "Книга"
    assert [
        words.ngettext("%(count)s place", "%(count)s places", n) % {"count": n}
        for n in (1, 3, 5, 11, 21)
    ] == ["1 место", "3 места", "5 мест", "11 мест", "21 место"]
    assert words.gettext("Hold") == "Hold"
    assert words.gettext("Empty") == "Empty"


def test_an_unchanged_catalogue_is_left_alone(tmp_path):
    source = tmp_path / "ru/LC_MESSAGES/django.po"
    source.parent.mkdir(parents=True)
    source.write_text(CATALOGUE.lstrip(), encoding="utf-8")
    compile_all(tmp_path)
    assert compile_all(tmp_path) == []
    later = source.stat().st_mtime_ns + 10**12
    source.write_text(CATALOGUE.lstrip().replace("Книга", "Том"), encoding="utf-8")
    os.utime(source, ns=(later, later))
    assert compile_all(tmp_path) == [source]
