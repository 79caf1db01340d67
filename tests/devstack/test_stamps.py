from medtour.devstack.stamps import Stamp, digest, files_below


def test_files_below_are_sorted_and_leave_caches_out(tmp_path):
    for name in ("b.py", "a/c.py", "a/__pycache__/c.pyc", "staticfiles/x.css"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    found = files_below(tmp_path, tmp_path / "b.py", tmp_path / "missing")
    assert found == [tmp_path / "a/c.py", tmp_path / "b.py"]


def test_digest_changes_with_content_name_words_and_their_borders(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("one")
    before = digest([first], "word")
    second.write_text("one")
    others = {digest([second], "word"), digest([first], "other"), digest([first], "w", "ord")}
    first.write_text("two")
    others.add(digest([first], "word"))
    assert len(others) == 4
    assert before not in others
    first.write_text("one")
    assert digest([first], "word") == before


def test_a_stamp_matches_only_what_was_set(tmp_path):
    stamp = Stamp(tmp_path / "stamps" / "load")
    assert not stamp.matches("one")
    stamp.set("one")
    assert stamp.matches("one")
    assert not stamp.matches("two")
